"""Claims of the trick: each verdict is reached by its own checks, a broken line is caught by the claim that owns it."""

from __future__ import annotations

import fnmatch
import importlib.util
import json
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from harness.options import Options
from harness.questions.check import Claim, Evidence
from harness.questions.content import Content
from harness.questions.plan import select
from harness.streams import stream
from harness.validation import execute, make_plan
from harness.verdict import Verdict
from suites.claims import trick
from suites.claims.trick import die as trick_die
from suites.claims.trick import extremes as trick_extremes
from suites.claims.trick import gradient as trick_gradient
from suites.claims.trick import gumbel as trick_gumbel
from suites.claims.trick import jax as trick_jax
from suites.claims.trick import noise as trick_noise
from suites.claims.trick import property as trick_property
from suites.claims.trick import temperature
from suites.claims.trick import toy as trick_toy
from suites.claims.trick.numbers import binomial_near
from suites.evidence import chance as trick_chance
from suites.evidence import dual as trick_dual
from suites.evidence.chance import Rates, Sample

COMPUTED = ("identity", "quadrature", "derivation")
CLAIMS = trick.claims(Options())
RATES = Rates(2.4e-10, 1e-3)
JAX = "trick.jax-categorical"
ABOUT_JAX = {JAX, "trick.jax-differentiable"}
WRONG = {claim.id for claim in CLAIMS if claim.expect is Verdict.REFUTED}
NO_JAX = importlib.util.find_spec("jax") is None


def run(wanted: Sequence[str] = (), suites: Sequence[str] = (), seed: int = 0) -> list[dict[str, Any]]:
    """Do the claims' own checks at a coarse tolerance and return their records, without what other suites add."""
    options = Options(tolerance=0.05, seed=seed)
    plan = make_plan([], options, Content((), trick.claims, {}, tuple))
    return execute(select(plan, claims=wanted, suites=suites), engine="serial").records


def refuted(records: Sequence[dict[str, Any]]) -> set[str]:
    """Return the claims that are refuted, but for those that deserve it."""
    return {claim for record in records if record["verdict"] == "refuted" for claim in record["claims"]} - WRONG


@pytest.mark.parametrize("claim", [claim for claim in CLAIMS if claim.id not in ABOUT_JAX], ids=lambda claim: claim.id)
def test_own_checks_reach_the_verdict(claim: Claim) -> None:
    records = [record for record in run([claim.id]) if claim.id in record["claims"]]
    assert records
    assert {record["verdict"] for record in records} == {claim.expect.value}, [record["reason"] for record in records]


def test_jax_is_never_verified_without_jax() -> None:
    verdicts = {record["verdict"] for record in run([JAX])}
    assert verdicts == ({"inconclusive"} if NO_JAX else {"verified"})


@pytest.mark.skipif(NO_JAX, reason="needs JAX")
def test_jax_with_other_noise_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    real = trick_jax.drawn
    monkeypatch.setattr(trick_jax, "drawn", lambda name, n, seed: (real(name, n, seed)[0], real(name, n, seed + 1)[1]))
    assert refuted(run([JAX])) == {JAX}


def vector_without_half(p: trick_gradient.Point) -> Any:
    b = p.b
    return 1 / p.tau * (b * (b - p.observed - np.dot(b - p.observed, b)))


def inserted_with_wrong_sign(p: trick_gradient.Point) -> Any:
    b, delta = p.b, np.eye(p.b.size)
    return np.array([np.sum(2 * (p.observed - b) / p.tau * b * (delta[:, i] - b[i])) for i in range(b.size)])


def constant_dropped(p: trick_gradient.Point) -> Any:
    return 2 * p.b / p.tau * (p.b - p.observed)


def factored_without_tau(p: trick_gradient.Point) -> Any:
    return p.tau * trick_gradient.line_vector(p)


def delta_added(p: trick_gradient.Point) -> Any:
    b = p.b
    return 2 / p.tau * ((b - p.observed) * b + np.sum((b - p.observed) * b) * b)


def mean_for_sum(point: Any) -> Any:
    return np.exp(-np.exp(-(point[0] - np.log(np.mean(point[1])))))


def pathwise_without_tau(d: float, y: float, tau: float, s: float) -> float:
    b = 1 / (1 + np.exp(-(d + s) / tau))
    return float(4 * (b - y) * b * (1 - b) * np.exp(-s) / (1 + np.exp(-s)) ** 2)


