"""The claims of the posterior post reach their verdicts, and each catches the line that it owns when that is broken."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from harness.engine import payloads
from harness.options import Options
from harness.questions.check import Claim
from harness.questions.content import Content
from harness.questions.plan import suite_checks
from harness.samplers.registry import get
from harness.validation import Validation, execute, make_plan
from suites.cases import CASES
from suites.claims import posterior
from suites.claims.posterior import conditional as posterior_conditional
from suites.claims.posterior import cost as posterior_cost
from suites.claims.posterior import exact as posterior_exact
from suites.claims.posterior import mixture as posterior_mixture
from suites.claims.posterior import prior as posterior_prior
from suites.claims.posterior import sampler as posterior_sampler
from suites.claims.posterior import sets as posterior_sets
from suites.claims.posterior import uniform as posterior_uniform
from suites.claims.posterior import volume as posterior_volume
from suites.evidence import posterior_draws
from suites.families import FAMILIES

CHEAP = Options(tolerance=0.05)
NAMES = [
    "cdf",
    "gumbel-max",
    "inverse-transform",
    "likelihood-indicator",
    "partition",
    "volume",
    "uniform-on-set",
    "constraint-power-form",
    "conditional-uniform",
    "uk-density",
    "sampler",
    "gumbels",
    "recovers-prior",
    "exact-no-mcmc",
    "decomposition-accelerates",
]


def run(claims: tuple[Claim, ...], options: Options) -> Validation:
    content = Content(CASES, lambda _: claims, {}, lambda: ())
    return execute(make_plan([], options, content), engine="serial")


def verdicts(claims: tuple[Claim, ...], options: Options) -> dict[str, str]:
    made = run(claims, options).claims
    return dict(zip(made["claim"], made["verdict"], strict=True))


def keep(claims: tuple[Claim, ...], wanted: Callable[[Any], bool]) -> tuple[Claim, ...]:
    kept = [replace(claim, checks=tuple(check for check in claim.checks if wanted(check))) for claim in claims]
    return tuple(claim for claim in kept if claim.checks)


@pytest.fixture(scope="module")
def cheap() -> Validation:
    return run(posterior.claims(CHEAP), CHEAP)


def test_every_claim_is_verified(cheap: Validation) -> None:
    assert (cheap.claims["verdict"] == "verified").all(), cheap.claims
    assert len(cheap.claims) == len(NAMES)


def test_ids_are_in_the_order_of_the_document() -> None:
    assert [claim.id for claim in posterior.claims(Options())] == [f"posterior.{name}" for name in NAMES]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_other_seeds_reach_the_same_verdicts(seed: int) -> None:
    options = Options(tolerance=0.1, seed=seed)
    claims = keep(posterior.claims(options), lambda check: "volume/K" not in check.name)
    assert set(verdicts(claims, options).values()) == {"verified"}


def test_every_suite_check_of_the_top_down_sampler_bears_on_a_claim() -> None:
    content = Content(CASES, lambda _: (), FAMILIES, lambda: ())
    claims = posterior.claims(Options())
    for check in suite_checks([get("top-down")], content, Options()):
        assert any(claim.concerns(check) for claim in claims), check.name


def test_exhibits_are_plain(cheap: Validation) -> None:
    squares = [record["exhibit"] for record in cheap.records if record["exhibit"].get("kind") == "square"]
    assert len(squares) == 2
    assert any("boundary" in square for square in squares)
    assert all(len(group["points"]) <= 1500 for square in squares for group in square["groups"])
    for record in cheap.records:
        assert len(json.dumps(record["exhibit"])) < 100_000, record["check"]


def test_the_report_says_what_the_direct_form_loses(cheap: Validation) -> None:
    (record,) = (record for record in cheap.records if record["check"] == "identity/posterior/sampler/lost")
    assert record["notes"]["u_k rounds to 1 at alpha_k = 1e-18"].startswith("1.000 of draws")
    assert record["notes"]["median error of epsilon_k at alpha_k = 1e-12"] > 1e-6


Batch = posterior_sets.Batch


def flipped(batch: Batch) -> np.ndarray:
    bound = batch.u[:, [batch.k]] ** (batch.alpha[batch.k] / batch.alpha[batch.others])
    return np.asarray(batch.u[:, batch.others] <= bound)


def unweighted(batch: Batch) -> np.ndarray:
    return np.argmin(-np.log(batch.u), axis=1)


def at_least(u: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    perturbed = posterior_draws.to_gumbel(u) + np.log(alpha)
    return np.stack([(perturbed >= column[:, np.newaxis]).all(axis=1) for column in perturbed.T], axis=1)


def everywhere(u: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    return np.ones(u.shape, bool)


def rejecting(name: str, logits: np.ndarray, n: int, source: Any, **given: Any) -> np.ndarray:
    source.random(out=np.empty(n))
    return posterior_exact_consumed(name, logits, n, source, **given)


posterior_exact_consumed = posterior_exact.consumed


def fresh_each_time(logits: Any, n: int, source: Any) -> Any:
    return [np.argmax(posterior_exact_consumed("gumbel-max", values, n, source), axis=1) for values in logits]


def times(function: Callable[..., Any], factor: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, **given: function(*args, **given) * factor(*args)


BROKEN = [
    (posterior_prior, "cdf", lambda x: float(np.exp(-np.exp(np.minimum(x, 5.0)))), {"cdf"}),
    (posterior_prior, "log_density", lambda x: -x - 2 * np.exp(-x), {"cdf"}),
    (posterior_sets, "selected", unweighted, {"likelihood-indicator"}),
    (posterior_sets, "members", at_least, {"likelihood-indicator", "partition"}),
    (posterior_sets, "members", everywhere, {"likelihood-indicator", "partition"}),
    (posterior_sets, "in_powers", flipped, {"constraint-power-form"}),
    (
        posterior_sets,
        "with_log_ratio",
        lambda b: posterior_sets.in_gumbels(Batch(b.u, 1 / b.alpha, b.k)),
        {"constraint-power-form"},
    ),
    (posterior_volume, "section", times(posterior_volume.section, lambda u, *_: u**0.01), {"volume"}),
    (
        posterior_uniform,
        "unscaled",
        lambda t, alpha, k: t ** alpha[k],
        {"uniform-on-set"},
    ),
    (posterior_conditional, "by_sum", times(posterior_conditional.by_sum, lambda p: p.u_k), {"uk-density"}),
    (
        posterior_conditional,
        "by_complement",
        times(posterior_conditional.by_complement, lambda p: 1 / p.u_k),
        {"uk-density"},
    ),
    (posterior_conditional, "distribution", lambda u, a: u**a, {"uk-density"}),
    (
        posterior_sampler,
        "recipe_through_winner",
        lambda v, alpha, k: posterior_draws.recipe(v, alpha / alpha[k], k),
        {"sampler"},
    ),
    (
        posterior_sampler,
        "in_logs",
        lambda v, alpha, k: -np.log(v[:, [k]]) * alpha - np.log(v),
        {"sampler"},
    ),
    (posterior_sampler, "to_gumbel", lambda u: np.log(-np.log(u)), {"gumbels"}),
    (posterior_exact, "consumed", rejecting, {"exact-no-mcmc"}),
    (posterior_cost, "reused", fresh_each_time, {"decomposition-accelerates"}),
]


@pytest.mark.parametrize(
    ("module", "line", "wrong", "owners"), BROKEN, ids=[f"{b[1]}-{i}" for i, b in enumerate(BROKEN)]
)
def test_a_broken_line_is_caught_by_the_claim_that_owns_it(
    monkeypatch: pytest.MonkeyPatch, module: Any, line: str, wrong: Any, owners: set[str]
) -> None:
    monkeypatch.setattr(module, line, wrong)
    claims = keep(posterior.claims(CHEAP), lambda check: check.compute and "volume/K" not in check.name)
    found = verdicts(claims, CHEAP)
    refuted = {name.removeprefix("posterior.") for name, verdict in found.items() if verdict == "refuted"}
    assert refuted == owners
    assert all(verdict in ("refuted", "verified") for verdict in found.values())


def exponents_upside_down(v: np.ndarray, alpha: np.ndarray, k: int) -> np.ndarray:
    u = v[:, [k]] ** alpha * v
    u[:, k] = v[:, k] ** np.sqrt(alpha[k])
    return u


def always_the_first(logits: np.ndarray, size: int, *, rng: Any = None) -> np.ndarray:
    return np.asarray(get("top-down").form("gumbel").draw(logits, size, rng=rng, observed=0))


def too_hot(logits: np.ndarray, size: int, source: Any) -> np.ndarray:
    return posterior_cost_top_of(1.2 * logits, size, source)


posterior_cost_top_of = posterior_cost.top_of
DRAWN = [
    (posterior_draws, "recipe", exponents_upside_down, "sampler"),
    (posterior_draws, "to_gumbel", lambda u: -np.log(-np.log1p(-u * (1 - 2.0**-53)) * 1.1), "inverse-transform"),
    (posterior_mixture, "BAYES", posterior_draws.claimant("always-the-first", always_the_first), "recovers-prior"),
    (posterior_uniform, "scaled", lambda u, alpha, k: u, "uniform-on-set"),
    (posterior_cost, "top_of", too_hot, "decomposition-accelerates"),
    (posterior_conditional, "_bin", lambda *a: shifted(posterior_conditional_bin(*a)), "conditional-uniform"),
    (posterior_exact, "first_two_at", lambda lag: replace(posterior_exact_first(lag), collect=tied), "exact-no-mcmc"),
]
posterior_conditional_bin = posterior_conditional._bin
posterior_exact_first = posterior_exact.first_two_at


def shifted(bins: Any) -> Any:
    return replace(
        bins, bins=np.roll(bins.bins, bins.bins.shape[1] // 4, axis=1) * (np.arange(bins.bins.shape[1]) > 99)
    )


def tied(chunk: Any) -> Any:
    counts = posterior_exact._lagged(1, chunk)
    return replace(counts, counts=np.diag(counts.counts.sum(axis=1)))


@pytest.mark.parametrize(("module", "name", "wrong", "owner"), DRAWN, ids=[f"{d[1]}-{d[3]}" for d in DRAWN])
def test_a_wrong_draw_is_caught_by_the_claim_that_owns_it(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, wrong: Any, owner: str
) -> None:
    monkeypatch.setattr(module, name, wrong)
    # Drawn in this process, which alone has the wrong line.
    monkeypatch.setattr(payloads, "guest", lambda scenario: "")
    monkeypatch.setattr("harness.engine.run.guest", lambda scenario: "")
    claims = tuple(claim for claim in posterior.claims(CHEAP) if claim.id == f"posterior.{owner}")
    assert verdicts(keep(claims, lambda check: check.method), CHEAP) == {f"posterior.{owner}": "refuted"}


def test_wrong_volumes_are_caught_by_nets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posterior_volume, "members", lambda u, alpha: posterior_sets.members(u, np.sqrt(alpha)))
    claims = tuple(claim for claim in posterior.claims(CHEAP) if claim.id == "posterior.volume")
    assert verdicts(keep(claims, lambda check: "volume/K" in check.name), CHEAP) == {"posterior.volume": "refuted"}


def test_counting_sources_count_what_fills_and_what_is_asked_for() -> None:
    source = posterior_exact.Counting(np.random.default_rng(0))
    values = source.random(out=np.empty((3, 5)))
    source.random(4)
    assert (source.filled, source.further) == (15, 4)
    assert values.min() > 2.0**-20 and values.max() < 1 - 2.0**-20
    with pytest.raises(AttributeError):
        source.standard_exponential(3)  # type: ignore[attr-defined]


def test_rejection_keeps_only_the_observed_category() -> None:
    rows = posterior_draws.REJECTION(np.log([0.9, 0.1]), 500, rng=1, observed=1)
    assert rows.shape == (500, 2)
    assert (np.argmax(rows, axis=1) == 1).all()
