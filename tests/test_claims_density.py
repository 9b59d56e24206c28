"""The claims of the density note reach their verdicts, and each catches the line that it owns when that is broken."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from harness.options import Options
from harness.questions.check import Claim
from harness.questions.content import Content
from harness.questions.plan import suite_checks
from harness.samplers.registry import get
from harness.validation import Validation, execute, make_plan
from suites.cases import CASES
from suites.claims import density
from suites.claims.density import jacobian as density_jacobian
from suites.claims.density import limits as density_limits
from suites.claims.density import map as density_map
from suites.claims.density import marginal as density_marginal
from suites.claims.density import noise as density_noise
from suites.claims.density import relaxation as density_relaxation
from suites.claims.density import simplex as density_simplex
from suites.claims.density import symmetric as density_symmetric
from suites.evidence import cubature as density_cubature
from suites.families import FAMILIES

CHEAP = Options(tolerance=0.05)
SLOW = ("k=4", "k=5", "density/u-marginal-logistic")
"""Checks that are left out where a broken line is looked for: their claims own quicker ones of the same line."""


def run(claims: tuple[Claim, ...], options: Options) -> Validation:
    content = Content(CASES, lambda _: claims, {}, lambda: ())
    return execute(make_plan([], options, content), engine="serial")


def verdicts(claims: tuple[Claim, ...], options: Options) -> dict[str, str]:
    made = run(claims, options).claims
    return dict(zip(made["claim"], made["verdict"], strict=True))


def computed(claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """Keep the quick computed checks."""
    kept = [
        replace(claim, checks=tuple(c for c in claim.checks if c.compute and not any(slow in c.name for slow in SLOW)))
        for claim in claims
    ]
    return tuple(claim for claim in kept if claim.checks)


@pytest.fixture(scope="module")
def cheap() -> Validation:
    return run(density.claims(CHEAP), CHEAP)


def test_every_claim_reaches_its_verdict(cheap: Validation) -> None:
    assert cheap.claims["agrees"].all(), cheap.claims[~cheap.claims["agrees"]]
    assert len(cheap.claims) == 17


def test_what_is_wrong_as_written_is_refuted_with_a_counterexample(cheap: Validation) -> None:
    refuted = cheap.checks[cheap.checks["verdict"] == "refuted"].set_index("check")
    assert set(refuted["claims"]) == {"density.mean-of-u", "density.substitution-limits"}
    assert "(e^2 + 1)/4 = 2.09726" in refuted.loc["quadrature/density/substitution-limits/as-written", "reason"]
    assert "0.5772156649 where 0 is due" in refuted.loc["quadrature/density/mean-of-u/as-written", "reason"]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_other_seeds_reach_the_same_verdicts(seed: int) -> None:
    options = Options(tolerance=0.1, seed=seed)
    claims = density.claims(options)
    kept = tuple(
        replace(
            claim, checks=tuple(c for c in claim.checks if not any(slow in c.name for slow in (*SLOW[:2], "100000")))
        )
        for claim in claims
    )
    made = run(kept, options).claims
    assert made["agrees"].all(), made[~made["agrees"]]


def test_ids_are_in_the_order_of_the_document() -> None:
    made = [claim.id for claim in density.claims(Options()) if not claim.id.endswith(".corrected")]
    assert made == [f"density.{name}" for name in NAMES]


NAMES = [
    "simplex",
    "normalisation-invariant",
    "u-given-g",
    "mean-of-u",
    "marginalisation",
    "substitution-limits",
    "gamma-integral",
    "closed-form",
    "symmetric-form",
    "u-marginal-logistic",
    "map-h",
    "inverse-h",
    "jacobian-entries",
    "jacobian-determinant",
    "of-y",
]


def test_every_suite_check_of_the_relaxed_sampler_bears_on_a_claim() -> None:
    content = Content(CASES, lambda _: (), FAMILIES, lambda: ())
    claims = density.claims(Options())
    for check in suite_checks([get("relaxed")], content, Options()):
        assert any(claim.concerns(check) for claim in claims), check.name


def test_every_claim_has_evidence_in_the_quick_profile() -> None:
    for claim in density.claims(Options()):
        assert claim.checks and claim.checks[0].profile == "quick", claim.id
        assert claim.id.split(".")[1] not in claim.says  # a sentence, not its name


def test_exhibits_are_plain(cheap: Validation) -> None:
    kinds = {record["exhibit"].get("kind") for record in cheap.records if record["exhibit"]}
    assert {"contours", "curves", "mean"} <= kinds
    for record in cheap.records:
        assert len(json.dumps(record["exhibit"])) < 150_000, record["check"]


def without(function: Callable[..., Any], change: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function with its result changed."""
    return lambda *args, **given: change(function(*args, **given), *args)


