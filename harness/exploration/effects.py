"""How far off draws are, in words for a reason: what was seen beside what is due, for the question that refuted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.arrays import Floats, Indices
from harness.exploration.counted import cells_of
from harness.exploration.uniforms import BINS, ENDS
from harness.laws import special

PLACES = {"first": 0, "last": -1}
PAIRS = ("neighbours", "next call", "next row")


@dataclass
class Looked:
    """What the questions of a point looked at.

    ``index`` (calls, size, rows) under ``laws`` (rows, K), which are ``of`` something; ``uniforms`` (n, d) of ``axis``, and
    others that were ``sorted`` by likelihood; ``whole`` rankings under their ``mass``; of the places of a step the
    ``outcomes`` and their laws, accepted tokens first; and how many of so many draws ``sunk``.
    """

    index: Indices | None = None
    laws: Floats | None = None
    of: str = ""
    uniforms: Floats | None = None
    axis: str = "coordinate"
    sorted: Floats | None = None
    whole: Indices | None = None
    mass: Floats | None = None
    outcomes: Sequence[tuple[Indices, Floats]] = ()
    sunk: tuple[int, int, float] = (0, 0, 0.0)


def effect(question: str, looked: Looked) -> str:
    """Return the effect that a question saw; nothing for what is no question of these."""
    if question == "underflow":
        return "{} of {} draws underflow, at most {:.2g} are due".format(*looked.sunk)
    if question in ("accepted or recovered", "place"):
        return _committed(looked.outcomes)
    if question == "ranking" and looked.whole is not None and looked.mass is not None:
        return f"total variation of whole rankings about {_variation(looked.whole, looked.mass, looked.whole.size):.2g}"
    if question == "stages by likelihood" and looked.sorted is not None:
        return f"with categories by likelihood {_fullest(looked.sorted, looked.axis)}"
    if looked.index is not None and looked.laws is not None and question in {"law", "row", *PLACES, *PAIRS}:
        said = (_agreement if question in PAIRS else _off)(question, looked.index, looked.laws)
        return f"{said}, of {looked.of}" if looked.of else said
    if looked.uniforms is not None and question in UNIFORMS:
        return UNIFORMS[question](looked.uniforms, looked.axis)
    return ""


def _off(question: str, index: Indices, laws: Floats) -> str:
    part = index if question not in PLACES else index[:, [PLACES[question]]]
    far = max(_variation(part[:, :, row].ravel(), p, index[:, :, row].size) for row, p in enumerate(laws))
    return f"total variation about {far:.2g} from the law"


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
    return f"pairs agree in {(one == other).sum()} of {one.size} where {float(due) * one.size:.3g} are due"


def _committed(outcomes: Sequence[tuple[Indices, Floats]]) -> str:
    """Of the place that is farthest off, which share is accepted."""
    far = [_variation(outcome, law, max(1, outcome.size)) for outcome, law in outcomes]
    if not far:
        return ""
    j = int(np.argmax(far))
    outcome, law = outcomes[j]
    half = law.size // 2
    accepted, due = int((outcome < half).sum()), float(law[:half].sum()) * outcome.size
    return (
        f"at place {j + 1} total variation about {far[j]:.2g}, {accepted} of {outcome.size} drafts accepted where "
        f"{due:.3g} are due"
    )


def _fullest(uniforms: Floats, axis: str) -> str:
    """The cell that is farthest from what it expects: of each stage of a ranking, else of all coordinates together."""
    columns = uniforms.T if axis == "stage" else uniforms.reshape(1, -1)
    cells = (np.clip(columns, *ENDS) * BINS).astype(np.intp)
    counts = np.stack([np.bincount(column, minlength=BINS) for column in cells])
    n = columns.shape[1]
    j, cell = (int(at) for at in np.unravel_index(int(np.argmax(np.abs(counts - n / BINS))), counts.shape))
    of = f"uniforms of {axis} {j + 1}" if axis == "stage" else "uniforms"
    return f"{counts[j, cell]} of {n} {of} between {cell}/{BINS} and {cell + 1}/{BINS} where {n / BINS:.3g} are due"


def _coordinates(uniforms: Floats, axis: str) -> str:
    means = uniforms.mean(axis=0)
    j = int(np.argmax(np.abs(means - 0.5)))
    return f"uniforms of {axis} {j} are {means[j]:.2g} on average where 0.5 is due"


def _draws(uniforms: Floats, axis: str) -> str:
    ratio = 12 * uniforms.shape[1] * float(np.mean((uniforms.mean(axis=1) - 0.5) ** 2))
    return f"averages of draws vary {ratio:.2g} times as much as is due"


def _neighbours(uniforms: Floats, axis: str) -> str:
    z = special.ndtri(np.clip(uniforms[: len(uniforms) // 2 * 2], *ENDS))
    return f"neighbouring draws correlate by {float((z[::2] * z[1::2]).sum() / (z**2).sum() * 2):.2g} where 0 is due"


UNIFORMS = {
    "uniforms": _fullest,
    "mean": lambda uniforms, axis: f"uniforms are {uniforms.mean():.2g} on average where 0.5 is due",
    "coordinates": _coordinates,
    "draws": _draws,
    "spread": lambda uniforms, axis: f"uniforms vary {12 * uniforms.var():.2g} times as much as is due",
    "neighbouring rows": _neighbours,
}
"""Sentences on (n, d) uniforms, by question."""
