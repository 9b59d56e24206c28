"""A changed line of a claim is refuted by the claim that owns it, and by no unrelated one; each once passed unseen."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from harness.options import Options
from harness.questions.content import Content
from harness.questions.plan import select
from harness.validation import execute, make_plan
from harness.verdict import Verdict
from suites.claims import claims
from suites.claims.posterior import cost, sets
from suites.claims.proof import relaxation
from suites.claims.trick import (
    die,
    estimators,
    extremes,
    jumps,
    limit,
    logits,
    mirrored,
    noise,
    numbers,
    quantifier,
    reason,
    skew,
    temperature,
)
from suites.evidence import equal_logits, largest_entry

WRONG = {claim.id for claim in claims(Options()) if claim.expect is Verdict.REFUTED}


def refuted(wanted: Sequence[str], tolerance: float = 0.05) -> set[str]:
    """Do some checks, or claims' own ones, and return the claims that are refuted and do not deserve it."""
    options = Options(tolerance=tolerance)
    by_name = {"checks": wanted} if "/" in wanted[0] else {"claims": wanted}
    plan = select(make_plan([], options, Content((), claims, {}, tuple)), **by_name)
    records = execute(plan, engine="serial").records
    assert records
    return {name for record in records if record["verdict"] == "refuted" for name in record["claims"]} - WRONG


def rewritten(function: Callable[..., Any], old: str, new: str) -> Callable[..., Any]:
    """Return the function with ``old`` replaced by ``new`` in its source, in its own module's names."""
    function = inspect.unwrap(function)
    source = textwrap.dedent(inspect.getsource(function))
    assert source.count(old) == 1, (old, source)
    made: dict[str, Any] = {}
    exec(compile(source.replace(old, new), function.__code__.co_filename, "exec"), function.__globals__, made)
    return made[function.__name__]


def sorted_normals(logits, seed, n=200):
    return np.sort(np.random.default_rng(seed).normal(size=(n, logits.size)), axis=1)


