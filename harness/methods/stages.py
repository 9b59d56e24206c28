"""What rows of integers say stage by stage: the first item, the second, ...; how many drafts were accepted, each token.

The test is that of whole rows; a figure of them shows which stage is off, and the rows that are farthest out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Bools, Floats
from harness.laws import Ranking, RankingUniforms, Speculative
from harness.methods import allowed
from harness.questions.case import Case
from harness.questions.law import Coded, coded

FARTHEST = 6
"""Whole rows that are shown beside the stages."""
TITLE = "Counts of each stage, and of the rows farthest out, in standard errors"


@dataclass(frozen=True, eq=False)
class Stages:
    """``rows`` (C,) are the cells in words, ``members`` (G, C) which of them belong to each of ``names`` (G,)."""

    rows: tuple[str, ...]
    names: tuple[str, ...]
    members: Bools

    def figure(self, counts: NDArray[np.int64], units: int, p: Floats, *tested: allowed.Part) -> dict[str, object]:
        """Return the exhibit of counts (C,) with their probabilities (C,); ``tested`` are the parts that decide."""
        error = np.sqrt(np.maximum(units * p * (1 - p), 1e-300))
        chosen = allowed.farthest(np.abs(counts - units * p) / error, FARTHEST)
        stages = allowed.cells(self.names.__getitem__, self.members @ counts, units, np.minimum(self.members @ p, 1.0))
        whole = allowed.cells(
            lambda i: self.rows[chosen[i]], counts[chosen], units, p[chosen], tests=np.full(len(chosen), p.size)
        )
        return {"kind": "groups", "title": TITLE, "tested": [stages, whole, *tested]}


def stages_of(case: Case, dtype: str) -> Stages:
    """Return the stages of the rankings or of the speculative step of a case."""
    law = coded(case, dtype)
    cells = _cells(law)
    found = list(_speculative(law, cells) if isinstance(law, Speculative) else _ranking(law, cells))
    rows = tuple(", ".join(str(item) for item in row if item >= 0) for row in cells.tolist())
    return Stages(rows, tuple(name for name, _ in found), np.array([members for _, members in found]))


def _cells(law: Coded) -> NDArray[np.intp]:
    """Return what the stages (C, s) of each cell are; of uniforms, which of equal parts they fall in."""
    if isinstance(law, RankingUniforms):
        return np.stack(np.unravel_index(np.arange(law.mass.size), (law.bins,) * law.k), axis=1)
    return law.cells


def _ranking(law: Ranking | RankingUniforms, cells: NDArray[np.intp]) -> Iterator[tuple[str, Bools]]:
    if isinstance(law, Ranking) and not law.ordered:
        yield from ((f"{item} is in the set", (cells == item).any(axis=1)) for item in _values(cells))
        return
    word = "{} item is {}" if isinstance(law, Ranking) else "{} uniform in part {}"
    for stage, column in enumerate(cells.T):
        yield from ((word.format(_nth(stage), item), column == item) for item in _values(column))


def _speculative(law: Speculative, cells: NDArray[np.intp]) -> Iterator[tuple[str, Bools]]:
    if law.rule == "token-wise":
        accepted = (cells >= 0).sum(axis=1) - 1
        yield from ((f"{number} drafts accepted", accepted == number) for number in range(law.steps))
    for stage, column in enumerate(cells.T):
        yield from ((f"{_nth(stage)} token is {item}", column == item) for item in _values(column))


def _values(column: NDArray[np.intp]) -> list[int]:
    found: list[int] = np.unique(column[column >= 0]).tolist()
    return found


def _nth(stage: int) -> str:
    return {0: "1st", 1: "2nd", 2: "3rd"}.get(stage, f"{stage + 1}th")
