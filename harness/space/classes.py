"""Classes of points, axis by axis: what is wrong for one value of one axis stands out among the points that share it."""

from __future__ import annotations

from collections.abc import Iterator

from harness.space.categories import is_prime
from harness.space.parameters import FEW
from harness.space.point import Point

OCTAVES = (1, 2, 3, 8, 32, 128, 512, 2048, 8192)
WARM = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9, 1.1, 2.0, 5.0, 20.0)
TILES = (128, 32, 8)
SHARES = (0.001, 0.01, 0.1, 0.5, 0.9)


def classes(point: Point) -> Iterator[tuple[str, str]]:
    """Yield (axis, value) pairs of a point: each axis has few values, and every point one of each axis it has."""
    yield "k", f"at least {max(edge for edge in OCTAVES if edge <= point.k)}"
    yield "k is", _kind(point.k)
    yield "logits", point.family.partition("-")[0]
    yield "order", point.order
    yield "mask", _mask(point.mask)
    yield "call", _call(point.call)
    yield "layout", point.layout
    yield "door", point.door
    if point.temperature is not None:
        yield "temperature", f"at least {max((edge for edge in WARM if edge <= point.temperature), default=0):g}"
    if point.rows:
        yield "rows", str(point.rows)
    yield "observed", "none" if point.observed < 0 else "first" if point.observed == 0 else "given"
    for stage, value in point.settings:
        if stage != "temperature":
            yield stage, _setting(value)
    if point.m:
        yield "items", "all" if point.m == point.k else f"at least {max(edge for edge in OCTAVES if edge <= point.m)}"
    if point.drafts:
        yield "drafts", str(point.drafts)
        yield "draft", point.draft


def _setting(value: float) -> str:
    """Return the octave of a whole number, the band of a share."""
    bands = SHARES if value < 1 else OCTAVES
    return f"at least {max((edge for edge in bands if edge <= value), default=0):g}"


def _kind(k: int) -> str:
    if k & (k - 1) == 0:
        return "a power of two"
    if any(near & (near - 1) == 0 for near in (k - 1, k + 1)):
        return "beside a power of two"
    tile = next((tile for tile in TILES if k % tile == 0), None)
    if tile:
        return f"a multiple of {tile}"
    return "a prime" if is_prime(k) else "another number"


def _mask(mask: str) -> str:
    kind, _, number = mask.partition("-")
    return f"share from {int(float(number) * 10) / 10}" if kind == "share" else mask


def _call(call: int) -> str:
    return str(call) if call <= FEW else "up to 129" if call <= 129 else "up to 1000" if call <= 1000 else "longer"
