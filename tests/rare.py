"""Samplers that are wrong in a share of the space below what the sweep promises to find: `explore` must find them."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from harness.samplers.registry import Form, Sampler
from harness.space.draw import Space, random_point
from harness.space.layouts import LAYOUTS
from harness.streams import stream


def gumbels(rng, *shape):
    return -np.log(rng.standard_exponential(shape))


def softmax(scores):
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def power(k):
    return k & (k - 1) == 0


def long_and_odd(logits, size):
    """Odd numbers of categories beyond 3000."""
    return logits.size > 3000 and logits.size % 2 == 1


def masked_calls_of_33(logits, size):
    return size == 33 and bool(np.isneginf(logits).any())


def read_only_tiles(logits, size):
    return not logits.flags.writeable and logits.size % 128 == 0


def fours_of_powers(logits, size):
    """Calls of four from a power of two of categories, eight or more."""
    return size == 4 and logits.size >= 8 and power(logits.size)


def sixes_of_masked_powers(logits, size):
    """Calls of six from a power of two of categories, eight or more, some of which a mask hides."""
    return size == 6 and logits.size >= 8 and power(logits.size) and bool(np.isneginf(logits).any())


def masked_read_only_tiles(logits, size):
    return read_only_tiles(logits, size) and logits.size >= 256 and bool(np.isneginf(logits[0]))


WHERE = (
    sixes_of_masked_powers,
    masked_read_only_tiles,
    long_and_odd,
    masked_calls_of_33,
    read_only_tiles,
    fours_of_powers,
)


def flattened(where):
    """Draw from equal probabilities of what is possible, there."""

    def draw(logits, size, *, rng):
        wrong = where(logits, size)
        used = np.where(np.isneginf(logits), -np.inf, 0.0) if wrong else logits
        if wrong and np.ptp(logits[np.isfinite(logits)]) == 0:
            used = used - np.arange(logits.size) * (4 / logits.size)
        return np.argmax(used + gumbels(rng, size, logits.size), axis=1)

    return draw


def three_and_a_bit(logits, size, *, rng, temperature):
    """Take temperatures from 3.0 to 3.3 for 1.5."""
    used = 1.5 if 3.0 <= temperature <= 3.3 else temperature
    return softmax((logits + gumbels(rng, size, logits.size)) / used)


def rare_and_late(logits, size, *, rng, observed=None):
    """Given a winner beyond the first hundred that is less likely than 1e-9, put the maximum a nat high."""
    noise = gumbels(rng, size, logits.size)
    if observed is None:
        return logits + noise
    p = np.exp(logits - logits.max())
    p /= p.sum()
    top = noise[:, observed] + np.log(np.exp(logits - logits.max()).sum()) + logits.max()
    top = top + (observed >= 100 and p[observed] < 1e-9)
    rows = logits - np.log(np.exp(logits - top[:, None]) + rng.standard_exponential((size, logits.size)))
    rows = np.minimum(rows, np.nextafter(top, -np.inf)[:, None])
    rows[:, observed] = top
    return rows


def _made(name, emits, draw):
    return Sampler(name, emits, MappingProxyType({emits: Form(draw)}))


RARE = {
    **{where.__name__: _made(where.__name__, "index", flattened(where)) for where in WHERE},
    "three_and_a_bit": _made("three_and_a_bit", "simplex", three_and_a_bit),
    "rare_and_late": _made("rare_and_late", "gumbel", rare_and_late),
}


def touched(name, point):
    """Tell whether a sampler is wrong at a point."""
    where = {one.__name__: one for one in WHERE}.get(name)
    if where is not None:
        return point.door == "public" and where(LAYOUTS[point.layout](point.logits), point.call)
    if name == "three_and_a_bit":
        return 3.0 <= point.temperature <= 3.3
    p = np.exp(point.logits - point.logits.max())
    return point.observed >= 100 and p[point.observed] / p.sum() < 1e-9


def share(name, points=20_000):
    """Return the share of random points at which a sampler is wrong."""
    space = Space(RARE[name], RARE[name].emits)
    return float(np.mean([touched(name, random_point(space, stream(1, "rare", i))) for i in range(points)]))
