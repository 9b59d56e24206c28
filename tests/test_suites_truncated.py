"""A sampler with a convention is verified under its own name and refuted under every other that differs."""

from dataclasses import replace

import numpy as np
import pytest

import harness
from harness.laws import NAMED, Convention
from harness.questions.case import Case
from harness.samplers.terms import terms_of
from harness.verdict import Verdict
from suites.cases.truncated import TRUNCATED
from tests.judging import SUITES, findings, refuted, unverified
from tests.right_truncated import ENGINES, declared, drawn, four, gumbel, softmax

APART = tuple(case for case in TRUNCATED if case.name.startswith("apart"))


@pytest.mark.parametrize("name", ENGINES)
def test_each_engine_has_its_own_convention(name):
    found = findings(declared(ENGINES[name], name), TRUNCATED, tolerance=0.05, suites=(*SUITES, "endpoints"))
    assert not unverified(found)
    assert any(check.startswith("thresholds/") for check in found)


@pytest.mark.parametrize("name", ENGINES)
def test_no_other_convention_is_taken_for_it(name):
    """Four cases tell all of them apart, and a refutation says which conventions do fit."""
    for other in NAMED:
        found = findings(declared(four(ENGINES[name]), other), APART)
        if other == name:
            assert not refuted(found)
            continue
        assert refuted(found), f"{name} was taken for {other}"
        notes = [one.evidence.notes.get("conventions that fit", "") for one in found.values()]
        assert any(name in words.split(", ") for words in notes)


@pytest.mark.parametrize("seed", range(10))
def test_no_right_sampler_is_refuted(seed):
    """Alpha is a thousandth: the ten seeds together refute a right harness with probability 1 % for each engine at most."""
    for name in ("vllm", "flashinfer", "sglang"):
        found = findings(declared(ENGINES[name], name), TRUNCATED, tolerance=0.2, seed=seed, alpha=1e-3)
        assert not refuted(found)


def index(function, convention=None):
    return declared(function, convention)


def kept(logits, size, rng, stay):
    return drawn(np.where(stay, softmax(logits), 0.0), size, rng)


def test_ties_by_value_are_refuted_where_one_is_due_and_the_reverse():
    def by_value(logits, size, *, rng, top_k):
        return kept(logits, size, rng, logits >= np.sort(logits)[::-1][min(top_k or logits.size, logits.size) - 1])

    def first(logits, size, *, rng, top_k):
        stay = np.zeros(logits.size, bool)
        stay[np.argsort(-logits, kind="stable")[: top_k or logits.size]] = True
        return kept(logits, size, rng, stay)

    for function, right, wrong in ((by_value, "all", "first"), (first, "first", "all"), (by_value, "all", "order")):
        assert not refuted(findings(index(function, Convention(("top_k",), top_k_ties=right)), TRUNCATED))
        assert refuted(findings(index(function, Convention(("top_k",), top_k_ties=wrong)), TRUNCATED))
    for function in (by_value, first):
        assert not refuted(findings(index(function, Convention(("top_k",), top_k_ties="any")), TRUNCATED))


def test_a_single_stage_needs_no_convention_and_takes_those_cases_that_have_it():
    def tempered(logits, size, *, rng, temperature):
        if temperature == 0:
            return np.full(size, np.argmax(logits))
        return gumbel(logits / (temperature or 1.0), size, rng)

    found = findings(index(tempered), TRUNCATED)
    assert not unverified(found)
    assert {name.rsplit("/", 1)[1] for name in found if name.startswith("support")} == {
        "hot",
        "cold",
        "greedy",
        "greedy-near",
        "tie-greedy",
    }


def test_a_category_that_is_cut_off_refutes_by_one_draw_and_is_named():
    def leaking(logits, size, *, rng, top_k):
        made = ENGINES["vllm"](logits, size, rng=rng, temperature=None, top_k=top_k, top_p=None, min_p=None)
        made[-1] = int(np.argmin(logits))
        return made

    found = findings(index(leaking, "vllm"), [case for case in TRUNCATED if case.name == "top-k"])
    assert "convention cuts off" in found["support/engine/index/top-k"].reason
    assert "category 2 has probability zero" in found["chi_square/engine/index/top-k"].reason


def test_a_case_that_a_sampler_has_no_parameters_for_is_not_put_to_it():
    assert not [case for case in TRUNCATED if case.fits("index", frozenset(), terms_of("x", "index", drawn))]