Broken = tuple[Any, str, Callable[..., Any], set[str]]
BROKEN: list[Broken] = [
    (trick_gradient, "line_vector", vector_without_half, {"trick.gradient"}),
    (trick_gradient, "line_inserted", inserted_with_wrong_sign, {"trick.gradient"}),
    (trick_gradient, "line_constant", constant_dropped, {"trick.gradient"}),
    (trick_gradient, "line_factored", factored_without_tau, {"trick.gradient"}),
    (trick_gradient, "line_delta", delta_added, {"trick.gradient"}),
    (
        trick_gradient,
        "softmax_slope",
        lambda b, tau: b[:, None] * (np.eye(b.size) - b[None, :]),
        {"trick.softmax-jacobian"},
    ),
    (trick_gradient, "loss_slope", lambda y, b: 2 * (y - b), {"trick.loss-derivative"}),
    (trick_property, "odds_form", lambda pa, pb: 1 / (1 + pa / pb), {"trick.pairwise"}),
    (trick_property, "cdf_of_sum", mean_for_sum, {"trick.max-is-gumbel"}),
    (trick_property, "beats_the_rest", lambda p: p / (p + p.sum()), {"trick.property-2"}),
    (trick_gumbel, "density", lambda x, mu, beta: np.exp(-(x - mu) / beta - np.exp(-(x - mu) / beta)), {"trick.pdf"}),
    (trick_gumbel, "logistic_cdf", lambda x, a, b: 1 / (1 + np.exp(-(x + a - b))), {"trick.difference-logistic"}),
    (trick_toy, "decay", lambda start, end, steps: (end / start) ** (1 / steps), {"trick.anneal-schedule"}),
    (
        trick_extremes,
        "gap",
        lambda n, t: np.exp(-t) * -np.expm1((n + 1) * np.log1p(-t / n) + t),
        {"trick.exponential-maxima", "trick.exponential-maxima-exactly.corrected"},
    ),
    (trick_noise, "_pathwise_pair", pathwise_without_tau, {"trick.noise-term-vanishes"}),
]


@pytest.mark.parametrize(
    ("module", "name", "broken", "owners"), BROKEN, ids=[f"{m.__name__}.{n}" for m, n, _, _ in BROKEN]
)
def test_a_broken_line_is_caught_by_its_owner(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, broken: Callable[..., Any], owners: set[str]
) -> None:
    monkeypatch.setattr(module, name, broken)
    assert refuted(run(suites=COMPUTED)) == owners


def test_the_first_broken_line_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trick_gradient, "line_delta", delta_added)
    reasons = [record["reason"] for record in run(["trick.gradient"]) if record["verdict"] == "refuted"]
    assert len(reasons) == 1
    assert "line 6 (delta resolved)" in reasons[0]


def test_climbing_instead_of_descending_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    real = trick_die.gradient_rows
    monkeypatch.setattr(trick_die, "gradient_rows", lambda b, y, tau: -real(b, y, tau))
    made = trick_die.documents_run(0.05, RATES, stream(0, "climb"))
    assert made.p_value is not None
    assert made.p_value < 2.4e-10


def test_a_pathwise_gradient_without_tau_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    real = trick_noise.pathwise
    monkeypatch.setattr(trick_noise, "pathwise", lambda b, y, tau: 2 * real(b, y, tau))
    assert "trick.noise-term-vanishes" in refuted(run(["trick.noise-term-vanishes"]))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_computed_checks_hold_for_other_seeds(seed: int) -> None:
    apart = WRONG | ABOUT_JAX
    records = [record for record in run(suites=COMPUTED, seed=seed) if not apart & {*record["claims"]}]
    assert {record["verdict"] for record in records} == {"verified"}


def test_the_same_seed_gives_the_same_records() -> None:
    wanted = ["trick.high-temperature-spreads", "trick.pairwise"]
    assert run(wanted) == run(wanted)


def test_exhibits_are_plain_and_short() -> None:
    for record in run(
        ["trick.exponential-maxima", "trick.low-temperature", "trick.skew-favours-largest", "trick.anneal-schedule"]
    ):
        json.dumps(record["exhibit"])
        assert all(len(one.get("x", [])) <= 400 for one in record["exhibit"].get("series", []))


