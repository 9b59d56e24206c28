"""Cases of rankings and of speculative steps, one line each, with the reason why each earns its place."""

from __future__ import annotations

from functools import partial

import numpy as np

from harness.arrays import Floats
from harness.questions.case import Case
from suites.cases.building import flat, logits, weights, zipf

RANKINGS: tuple[Case, ...] = (
    Case("rank-1", "one item without replacement is one draw", weights(5, 5, 10, 13, 27, 40), ("ranking",), k=1),
    Case(
        "rank-2",
        "ordered pairs: inclusion is not in proportion to weight",
        weights(4, 1, 3, 2),
        ("ranking",),
        k=2,
        asks=("doors",),
    ),
    Case("rank-3", "24 rankings: a second and a third draw among what is left", weights(4, 1, 3, 2), ("ranking",), k=3),
    Case("rank-all", "all items in order: the last is certain", weights(3, 1, 2, 5), ("ranking",), k=4),
    Case("rank-flat", "equal weights: all 120 rankings alike", flat(5), ("ranking",), k=4, tolerance=0.02),
    Case(
        "rank-wide",
        "the second draw among items 35 nats below the first",
        logits(-35.5, 0.0, -35.0, -36.0),
        ("ranking",),
        k=2,
    ),
    Case(
        "rank-masked",
        "as many possible items as places: none of the masked is taken, nor one where a uniform of exactly 0 lands",
        logits(-np.inf, 0.0, -np.inf, 1.0, 0.5, -np.inf),
        ("ranking",),
        k=3,
        asks=("endpoints",),
    ),
    Case(
        "rank-shifted",
        "a common shift changes nothing, and exp overflows",
        logits(0.5, 0.0, 1.0, -0.5, shift=1e3),
        ("ranking",),
        k=2,
    ),
    Case(
        "rank-zipf",
        "three of 300, stage by stage: each stage's law given those before it",
        zipf(300),
        ("ranking",),
        k=3,
        tolerance=0.03,
    ),
)


def _tables(drafts: tuple[tuple[float, ...], ...], targets: tuple[tuple[float, ...], ...]) -> tuple[Floats, Floats]:
    with np.errstate(divide="ignore"):
        return np.log(np.array(drafts, float)), np.log(np.array(targets, float))


def _target(drafts: tuple[tuple[float, ...], ...], targets: tuple[tuple[float, ...], ...]) -> Floats:
    first: Floats = _tables(drafts, targets)[1][0]
    return first


def speculative(
    name: str,
    why: str,
    drafts: tuple[tuple[float, ...], ...],
    targets: tuple[tuple[float, ...], ...],
    tolerance: float | None = None,
    asks: tuple[str, ...] = (),
) -> Case:
    """Return a case of draft weights (g, K) and target weights (g + 1, K)."""
    tables = partial(_tables, drafts, targets)
    first = partial(_target, drafts, targets)
    return Case(name, why, first, ("speculative",), tolerance=tolerance, drafts=tables, asks=asks)


_P = ((4, 1, 3, 2), (1, 5, 2, 2), (3, 3, 1, 3))
_Q = ((1, 3, 2, 4), (4, 1, 3, 2))

SPECULATIVE: tuple[Case, ...] = (
    speculative("spec-1", "one draft: two tokens to recover, two that are accepted too often", _Q[:1], _P[:2]),
    speculative("spec-2", "two drafts, each table another one", _Q, _P, asks=("doors",)),
    speculative(
        "spec-3",
        "three drafts of three tokens: a third stage",
        ((1, 2, 3), (2, 2, 1), (5, 1, 1)),
        ((3, 2, 1), (1, 2, 2), (2, 3, 2), (1, 1, 4)),
        tolerance=0.02,
    ),
    speculative("spec-equal", "equal tables: nothing is rejected, nothing is left to recover from", _P[:2], _P),
    speculative(
        "spec-disjoint",
        "tables without a token in common: the first draft is rejected",
        ((1, 2, 0, 0), (1, 1, 0, 0)),
        ((0, 0, 1, 3), (0, 0, 1, 2), (1, 1, 1, 1)),
    ),
    speculative(
        "spec-point", "point-mass drafts, as of n-grams or of a greedy draft", ((0, 0, 1, 0), (0, 1, 0, 0)), _P
    ),
    speculative(
        "spec-target-zeros",
        "drafts that the target cannot draw are never accepted",
        ((1, 1, 2, 2), (2, 1, 2, 1)),
        ((3, 0, 2, 0), (0, 4, 1, 1), (1, 2, 0, 3)),
        asks=("endpoints",),
    ),
    speculative(
        "spec-draft-zeros", "tokens that are never drafted come by recovery alone", ((1, 0, 2, 0), (0, 3, 0, 1)), _P
    ),
    speculative(
        "spec-sharp",
        "a target much sharper than the draft: most drafts are rejected",
        ((1, 1, 1, 1), (1, 1, 1, 1)),
        ((30, 1, 2, 1), (1, 1, 40, 2), (1, 1, 1, 1)),
    ),
)