def test_four_cases_put_every_pair_of_conventions_apart_by_a_total_variation_of_a_quarter():
    gaps = {}
    for case in APART:
        for one in NAMED:
            mine = case_under(case, one).laws
            for other in NAMED:
                theirs = case_under(case, other).laws
                gap = min(min(0.5 * np.abs(a - b).sum() for b in theirs) for a in mine)
                pair = tuple(sorted((one, other)))
                gaps[pair] = max(gap, gaps.get(pair, 0.0))
    assert min(gap for pair, gap in gaps.items() if pair[0] != pair[1]) >= 0.25


@pytest.mark.parametrize("name", NAMED)
def test_no_case_lies_at_a_threshold_that_is_not_made_to(name):
    stages = frozenset(NAMED[name].order)
    met = [case for case in TRUNCATED if {setting for setting, _ in case.settings} <= stages]
    several = [case.name for case in met if case_under(case, name).open]
    assert all(one.startswith(("tie-", "at-", "apart-")) for one in several)
    assert len(met) - len(several) >= 20


def case_under(case: Case, name: str) -> Case:
    from harness.samplers.terms import Terms

    return replace(case, terms=Terms(NAMED[name]))


@pytest.mark.parametrize(
    ("arguments", "parameters", "words"),
    [
        ({"emits": "index"}, "temperature, top_k", "convention= one of transformers, vllm"),
        ({"emits": "index"}, "top_p", "convention= one of transformers, vllm"),
        ({"emits": "index", "convention": "vlm"}, "top_k", "no convention is called 'vlm'; known are transformers"),
        ({"emits": "index", "convention": "vllm"}, "observed", "takes none of temperature"),
        ({"emits": "index", "convention": "vllm"}, "typical_p", "takes typical_p, which its convention has not"),
        ({"emits": "simplex", "convention": "vllm"}, "temperature", "belongs to a sampler that emits index"),
        ({"emits": "gumbel", "ordered": False}, "observed", "belongs to a sampler that emits ranking"),
        ({"emits": "ranking"}, "number", "takes no k"),
        ({"emits": "ranking", "batch": True}, "k", "takes one row"),
        ({"emits": "speculative"}, "drafts", "rule is one of token-wise, lossless, which must be given"),
        ({"emits": "speculative", "rule": "tokenwise"}, "drafts", "got 'tokenwise'"),
        ({"emits": "index", "rule": "lossless"}, "observed", "belongs to a sampler that emits speculative"),
    ],
)
def test_terms_that_are_missing_or_out_of_place_are_refused(arguments, parameters, words):
    space = {}
    exec(f"def refused(logits, size, *, rng, {parameters}): ...", space)
    with pytest.raises(harness.UsageError, match=words):
        harness.sampler("refused", **arguments)(space["refused"])


def test_an_undecorated_function_of_several_stages_is_told_to_say_which():
    def mine(logits, size, *, rng, top_k, top_p):
        return np.zeros(size, int)

    with pytest.raises(harness.UsageError, match="convention= one of"):
        harness.validate(mine)


def test_at_a_threshold_a_mixture_of_the_right_laws_is_none_of_them():
    def undecided(logits, size, *, rng, temperature):
        if temperature == 0:
            return np.where(rng.random(size) < 0.5, *np.argsort(-logits, kind="stable")[:2])
        return gumbel(logits / (temperature or 1.0), size, rng)

    found = findings(index(undecided), [case for case in TRUNCATED if case.name == "tie-greedy"])
    assert found["thresholds/engine/index/tie-greedy"].verdict is Verdict.REFUTED


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("name", ENGINES)
def test_a_right_sampler_of_a_coarser_type_is_verified(name, dtype):
    """Half precision is asked for the cases whose thresholds it can tell: greedy draws and masks among them."""

    def coarse(logits, size, *, rng, temperature, top_k, top_p, min_p):
        with np.errstate(all="ignore"):
            return four(ENGINES[name])(
                logits.astype(dtype), size, rng=rng, temperature=temperature, top_k=top_k, top_p=top_p, min_p=min_p
            )

    found = findings(replace(declared(coarse, name), dtype=dtype), TRUNCATED, tolerance=0.1)
    assert not unverified(found)
    asked = {check.rsplit("/", 1)[1] for check in found if check.startswith("support/")}
    assert asked >= {"greedy", "top-k-1", "masked-top-k"}