NEAR_SETS = ("posterior.partition", "posterior.constraint-power-form", "posterior.volume")
MOVED = ("proof.relaxation-differentiable", "proof.softmax-of-logits", "trick.softmax-jacobian")
NOISE = ("trick.noise-term-vanishes", "trick.gradient", "trick.reparameterisation")
LOW, SPREADS = "trick.low-temperature", "trick.high-temperature-spreads"
STEM = "trick/high-temperature-spreads"
GRADIENTS = tuple(
    f"{check}/{end}"
    for check, end in (
        (f"identity/{STEM}", "estimators"),
        (f"identity/{STEM}", "enumeration"),
        (f"simulation/{STEM}", "gradient-error-die"),
        (f"simulation/{STEM}", "gradient-lost"),
        ("derivation/trick", "gradient/lines"),
    )
)
"""Of the dear claim that owns them the checks of gradients, and a claim beside it."""
GRID = (f"simulation/{STEM}/expected-entropy", f"identity/{STEM}/draw-by-draw")
SKEW = ("trick.skew-favours-largest", "trick.pairwise")
QUANTIFIER = ("trick.property-2-each.corrected", "trick.property-2", "trick.pairwise")
EACH, MIRROR, REASON = QUANTIFIER[0], "trick.skew-emphasises.corrected", "trick.maxima-skew-reason.corrected"
MAXIMA = ("trick.maxima-skew", REASON)
EXACTLY, SLOPE = "trick.exponential-maxima-exactly.corrected", "trick.jax-differentiable.corrected"
Mutation = tuple[Any, str, str, str, tuple[str, ...], set[str]]
MUTATIONS: list[Mutation] = [
    (sets, "members", "+ np.log(alpha)", "- 3 * np.log(alpha)", NEAR_SETS, {"posterior.partition"}),
    (sets, "below_powers", "alpha / alpha[k]", "alpha[k] / alpha", NEAR_SETS, {"posterior.partition"}),
    (relaxation, "tied", "+= entries[first]", "+= 1.01 * entries[first]", MOVED, {MOVED[0]}),
    (relaxation, "one_hot", "np.argmax(rows, axis=1)", "np.argmin(rows, axis=1)", MOVED, {MOVED[0]}),
    (noise, "pathwise", " / tau", "", NOISE, {NOISE[0]}),
    (noise, "pathwise", "2 * (b - y)", "1.9 * (b - y)", NOISE, {NOISE[0]}),
    (noise, "moved", "np.exp(step / tau)", "np.exp(step)", NOISE, {NOISE[0]}),
    (die, "learn", "y, tau)", "y, 1.0)", ("trick.die-learned", "trick.gradient"), {"trick.die-learned"}),
    (die, "learn", "(logits + noise)", "(logits + 0 * noise)", ("trick.die-learned",), {"trick.die-learned"}),
    (die, "learn", "factor**step", "START / START", ("trick.die-learned",), {"trick.die-learned"}),
    (die, "gradient_rows", "2 / tau", "1.8 / tau", ("trick.die-learned",), {"trick.die-learned"}),
    (temperature, "relaxed", "temperature=tau", "temperature=1.7 * tau", (LOW,), {LOW}),
    (largest_entry, "_wins", "np.log1p(-u)", "np.log1p(-(u**2))", (LOW,), {LOW}),
    (numbers, "grid", "one / tau", "one / tau**2", ("trick.softmax-relaxation",), {"trick.softmax-relaxation"}),
    (numbers, "grid", "2 * THREE[r]", "3 * THREE[r]", GRID, {SPREADS}),
    (estimators, "through", "[:, None]) / tau", "[:, None])", GRADIENTS, {SPREADS}),
    (estimators, "score", "hot - problem.p", "hot", GRADIENTS, {SPREADS}),
    (estimators, "straight_through", "[winner]", "[winner - 1]", GRADIENTS, {SPREADS}),
    (estimators, "relaxed", "problem.slope(b)", "2 * b", GRADIENTS, {SPREADS}),
    (estimators, "kept", "1.2 *", "1.1 *", GRADIENTS, {SPREADS}),
    (estimators, "means", "2 * mean(3, ONE)", "mean(3, ONE)", GRADIENTS, {SPREADS}),
    (equal_logits, "sums", "(OTHERS, (n,))", "(1, (n,))", GRADIENTS, {SPREADS}),
    (quantifier, "_all_at_once", "np.delete(THREE, k)", "THREE", QUANTIFIER, {EACH}),
    (quantifier, "joint", "float(THREE[0])", "beats(0, 1) * beats(0, 2)", QUANTIFIER, {EACH}),
    (mirrored, "wins_mirrored", "weights = 1 / p", "weights = 1 / p**2", (MIRROR, *SKEW), {MIRROR}),
    (mirrored, "mirrored_winners", "logits - noise, axis", "logits + noise, axis", (MIRROR, *SKEW), {MIRROR}),
    (reason, "uniform_maximum", "np.exp(-z) / n", "np.exp(-z) / (n + 1)", MAXIMA, {REASON}),
    (reason, "approach_of_normals", "/ 4", "/ 2", MAXIMA, {REASON}),
    (skew, "triples", "three[:, 0] + three[:, 2] - 2 * three[:, 1]", "2 * three[:, 1] - three[:, 0] - three[:, 2]", MAXIMA,
     {MAXIMA[0]}),
    (limit, "counted", "exponential_maxima(rng, SIZE,", "exponential_maxima(rng, SIZE - 1,",
     (EXACTLY, "trick.pdf"), {EXACTLY}),
    (jumps, "due", "logits - move", "logits", (SLOPE, "trick.softmax-jacobian"), {SLOPE}),
    (extremes, "many_maxima", "- math.log(SIZE)", "- math.log(SIZE) + 0.15", ("trick.exponential-maxima",),
     {"trick.exponential-maxima"}),
    (extremes, "many_maxima", "max(axis=1)", "mean(axis=1)", ("trick.exponential-maxima",), {"trick.exponential-maxima"}),
    (logits, "farther_right", "large / small", "small / large", SKEW, {SKEW[0]}),
    (logits, "farther_by_draws", "np.log(np.sort(THREE))", "np.log(np.sort(THREE)[::-1])", SKEW, {SKEW[0]}),
    (cost, "reused", "noise + values", "noise + 0.9 * values", ("posterior.decomposition-accelerates",),
     {"posterior.decomposition-accelerates"}),
    (cost, "reused", "zeros(logits[0].size)", "ones(logits[0].size) * logits[0]", ("posterior.decomposition-accelerates",),
     {"posterior.decomposition-accelerates"}),
]  # fmt: skip


@pytest.fixture(autouse=True)
def no_remembered_law():
    remembered = (largest_entry.bracket, estimators._of_square, estimators.of_die, equal_logits.means)
    for one in remembered:
        one.cache_clear()
    yield
    for one in remembered:
        one.cache_clear()


@pytest.mark.parametrize(
    ("module", "name", "old", "new", "wanted", "owners"),
    MUTATIONS,
    ids=[f"{module.__name__.removeprefix('suites.')}.{name}:{new}" for module, name, _, new, _, _ in MUTATIONS],
)
def test_a_changed_line_is_refuted_by_its_owner(monkeypatch, module, name, old, new, wanted, owners):
    monkeypatch.setattr(module, name, rewritten(getattr(module, name), old, new))
    assert refuted(wanted) == owners


def test_unrelated_rows_are_no_draws(monkeypatch):
    monkeypatch.setattr(relaxation, "perturbed", sorted_normals)
    assert refuted(MOVED) == {MOVED[0]}


@pytest.mark.parametrize("wanted", [NEAR_SETS, MOVED, NOISE, SKEW])
def test_nothing_is_refuted_unchanged(wanted):
    assert refuted(wanted) == set()
