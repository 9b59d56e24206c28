"""Rankings and speculative steps: right ones written in several ways are spared, wrong ones are refuted."""

import numpy as np
import pytest

import harness
from harness.verdict import Verdict
from suites.cases.rows import RANKINGS, SPECULATIVE
from tests.judging import SUITES, findings, refuted, unverified
from tests.right_truncated import drawn, ranking_sampler, softmax, spec_sampler


def perturbed(logits, size, *, rng, k):
    return np.argsort(-(logits + rng.gumbel(size=(size, logits.size))), axis=1)[:, :k]


def clocks(logits, size, *, rng, k):
    """Efraimidis and Spirakis: exponential clocks, in the log domain."""
    return np.argsort(np.log(rng.exponential(size=(size, logits.size))) - logits, axis=1)[:, :k]


def again(logits, size, *, rng, k):
    """Draw with replacement, and again where an item was there before: by rejection."""
    made = np.empty((size, k), int)
    for row in made:
        left = logits.astype(float).copy()
        for j in range(k):
            row[j] = int(drawn(softmax(left), 1, rng)[0])
            left[row[j]] = -np.inf
    return made


def sets(logits, size, *, rng, k):
    made = perturbed(logits, size, rng=rng, k=k)
    return rng.permuted(made, axis=1)


@pytest.mark.parametrize("function", [perturbed, clocks])
def test_right_rankings_are_verified(function):
    found = findings(ranking_sampler(function), RANKINGS, tolerance=0.05, suites=(*SUITES, "endpoints"))
    assert not unverified(found)
    assert any(name.startswith("endpoints/") for name in found)


def test_rankings_drawn_one_by_one_are_verified():
    assert not unverified(findings(ranking_sampler(again), RANKINGS[:3], tolerance=0.2))


def test_sets_in_any_order_are_verified_as_sets_and_refuted_as_rankings():
    small = [case for case in RANKINGS if case.name != "rank-zipf"]
    assert not unverified(findings(ranking_sampler(sets, ordered=False), small, tolerance=0.05))
    assert refuted(findings(ranking_sampler(sets), small, tolerance=0.05))


@pytest.mark.parametrize("seed", range(10))
def test_no_right_ranking_is_refuted(seed):
    for name in ("gumbel-top-k", "one-by-one"):
        assert not refuted(findings(harness.get(name), RANKINGS, tolerance=0.2, seed=seed, alpha=1e-3))


def test_invalid_rankings_are_told():
    def repeating(logits, size, *, rng, k):
        return np.zeros((size, k), int)

    def short(logits, size, *, rng, k):
        return perturbed(logits, size, rng=rng, k=k)[:, :1]

    def floats(logits, size, *, rng, k):
        return perturbed(logits, size, rng=rng, k=k).astype(float)

    pair = [case for case in RANKINGS if case.name == "rank-2"]
    assert "a repeated item in" in findings(ranking_sampler(repeating), pair)["support/repeating/ranking/rank-2"].reason
    assert "returned shape" in findings(ranking_sampler(short), pair)["support/short/ranking/rank-2"].reason
    assert "integers are due" in findings(ranking_sampler(floats), pair)["support/floats/ranking/rank-2"].reason


def rows(table):
    return np.stack([softmax(row) for row in table])


def verified(drafts, p, q, rng, accept, recover):
    """Accept while ``accept`` says so, then recover; all right and wrong rules here differ in these two."""
    size, g = drafts.shape
    made = np.full((size, g + 1), -1)
    going = np.ones(size, bool)
    for i in range(g):
        x = drafts[:, i]
        yes = going & accept(i, x, p, q, rng)
        made[yes, i] = x[yes]
        no = going & ~yes
        for row in np.flatnonzero(no):
            made[row, i] = drawn(recover(i, x[row], p, q), 1, rng)[0]
        going = yes
    made[going, g] = drawn(p[g], int(going.sum()), rng)
    return made


def ratio(i, x, p, q, rng):
    return rng.random(x.size) * q[i, x] < p[i, x]


def residual(i, x, p, q):
    return np.maximum(p[i] - q[i], 0.0)


def tokenwise(drafts, draft_logits, target_logits, *, rng):
    return verified(drafts, rows(target_logits), rows(draft_logits), rng, ratio, residual)


def equality(drafts, draft_logits, target_logits, *, rng):
    """Draw from the target and go on while that is what was drafted: lossless."""
    p = rows(target_logits)
    own = np.stack([drawn(row, len(drafts), rng) for row in p], axis=1)
    same = np.cumprod(own[:, :-1] == drafts, axis=1).astype(bool)
    return np.where(np.column_stack([np.ones(len(drafts), bool), same]), own, -1)


