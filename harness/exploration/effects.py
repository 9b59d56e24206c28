"""How far off draws are, in words for a reason: what was seen beside what is due, for the question that refuted."""

from __future__ import annotations

import numpy as np

from harness.arrays import Floats, Indices
from harness.exploration.counted import cells_of

PLACES = {"first": 0, "last": -1}
PAIRS = ("neighbours", "next call", "next row")


def effect(question: str, index: Indices, laws: Floats) -> str:
    """Return the effect of (calls, size, rows) indices under (rows, K) laws; nothing for what is no question of theirs."""
    if question in PAIRS:
        return _agreement(question, index, laws)
    if question in {"law", "row", *PLACES}:
        part = index if question not in PLACES else index[:, [PLACES[question]]]
        far = max(_variation(part[:, :, row].ravel(), p, index[:, :, row].size) for row, p in enumerate(laws))
        return f"total variation about {far:.2g} from the law"
    return ""


def _variation(index: Indices, p: Floats, n: int) -> float:
    cell = cells_of(p, n)
    due = np.bincount(cell[cell >= 0], weights=p[cell >= 0])
    seen = np.bincount(cell[index][cell[index] >= 0], minlength=due.size) / max(index.size, 1)
    return float(np.abs(seen - due).sum() / 2)


def _agreement(question: str, index: Indices, laws: Floats) -> str:
    calls, size, rows = index.shape
    one, other = {
        "neighbours": (index[:, : size // 2 * 2 : 2], index[:, 1 : size // 2 * 2 : 2]),
        "next call": (index[: calls // 2 * 2 : 2], index[1 : calls // 2 * 2 : 2]),
        "next row": (index[:, :, : rows // 2 * 2 : 2], index[:, :, 1 : rows // 2 * 2 : 2]),
    }[question]
    due = laws[0] @ laws[1 if question == "next row" else 0]
    return f"pairs agree in {(one == other).mean():.2g}, {float(due):.2g} is due"
