"""What is right one by one may be wrong together: draws at a lag, coordinates of a draw, winner and maximum."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from harness.draws import measurements
from harness.draws.bind import BATCH
from harness.methods import ChiSquare, Tables
from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Scenario
from harness.questions.law import masses
from harness.samplers.registry import CONTINUOUS, Sampler
from harness.statistics import Blocks, Threes
from harness.statistics.blocks import ALL
from suites.families.ks import dimension, resolved

ORDER = 80
LAGS = (1, 2)
BATCH_LAGS = (1, BATCH - 1, BATCH, BATCH + 1)
"""The next row of the same step, the same row of the next step, and the two diagonals."""
ASKED = "lags"
"""Dependence between draws does not hide in a corner of the logits: a few cases carry it."""
CELLS = 4
HALVES = 2
WINNER = ("winning category", "equal cell of the maximum's uniform")


def checks(sampler: Sampler, emits: str, cases: tuple[Case, ...], options: Options) -> Iterable[Check]:
    """Yield lag tables, tables of pairs and triples of coordinates, and the winner against the maximum and coordinates."""
    for case in cases:
        scenario = Scenario(sampler, emits, case)
        if ASKED in case.asks:
            yield from _lags(scenario, options)
        if emits in CONTINUOUS and resolved(scenario):
            yield from _coordinates(scenario, options)
        if emits == "gumbel" and case.observed is None and np.isfinite(case.logits).sum() > 1:
            yield _winner(scenario, options)


def _coarse(case: Case, options: Options) -> float:
    """A table of pairs is given twice the tolerance: it holds pairs, and its cells multiply."""
    return 2 * case.tolerance_for(options.tolerance)


def _lags(scenario: Scenario, options: Options) -> Iterable[Check]:
    """Where the category is given, draws at a lag are compared by their first Rosenblatt coordinate."""
    if scenario.case.observed is None:
        groups, shares = _grouped(scenario)
        pairs, law, what = partial(measurements.lag_pairs, groups), shares[:, None] * shares, "group of categories"
    else:
        pairs, law = partial(measurements.first_uniform_pairs, CELLS), _even(CELLS, 2)
        what = "equal cell of the first uniform"
    for lag in BATCH_LAGS if scenario.sampler.batch else LAGS:
        yield Check(
            name=f"independence/{scenario.name}/lag-{lag}",
            suite="independence",
            why=f"draws {lag} apart must not know of each other",
            inputs=((scenario, pairs(lag)),),
            method=ChiSquare(
                law,
                draws_per_unit=2,
                name=f"lag-{lag} table",
                exhibit="table",
                axes=(f"{what}, earlier draw", f"{what}, later draw"),
            ),
            tolerance=_coarse(scenario.case, options),
        )


def _grouped(scenario: Scenario) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the group of each category, and the groups' probabilities."""
    p = masses(scenario.case, scenario.sampler.dtype)
    groups = equal_groups(p)
    return groups, np.bincount(groups, weights=p).astype(np.float64)


