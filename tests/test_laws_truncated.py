"""The truncated law equals brute force over subsets in exact fractions, under every named convention."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import iv

import harness
from harness.laws import NAMED, SOURCES, Convention, truncated, truncated_laws
from harness.laws.conventions import STAGES

NEAR = Fraction(1, 10**6)
iv.dps = 40


def masses(weights, kept):
    total = sum(weights[i] for i in kept)
    return {i: Fraction(weights[i], total) for i in kept}


def reaching(p, wanted):
    """All smallest subsets that hold no less likely category before a likelier one and reach the mass."""
    for size in range(1, len(p) + 1):
        sets = [
            set(chosen)
            for chosen in combinations(p, size)
            if sum(p[i] for i in chosen) >= wanted
            and min(p[i] for i in chosen) >= max((p[i] for i in p if i not in chosen), default=0)
        ]
        if sets:
            return sets
    return [set(p)]


def brute(weights, convention, settings):
    """The kept sets, by trying all subsets; None where a threshold is near, which fractions and floats may see apart."""
    states = [(set(range(len(weights))), set(range(len(weights))))]  # (left, seen)
    for stage in convention.order:
        if stage not in settings or stage == "temperature":
            continue
        after = []
        for left, seen in states:
            p = masses(weights, sorted(seen))
            sets = subsets(p, stage, settings[stage], convention)
            if None in sets:
                return None
            if convention.joint:  # one sort breaks a tie in one way for all stages: what they keep is nested
                sets = [kept for kept in sets if kept <= left or left <= kept]
            for kept in sets:
                now = left & kept
                after.append((now, seen if convention.joint else now))
        states = after
    return {frozenset(left) for left, _ in states}


def subsets(p, stage, value, convention):
    if stage == "top_k":
        k = min(value, len(p))
        exactly = [
            set(chosen)
            for chosen in combinations(p, k)
            if min(p[i] for i in chosen) >= max((p[i] for i in p if i not in chosen), default=0)
        ]
        everyone = set.union(*exactly)
        return {"all": [everyone], "first": [min(exactly, key=sorted)], "order": exactly, "any": [everyone, *exactly]}[
            convention.top_k_ties
        ]
    if stage == "top_p":
        sums = [sum(sorted(p.values(), reverse=True)[:j]) for j in range(1, len(p) + 1)]
        if any(abs(one - value) < NEAR for one in sums):
            return [None]
        exactly = reaching(p, value)
        everyone = set.union(*exactly)
        return {"order": exactly, "value": [everyone], "any": [everyone, *exactly]}[convention.top_p_ties]
    if stage in ("typical_p", "epsilon", "top_n_sigma"):
        return {"typical_p": typical, "epsilon": likely, "top_n_sigma": near_the_top}[stage](p, value)
    assert stage == "min_p"
    highest = max(p.values())
    if any(abs(one - value * highest) < NEAR for one in p.values()):
        return [None]
    return [{i for i in p if p[i] >= value * highest}]


def bounds(x):
    """An interval that holds the logarithm of a fraction: mpmath rounds its ends outwards."""
    return iv.log(iv.mpf(x.numerator) / iv.mpf(x.denominator))


def surely_below(one, other):
    """Whether one interval lies below another; None where they overlap, and so decide nothing."""
    return True if one.b < other.a else (False if one.a > other.b else None)


def typical(p, mass):
    """All smallest subsets that reach the mass and hold no category before one whose surprise is nearer to the entropy."""
    surprise = {i: -bounds(p[i]) for i in p}
    entropy = sum(iv.mpf(p[i].numerator) / iv.mpf(p[i].denominator) * surprise[i] for i in p)
    rank = {i: abs(surprise[i] - entropy) for i in p}
    below = {(i, j): p[i] != p[j] and surely_below(rank[i], rank[j]) for i in p for j in p}
    if None in below.values():
        return [None]
    for size in range(1, len(p) + 1):
        lowest = [
            set(chosen)
            for chosen in combinations(p, size)
            if not any(below[j, i] for i in chosen for j in p if j not in chosen)
        ]
        if any(abs(sum(p[i] for i in chosen) - mass) < NEAR for chosen in lowest):
            return [None]
        reached = [chosen for chosen in lowest if sum(p[i] for i in chosen) >= mass]
        if reached:
            return [set.union(*lowest), *reached]
    return [set(p)]


def likely(p, least):
    if any(abs(one - least) < NEAR for one in p.values()):
        return [None]
    return [{i for i in p if p[i] >= least} or {i for i in p if p[i] == max(p.values())}]


def near_the_top(p, n):
    """Scores within n deviations of the largest, all by intervals."""
    scores = {i: bounds(p[i]) for i in p}
    mean = sum(scores.values()) / len(p)
    spread = iv.sqrt(sum((one - mean) ** 2 for one in scores.values()) / len(p))
    cut = scores[max(p, key=p.__getitem__)] - iv.mpf(n.numerator) / iv.mpf(n.denominator) * spread
    below = {i: surely_below(scores[i], cut) for i in p}
    return [None] if None in below.values() else [{i for i in p if not below[i]}]


@pytest.mark.parametrize("name", ["transformers", "llama.cpp"])
def test_typical_epsilon_and_top_n_sigma_are_brute_force_over_subsets(name):
    """200 cases, alone and with top_k and top_p: masses in fractions, logarithms and roots by intervals of 40 digits."""
    rng, convention, tried, undecided = np.random.default_rng(11), NAMED[name], dict.fromkeys(STAGES, 0), 0
    for _ in range(200):
        weights = [int(w) for w in rng.integers(1, 13, rng.integers(2, 7))]
        values = {
            "typical_p": Fraction(int(rng.integers(1, 97)), 97),
            "epsilon": Fraction(int(rng.integers(1, 50)), 101),
            "top_n_sigma": Fraction(int(rng.integers(1, 300)), 103),
            "top_k": int(rng.integers(1, len(weights) + 2)),
            "top_p": Fraction(int(rng.integers(20, 97)), 97),
        }
        often = {stage: 0.3 if stage in ("top_k", "top_p") else 0.8 for stage in values if stage in convention.order}
        settings = {stage: values[stage] for stage, share in often.items() if rng.random() < share}
        power = int(rng.integers(1, 3))
        tempered = [w**power for w in weights]
        sets = brute(tempered if convention.order[0] == "temperature" else weights, convention, settings)
        if sets is None:
            undecided += 1
            continue
        tried = {stage: count + (stage in settings) for stage, count in tried.items()}
        laws = truncated_laws(
            np.log(weights), convention, temperature=1 / power, **{k: float(v) for k, v in settings.items()}
        )
        assert {frozenset(np.flatnonzero(law).tolist()) for law in laws} == sets
        for law in laws:
            exact = masses(tempered, np.flatnonzero(law).tolist())
            assert np.allclose(law, [float(exact.get(i, 0)) for i in range(len(weights))], rtol=1e-12, atol=0)
    assert undecided <= 20
    assert all(tried[stage] > 100 for stage in ("typical_p", "epsilon", "top_n_sigma") if stage in convention.order)


@pytest.mark.parametrize("name", NAMED)
def test_each_convention_is_brute_force_over_subsets(name):
    """Weights are whole numbers; a temperature 1/T takes their whole power, so that fractions stay exact."""
    rng, convention, tried, several = np.random.default_rng(7), NAMED[name], 0, 0
    while tried < 200:
        weights = [int(w) for w in rng.integers(1, 9, rng.integers(2, 7))]
        settings = {}
        if rng.random() < 0.7:
            settings["top_k"] = int(rng.integers(1, len(weights) + 2))
        if rng.random() < 0.7:
            settings["top_p"] = Fraction(int(rng.integers(1, 97)), 97)
        if rng.random() < 0.5:
            settings["min_p"] = Fraction(int(rng.integers(1, 89)), 89)
        power = int(rng.integers(1, 4))
        tempered = [w**power for w in weights]
        early = convention.order.index("temperature") == 0
        sets = brute(tempered if early else weights, convention, settings)
        if sets is None:
            continue
        tried, several = tried + 1, several + (len(sets) > 1)
        laws = truncated_laws(
            np.log(weights), convention, temperature=1 / power, **{k: float(v) for k, v in settings.items()}
        )
        expected = {tuple(np.flatnonzero(law)): law for law in laws}
        assert {frozenset(kept) for kept in expected} == sets
        for kept, law in expected.items():
            exact = masses(tempered, kept)
            assert np.allclose(law, [float(exact.get(i, 0)) for i in range(len(weights))], rtol=1e-12, atol=0)
    assert several > 0 or convention.top_k_ties == "all"


def test_the_seven_vector_separates_the_conventions():
    """p = (.35, .25, .20, .05, .05, .05, .05), top_k=4, top_p=.82: the numbers of three conventions, by hand."""
    logits = np.log([0.35, 0.25, 0.2, 0.05, 0.05, 0.05, 0.05])
    settings = {"top_k": 4, "top_p": 0.82}
    four = np.array([0.35, 0.25, 0.2, 0.05]) / 0.85
    for name in ("vllm", "transformers", "sglang"):  # four stay, and one of the four tied is among them
        laws = truncated_laws(logits, name, **settings)
        assert len(laws) == 4 and all(np.allclose(np.sort(law)[:2:-1], four) for law in laws)
    (cut,) = truncated_laws(logits, "llama.cpp", **settings)
    assert np.allclose(cut, [0.4375, 0.3125, 0.25, 0, 0, 0, 0])
    assert np.allclose(truncated(logits, "flashinfer-joint", **settings), np.exp(logits))


def test_greedy_is_a_point_mass():
    logits = np.array([0.0, 2.0, 1.0])
    for name in NAMED:
        assert np.array_equal(truncated(logits, name, temperature=0.0), [0.0, 1.0, 0.0])
        assert np.array_equal(truncated(logits, name, top_k=1), [0.0, 1.0, 0.0])


def test_of_two_likeliest_a_greedy_sampler_may_take_either_but_always_the_same():
    laws = truncated_laws([1.0, 1.0, 0.0], "vllm", temperature=0.0)
    assert {tuple(law) for law in laws} == {(1.0, 0.0, 0.0), (0.0, 1.0, 0.0)}
    (first,) = truncated_laws([1.0, 1.0, 0.0], Convention(("temperature",), top_k_ties="first"), temperature=0.0)
    assert tuple(first) == (1.0, 0.0, 0.0)


def test_masked_categories_stay_masked_and_count_for_nothing():
    logits = np.array([0.0, -np.inf, 1.0, -np.inf, 0.5])
    assert np.array_equal(truncated(logits, "llama.cpp", top_n_sigma=10.0) > 0, np.isfinite(logits))
    assert np.array_equal(truncated(logits, "vllm", top_k=4) > 0, np.isfinite(logits))


def test_a_threshold_leaves_two_laws_within_the_slack():
    logits = np.log([0.5, 0.25, 0.25])
    assert len(truncated_laws(logits, "llama.cpp", top_p=0.5)) == 1
    kept = {tuple(law > 0) for law in truncated_laws(logits, "llama.cpp", top_p=0.5, slack=1e-6)}
    assert kept == {(True, False, False), (True, True, False), (True, False, True)}


def test_top_n_sigma_ignores_the_temperature_and_uses_the_population():
    logits = np.array([3.0, 1.0, 0.0, 0.0])
    spread = np.std(logits)
    settings = {"top_n_sigma": 2.0 / spread * 1.001}
    kept = truncated(logits, "llama.cpp", temperature=3.0, **settings) > 0
    assert kept.tolist() == [True, True, False, False]


def test_typical_keeps_what_surprises_as_much_as_the_entropy():
    p = np.array([0.6, 0.2, 0.15, 0.05])
    entropy = -np.sum(p * np.log(p))
    order = np.argsort(np.abs(-np.log(p) - entropy))
    law = truncated(np.log(p), "transformers", typical_p=float(p[order[0]]) - 1e-3)
    assert np.flatnonzero(law).tolist() == [order[0]]


def test_epsilon_keeps_the_likeliest_where_nothing_is_likely_enough():
    assert np.flatnonzero(truncated(np.log([0.3, 0.4, 0.3]), "transformers", epsilon=0.9)).tolist() == [1]


@given(
    st.lists(st.floats(-8, 8), min_size=2, max_size=9),
    st.sampled_from(sorted(NAMED)),
    st.integers(1, 9),
    st.floats(0.01, 1.0),
    st.floats(0.2, 3.0),
)
def test_laws_sum_to_one_and_keep_the_likeliest(logits, name, k, mass, temperature):
    for law in truncated_laws(logits, name, top_k=k, top_p=mass, temperature=temperature):
        assert np.isclose(law.sum(), 1, atol=1e-12)
        assert np.isclose(max(logits), max(np.array(logits)[law > 0]), atol=1e-9)


@pytest.mark.parametrize(
    ("convention", "settings", "words"),
    [
        ("vlm", {}, "known are transformers"),
        ("vllm", {"typical_p": 0.5}, "has no stage 'typical_p'"),
        ("vllm", {"top_q": 0.5}, "is no stage"),
        ("vllm", {"top_k": 0}, "top_k must be"),
        ("vllm", {"top_k": 2.5}, "top_k must be"),
        ("vllm", {"top_p": 0.0}, "top_p must be"),
        ("vllm", {"top_p": float("nan")}, "top_p must be"),
        ("vllm", {"temperature": -1.0}, "temperature must be"),
        ("sglang", {"top_k": 1}, "truncated_laws lists them"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(convention, settings, words):
    with pytest.raises(harness.UsageError, match=words):
        harness.laws.truncated([0.0, 0.0], convention, **settings)


@given(st.lists(st.integers(1, 3), min_size=2, max_size=6), st.integers(1, 6))
def test_of_the_tie_rules_any_allows_what_all_and_order_do_and_first_is_one_of_order(weights, k):
    def kept(rule):
        laws = truncated_laws(np.log(weights), Convention(("top_k",), top_k_ties=rule), top_k=k)
        return {tuple(law > 0) for law in laws}

    assert kept("any") == kept("all") | kept("order")
    assert len(kept("all")) == 1 and kept("first") <= kept("order")


@pytest.mark.parametrize(
    "wrong", [{"order": ("top_q",)}, {"order": ("top_k", "top_k")}, {"top_k_ties": "some"}, {"top_p_ties": "all"}]
)
def test_a_convention_that_is_none_is_refused(wrong):
    with pytest.raises(harness.UsageError):
        harness.Convention(**{"order": ("top_k",), **wrong})


def test_every_named_convention_has_its_source():
    assert set(SOURCES) == set(NAMED)


def test_the_command_line_prints_the_conventions():
    from click.testing import CliRunner

    from harness.cli import main

    done = CliRunner().invoke(main, ["list", "conventions"])
    assert done.exit_code == 0
    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == list(NAMED)
