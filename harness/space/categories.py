"""Numbers of categories from 1 to 200,000, dense where implementations change: powers of two, multiples of tiles, primes.

Small ones come often and large ones seldom, as a draw costs in proportion.
"""

from __future__ import annotations

import math

import numpy as np

MOST, LARGE = 200_000, 4096
"""The largest number, and the one above which points are few and draws are fewer."""
SMALL = 64
BANDS = ((1, SMALL, 0.48), (SMALL + 1, 256, 0.3), (257, 1024, 0.155), (1025, LARGE, 0.05), (LARGE + 1, MOST, 0.015))
"""From, to, and the share of the points."""
TILES = (8, 32, 64, 128, 1000, 1024)


def random_categories(rng: np.random.Generator) -> int:
    """Return a number of categories."""
    shares = [share for _, _, share in BANDS]
    low, high, _ = BANDS[int(rng.choice(len(BANDS), p=shares))]
    anywhere = int(math.exp(rng.uniform(math.log(low), math.log(high + 1))))
    if high <= SMALL:
        return int(rng.integers(low, high + 1))
    return min(max(_near(anywhere, low, high, rng), low), high)


def _near(anywhere: int, low: int, high: int, rng: np.random.Generator) -> int:
    """Return the number itself, or a power of two or its neighbour, a multiple of a tile or its neighbour, a prime."""
    kind = rng.random()
    if kind < 0.35:
        return anywhere
    if kind < 0.6:
        powers = [1 << e for e in range(18) if low <= 1 << e <= high] or [1 << (anywhere.bit_length() - 1)]
        return int(rng.choice(powers)) + int(rng.integers(-1, 2))
    if kind < 0.85:
        tile = int(rng.choice(TILES))
        return max(1, round(anywhere / tile)) * tile + int(rng.choice([0, 0, 0, -1, 1]))
    return prime_from(anywhere)


def prime_from(k: int) -> int:
    """Return the least prime that is not below k."""
    while not is_prime(k):
        k += 1
    return k


def is_prime(k: int) -> bool:
    """Tell whether k is a prime, by division."""
    return k > 1 and all(k % divisor for divisor in range(2, math.isqrt(k) + 1))
