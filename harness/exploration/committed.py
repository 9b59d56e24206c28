"""What a speculative step commits, with few draws: each token given those before it, at any K.

Completed by draws of the target, the tokens of a lossless rule are independent, each with its target's law. Token-wise
acceptance has more: given that token j is reached, it is an accepted draft y with probability min(p, q)(y), or one that
takes its place with probability (p - q)_+(y), independently of all before (`laws.speculative`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats, Indices
from harness.exploration.counted import agreement_questions, cells_of, law_questions, scored, summed, worst
from harness.exploration.effects import Looked
from harness.exploration.nearly import rounded_questions
from harness.laws import Categorical

EQUAL = 1e-15
"""What rounding leaves of p - q where they are equal, as in `laws.speculative`."""


def step_questions(
    rows: NDArray[np.integer],
    drafts: Floats,
    targets: Floats,
    rng: np.random.Generator,
    *,
    token_wise: bool,
    looked: Looked | None = None,
) -> dict[str, float]:
    """Return p-values by question of (calls, size, 3 g + 2) drafts, tokens and what completes them, all of them possible.

    ``looked`` is told what they looked at.
    """
    looked = looked or Looked()
    g = len(drafts)
    tokens, spare = rows[..., g : 2 * g + 1], rows[..., 2 * g + 1 :]
    p = np.stack([Categorical(row).mass for row in targets])
    whole = np.where(tokens < 0, spare, tokens).astype(np.intp)
    looked.index, looked.laws, looked.of = whole, p, "committed tokens"
    asked = law_questions(whole, p, rng) if (p > 0).sum(axis=1).min() > 1 else {}
    asked |= agreement_questions(whole[:, :, :1], p[:1])
    if token_wise:
        asked |= _stages(tokens.reshape(-1, g + 1).astype(np.intp), p, drafts, rng, looked)
    return asked


def rounded_step_questions(
    rows: NDArray[np.integer], targets: Floats, grain: float, looked: Looked
) -> dict[str, float]:
    """Return p-values by question of what steps of a type that rounds commit: the tokens, within what the grain allows.

    Whether a draft was accepted or another token came in its place hangs on a difference that rounding may make or unmake.
    """
    g = len(targets) - 1
    tokens, spare = rows[..., g : 2 * g + 1], rows[..., 2 * g + 1 :]
    p = np.stack([Categorical(row).mass for row in targets])
    whole = np.where(tokens < 0, spare, tokens).astype(np.intp)
    looked.index, looked.laws, looked.of = whole, p, "committed tokens"
    return rounded_questions(whole, p, grain) if (p > 0).sum(axis=1).min() > 1 else {}


def _stages(tokens: Indices, p: Floats, drafts: Floats, rng: np.random.Generator, looked: Looked) -> dict[str, float]:
    """Return whether accepted and recovered tokens have their laws, of all places together and of the worst one.

    The cells of a place are made for as many draws as are expected to reach it, so that they do not depend on the draws.
    """
    q = np.stack([Categorical(row).mass for row in drafts])
    found, reach, outcomes = [], 1.0, list[tuple[Indices, Floats]]()
    for j in range(len(q)):
        law = np.concatenate([np.minimum(p[j], q[j]), np.where(p[j] - q[j] > EQUAL, p[j] - q[j], 0.0)])
        law /= law.sum()
        here = tokens[tokens[:, j] >= 0]
        outcome = here[:, j] + np.where(here[:, j + 1] >= 0, 0, p.shape[1])
        if (law[outcome] == 0).any():
            return {"a token recovered where none is due": 0.0}
        outcomes.append((outcome, law))
        found.append(scored(outcome, law, cells_of(law, max(1, round(len(tokens) * reach))), rng))
        reach *= float(np.minimum(p[j], q[j]).sum())
    looked.outcomes = outcomes
    return summed("accepted or recovered", found) | (worst("place", found) if len(q) > 1 else {})