Point = density_marginal.Point
BROKEN = [
    (density_relaxation, "divided", lambda p: softmax((np.log(p.pi) - p.g) / p.tau), {"normalisation-invariant"}),
    (density_noise, "log_conditional", lambda u, x_i, x_k, g_k: gumbel(u - x_i - (x_k + g_k)), {"u-given-g"}),
    (
        density_marginal,
        "product",
        lambda p: density_marginal.joint(Point(p.x[1:], p.u[1:]) if p.k > 2 else p),
        {"marginalisation"},
    ),
    (
        density_marginal,
        "powers_collected",
        without(density_marginal.powers_collected, lambda v, p: v * p.k),
        {"closed-form"},
    ),
    (density_marginal, "integrated", without(density_marginal.integrated, lambda v, p: v * p.k), {"closed-form"}),
    (
        density_marginal,
        "reference_inside",
        without(density_marginal.reference_inside, lambda v, p: v * np.exp(p.x[-1])),
        {"closed-form"},
    ),
    (
        density_limits,
        "gamma_scaled",
        without(density_limits.gamma_scaled, lambda v, p: v + np.log(p.a)),
        {"gamma-integral"},
    ),
    (density_limits, "gamma_closed", without(density_limits.gamma_closed, lambda v, p: -v), {"gamma-integral"}),
    (
        density_limits,
        "put_right",
        without(density_limits.put_right, lambda v, a: (-v[0], v[1])),
        {"substitution-limits.corrected"},
    ),
    (
        density_symmetric,
        "log_symmetric",
        without(density_symmetric.log_symmetric, lambda v, x, u: v - np.log(x.size - 1)),
        {"symmetric-form"},
    ),
    (density_map, "inverted", lambda y, tau: np.log(y[:-1]) - np.log(y[-1]), {"inverse-h"}),
    (density_map, "log_sum", lambda p: np.log(density_map.mapped(p)[-1]) - p.u / p.tau, {"inverse-h"}),
    (
        density_map,
        "last_by_difference",
        without(density_map.last_by_difference, lambda y, p: np.append(y[:-1], 1 - y[0])),
        {"map-h"},
    ),
    (
        density_map,
        "mapped",
        lambda p: density_map.last_by_difference(density_map.Pair(p.u, 1.01 * p.tau)),
        {"map-h", "inverse-h"},
    ),
    (
        density_jacobian,
        "by_chain_rule",
        without(density_jacobian.by_chain_rule, lambda m, p: np.diag(np.diag(m))),
        {"jacobian-entries"},
    ),
    (
        density_jacobian,
        "entries",
        without(density_jacobian.entries, lambda m, p: m - 2 * p.tau / p.last * (1 - np.eye(p.y.size))),
        {"jacobian-entries", "jacobian-determinant"},
    ),
    (
        density_jacobian,
        "log_determinant",
        without(density_jacobian.log_determinant, lambda v, p: v + np.log(p.tau)),
        {"jacobian-determinant"},
    ),
    (
        density_simplex,
        "log_of_y",
        without(density_simplex.log_of_y, lambda v, y, x, tau: v + y.sum(axis=1)),
        {"of-y"},
    ),
    (density_simplex, "log_of_y", without(density_simplex.log_of_y, lambda v, y, x, tau: v + np.log(tau)), {"of-y"}),
]


def gumbel(z: np.ndarray) -> np.ndarray:
    return -(z + np.exp(-z))


def softmax(z: np.ndarray) -> np.ndarray:
    return np.asarray(np.exp(z - z.max()) / np.exp(z - z.max()).sum())


@pytest.mark.parametrize(
    ("module", "line", "wrong", "owners"), BROKEN, ids=[f"{b[1]}-{i}" for i, b in enumerate(BROKEN)]
)
def test_a_broken_line_is_caught_by_the_claim_that_owns_it(
    monkeypatch: pytest.MonkeyPatch, module: Any, line: str, wrong: Any, owners: set[str]
) -> None:
    monkeypatch.setattr(module, line, wrong)
    claims = computed(density.claims(CHEAP))
    found = verdicts(claims, CHEAP)
    due = {claim.id: claim.expect.value for claim in claims}
    changed = {name.removeprefix("density.") for name in found if found[name] != due[name]}
    assert changed == owners
    assert all(found[f"density.{name}"] == "refuted" for name in owners)


def test_a_wrong_location_is_caught_by_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(density_noise, "location", lambda x_i, x_k, g_k: x_i - x_k + g_k)
    owner = tuple(claim for claim in density.claims(CHEAP) if claim.id == "density.u-given-g")
    assert verdicts(owner, CHEAP) == {"density.u-given-g": "refuted"}


def test_a_wrong_temperature_in_the_margins_is_caught_by_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    right = density_symmetric._logistic_bins
    monkeypatch.setattr(
        density_symmetric,
        "_logistic_bins",
        lambda law, bins: right(replace(law, temperature=1.2 * law.temperature), bins),
    )
    claims = tuple(claim for claim in density.claims(CHEAP) if claim.id == "density.u-marginal-logistic")
    sampled = tuple(replace(claim, checks=tuple(check for check in claim.checks if check.method)) for claim in claims)
    assert verdicts(sampled, CHEAP) == {"density.u-marginal-logistic": "refuted"}


def test_an_integral_that_cannot_keep_its_promise_returns_nothing() -> None:
    with pytest.raises(ArithmeticError, match="promised"):
        density_cubature.log_integral(lambda x: -np.abs(x - 0.1234) * 7.0, -3.0, 3.0, panels=1)


def test_bernsteins_scale_of_a_gumbel_is_one() -> None:
    """E|G - gamma|^q <= q!/2 pi^2/6 for q from 3 to 40, by a fine sum; beyond, the right tail's e^-gamma q! dominates."""
    x = np.arange(-8.0, 200.0, 1e-3)
    log_mass = -x - np.exp(-x) + np.log(1e-3)
    for q in range(3, 41):
        moment = float(np.sum(np.exp(q * np.log(np.abs(x - np.euler_gamma)) + log_mass)))
        assert moment <= np.exp(np.sum(np.log(np.arange(1.0, q + 1)))) / 2 * np.pi**2 / 6
