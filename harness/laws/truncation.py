"""The law of a truncated sampler under a declared convention, exact in float64; several laws where ties leave several.

Each stage maps scores to fewer scores (a filter) or to others (the temperature); the law is the softmax of what is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from harness.arrays import Bools, Floats
from harness.errors import UsageError
from harness.laws.conventions import STAGES, Convention, convention_of
from harness.laws.filters import EXACT, FILTERS
from harness.laws.log_space import log_softmax
from harness.logits import check_logits

RANGES: Mapping[str, tuple[float, float, str]] = {
    "temperature": (0.0, np.inf, "a finite number, 0 or more (0 is the argmax)"),
    "top_k": (1, np.inf, "a whole number, 1 or more"),
    "top_p": (5e-324, 1.0, "above 0 and at most 1"),
    "min_p": (0.0, 1.0, "from 0 to 1"),
    "typical_p": (5e-324, 1.0, "above 0 and at most 1"),
    "epsilon": (0.0, 1.0, "from 0 to 1"),
    "top_n_sigma": (5e-324, np.inf, "above 0"),
}


def truncated(logits: ArrayLike, convention: str | Convention, **settings: float | None) -> Floats:
    """Return the (K,) probabilities of a truncated law in float64.

    ``settings`` are temperature, top_k, top_p, min_p, typical_p, epsilon and top_n_sigma, None where a stage is off.
    Raises UsageError for values that a stage does not take, for a stage that the convention has no place for, and where
    its tie rules leave several laws: then see ``truncated_laws``.
    """
    laws = truncated_laws(logits, convention, slack=0.0, **settings)
    if len(laws) > 1:
        raise UsageError(f"ties leave {len(laws)} laws under this convention; harness.laws.truncated_laws lists them")
    return laws[0]


def truncated_laws(
    logits: ArrayLike, convention: str | Convention, *, slack: float = 0.0, **settings: float | None
) -> tuple[Floats, ...]:
    """Return all laws (K,) that the convention allows: one, but where it leaves ties open.

    With ``slack``, a relative distance such as K 2^-24 of float32 sums, what lies that close to a threshold may stay or
    go, as rounding has it. Raises UsageError as ``truncated`` does.
    """
    scores, rules = check_logits(logits), convention_of(convention)
    values = _checked(rules, settings)
    states: Iterable[_State] = (_State(scores, scores > -np.inf, scores > -np.inf),)
    for stage in rules.order:
        if stage in values:
            states = tuple(_unique(_applied(states, stage, values[stage], rules, slack)))
    return tuple(state.law for state in states)


@dataclass(frozen=True)
class _State:
    """Scores, what is ``left`` of the categories, and those of them that the next filter ``sees``; all (K,)."""

    scores: Floats
    sees: Bools
    left: Bools

    @property
    def law(self) -> Floats:
        """(K,) the softmax of what is left."""
        return _softmax(self.scores, self.left)


def _softmax(scores: Floats, among: Bools) -> Floats:
    p = np.zeros(scores.size)
    p[among] = np.exp(log_softmax(scores[among]))
    return p


def _applied(states: Iterable[_State], stage: str, value: float, rules: Convention, slack: float) -> Iterator[_State]:
    for state in states:
        if stage == "temperature":
            yield from _tempered(state, value, rules, slack)
            continue
        sets = list(FILTERS[stage](_softmax(state.scores, state.sees), state.scores, value, rules, slack))
        for kept in _of_one_sort(sets, state.left) if rules.joint else sets:
            left = state.left & kept
            if not left.any():
                raise UsageError(f"{stage} and the stages before it have no category in common: no law is left")
            yield _State(state.scores, state.sees if rules.joint else left, left)


def _of_one_sort(sets: list[Bools], left: Bools) -> list[Bools]:
    """Return the sets that fit what is left: both are beginnings of one sort, which breaks a tie in one way for all."""
    return [kept for kept in sets if not (left & ~kept).any() or not (kept & ~left).any()] or sets


def _tempered(state: _State, temperature: float, rules: Convention, slack: float) -> Iterator[_State]:
    """Divide the scores; at temperature 0 one of the likeliest stays, which one the tie rule of top_k may tell."""
    if temperature > 0:
        yield _State(state.scores / temperature, state.left, state.left)
        return
    highest = float(state.scores[state.left].max())
    near = max(EXACT, slack) * max(1.0, abs(highest))
    for k in np.flatnonzero(state.left & (state.scores >= highest - near)):
        left = np.zeros(state.left.size, bool)
        left[k] = True
        yield _State(state.scores, left, left)
        if rules.top_k_ties == "first":
            return


def _unique(states: Iterable[_State]) -> Iterator[_State]:
    seen = set()
    for state in states:
        key = (state.left.tobytes(), state.sees.tobytes())
        if key not in seen:
            seen.add(key)
            yield state


def _checked(rules: Convention, settings: Mapping[str, float | None]) -> dict[str, float]:
    values: dict[str, float] = {}
    for name, value in settings.items():
        if name not in STAGES:
            raise UsageError(f"{name!r} is no stage of a truncated law; stages are {', '.join(STAGES)}")
        if value is None:
            continue
        if name not in rules.order:
            raise UsageError(f"the convention has no stage {name!r}; its order is {', '.join(rules.order)}")
        values[name] = _value(name, value)
    return values


def _value(name: str, value: float) -> float:
    low, high, words = RANGES[name]
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not (low <= number <= high and np.isfinite(number)) or (name == "top_k" and number != int(number)):
        raise UsageError(f"{name} must be {words}, got {value!r}")
    return number
