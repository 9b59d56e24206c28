"""A seeded token depends on its row, its seed and its position alone; and other seeds and positions give other tokens."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.errors import SamplerFault
from harness.methods.cells import grown, shift
from harness.methods.tails import binomial_two_sided
from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Evidence, Scenario
from harness.questions.law import masses
from harness.samplers.registry import Sampler
from harness.samplers.seeded import SEEDS
from suites.calling import shown
from suites.calling.asked import agree
from suites.families.rows import ASKED

ORDER = 95
REQUESTS = 64
"""Requests, of other logits, seeds and positions each, that are put into batches of many kinds."""
TOLERANCE = 0.05
"""How much more or less often than chance two tokens of different seeds or positions may agree unseen."""
PAIRINGS = {
    "the next position of a seed": (0, 1),
    "the same position of the next seed": (1, 0),
    "the next position of the next seed": (1, 1),
    "the position before of the next seed": (1, -1),
}
"""Steps in seed and position between two tokens."""


def checks(sampler: Sampler, emits: str, cases: tuple[Case, ...], options: Options) -> Iterable[Check]:
    """Yield two checks of a seeded form: the same token in any batch, and chance agreement between different ones."""
    for case in cases if emits in sampler.forms and sampler.form(emits).terms.seeded else ():
        if ASKED not in case.asks:
            continue
        scenario = Scenario(sampler, emits, case)
        p = masses(case, sampler.dtype)
        yield Check(
            name=f"seeded/{scenario.name}/any-batch",
            suite="seeded",
            why="a token is a function of its row, its seed and its position, whatever else is in the batch",
            compute=partial(any_batch, scenario, float(np.sum(p**2)), options.beta),
            computed_method="equal tokens",
            computed_unit="share of tokens that are drawn again",
            subject=scenario,
            tolerance=TOLERANCE,
        )
        yield Check(
            name=f"seeded/{scenario.name}/agreement",
            suite="seeded",
            why="tokens of other seeds and other positions agree as often as chance has it",
            compute=partial(agreement, scenario, float(np.sum(p**2)), options.level, options.beta),
            computed_method="agreement of pairs",
            computed_unit="probability that two tokens agree",
            subject=scenario,
            tolerance=TOLERANCE,
        )


def _tokens(
    scenario: Scenario, logits: Floats, seeds: NDArray[np.int64], positions: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the (B,) tokens of requests; raises SamplerFault for what is none."""
    function = scenario.sampler.form(scenario.emits).draw
    try:
        made = np.asarray(function(logits.copy(), seeds.copy(), positions.copy()))
    except Exception as error:
        raise SamplerFault(f"raised {type(error).__name__}: {error}") from error
    if made.shape != seeds.shape or made.dtype.kind not in "iu":
        raise SamplerFault(f"returned {made.dtype} {made.shape}, integers {seeds.shape} are due")
    return made.astype(np.int64)


def _batches(rng: np.random.Generator) -> Iterator[tuple[str, NDArray[np.intp]]]:
    """Yield batches as places of requests: alone, together, in another order, in parts, and twice."""
    every = np.arange(REQUESTS)
    yield from ((f"alone, request {one}", every[one : one + 1]) for one in range(REQUESTS))
    yield "in the same batch once more", every
    for _ in range(4):
        yield "in another order", rng.permutation(REQUESTS)
    for size in (2, 3, 7, 33):
        for _ in range(4):
            yield f"in a batch of {size}", rng.permutation(REQUESTS)[:size]
    yield "in a batch that holds every request twice", np.tile(every, 2)


def _neighbours(logits: Floats, rng: np.random.Generator) -> Iterator[tuple[str, Floats, int]]:
    """Yield batches in which one request stands at its place among rows of one kind."""
    certain = np.where(np.arange(logits.shape[1]) == 0, 0.0, -np.inf)
    kinds = {"certain": certain, "flat": np.zeros(logits.shape[1]), "a thousand nats higher": logits[0] + 1e3}
    for kind, other in kinds.items():
        for rows in (2, 5, 16, 33):
            at = int(rng.integers(rows))
            batch = np.tile(other, (rows, 1))
            batch[at] = logits[at]
            yield f"among {rows - 1} rows that are {kind}", batch, at