def test_dual_numbers_know_quotients_and_mixed_arithmetic() -> None:
    x = np.array([0.3, -1.2, 2.0])

    def function(v: Any, exp: Any) -> Any:
        return (1.0 - v * 2.0) / (exp(v) + np.ones(3)) + v * v.sum()

    found = trick_dual.by_dual_numbers(function, x)
    step = 1e-6 * np.eye(3)
    due = np.stack([(function(x + h, np.exp) - function(x - h, np.exp)) / 2e-6 for h in step], axis=-1)
    assert np.allclose(found, due, atol=1e-8)


def rising(means: Sequence[float], spread: float = 0.01) -> Evidence:
    return trick_chance.rising([Sample(10_000, mean, spread, 1.0) for mean in means], RATES)


def test_an_order_is_refuted_open_or_established() -> None:
    up, level, down = rising([0.1, 0.5, 0.9]), rising([0.5, 0.501, 0.9]), rising([0.1, 0.9, 0.5])
    assert up.p_value == 1.0
    assert up.resolution is not None
    assert up.resolution < 1
    assert level.p_value == 1.0
    assert level.resolution is not None
    assert level.resolution > 1
    assert down.p_value is not None
    assert down.p_value < 2.4e-10


def test_clopper_pearson_covers() -> None:
    from scipy import stats

    for failures, n in ((0, 30), (3, 200), (50, 60)):
        limit = trick_chance.clopper_pearson(failures, n, 1e-6)
        assert stats.binom.cdf(failures, n, limit) == pytest.approx(1e-6, rel=1e-6)


def test_sizes_follow_from_tolerances() -> None:
    n = trick_chance.trials(0.01, RATES)
    assert trick_chance.clopper_pearson(1, n, RATES.level) <= 0.01
    assert trick_chance.clopper_pearson(1, n * 9 // 10, RATES.level) > 0.01
    size = trick_chance.bernstein_size(1.0, 0.3, 0.02, RATES)
    assert Sample(size, 0.5, 0.09, 1.0).resolution(RATES) == pytest.approx(0.02, rel=0.01)


def test_the_interval_covers_at_every_level() -> None:
    rng = stream(0, "coverage")
    values = rng.random((2000, 50)) ** 4
    samples = [Sample.of(row, 1.0) for row in values]
    for level in (0.5, 0.1, 0.01):
        missed = sum(abs(sample.mean - 0.2) > sample.half_width(level) for sample in samples)
        assert missed <= 2000 * level


def test_every_check_of_a_built_in_sampler_bears_on_a_claim() -> None:
    plan = make_plan([], Options())
    idle = [
        check.name for check in plan.checks if not check.claims and check.sampler in ("direct", "gumbel-max", "relaxed")
    ]
    assert not [name for name in idle if not name.startswith("ks/relaxed")]
    names = [check.name for check in plan.checks]
    for claim in plan.claims:
        if claim.document in ("proof", "trick"):
            for pattern in claim.evidence:
                assert fnmatch.filter(names, pattern), (claim.id, pattern)


def test_the_range_drawn_at_low_temperature_is_the_one_tested() -> None:
    rates, n = Rates(1e-6, 1e-3), 4000
    exhibit = temperature._nearness(np.linspace(0.9, 1.0, n), rates)
    tested = exhibit["series"][2]
    for end, inwards in ((tested["low"][0] * n, 1), (tested["high"][0] * n, -1)):
        inside = math.ceil(end) if inwards == 1 else math.floor(end)
        p_inside, p_outside = (binomial_near(k, n, temperature.STATED, 1e-4) for k in (inside, inside - inwards))
        assert p_outside <= rates.level < p_inside
    assert not tested["low"][0] <= tested["y"][0] <= tested["high"][0]
    assert binomial_near(round(tested["y"][0] * n), n, temperature.STATED, 1e-4) < rates.level


def test_batches_of_rolls_are_multinomial():
    shares, mass = trick_die.batches()
    assert mass.sum() == pytest.approx(1, abs=1e-12)
    assert mass @ shares == pytest.approx(trick_die.P, abs=1e-12)
    spread = np.einsum("c,ci,cj->ij", mass, shares - trick_die.P, shares - trick_die.P) * trick_die.BATCH
    assert spread == pytest.approx(np.diag(trick_die.P) - np.outer(trick_die.P, trick_die.P), abs=1e-12)
    drawn = trick_die.rolled(200_000, np.random.default_rng(1))
    assert drawn.mean(axis=0) == pytest.approx(trick_die.P, abs=2e-3)  # eight standard errors
