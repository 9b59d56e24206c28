"""A chunk is one block of draws, checked for what is impossible, with everything derived from it computed at most once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.case import Case
from harness.check import Scenario
from harness.laws import Categorical, GumbelSoftmax, PerturbedLogits, Posterior
from harness.statistics import Support

Floats = NDArray[np.float64]
Law = Categorical | GumbelSoftmax | PerturbedLogits | Posterior


def law_of(emits: str, case: Case, dtype: str = "float64") -> Law:
    """Return the law that draws of this form have in this case, for logits as rounded to ``dtype``."""
    logits = rounded(case.logits, dtype)
    if emits == "index":
        return Categorical(logits)
    if emits == "simplex":
        assert case.temperature is not None
        return GumbelSoftmax(logits, case.temperature)
    return PerturbedLogits(logits) if case.observed is None else Posterior(logits, case.observed)


def masses(case: Case, dtype: str = "float64") -> Floats:
    """Return the (K,) probabilities of the categories, softmax(logits), for logits as rounded to ``dtype``."""
    return Categorical(rounded(case.logits, dtype)).mass


def rounded(logits: Floats, dtype: str) -> Floats:
    """Return logits as a sampler that computes in ``dtype`` sees them."""
    return logits if dtype == "float64" else logits.astype(dtype).astype(np.float64)


class Chunk:
    """Draws of one scenario: ``draws`` is (m,) indices or (m, K) floats, every row possible; ``law`` is what they claim."""

    def __init__(self, draws: NDArray[Any], emits: str, law: Law) -> None:
        self.draws = draws if emits == "index" else draws.astype(np.float64, copy=False)
        self.emits = emits
        self.law: Any = law
        self._derived: dict[str, Any] = {}

    def derive(self, name: str, function: Callable[[Chunk], Any]) -> Any:
        """Return ``function(self)``, computed once under ``name``."""
        if name not in self._derived:
            self._derived[name] = function(self)
        return self._derived[name]

    @cached_property
    def index(self) -> NDArray[np.intp]:
        """The (m,) categories: as drawn, or the argmax of each row."""
        if self.emits == "index":
            return self.draws.astype(np.intp, copy=False)
        index: NDArray[np.intp] = np.argmax(self.draws, axis=1)
        return index

    @cached_property
    def uniforms(self) -> Floats:
        """The (m, d) Rosenblatt uniforms of simplex and Gumbel draws."""
        made: Floats = self.law.rosenblatt(self.draws)
        return made

    def complement(self, rows: NDArray[np.intp]) -> Floats:
        """Return 1 - uniforms of some rows, free of cancellation."""
        made: Floats = self.law.rosenblatt(self.draws[rows], complement=True)
        return made


def sift(draws: NDArray[Any], scenario: Scenario) -> tuple[NDArray[Any], Support]:
    """Return the possible rows of ``draws`` and the record of the impossible ones."""
    problems = _index_problems(draws, scenario) if scenario.emits == "index" else _row_problems(draws, scenario)
    found = {kind: mask for kind, mask in problems.items() if mask is not None and mask.any()}
    if not found:
        return draws, Support(draws.shape[0])
    kinds = tuple(sorted(found))
    first = [int(np.flatnonzero(found[kind])[0]) for kind in kinds]
    with np.printoptions(precision=6, threshold=8):
        examples = tuple(str(draws[row]) for row in first)
    record = Support(draws.shape[0], kinds, tuple(int(found[kind].sum()) for kind in kinds), examples)
    bad = np.logical_or.reduce([found[kind] for kind in kinds])
    return draws[~bad], record


def _index_problems(draws: NDArray[Any], scenario: Scenario) -> dict[str, NDArray[np.bool_] | None]:
    logits = scenario.case.logits
    outside = None
    if draws.size and not 0 <= int(draws.min()) <= int(draws.max()) < logits.size:
        outside = (draws < 0) | (draws >= logits.size)
    zero = np.isneginf(logits)
    masked = zero[np.clip(draws, 0, logits.size - 1)] if zero.any() else None
    if masked is not None and outside is not None:
        masked &= ~outside
    return {f"index outside 0..{logits.size - 1}": outside, "a category of probability zero": masked}


def _row_problems(draws: NDArray[Any], scenario: Scenario) -> dict[str, NDArray[np.bool_] | None]:
    zero = np.isneginf(scenario.case.logits)
    live = draws[:, ~zero] if zero.any() else draws
    dead = draws[:, zero] if zero.any() else None
    if scenario.emits == "simplex":
        return {**_finite(live), **_simplex(draws, live, dead)}
    observed = scenario.case.observed
    loses = None if observed is None else np.argmax(draws, axis=1) != observed
    noise = None if dead is None else (dead != -np.inf).any(axis=1)
    return {
        **_finite(live),
        "noise on a category of probability zero": noise,
        "the observed category is not the argmax": loses,
    }


def _finite(live: NDArray[Any]) -> dict[str, NDArray[np.bool_] | None]:
    if np.isfinite(live).all():
        return {}
    return {"NaN": np.isnan(live).any(axis=1), "an infinity": np.isinf(live).any(axis=1)}


def _simplex(draws: NDArray[Any], live: NDArray[Any], dead: NDArray[Any] | None) -> dict[str, NDArray[np.bool_] | None]:
    slack = 4 * draws.shape[1] * float(np.finfo(draws.dtype).eps)
    with np.errstate(invalid="ignore"):
        return {
            "a negative coordinate": (live < 0).any(axis=1) if live.min(initial=0) < 0 else None,
            "a sum that is not 1": np.abs(draws.sum(axis=1, dtype=np.float64) - 1) > slack,
            "mass on a category of probability zero": None if dead is None else (dead != 0).any(axis=1),
        }
