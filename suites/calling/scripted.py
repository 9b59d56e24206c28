"""A Mersenne Twister whose next words are chosen: its state is what its output says, as tempering can be undone.

[1] M. Matsumoto and T. Nishimura, Mersenne Twister, ACM TOMACS 8 (1998), section 2.1: the tempering and its constants.

NumPy makes a double of two words, 27 bits of the first and 26 of the second, and a float32 of the upper 24 bits of one.
Every method of the generator then runs NumPy's own code on these words.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

LENGTH = 624
ALL = 2**32 - 1

ONE: dict[str, tuple[int, ...]] = {
    "is 0": (0,),
    "has all bits set": (ALL,),
    "is the least of 24 bits": (1 << 8,),
}
"""One extreme word."""
BOTH: dict[str, tuple[int, ...]] = {"and the next are 0": (0, 0), "and the next have all bits set": (ALL, ALL)}
"""Two extreme words: a double of exactly 0, or the largest below 1."""
_TWISTER = np.random.MT19937(0)
"""To seed one costs more than to write its state: each script takes over the one before."""


def scripted(words: Mapping[int, int], rng: np.random.Generator) -> np.random.Generator:
    """Return a generator whose words are random, those of ``rng``, but for ``words`` at their places (below 623).

    The word after the last of them is a random one from the middle half, so that no double made of a single extreme
    word is nearer to an end than 2^-29.
    """
    outputs = rng.integers(0, 2**32, LENGTH, dtype=np.uint32)
    outputs[list(words)] = list(words.values())
    outputs[max(words) + 1] = 2**30 + (outputs[max(words) + 1] >> np.uint32(1))
    _TWISTER.state = {"bit_generator": "MT19937", "state": {"key": untempered(outputs), "pos": 0}}
    return np.random.Generator(_TWISTER)


def untempered(outputs: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return the state words whose tempered values [1] are ``outputs``."""
    y = outputs.copy()
    y ^= y >> np.uint32(18)
    y ^= (y << np.uint32(15)) & np.uint32(0xEFC60000)
    part = y.copy()
    for _ in range(4):  # each pass settles seven more bits
        part = y ^ ((part << np.uint32(7)) & np.uint32(0x9D2C5680))
    y, part = part, part.copy()
    for _ in range(2):  # eleven more bits a pass
        part = y ^ (part >> np.uint32(11))
    return part
