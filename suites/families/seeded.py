"""A seeded token depends on its row, its seed, its position and its row's parameters alone; others give other tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

import numpy as np

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
from suites.calling.requests import REQUESTS, Compared, Rows, batches, neighbours, tokens
from suites.families.row_parameters import REQUESTS as OWN
from suites.families.row_parameters import Request, given, requests
from suites.families.rows import ASKED

ORDER = 95
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
    """Yield the checks of a seeded form: the same token in any batch, and chance agreement between different ones."""
    if emits not in sampler.forms or not sampler.form(emits).terms.seeded:
        return
    for case in cases:
        if ASKED in case.asks:
            yield from _of_case(Scenario(sampler, emits, case), options)
    if sampler.form(emits).terms.per_row:
        every = tuple(requests(cases, sampler.dtype))
        if len(every) > 1:
            yield _any_batch(Scenario(sampler, emits, OWN), partial(own_parameters, every=every), options)


def _any_batch(scenario: Scenario, compute: Callable[..., Evidence], options: Options) -> Check:
    return Check(
        name=f"seeded/{scenario.name}/any-batch",
        suite="seeded",
        why="a token is a function of its row, its seed and its position, whatever else is in the batch",
        compute=partial(compute, scenario, beta=options.beta),
        computed_method="equal tokens",
        computed_unit="share of tokens that are drawn again",
        subject=scenario,
        tolerance=TOLERANCE,
    )


def _of_case(scenario: Scenario, options: Options) -> Iterator[Check]:
    p = masses(scenario.case, scenario.sampler.dtype)
    yield _any_batch(scenario, partial(any_batch, agrees=float(np.sum(p**2))), options)
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


def any_batch(scenario: Scenario, rng: np.random.Generator, *, agrees: float, beta: float) -> Evidence:
    """Return the first token that another batch changed, of requests with the logits of a case."""
    base = scenario.case.logits
    logits = np.stack([np.roll(base, shift) for shift in range(REQUESTS)])
    seeds, positions = rng.integers(0, SEEDS, REQUESTS), rng.integers(0, 4096, REQUESTS)
    compared = Compared(scenario, Rows(logits, seeds, positions, np.full(REQUESTS, agrees), {}))
    for name, places in batches(rng):
        compared.again(places, name)
    for name, batch, at in neighbours(logits, rng):
        others = rng.integers(0, SEEDS, len(batch)), rng.integers(0, 4096, len(batch))
        for side, own in zip(others, (seeds, positions), strict=True):
            side[at] = own[at]
        compared.held(tokens(scenario, batch, *others)[[at]], np.array([at]), name)
    return compared.evidence(beta)


def own_parameters(scenario: Scenario, rng: np.random.Generator, *, every: Sequence[Request], beta: float) -> Evidence:
    """Return likewise of requests with logits and parameters of their own, in a random order."""
    batch = [every[one] for one in rng.permutation(REQUESTS) % len(every)]
    compared = Compared(
        scenario,
        Rows(
            np.stack([one.logits for one in batch]),
            rng.integers(0, SEEDS, REQUESTS),
            rng.integers(0, 4096, REQUESTS),
            np.array([float(np.sum(one.law**2)) for one in batch]),
            given(batch, scenario.sampler.form(scenario.emits).stages),
        ),
    )
    for name, places in batches(rng):
        compared.again(places, name)
    return compared.evidence(beta)


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
        one = tokens(scenario, logits, seeds, positions)
        other = tokens(scenario, logits, seeds + step, positions + walk)
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
