"""A statistic travels and is kept as JSON from which it can be rebuilt to the byte."""

from __future__ import annotations

import base64
import dataclasses
import zlib
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

_PLAIN = 1024
"""Arrays up to this many elements are written as lists that a reader can check by eye."""


class Statistic(Protocol):
    """What is kept of draws: mergeable in any grouping, to the same bytes."""

    @property
    def n(self) -> int:
        """The number of draws that went in."""

    def merge(self, other: Self) -> Self:
        """Return the statistic of both sets of draws."""


def encode(statistic: Any) -> dict[str, Any]:
    """Return a JSON object of a statistic (a dataclass of integers, floats, strings, tuples and arrays)."""
    fields = {item.name: _encode(getattr(statistic, item.name)) for item in dataclasses.fields(statistic)}
    return {"type": type(statistic).__name__, **fields}


def decode(record: dict[str, Any], types: dict[str, type[Any]]) -> Any:
    """Return the statistic that ``encode`` wrote; ``types`` maps the type's name to its class."""
    made = types[record["type"]]
    return made(**{item.name: _decode(record[item.name]) for item in dataclasses.fields(made)})


def _encode(value: Any) -> Any:
    if not isinstance(value, np.ndarray):
        return list(value) if isinstance(value, tuple) else value
    if value.size <= _PLAIN:
        return {"dtype": value.dtype.str, "shape": list(value.shape), "data": value.ravel().tolist()}
    packed = base64.b64encode(zlib.compress(np.ascontiguousarray(value).tobytes(), 1)).decode()
    return {"dtype": value.dtype.str, "shape": list(value.shape), "zlib": packed}


def _decode(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    if not isinstance(value, dict):
        return value
    if "zlib" in value:
        raw = zlib.decompress(base64.b64decode(value["zlib"]))
        array: NDArray[Any] = np.frombuffer(raw, dtype=value["dtype"]).copy()
    else:
        array = np.array(value["data"], dtype=value["dtype"])
    return array.reshape(value["shape"])
