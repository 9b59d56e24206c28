"""A trial is one point, so many fresh draws, and one exact p-value out of all questions that can be put to them.

The questions of a point and their weights are fixed by the point and the number of draws, never by the draws, so that
the smallest weighted p-value is a p-value (Bonferroni): half of the level is for the law, half for all else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.draws.sift import sift
from harness.errors import Expired, SamplerFault
from harness.exploration.calls import draw_at
from harness.exploration.committed import rounded_step_questions, step_questions
from harness.exploration.counted import agreement_questions, law_questions
from harness.exploration.effects import Looked, effect
from harness.exploration.nearly import rounded_questions
from harness.exploration.ranked import ranking_questions, rounded_ranking_questions
from harness.exploration.uniforms import uniform_questions
from harness.methods import SupportMethod
from harness.methods.tails import binomial_at_least
from harness.questions.case import Case
from harness.questions.check import Scenario
from harness.questions.law import law_of, masses
from harness.questions.precision import precision, rounded, underflow
from harness.samplers.registry import Sampler
from harness.samplers.terms import NO_TERMS, Terms
from harness.space.draw import SINKS
from harness.space.point import Point
from harness.space.rounding import HELD, grain, stage_grains, step_grain

MAIN = ("law", "uniforms")
"""The questions that share half of the level."""
TOLD = 1e-3
"""The p-value below which the effect is told."""


@dataclass(frozen=True)
class Answer:
    """What a trial found: the p-value of all questions, the question that gave it, and what was impossible or broke.

    ``effect`` is how far off the draws are, in words, where the p-value is small.
    """

    point: Point
    n: int = 0
    p_value: float = 1.0
    question: str = ""
    impossible: str = ""
    fault: str = ""
    effect: str = ""
    asked: Mapping[str, float] = field(default_factory=dict)


def tried(
    sampler: Sampler, emits: str, point: Point, n: int, drawing: np.random.Generator, spread: np.random.Generator
) -> Answer:
    """Draw a point about n times and answer; never raises for what a sampler does, unless its time is up.

    ``spread`` gives the uniforms that randomise discrete p-values, apart from the draws.
    """
    try:
        drawn = draw_at(sampler, emits, point, n, drawing)
    except Expired:
        raise
    except SamplerFault as fault:
        return Answer(point, fault=str(fault))
    if drawn.changed:
        return Answer(point, fault="changed the logits that it was given")
    draws, made = drawn.draws, int(np.prod(drawn.draws.shape[:3]))
    if not made:
        return Answer(point)
    cases = cases_of(point, emits, sampler.form(emits).terms)
    if impossible := _impossible(sampler, emits, cases, draws):
        return Answer(point, made, 0.0, "support", impossible=impossible)
    looked = Looked()
    asked = _asked(sampler, emits, cases, draws, spread, looked)
    p_value, question = combined(asked)
    said = effect(question, looked) if p_value < TOLD else ""
    return Answer(point, made, p_value, question, effect=said, asked=asked)


def combined(asked: Mapping[str, float]) -> tuple[float, str]:
    """Return the p-value of several questions and which of them gave it."""
    main = [name for name in asked if name in MAIN]
    others = [name for name in asked if name not in MAIN]
    share = 0.5 if main and others else 1.0
    weighted = {name: asked[name] * len(main if name in main else others) / share for name in asked}
    if not weighted:
        return 1.0, ""
    worst = min(weighted, key=lambda name: weighted[name])
    return min(1.0, weighted[worst]), worst


def _impossible(sampler: Sampler, emits: str, cases: Sequence[Case], draws: NDArray[Any]) -> str:
    """Return what no sampler of the law can draw, row by row of a batch."""
    for row, case in enumerate(cases):
        flat = draws[:, :, row].reshape(-1, *draws.shape[3:])
        _, support = sift(flat, Scenario(sampler, emits, case))
        if words := SupportMethod().words(support):
            return f"row {row}: {words}" if len(cases) > 1 else words
    return ""


def cases_of(point: Point, emits: str, terms: Terms = NO_TERMS) -> tuple[Case, ...]:
    """Return the case of a point, built; for a batch that of each row, whose logits are moved by so many categories."""
    case = point.case(emits, terms)
    logits = case.logits
    return tuple(replace(case, build=partial(np.roll, logits, row)) for row in range(max(point.rows, 1)))


def _asked(
    sampler: Sampler, emits: str, cases: Sequence[Case], draws: NDArray[Any], rng: np.random.Generator, looked: Looked
) -> dict[str, float]:
    """Return p-values by question; ``looked`` is told what they looked at."""
    case, observed = cases[0], cases[0].observed
    if emits == "ranking":
        items = draws[:, :, 0].astype(np.intp)
        logits, ordered = rounded(case.logits, sampler.dtype), case.terms.ordered
        if sampler.dtype not in HELD:
            grains = stage_grains(case.logits, items.shape[2], sampler.dtype, ordered=ordered)
            return rounded_ranking_questions(items, logits, grains, rng, ordered=ordered, looked=looked)
        return ranking_questions(items, logits, rng, ordered=ordered, looked=looked)
    if emits == "speculative":
        assert case.drafts is not None
        drafts, targets = (np.stack([rounded(row, sampler.dtype) for row in table]) for table in case.drafts())
        if sampler.dtype not in HELD:
            grain_of_step = step_grain(*case.drafts(), sampler.dtype)
            return rounded_step_questions(draws[:, :, 0], targets, grain_of_step, looked)
        token_wise = case.terms.rule == "token-wise"
        return step_questions(draws[:, :, 0], drafts, targets, rng, token_wise=token_wise, looked=looked)
    index, several = _winners(draws, emits, observed), _laws(sampler, cases)
    looked.index, looked.laws = index, several[0]
    asked = max((_counted(sampler, case, index, laws, rng) for laws in several), key=_fits)
    if emits != "index" and sampler.dtype in HELD:
        asked |= _continuous(sampler, emits, cases, draws, rng, looked)
    return asked


def _laws(sampler: Sampler, cases: Sequence[Case]) -> list[Floats]:
    """Return the (rows, K) laws that indices may have: several where ties or a threshold leave several."""
    if cases[0].settings:
        dtype = sampler.dtype
        some = [case.laws if dtype == "float64" else case.laws_of(rounded(case.logits, dtype)) for case in cases]
        return [np.stack(laws) for laws in zip(*some, strict=True)] if len(some) > 1 else [one[None] for one in some[0]]
    laws, observed = np.stack([masses(case, sampler.dtype) for case in cases]), cases[0].observed
    return [laws if observed is None else _without(laws, observed)]


def _counted(
    sampler: Sampler, case: Case, index: NDArray[np.intp], laws: Floats, rng: np.random.Generator
) -> dict[str, float]:
    """Return p-values by question of indices under one of their laws; nothing where it has one category."""
    if case.settings and np.take_along_axis(laws, index.reshape(-1, len(laws)).T, axis=1).min() == 0:
        return {"law": 0.0}  # another of the laws has this category, as none that lacks it can have drawn it
    if (laws > 0).sum(axis=1).min() < 2:
        return {}
    if coarse := grain(case, sampler.dtype):
        return rounded_questions(index, laws, coarse)
    return law_questions(index, laws, rng) | agreement_questions(index, laws)


def _fits(asked: Mapping[str, float]) -> float:
    """Order answers by how well the law fits: of several laws that are allowed, the one that fits best speaks (`OneOf`)."""
    return combined(asked)[0]


def _winners(draws: NDArray[Any], emits: str, observed: int | None) -> NDArray[np.intp]:
    """Return (calls, size, rows) categories; where the winner is given, the best of the others, which has a law too."""
    if emits == "index":
        return draws.astype(np.intp)
    if observed is not None:
        draws = draws.copy()
        draws[..., observed] = -np.inf
    index: NDArray[np.intp] = np.argmax(draws, axis=-1)
    return index


def _without(laws: Floats, observed: int) -> Floats:
    """Return the laws of the best of the other categories: given the winner and its value it is softmax of the rest."""
    kept = laws.copy()
    kept[:, observed] = 0.0
    total = kept.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(kept, total, out=kept, where=total > 0)
    return shares


def _continuous(
    sampler: Sampler, emits: str, cases: Sequence[Case], draws: NDArray[Any], rng: np.random.Generator, looked: Looked
) -> dict[str, float]:
    """Return p-values of the Rosenblatt uniforms of all rows; where coordinates may underflow, of what did not."""
    dtype, simplex = sampler.dtype, emits == "simplex"
    if simplex and underflow(cases[0], dtype) > SINKS:
        return {}
    uniforms, sunk = [], 0
    for row, case in enumerate(cases):
        flat = draws[:, :, row].reshape(-1, case.logits.size).astype(np.float64)
        if simplex:
            low = (flat[:, case.logits > -np.inf] < precision(dtype).tiny).any(axis=1)
            flat, sunk = flat[~low], sunk + int(low.sum())
        with np.errstate(all="ignore"):
            uniforms.append(_uniforms(law_of(emits, case, dtype), flat))
    values = np.concatenate(uniforms)
    looked.uniforms = values
    asked = uniform_questions(values, rng)
    if simplex:
        made = int(np.prod(draws.shape[:3]))
        looked.sunk = sunk, made, made * SINKS
        asked["underflow"] = float(binomial_at_least(sunk, made, SINKS))
    return asked


def _uniforms(law: Any, draws: Floats) -> Floats:
    made: Floats = law.rosenblatt(draws)
    return made
