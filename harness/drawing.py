"""From a scenario to checked blocks of draws: fast samplers fill reused buffers, all others are called and checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.check import Scenario
from harness.errors import SamplerFault

Draw = Callable[[int, np.random.Generator], NDArray[Any]]


def bind(scenario: Scenario) -> Draw:
    """Return ``draw(m, rng)``, whose array may be overwritten by the next call; it raises SamplerFault."""
    form = scenario.sampler.form(scenario.emits)
    logits, parameters = scenario.case.logits, scenario.case.parameters
    if form.prepare is not None:
        return _filled(form.prepare(logits, **parameters), scenario.emits, logits.size)

    def draw(m: int, rng: np.random.Generator) -> NDArray[Any]:
        given = logits.copy()
        try:
            made = form.draw(given, m, rng=rng, **parameters)
        except Exception as error:
            raise SamplerFault(f"raised {type(error).__name__}: {error}") from error
        if not np.array_equal(given, logits):
            raise SamplerFault("changed the logits that it was given")
        return checked(made, m, scenario.emits, logits.size)

    return draw


def _filled(fill: Callable[[NDArray[Any], np.random.Generator], None], emits: str, categories: int) -> Draw:
    buffers: dict[int, NDArray[Any]] = {}

    def draw(m: int, rng: np.random.Generator) -> NDArray[Any]:
        if m not in buffers:
            buffers.clear()
            buffers[m] = np.empty(m, np.intp) if emits == "index" else np.empty((m, categories))
        fill(buffers[m], rng)
        return buffers[m]

    return draw


def checked(made: Any, m: int, emits: str, categories: int) -> NDArray[Any]:
    """Return what a sampler returned as an array of the due shape and kind, or raise SamplerFault in words."""
    try:
        array = np.asarray(made)
    except Exception as error:
        raise SamplerFault(f"returned a {type(made).__name__} that is no array: {error}") from error
    due = (m,) if emits == "index" else (m, categories)
    if array.shape != due:
        raise SamplerFault(f"returned shape {array.shape}, {due} is due")
    kinds = "iu" if emits == "index" else "f"
    if array.dtype.kind not in kinds:
        raise SamplerFault(f"returned dtype {array.dtype}, {'integers are' if emits == 'index' else 'floats are'} due")
    if array.dtype == np.uint64:
        array = np.minimum(array, np.uint64(2**62)).astype(np.int64)
    return array
