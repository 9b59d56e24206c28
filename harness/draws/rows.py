"""Rows of integers: what the harness adds to them as it draws, which of them are invalid, and the cell that each one is.

A ranking is a row of k items, beside k whole numbers below 2^53 that spread its uniforms. A speculative step is a row of g
drafts, of g + 1 tokens (-1 after the last), and of g + 1 tokens of the target that complete it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Bools, Indices, Ints
from harness.laws import Categorical, Ranking, RankingUniforms, Speculative
from harness.laws.speculative import padded
from harness.questions.check import Scenario
from harness.questions.law import Coded

SPREAD = 2**53


def with_spread(items: NDArray[Any], rng: np.random.Generator) -> Ints:
    """Return (m, 2 k): rankings and what spreads their uniforms."""
    return np.concatenate([items.astype(np.int64), rng.integers(0, SPREAD, items.shape)], axis=1)


def drafted(scenario: Scenario, m: int, rng: np.random.Generator) -> Ints:
    """Return (m, g) drafts."""
    return _tokens(_tables(scenario)[0], m, rng)


def with_drafts(drafts: Ints, tokens: NDArray[Any], scenario: Scenario, rng: np.random.Generator) -> Ints:
    """Return (m, 3 g + 2): drafts, tokens, and what completes these."""
    target = _tokens(_tables(scenario)[1], len(tokens), rng)
    return np.concatenate([drafts, tokens.astype(np.int64), target], axis=1)


def _tables(scenario: Scenario) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    assert scenario.case.drafts is not None
    return scenario.case.drafts()


def _tokens(table: NDArray[np.float64], m: int, rng: np.random.Generator) -> Ints:
    masses = [Categorical(row).mass for row in table]
    return np.stack([rng.choice(p.size, m, p=p / p.sum()) for p in masses], axis=1).astype(np.int64)


def shown(row: NDArray[Any], scenario: Scenario) -> str:
    """Return a row as the sampler returned it."""
    if scenario.emits == "ranking":
        return str(row[: scenario.case.k])
    g = row.size // 3
    return f"{row[g : 2 * g + 1]} for the drafts {row[:g]}" if scenario.emits == "speculative" else str(row)


def problems(rows: NDArray[Any], scenario: Scenario) -> dict[str, Bools | None]:
    """Return which rows (m,) are invalid, by kind."""
    if scenario.emits == "ranking":
        return _ranking_problems(rows[:, : scenario.case.k], scenario.case.logits)
    return _speculative_problems(rows, scenario)


def _ranking_problems(items: NDArray[Any], logits: NDArray[np.float64]) -> dict[str, Bools | None]:
    inside = (items >= 0) & (items < logits.size)
    ordered = np.sort(items, axis=1)
    repeated = np.any(ordered[:, 1:] == ordered[:, :-1], axis=1)
    masked = np.isneginf(logits)[np.where(inside, items, int(np.argmax(logits)))]
    return {
        f"an item outside 0..{logits.size - 1}": ~np.all(inside, axis=1),
        "a repeated item": repeated,
        "an item of probability zero": np.any(masked, axis=1),
    }


def _speculative_problems(rows: NDArray[Any], scenario: Scenario) -> dict[str, Bools | None]:
    drafts, tokens, _ = _split(rows)
    proper = padded(tokens, scenario.case.logits.size)
    found: dict[str, Bools | None] = {"tokens out of range, or tokens after a -1": ~proper}
    possible = np.isfinite(_tables(scenario)[1])[np.arange(tokens.shape[1]), np.where(proper[:, None], tokens, 0)]
    found["a token of target probability zero"] = proper & np.any((tokens >= 0) & ~possible, axis=1)
    if scenario.case.terms.rule == "token-wise":
        accepted = np.cumprod(tokens[:, 1:] >= 0, axis=1).astype(bool)  # a token with another one after it
        found["an accepted token that was not drafted"] = proper & np.any(accepted & (tokens[:, :-1] != drafts), axis=1)
    return found


def _split(rows: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    g = rows.shape[1] // 3
    return rows[:, :g], rows[:, g : 2 * g + 1], rows[:, 2 * g + 1 :]


def encode(rows: NDArray[Any], law: Coded) -> Indices:
    """Return the cell of each valid row under a law: (m,)."""
    if isinstance(law, Speculative):
        _, tokens, target = _split(rows)
        return law.encode(tokens if law.rule == "token-wise" else np.where(tokens < 0, target, tokens))
    items, spread = rows[:, : law.k], rows[:, law.k :]
    if isinstance(law, RankingUniforms):
        return law.encode(items, (spread + 0.5) / SPREAD)
    assert isinstance(law, Ranking)
    return law.encode(items)