def equal_groups(p: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return for each category one of at most four groups of about equal mass, numbered without gaps."""
    middle = np.cumsum(p) - p / 2
    rough = np.minimum((middle * CELLS).astype(np.intp), CELLS - 1)
    return np.unique(rough, return_inverse=True)[1]


def _coordinates(scenario: Scenario, options: Options) -> Iterable[Check]:
    case, d = scenario.case, dimension(scenario.emits, scenario.case)
    if ASKED in case.asks:
        yield _coordinate_lags(scenario, d, options)
        if d >= 2 and case.observed is None:
            yield _winner_coordinates(scenario, d, options)
    if d >= 2:
        yield _tuples(scenario, Blocks.of(d, CELLS, 2, options.seed), "coordinates", "pair", options)
    if d >= 3:
        yield _tuples(scenario, Blocks.of(d, HALVES, 3, options.seed), "triples", "triple", options)
    if d > ALL:
        yield _parities(scenario, Threes.of(d, options.seed), options)


def _tuples(scenario: Scenario, blocks: Blocks, name: str, tuples: str, options: Options) -> Check:
    """Hold each pair of coordinates in quarters, or each triple in halves, which sees what no two of the three show."""
    seen = "" if blocks.share == 1 else f" ({blocks.share:.1%} of them are looked at, every coordinate among them)"
    return Check(
        name=f"independence/{scenario.name}/{name}",
        suite="independence",
        why=f"no {tuples} of Rosenblatt coordinates must know of each other{seen}",
        inputs=((scenario, measurements.blocks(blocks)),),
        method=Tables(
            _even(blocks.cells, blocks.order),
            blocks=blocks,
            name=f"{tuples} tables",
            unit=f"total variation of one {tuples} of coordinates",
        ),
        tolerance=_coarse(scenario.case, options),
    )


def _parities(scenario: Scenario, threes: Threes, options: Options) -> Check:
    """Beyond ten coordinates hold every three, or every three of a group, to as many odd sums of halves as even ones."""
    seen = "" if threes.share == 1 else f" ({threes.share:.1%} of all threes are looked at)"
    return Check(
        name=f"independence/{scenario.name}/parities",
        suite="independence",
        why=f"of no three coordinates an odd number must lie in the upper half more often than an even one{seen}",
        inputs=((scenario, measurements.threes(threes)),),
        method=Tables(
            np.full(2, 0.5),
            threes,
            draws_per_unit=2,
            name="parity tables",
            unit="total variation of the parity of one triple of coordinates",
            axes=("number of the three in their upper halves: 0 even, 1 odd", "all draws"),
        ),
        tolerance=_coarse(scenario.case, options),
    )


def _coordinate_lags(scenario: Scenario, d: int, options: Options) -> Check:
    lags = BATCH_LAGS if scenario.sampler.batch else LAGS
    labels = [
        f"coordinate {j} and {(j + step) % d}, {lag} later"
        for lag in lags
        for step in measurements.lag_steps(d)
        for j in range(d)
    ]
    return Check(
        name=f"independence/{scenario.name}/coordinate-lags",
        suite="independence",
        why="no coordinate must know of itself or its neighbours in a later draw",
        inputs=((scenario, measurements.coordinate_lags(CELLS, lags)),),
        method=Tables(
            _even(CELLS, 2),
            tuple(labels),
            draws_per_unit=2,
            name="lag tables",
            unit="total variation of one coordinate and one of a later draw",
        ),
        tolerance=_coarse(scenario.case, options),
    )


def _winner_coordinates(scenario: Scenario, d: int, options: Options) -> Check:
    groups, shares = _grouped(scenario)
    return Check(
        name=f"independence/{scenario.name}/winner-coordinates",
        suite="independence",
        why="which category wins says nothing about coordinates that take the winner as given",
        inputs=((scenario, measurements.winner_coordinates(groups, CELLS)),),
        method=Tables(
            np.repeat(shares[:, None] / CELLS, CELLS, axis=1),
            tuple(f"winner and coordinate {j}" for j in range(d)),
            name="winner x coordinates",
            unit="total variation of the winner and one coordinate",
        ),
        tolerance=_coarse(scenario.case, options),
    )


def _even(cells: int, order: int) -> NDArray[np.float64]:
    return np.full([cells] * order, float(cells) ** -order)


def _winner(scenario: Scenario, options: Options) -> Check:
    p = masses(scenario.case, scenario.sampler.dtype)
    return Check(
        name=f"independence/{scenario.name}/winner-maximum",
        suite="independence",
        why="which category wins says nothing about the value of the maximum",
        inputs=((scenario, measurements.winner_and_maximum(p.size, CELLS)),),
        method=ChiSquare(
            np.repeat(p[:, None] / CELLS, CELLS, axis=1), name="winner x maximum", exhibit="table", axes=WINNER
        ),
        tolerance=_coarse(scenario.case, options),
    )
