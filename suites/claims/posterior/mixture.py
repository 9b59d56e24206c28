"""Posteriors, mixed with the probabilities of what was observed, are the prior again: Bayes' rule read backwards.

[1] The posterior document, display of the posterior.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np

from harness.draws.chunk import Chunk
from harness.methods import ChiSquare, Homogeneity
from harness.options import Options
from harness.questions.check import Check, Claim, Evidence, Measurement, Scenario
from harness.samplers.registry import get
from harness.statistics import Counts
from suites.cases import case
from suites.claims.posterior.prior import free
from suites.evidence.identities import identity
from suites.evidence.posterior_draws import BAYES, for_claim, to_uniform
from suites.families import chi_square, independence, ks

ORDER = 80


def _bayes_checks(options: Options) -> tuple[Check, ...]:
    suites = (chi_square.checks, ks.checks, independence.checks)
    drawn = (case("pair"), case("die"))
    return for_claim(check for suite in suites for check in suite(BAYES, "gumbel", drawn, options))


def noise_cells(cells: int) -> Measurement:
    """Count u = exp(-exp(-noise)) of two categories in equal squares: (cells, cells)."""
    return Measurement(f"noise-cells-{cells}", partial(_noise, cells))


def _noise(cells: int, chunk: Chunk) -> Counts:
    u = to_uniform(chunk.draws - chunk.law.logits)
    grid = np.clip((u * cells).astype(np.intp), 0, cells - 1)
    return Counts.of(grid[:, 0] * cells + grid[:, 1], (cells, cells))


def _against_plain(options: Options) -> Iterable[Check]:
    pair = case("pair")
    for sampler in (get("top-down"), BAYES):
        sides = (Scenario(sampler, "gumbel", pair), Scenario(get("gumbel-max"), "gumbel", pair))
        yield Check(
            name=f"homogeneity/posterior/recovers-prior/{sampler.name}",
            suite="homogeneity",
            why="mixed posterior noise against noise that was drawn without a category, in squares",
            inputs=tuple((scenario, noise_cells(6)) for scenario in sides),
            method=Homogeneity(np.full((6, 6), 1 / 36)),
            tolerance=2 * options.tolerance,
            judges=False,
        )


def _square(options: Options, rng: np.random.Generator) -> Evidence:
    """Count a mixture of posteriors in 64 equal squares; the figure shows which posterior each point came from."""
    law, level = ChiSquare(np.full(64, 1 / 64)), options.level
    n = law.required(5 * options.tolerance, level, options.beta)
    chosen = case("pair")
    rows = np.asarray(BAYES.form("gumbel").draw(chosen.logits, n, rng=rng))
    u, winner = to_uniform(rows - chosen.logits), np.argmax(rows, axis=1)
    cell = np.clip((u * 8).astype(np.intp), 0, 7)
    found = law.evidence((Counts.of(cell[:, 0] * 8 + cell[:, 1], (64,)),), rng)
    groups: list[dict[str, Any]] = [
        {"label": f"drawn given {k + 1}", "points": np.round(u[:1500][winner[:1500] == k], 5).tolist()} for k in (0, 1)
    ]
    exhibit = {
        "kind": "square",
        "title": "Draws of the posteriors mixed at 0.75 and 0.25, in the unit square",
        "groups": groups,
    }
    return Evidence(
        statistic=found.statistic,
        p_value=found.p_value,
        effect=found.effect,
        n=n,
        resolution=law.detectable(n, level, options.beta),
        exhibit=exhibit,
    )


def claims(options: Options) -> tuple[Claim, ...]:
    """Return posterior.recovers-prior."""
    square = identity(
        "chi_square/posterior/recovers-prior/square",
        "the mixture of the posteriors over the unit square",
        partial(_square, options),
        bound=5 * options.tolerance,
        method="chi-square",
        unit="total variation",
        suite="chi_square",
    )
    return (
        Claim(
            "posterior.recovers-prior",
            where="Bayes' rule, as the post uses it",
            says="A category from Cat(alpha), then u from its posterior: together these are iid uniforms.",
            evidence=free("*", "", "/*"),
            checks=(*_bayes_checks(options), *_against_plain(options), square),
        ),
    )
