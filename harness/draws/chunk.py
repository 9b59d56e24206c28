"""A chunk is one block of draws, checked for what is impossible, with everything derived from it computed at most once."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.case import Case
from harness.check import Scenario
from harness.laws import Categorical, GumbelSoftmax, PerturbedLogits, Posterior
from harness.precision import precision
from harness.statistics import Support, within

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
    """Return logits as a sampler that computes in ``dtype`` sees them.

    bfloat16, which NumPy lacks, is the upper half of a float32, rounded to even.
    """
    if dtype != "bfloat16":
        return logits if dtype == "float64" else logits.astype(dtype).astype(np.float64)
    bits = logits.astype(np.float32).view(np.uint32)
    even = (bits + np.uint32(0x7FFF) + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)
    return even.view(np.float32).astype(np.float64)


FEW = 64
"""Up to so many categories, the argmax of a row is found by comparing whole columns with the maximum."""


class Chunk:
    """Draws of one scenario: ``draws`` is (m,) indices or (m, K) floats, every row possible; ``law`` is what they claim."""

    def __init__(self, draws: NDArray[Any], emits: str, law: Law) -> None:
        self.draws = draws if emits == "index" else _by_columns(draws)
        self.emits = emits
        self.law: Any = law
        self.transforming = 0.0
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
        if self.draws.shape[1] <= FEW:
            return self.codes.astype(np.intp)
        index: NDArray[np.intp] = np.argmax(self.draws, axis=1)
        return index

    @cached_property
    def codes(self) -> NDArray[np.uint8]:
        """The (m,) categories in a byte each, for at most 256 of them: what is counted fits in cache eight times over."""
        if self.emits == "index" or self.draws.shape[1] > FEW:
            return self.index.astype(np.uint8)
        return _first_argmax(self.draws, self.highest)

    @cached_property
    def highest(self) -> Floats:
        """The (m,) largest values of simplex and Gumbel draws."""
        highest: Floats = self.draws.max(axis=1)
        return highest

    @cached_property
    def uniforms(self) -> Floats:
        """The (m, d) Rosenblatt uniforms of simplex and Gumbel draws."""
        return self._transformed(self.draws)

    @cached_property
    def lawful(self) -> bool:
        """Whether all uniforms lie in [0, 1]; a NaN does not."""
        return within(self.uniforms)

    def complement(self, rows: NDArray[np.intp]) -> Floats:
        """Return 1 - uniforms of some rows, free of cancellation."""
        return self._transformed(self.draws[rows], complement=True)

    def _transformed(self, draws: Floats, *, complement: bool = False) -> Floats:
        start = time.perf_counter()
        made: Floats = self.law.rosenblatt(draws, complement=complement)
        self.transforming += time.perf_counter() - start
        return made


def _by_columns(draws: NDArray[Any]) -> Floats:
    """Return rows as float64 whose longer axis is contiguous, which is what NumPy's loops run along."""
    rows: Floats = draws.astype(np.float64, order="F" if draws.shape[0] >= draws.shape[1] else "C", copy=False)
    return rows


def _first_argmax(draws: Floats, highest: Floats) -> NDArray[np.uint8]:
    """Return the first category of each row that attains its maximum: equal ones are ranked downwards, in bytes."""
    categories = draws.shape[1]
    rank = np.arange(categories, 0, -1, dtype=np.uint8)[:, np.newaxis]
    ranked = np.equal(draws.T, highest).view(np.uint8)
    np.multiply(ranked, rank, out=ranked)
    first: NDArray[np.uint8] = np.uint8(categories) - ranked.max(axis=0)
    return first


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
    if draws.size and not _indices(draws, logits.size):
        outside = (draws < 0) | (draws >= logits.size)
    zero = np.isneginf(logits)
    masked = zero[np.clip(draws, 0, logits.size - 1)] if zero.any() else None
    if masked is not None and outside is not None:
        masked &= ~outside
    return {f"index outside 0..{logits.size - 1}": outside, "a category of probability zero": masked}


def _indices(draws: NDArray[Any], categories: int) -> bool:
    """Tell whether all draws are in range: read as unsigned, a negative one is larger than any of its type."""
    unsigned = draws.view(draws.dtype.str.replace("i", "u"))
    return int(unsigned.max()) < min(categories, int(np.iinfo(draws.dtype).max) + 1)


def _row_problems(draws: NDArray[Any], scenario: Scenario) -> dict[str, NDArray[np.bool_] | None]:
    zero = np.isneginf(scenario.case.logits)
    live = draws[:, ~zero] if zero.any() else draws
    dead = draws[:, zero] if zero.any() else None
    if scenario.emits == "simplex":
        return _simplex(draws, live, dead, _rounding(draws, scenario))
    observed = scenario.case.observed
    loses = None if observed is None else draws[:, observed] < draws.max(axis=1)
    noise = None if dead is None else (dead != -np.inf).any(axis=1)
    return {
        **_finite(live),
        "noise on a category of probability zero": noise,
        "the observed category is not the argmax": loses,
    }


def _finite(live: NDArray[Any]) -> dict[str, NDArray[np.bool_] | None]:
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(live.sum()):  # then so is every term, and no mask is needed
            return {}
    if np.isfinite(live).all():
        return {}
    return {"NaN": np.isnan(live).any(axis=1), "an infinity": np.isinf(live).any(axis=1)}


def _rounding(draws: NDArray[Any], scenario: Scenario) -> float:
    """Return how far rounding may take a row's sum from 1: exp turns an absolute error of its argument to a relative one.

    The argument, (logits + noise) / temperature, is rounded in proportion to its size; noise stays below 40.
    """
    logits, temperature = scenario.case.logits, scenario.case.temperature
    largest = (float(np.abs(logits[logits > -np.inf]).max()) + 40) / (temperature or 1.0)
    eps = max(float(np.finfo(draws.dtype).eps), precision(scenario.sampler.dtype).eps)
    return float(4 * (draws.shape[1] + largest) * eps)


def _simplex(
    draws: NDArray[Any], live: NDArray[Any], dead: NDArray[Any] | None, slack: float
) -> dict[str, NDArray[np.bool_] | None]:
    with np.errstate(invalid="ignore"):
        off = np.abs(draws.sum(axis=1, dtype=np.float64) - 1)
        if (off <= slack).all() and live.min(initial=0) >= 0 and (dead is None or not dead.any()):
            return {}  # a NaN or an infinity would have shown in the sum
        return {
            **_finite(live),
            "a negative coordinate": (live < 0).any(axis=1) if not live.min(initial=0) >= 0 else None,
            "a sum that is not 1": off > slack,
            "mass on a category of probability zero": None if dead is None else (dead != 0).any(axis=1),
        }