def any_batch(scenario: Scenario, agrees: float, beta: float, rng: np.random.Generator) -> Evidence:
    """Return the first token that another batch changed.

    A share s of tokens that are drawn again goes unseen in m comparisons with a probability of (1 - s (1 - sum p^2))^m.
    """
    base = scenario.case.logits
    logits = np.stack([np.roll(base, shift) for shift in range(REQUESTS)])
    seeds, positions = rng.integers(0, SEEDS, REQUESTS), rng.integers(0, 4096, REQUESTS)
    due = _tokens(scenario, logits, seeds, positions)
    compared, changed, words = 0, 0, ""
    for name, places in _batches(rng):
        made = _tokens(scenario, logits[places], seeds[places], positions[places])
        wrong = np.flatnonzero(made != due[places])
        compared, changed = compared + places.size, changed + wrong.size
        if wrong.size and not words:
            at = int(wrong[0])
            words = (
                f"seed {seeds[places[at]]} at position {positions[places[at]]} gave {due[places[at]]} in a batch of"
                f" {REQUESTS} and {made[at]} {name}"
            )
    for name, batch, at in _neighbours(logits, rng):
        others = rng.integers(0, SEEDS, len(batch)), rng.integers(0, 4096, len(batch))
        for side, own in zip(others, (seeds, positions), strict=True):
            side[at] = own[at]
        made = _tokens(scenario, batch, *others)[at]
        compared, changed = compared + 1, changed + int(made != due[at])
        if made != due[at] and not words:
            words = f"seed {seeds[at]} at position {positions[at]} gave {due[at]} in a batch of {REQUESTS} and {made} {name}"
    return Evidence(
        statistic=float(changed),
        effect=changed / compared,
        n=compared,
        impossible=words,
        resolution=min(1.0, -math.log(beta) / (compared * max(1 - agrees, 1e-12))),
    )


def agreement(scenario: Scenario, agrees: float, level: float, beta: float, rng: np.random.Generator) -> Evidence:
    """Count how often two tokens of one row agree whose seeds or positions differ by one step, Bonferroni over the steps."""
    if agrees >= 1:
        return Evidence(n=1, statistic=0.0, effect=0.0, resolution=0.0)
    alpha = level / len(PAIRINGS)
    n = grown(lambda m: shift(m, agrees, alpha, beta), TOLERANCE, 16)
    logits = np.tile(scenario.case.logits, (n, 1))
    counts = []
    for step, walk in PAIRINGS.values():
        seeds, positions = rng.integers(0, SEEDS - 1, n), rng.integers(1, 4096, n)
        one = _tokens(scenario, logits, seeds, positions)
        other = _tokens(scenario, logits, seeds + step, positions + walk)
        counts.append(int((one == other).sum()))
    agreed, names = np.array(counts), list(PAIRINGS)
    p_values = binomial_two_sided(agreed, n, agrees) * len(PAIRINGS)
    worst = int(np.argmin(p_values))
    effect = abs(float(agreed[worst]) / n - agrees)
    said = agree(f"a token and that of {names[worst]}", agreed[worst], n, agrees, "agree in")
    return Evidence(
        statistic=effect,
        p_value=min(1.0, float(p_values[worst])),
        effect=effect,
        n=2 * n * len(PAIRINGS),
        resolution=shift(n, agrees, alpha, beta),
        notes={"pairing": names[worst], "by chance": agrees},
        seen=f"{said}, {scenario.case.words}",
        exhibit=shown.counted("Tokens that agree", names.__getitem__, agreed, n, agrees, len(PAIRINGS)),
    )
