"""Sentences of the trick that are wrong as written are refuted, their corrected twins hold, and broken lines show."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from harness.options import Options
from harness.questions.content import Content
from harness.questions.plan import select
from harness.validation import execute, make_plan
from harness.verdict import Verdict
from suites.claims import claims as all_claims
from suites.claims import trick
from suites.claims.trick import jumps, limit, mirrored, quantifier, reason

NO_JAX = importlib.util.find_spec("jax") is None
SENTENCES = (
    "trick.maxima-skew-reason",
    "trick.exponential-maxima-exactly",
    "trick.property-2-each",
    "trick.skew-emphasises",
)
DIFFERENTIABLE = "trick.jax-differentiable"


def run(wanted: Sequence[str], seed: int = 0) -> list[dict[str, Any]]:
    """Do the claims' own checks, and those of their corrected twins, at a coarse tolerance."""
    options = Options(tolerance=0.05, seed=seed)
    plan = make_plan([], options, Content((), trick.claims, {}, tuple))
    return execute(select(plan, claims=wanted), engine="serial").records


def refuted(records: Sequence[dict[str, Any]]) -> set[str]:
    return {claim for record in records if record["verdict"] == "refuted" for claim in record["claims"]}


def verdicts(records: Sequence[dict[str, Any]], claim: str) -> set[str]:
    return {record["verdict"] for record in records if claim in record["claims"]}


def test_nine_of_67_sentences_deserve_refutation_and_each_has_a_twin():
    made = {claim.id: claim for claim in all_claims(Options())}
    written = [claim for claim in made.values() if not claim.id.endswith(".corrected")]
    wrong = [claim.id for claim in written if claim.expect is Verdict.REFUTED]
    assert len(written) == 67
    assert len(wrong) == 9
    assert all(made[f"{name}.corrected"].expect is Verdict.VERIFIED for name in wrong)
    assert len(made) == 67 + 9


@pytest.mark.parametrize("claim", SENTENCES)
def test_a_wrong_sentence_is_refuted_by_all_of_its_checks_and_its_twin_holds(claim):
    records = run([claim], seed=3)
    assert verdicts(records, claim) == {"refuted"}
    assert verdicts(records, f"{claim}.corrected") == {"verified"}


def test_the_twin_of_the_sentence_on_jax_is_judged_without_jax():
    records = run([DIFFERENTIABLE])
    assert verdicts(records, DIFFERENTIABLE) == {"inconclusive" if NO_JAX else "refuted"}
    assert verdicts(records, f"{DIFFERENTIABLE}.corrected") == {"verified"}


def fresh_noise(logits, n, seed):
    return jumps.draw("gumbel-max", logits, n, rng=seed + int(1000 * logits.sum()), emits="index")


def unmirrored(n, rng):
    logits = np.log(mirrored.THREE)
    return np.argmax(jumps.draw("gumbel-max", logits, n, rng=rng, emits="gumbel"), axis=1)


def independent_odds():
    one, other = quantifier.beats(0, 1), quantifier.beats(0, 2)
    return np.outer([1 - one, one], [1 - other, other])


def unshifted(n, rng):
    drawn = limit.exponential_maxima(rng, limit.SIZE, n) - np.log(limit.SIZE - 1)
    edges = limit.quantiles(limit.SIZE, limit.CUTS)
    return limit.Counts(n, np.bincount(np.searchsorted(edges, drawn), minlength=limit.CUTS.size + 1))


BROKEN: list[tuple[Any, str, Callable[..., Any], str]] = [
    (mirrored, "wins_mirrored", lambda p: np.array([mirrored._least(p, k) for k in range(p.size)]), SENTENCES[3]),
    (mirrored, "_integrand", lambda p, k, z: float(np.exp(-np.exp(z) / p[k]) * np.exp(z) / p[k]), SENTENCES[3]),
    (mirrored, "mirrored_winners", unmirrored, SENTENCES[3]),
    (mirrored, "logistic_cdf", lambda x, a, b: 1 / (1 + np.exp(-(x + a - b))), SENTENCES[3]),
    (quantifier, "joint", independent_odds, SENTENCES[2]),
    (quantifier, "density", lambda z, mu, beta: float(np.exp(-z - np.exp(-z))), SENTENCES[2]),
    (quantifier, "outcomes", lambda n, rng: rng.random((n, 2)) < [0.625, 0.7142857], SENTENCES[2]),
    (reason, "uniform_maximum", lambda z, log_n: 1 - np.exp(-np.exp(-z) / np.exp(log_n)), SENTENCES[0]),
    (reason, "exponential_maximum", lambda z, log_n: z * (1 - 1 / np.exp(log_n)), SENTENCES[0]),
    (reason, "normal_maximum", lambda z, log_n: np.sqrt(2 * np.maximum(z + log_n, 0.0) + 1), SENTENCES[0]),
    (reason, "approach_of_normals", lambda: 3.0, SENTENCES[0]),
    (limit, "counted", unshifted, SENTENCES[1]),
    (limit, "due", lambda: np.full(limit.CUTS.size + 1, 1 / (limit.CUTS.size + 1)), SENTENCES[1]),
    (jumps, "winners", fresh_noise, DIFFERENTIABLE),
    (jumps, "due", lambda logits, i, h: h * np.exp(logits[i]) / np.exp(logits).sum(), DIFFERENTIABLE),
    (jumps, "_relaxed", lambda g, tau, x: np.exp(x + g) / np.sum(np.exp(x + g)), DIFFERENTIABLE),
    (jumps, "closed_jacobian", lambda b, tau: 0 * b[:, :, None] * b[:, None, :], DIFFERENTIABLE),
]


@pytest.mark.parametrize(
    ("module", "name", "broken", "owner"), BROKEN, ids=[f"{m.__name__}.{n}" for m, n, _, _ in BROKEN]
)
def test_a_broken_line_is_caught_by_the_corrected_twin(monkeypatch, module, name, broken, owner):
    monkeypatch.setattr(module, name, broken)
    assert refuted(run([owner])) - {owner} == {f"{owner}.corrected"}


def test_mirrored_draws_that_are_not_mirrored_no_longer_refute(monkeypatch):
    monkeypatch.setattr(mirrored, "mirrored_winners", unmirrored)
    checks = {record["check"]: record["verdict"] for record in run([SENTENCES[3]])}
    assert checks["simulation/trick/skew-emphasises/draws"] != "refuted"


def test_no_gumbel_law_lies_nearer_than_the_linear_programme_says():
    least = limit.nearest(100)
    x, u = limit.quantiles(100, limit.LEVELS), limit.LEVELS
    for location in np.linspace(-0.02, 0.03, 26):
        for scale in np.linspace(0.98, 1.01, 31):
            assert np.abs(np.exp(-np.exp(-(x - location) / scale)) - u).max() > least