def without_draft_probabilities(drafts, draft_logits, target_logits, *, rng):
    """Accept with the target's probability, else draw from the target without the draft: lossless."""

    def accept(i, x, p, q, rng):
        return rng.random(x.size) < p[i, x]

    def recover(i, x, p, q):
        return np.where(np.arange(p.shape[1]) == x, 0.0, p[i])

    return verified(drafts, rows(target_logits), rows(draft_logits), rng, accept, recover)


def block(drafts, draft_logits, target_logits, *, rng):
    """Block verification (Sun et al. 2024, algorithm 2) for tables that do not depend on the prefix."""
    p, q = rows(target_logits), rows(draft_logits)
    size, g = drafts.shape
    made = np.full((size, g + 1), -1)
    for row in range(size):
        weight, accepted, at = 1.0, 0, 1.0
        for i in range(g):
            x = drafts[row, i]
            weight = min(1.0, weight * p[i, x] / q[i, x])
            if i < g - 1:
                over = np.maximum(weight * p[i + 1] - q[i + 1], 0.0).sum()
                chance = over / (over + 1 - weight) if over + 1 - weight > 0 else 1.0
            else:
                chance = weight
            if rng.random() < chance:
                accepted, at = i + 1, weight
        law = p[g] if accepted == g else np.maximum(at * p[accepted] - q[accepted], 0.0)
        made[row, :accepted] = drafts[row, :accepted]
        made[row, accepted] = drawn(law, 1, rng)[0]
    return made


def test_the_token_wise_rule_is_verified_as_it_is_and_as_lossless():
    assert not unverified(findings(spec_sampler(tokenwise, "token-wise"), SPECULATIVE, suites=(*SUITES, "endpoints")))
    assert not unverified(findings(spec_sampler(tokenwise, "lossless"), SPECULATIVE))


@pytest.mark.parametrize("function", [equality, without_draft_probabilities, block])
def test_other_lossless_rules_are_spared_as_lossless_and_refuted_as_token_wise(function):
    assert not unverified(findings(spec_sampler(function, "lossless"), SPECULATIVE))
    assert refuted(findings(spec_sampler(function, "token-wise"), SPECULATIVE))


@pytest.mark.parametrize("seed", range(10))
def test_no_right_rule_is_refuted(seed):
    for function in (tokenwise, equality):
        found = findings(spec_sampler(function, "lossless"), SPECULATIVE, tolerance=0.2, seed=seed, alpha=1e-3)
        assert not refuted(found)
    assert not refuted(
        findings(spec_sampler(tokenwise, "token-wise"), SPECULATIVE, tolerance=0.2, seed=seed, alpha=1e-3)
    )


def test_invalid_steps_are_told():
    def late(drafts, draft_logits, target_logits, *, rng):
        made = tokenwise(drafts, draft_logits, target_logits, rng=rng)
        return made[:, ::-1]

    def other(drafts, draft_logits, target_logits, *, rng):
        made = np.zeros((len(drafts), len(target_logits)), int)
        made[:, 0] = (drafts[:, 0] + 1) % 4
        return made

    one = [case for case in SPECULATIVE if case.name == "spec-2"]
    assert (
        "tokens after a -1" in findings(spec_sampler(late, "token-wise"), one)["support/late/speculative/spec-2"].reason
    )
    found = findings(spec_sampler(other, "token-wise"), one)["support/other/speculative/spec-2"]
    assert found.verdict is Verdict.REFUTED and "accepted token that was not drafted" in found.reason


def test_samplers_are_drawn_from_by_name():
    drawn_rows = harness.draw("gumbel-top-k", [0.0, 1.0, 2.0], 5, rng=0, k=2)
    assert drawn_rows.shape == (5, 2) and (drawn_rows[:, 0] != drawn_rows[:, 1]).all()
    with pytest.raises(harness.UsageError, match="needs k="):
        harness.draw("gumbel-top-k", [0.0, 1.0], 5, rng=0)
    with pytest.raises(harness.UsageError, match=r"k must be a whole number in 1\.\.1"):
        harness.draw("one-by-one", [0.0, -np.inf], 5, rng=0, k=2)


def test_numpy_draws_without_replacement_as_its_users_expect():
    small = [case for case in RANKINGS if case.name != "rank-zipf"]
    assert not unverified(findings(harness.get("numpy-choice-without"), small, tolerance=0.2))
