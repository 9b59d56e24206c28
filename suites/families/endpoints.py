"""One extreme word of the generator, among ordinary ones, must not lead to a draw that is impossible, or as good as that.

A uniform of exactly 0 or next to 1, or an exponential of exactly 0, is due once in 2^24 to 2^53 words. A generator whose
state is written so that it gives such a word at a chosen place turns a defect that needs 1e8 draws into one that needs
a single call. A word with 32 given bits is due at a rate of 2^-32: what follows from it is a draw that the sampler
makes. What needs 53 given bits happens once in 1e16 words; it is noted and refutes nobody.

A draw of probability q that follows from a script of random words, but for an event of probability r, has a probability
of q / r at most. So many scripts lead to such draws as Binomial(scripts, q / r) has it, or fewer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.draws.bind import bind
from harness.draws.sift import sift
from harness.methods.tails import binomial_at_least
from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Evidence, Scenario
from harness.samplers.registry import ROWS, Sampler
from suites.calling.caller import Caller
from suites.calling.scripted import BOTH, ONE, scripted

ORDER = 20
ASKED, ASKED_FAR = "endpoints", "far"
FAR = 40.0
"""In a case that asks for "far" some categories lie so many nats below others; noise so low nobody draws.

Noise of minus infinity, which a float32 uniform of 0 makes, only takes one of those others out of the race.
"""
SIZE, PLACES = 6, 64
"""Draws of a call, and the places at which the extreme word stands in turn: every phase of every draw is met."""
RATE = 2.0**-33
"""Probability of an extreme word with a middling one after it."""


def checks(sampler: Sampler, emits: str, cases: tuple[Case, ...], options: Options) -> Iterable[Check]:
    """Yield a check of the impossible for a few cases, and one of the far for the case that is made for it."""
    for case in cases:
        compute: Callable[..., Evidence] | None = impossible if ASKED in case.asks else None
        if ASKED_FAR in case.asks:
            compute = far
        if compute is not None:
            scenario = Scenario(sampler, emits, case)
            yield Check(
                name=f"endpoints/{scenario.name}",
                suite="endpoints",
                why="an extreme word of the generator must not lead to a draw that is as good as impossible",
                compute=partial(compute, scenario),
                computed_method=f"extreme words: {compute.__name__}",
                computed_unit="rate of such draws",
                subject=scenario,
                tolerance=RATE,
            )


def impossible(scenario: Scenario, rng: np.random.Generator) -> Evidence:
    """Return the impossible draws that a single extreme word led to, with the word and its place."""
    draw, rows = _drawing(scenario), max(Caller(scenario).rows, 1)
    calls, found = 0, ""
    for words, label in _scripts(ONE):
        calls += 1
        found = _impossible(scenario, draw(SIZE, scripted(words, rng)))
        if found:
            found = f"{found}, when {label}"
            break
    both = ((label, draw(SIZE, scripted(words, rng))) for words, label in _scripts(BOTH))
    rare = next((label for label, drawn in both if _impossible(scenario, drawn)), "")
    return Evidence(
        statistic=float(bool(found)),
        effect=RATE if found else 0.0,
        n=calls * SIZE * rows,
        resolution=RATE,
        impossible=found,
        notes={"once in 2^53 words": f"an impossible draw when {rare}"} if rare and not found else {},
    )


def far(scenario: Scenario, rng: np.random.Generator) -> Evidence:
    """Return how many scripts led to a category or to noise 40 nats up, and the chance of that."""
    caller, hits, calls, where = Caller(scenario), 0, 0, ""
    for words, label in _scripts(ONE):
        calls += 1
        if _far(caller(SIZE, scripted(words, rng)), scenario):
            hits, where = hits + 1, where or label
    each = SIZE * max(caller.rows, 1) * scenario.case.logits.size * np.exp(-FAR) / RATE
    return Evidence(
        statistic=float(hits),
        p_value=float(binomial_at_least(hits, calls, each)),
        effect=hits / calls * RATE,
        n=calls * SIZE * max(caller.rows, 1),
        resolution=RATE,
        notes={"scripts": float(calls), "first": where},
    )


def _far(draws: NDArray[Any], scenario: Scenario) -> bool:
    logits = scenario.case.logits
    if scenario.emits == "index":
        return bool((logits[draws] <= logits.max() - FAR).any())
    return bool((draws - logits > FAR).any())


def _scripts(kinds: Mapping[str, tuple[int, ...]]) -> Iterator[tuple[dict[int, int], str]]:
    """Yield the words to write, by place, and what they are."""
    for label, words in kinds.items():
        for place in range(PLACES):
            yield {place + i: word for i, word in enumerate(words)}, f"word {place} of the generator {label}"


def _drawing(scenario: Scenario) -> Callable[[int, np.random.Generator], NDArray[Any]]:
    """Return what draws: for rows of integers with what the harness adds to them, which takes the first eight words."""
    return np.errstate(all="ignore")(bind(scenario)) if scenario.emits in ROWS else Caller(scenario)


def _impossible(scenario: Scenario, draws: NDArray[Any]) -> str:
    _, support = sift(draws, scenario)
    return "; ".join(f"{kind}: {example}" for kind, example in zip(support.kinds, support.examples, strict=True))
