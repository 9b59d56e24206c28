"""A sampler draws in any form that it has; an index can always be had, as the argmax of what it emits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.arrays import Floats
from harness.errors import UsageError
from harness.logits import check_logits, check_observed, check_size, check_temperature
from harness.samplers.blocks import BLOCK, parts
from harness.samplers.registry import Form, Sampler, get


def draw(
    sampler: Sampler | str,
    logits: ArrayLike,
    size: int,
    *,
    rng: Any = None,
    emits: str | None = None,
    **parameters: Any,
) -> NDArray[Any]:
    """Draw from a registered sampler, as it emits or in the form ``emits``.

    (K,) logits -> (size,) integers for "index", (size, K) float64 for "simplex", which needs ``temperature``, and for
    "gumbel", (size, k) integers for "ranking", which needs ``k``. ``rng`` is what ``numpy.random.default_rng`` takes
    (SPEC 7). Raises UsageError for a sampler, form, parameter, size or logits that cannot be used.
    """
    known = _resolve(sampler)
    wanted = emits or known.emits
    source = _source(known, wanted)
    form = known.form(source)
    if known.batch or source == "speculative":
        raise UsageError(f"sampler {known.name!r} takes {_takes(known)}; call it as it is")
    checked, count = check_logits(logits), check_size(size)
    _check_parameters(known.name, source, form, checked, parameters)
    if source == "index":
        parameters = {**dict.fromkeys(form.stages), **parameters}
    generator = np.random.default_rng(rng)
    if source == wanted:
        return np.asarray(form.draw(checked, count, rng=generator, **parameters))
    return _argmax(form, checked, count, generator, parameters)


def _resolve(sampler: Sampler | str) -> Sampler:
    if isinstance(sampler, Sampler):
        return sampler
    if isinstance(sampler, str):
        return get(sampler)
    raise UsageError(f"a sampler is a registered name or what @harness.sampler returned, got {sampler!r}")


def _takes(sampler: Sampler) -> str:
    return "batches of logits" if sampler.batch else "drafts and two tables of logits"


def _source(sampler: Sampler, wanted: str) -> str:
    """The form to draw in: the one that is wanted or, for an index that is not there, one with an argmax."""
    if wanted == "index" and "index" not in sampler.forms:
        return sampler.emits
    return wanted


def _check_parameters(name: str, emits: str, form: Form, logits: Floats, parameters: dict[str, Any]) -> None:
    for parameter in parameters:
        if parameter not in form.parameters:
            takes = ", ".join(sorted(form.parameters)) or "none"
            raise UsageError(f"sampler {name!r} emitting {emits!r} takes no parameter {parameter!r}; it takes {takes}")
    if emits == "ranking" and "k" not in parameters:
        raise UsageError(f"sampler {name!r} emits {emits!r}, which needs k=, the length of a ranking")
    if emits == "simplex" and "temperature" not in parameters:
        raise UsageError(f"sampler {name!r} emits {emits!r}, which needs temperature=, a positive number")
    if "temperature" in parameters and emits == "simplex":
        check_temperature(parameters["temperature"])
    if parameters.get("observed") is not None:
        check_observed(logits, parameters["observed"])


def _argmax(
    form: Form, logits: Floats, size: int, rng: np.random.Generator, parameters: dict[str, Any]
) -> NDArray[np.intp]:
    """Indices from (size, K) rows; a form with a fast path is drawn in blocks, so that memory stays at one block."""
    if form.prepare is None:
        indices: NDArray[np.intp] = np.argmax(form.draw(logits, size, rng=rng, **parameters), axis=1)
        return indices
    fill = form.prepare(logits, **parameters)
    out = np.empty(size, np.intp)
    block = np.empty((max(1, BLOCK // logits.size), logits.size))
    for part in parts(size, len(block)):
        values = block[: part.stop - part.start]
        fill(values, rng)
        values.argmax(axis=1, out=out[part])
    return out
