"""Layouts: the same logits in memory as a view of something wider, backwards, by columns, or not to be written."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from harness.arrays import Floats

FILL = 1e3
"""What stands in memory beside the logits: read by mistake, it wins every draw."""


def _plain(logits: Floats) -> Floats:
    return logits.copy()


def _read_only(logits: Floats) -> Floats:
    fixed = logits.copy()
    fixed.setflags(write=False)
    return fixed


def _strided(logits: Floats) -> Floats:
    wide = np.full((*logits.shape[:-1], 2 * logits.shape[-1]), FILL)
    wide[..., ::2] = logits
    return wide[..., ::2]


def _reversed(logits: Floats) -> Floats:
    return np.ascontiguousarray(logits[..., ::-1])[..., ::-1]


def _padded(logits: Floats) -> Floats:
    wide = np.full((*logits.shape[:-1], logits.shape[-1] + 5), FILL)
    wide[..., 2:-3] = logits
    return wide[..., 2:-3]


def _columns(logits: Floats) -> Floats:
    """One column of a wider matrix; a batch by columns."""
    if logits.ndim > 1:
        return np.asfortranarray(logits)
    wide = np.full((logits.size, 3), FILL)
    wide[:, 1] = logits
    return wide[:, 1]


LAYOUTS: Mapping[str, Callable[[Floats], Floats]] = {
    "plain": _plain,
    "read-only": _read_only,
    "padded": _padded,
    "strided": _strided,
    "reversed": _reversed,
    "columns": _columns,
}
"""Layouts by name, the plainest first; each returns a fresh array, (K,) or (B, K), that equals the logits."""
