"""From a scenario to checked blocks of draws: fast samplers fill reused buffers, all others are called and checked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.draws.rows import drafted, with_drafts, with_spread
from harness.errors import SamplerFault
from harness.interrupts import contained
from harness.questions.check import Scenario
from harness.samplers.registry import CONTINUOUS

Draw = Callable[[int, np.random.Generator], NDArray[Any]]
BATCH = 4
"""Rows of logits that a batch sampler is given: the case's own, repeated."""


def bind(scenario: Scenario) -> Draw:
    """Return ``draw(m, rng)``, whose array may be overwritten by the next call; it raises SamplerFault.

    Draws of a batch sampler come step by step, all rows of a step side by side: lag 1 is the next row of the same step,
    lag BATCH the same row of the next step, and the lags beside it are the diagonals.
    """
    form = scenario.sampler.form(scenario.emits)
    logits, parameters = scenario.case.logits, scenario.parameters
    if scenario.emits == "speculative":
        return _verifying(scenario)
    if scenario.emits == "ranking":
        return _ranking(scenario)
    if form.prepare is not None:
        builtin = scenario.sampler.trusted
        with contained():
            fill = form.prepare(logits.copy(), **parameters)
        return _filled(fill, scenario.emits, logits.size, by_columns=builtin)

    rows = BATCH if scenario.sampler.batch else 0
    original = np.tile(logits, (rows, 1)) if rows else logits

    def draw(m: int, rng: np.random.Generator) -> NDArray[Any]:
        given, size = original.copy(), -(-m // rows) if rows else m
        array = checked(called(form.draw, given, size, rng, parameters), size, scenario.emits, logits.size, rows)
        if not np.array_equal(given, original):
            raise SamplerFault("changed the logits that it was given")
        return array.reshape(-1, *array.shape[2:])[:m] if rows else array

    return draw


def _ranking(scenario: Scenario) -> Draw:
    """Call for rankings; each row is followed by what spreads its uniforms, from a generator of the harness's own."""
    form, case = scenario.sampler.form("ranking"), scenario.case
    assert case.k is not None
    k = case.k

    def draw(m: int, rng: np.random.Generator) -> NDArray[Any]:
        own, given = _own(rng), case.logits.copy()
        items = checked(called(form.draw, given, m, rng, case.parameters), m, "ranking", k)
        if not np.array_equal(given, case.logits):
            raise SamplerFault("changed the logits that it was given")
        return with_spread(items, own)

    return draw


def _verifying(scenario: Scenario) -> Draw:
    """Draw drafts, call for what is committed, and append what completes that."""
    form, tables = scenario.sampler.form("speculative"), scenario.case.drafts
    assert tables is not None

    def draw(m: int, rng: np.random.Generator) -> NDArray[Any]:
        own = _own(rng)
        x, (drafts, targets) = drafted(scenario, m, own), tables()
        given = (x.copy(), drafts.copy(), targets.copy())
        with contained():
            made = form.draw(*given, rng=rng)
        tokens = checked(made, m, "speculative", len(targets))
        if not all(np.array_equal(one, other) for one, other in zip(given, (x, drafts, targets), strict=True)):
            raise SamplerFault("changed the drafts or the logits that it was given")
        return with_drafts(x, tokens, scenario, own)

    return draw


def _own(rng: np.random.Generator) -> np.random.Generator:
    """Return a generator of the harness's own, which a sampler's use of ``rng`` does not move."""
    return np.random.default_rng(rng.integers(0, 2**63, 4))


def called(
    draw: Callable[..., Any], logits: NDArray[Any], size: int, rng: np.random.Generator, parameters: Mapping[str, Any]
) -> Any:
    """Call a sampler's function; what it raises becomes a SamplerFault."""
    with contained():
        return draw(logits, size, rng=rng, **parameters)


def _filled(
    fill: Callable[[NDArray[Any], np.random.Generator], None], emits: str, categories: int, *, by_columns: bool
) -> Draw:
    """Draw into one buffer; ``by_columns`` lays it out as the laws like it, which a guest's fill may not expect."""
    buffers: dict[int, NDArray[Any]] = {}

    def draw(m: int, rng: np.random.Generator) -> NDArray[Any]:
        if m not in buffers:
            buffers.clear()
            buffers[m] = _empty(m, emits, categories, by_columns)
        with contained():
            fill(buffers[m], rng)
        return buffers[m]

    return draw


def _empty(m: int, emits: str, categories: int, by_columns: bool) -> NDArray[Any]:
    if emits == "index":
        return np.empty(m, np.intp)
    return np.empty((m, categories), order="F" if by_columns and m >= categories else "C")


def checked(made: Any, m: int, emits: str, categories: int, rows: int = 0) -> NDArray[Any]:
    """Return what a sampler returned as an array of the due shape and kind, or raise SamplerFault in words.

    Due are (m,) integers or (m, K) floats, with an axis of ``rows`` after the first for a batch; for rankings and
    speculative steps (m, ``categories``) integers.
    """
    with contained():
        if isinstance(made, Iterator | AsyncIterator | Awaitable):
            raise SamplerFault(
                f"returned a {type(made).__name__}, an array is due: return all draws at once, do not yield or await"
            )
        if isinstance(made, np.ma.MaskedArray) and np.ma.is_masked(made):
            raise SamplerFault("returned a masked array, an array is due: the mask would be lost")
        try:
            array = np.asarray(made)
        except Exception as error:
            raise SamplerFault(f"returned a {type(made).__name__} that is no array: {error}") from error
    due = (m, *([rows] if rows else []), *([] if emits == "index" else [categories]))
    if array.shape != due:
        raise SamplerFault(f"returned shape {array.shape}, {due} is due")
    kinds = "f" if emits in CONTINUOUS else "iu"
    if array.dtype.kind not in kinds:
        raise SamplerFault(f"returned dtype {array.dtype}, {'floats' if kinds == 'f' else 'integers'} are due")
    if array.dtype == np.uint64:
        array = np.minimum(array, np.uint64(2**62)).astype(np.int64)
    return array
