"""A stream comes from a root seed and names, never from order, worker or clock.

The names are hashed with BLAKE2b into the entropy of a SeedSequence, so that a new sampler, case or shard moves no
other stream. SFC64 is the fastest of NumPy's bit generators that passes PractRand and TestU01.
"""

from __future__ import annotations

import hashlib

import numpy as np


def entropy(seed: int, *names: str | int) -> list[int]:
    """Return the entropy words (root seed, then eight 32-bit words of the hashed names)."""
    text = "\x1f".join(str(name) for name in names).encode()
    digest = hashlib.blake2b(text, digest_size=32).digest()
    return [seed, *np.frombuffer(digest, dtype="<u4").tolist()]


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """Return the generator of ``names`` under ``seed`` (a non-negative integer)."""
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(entropy(seed, *names))))
