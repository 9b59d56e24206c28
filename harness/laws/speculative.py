"""A speculative step commits accepted drafts and one more token; token-wise acceptance has an exact joint law.

With drafts x_i ~ q_i and targets p_1..p_{g+1}, token-wise acceptance [1, 2] commits N accepted tokens and one more, with

    P(N = n, y) = prod_{i<=n} min(p_i, q_i)(y_i) (p_{n+1} - q_{n+1})_+(y_{n+1})        for n < g,
    P(N = g, y) = prod_{i<=g} min(p_i, q_i)(y_i) p_{g+1}(y_{g+1}).

Any other lossless rule satisfies y_{j+1} | N >= j, y_1..y_j ~ p_{j+1}: what is committed, completed by draws from the
target, is a row of independent draws from p_1..p_{g+1}; and only then, as by induction over j the completion adds the
right law to each conditional law that is not determined by what was committed.

[1] Y. Leviathan, M. Kalman, Y. Matias, Fast inference from transformers via speculative decoding, arXiv 2211.17192.
[2] C. Chen et al., Accelerating large language model decoding with speculative sampling, arXiv 2302.01318.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.arrays import Bools, Floats, Indices
from harness.errors import UsageError
from harness.laws.log_space import log_softmax
from harness.logits import check_logits

RULES = ("token-wise", "lossless")
CELLS = 4096
"""Committed rows up to which every one is a cell of its own."""


def speculative_log_probability(tokens: ArrayLike, draft_logits: ArrayLike, target_logits: ArrayLike) -> Floats:
    """Return the log probability of what a token-wise verifier commits: (..., g + 1), (g, K), (g + 1, K) -> (...).

    Rows of ``tokens`` end with -1 after the last token. -inf for what cannot be committed. Raises UsageError for tables
    whose shapes do not fit.
    """
    drafts, targets = _tables(draft_logits, target_logits)
    rows = np.asarray(tokens)
    if rows.dtype.kind not in "iu" or rows.ndim == 0 or rows.shape[-1] != len(targets):
        raise UsageError(f"tokens are integers of shape (..., {len(targets)}), got {rows.dtype} {rows.shape}")
    accepted, rest = _parts(drafts, targets)
    flat = rows.reshape(-1, len(targets))
    proper = padded(flat, targets.shape[1])
    last, at = (flat >= 0).sum(axis=1) - 1, np.arange(len(targets))
    safe = np.where(proper[:, None] & (flat >= 0), flat, 0)
    terms = np.where(at < last[:, None], accepted[at, safe], np.where(at == last[:, None], rest[at, safe], 0.0))
    total: Floats = np.where(proper, terms.sum(axis=1), -np.inf)
    return total.reshape(rows.shape[:-1])


def padded(rows: NDArray[np.integer], categories: int) -> Bools:
    """Tell which rows are one or more tokens in 0..K-1, followed by nothing but -1."""
    token = rows >= 0
    begun: Bools = token[:, 0] & (token[:, :-1] | ~token[:, 1:]).all(axis=1)
    return begun & (rows >= -1).all(axis=1) & (rows < categories).all(axis=1)


def _tables(draft_logits: ArrayLike, target_logits: ArrayLike) -> tuple[Floats, Floats]:
    """Return log probabilities (g, K) and (g + 1, K)."""
    drafts, targets = np.asarray(draft_logits, np.float64), np.asarray(target_logits, np.float64)
    if drafts.ndim != 2 or targets.shape != (len(drafts) + 1, drafts.shape[1]) or not len(drafts):
        raise UsageError(f"tables have shapes (g, K) and (g + 1, K), got {drafts.shape} and {targets.shape}")
    return _log_rows(drafts), _log_rows(targets)


def _log_rows(table: Floats) -> Floats:
    return np.stack([log_softmax(check_logits(row)) for row in table])


def _parts(drafts: Floats, targets: Floats) -> tuple[Floats, Floats]:
    """Return log min(p, q), -inf in the last row, and log (p - q)_+, log p in the last row; both (g + 1, K)."""
    p, q = np.exp(targets[:-1]), np.exp(drafts)
    with np.errstate(divide="ignore"):
        rest = np.log(np.where(p - q > 1e-15, p - q, 0.0))  # what rounding leaves of equal tables is nothing
    nothing = np.full((1, targets.shape[1]), -np.inf)
    return np.concatenate([np.minimum(targets[:-1], drafts), nothing]), np.concatenate([rest, targets[-1:]])


@dataclass(frozen=True, eq=False)
class Speculative:
    """What a speculative step commits, as an index of all rows that it may commit.

    ``draft_logits`` (g, K) and ``target_logits`` (g + 1, K). Under ``rule`` "token-wise" the rows are those committed,
    ending in -1; under "lossless" they are completed by draws from the target, and independent. Raises UsageError for
    tables that do not fit, or for more than ``CELLS`` rows.
    """

    draft_logits: Floats
    target_logits: Floats
    rule: str = "token-wise"

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise UsageError(f"rule must be one of {', '.join(RULES)}, got {self.rule!r}")
        _tables(self.draft_logits, self.target_logits)
        if self.steps * np.log(self.categories + 1) > np.log(CELLS):
            raise UsageError(f"{self.steps} tokens of {self.categories} make more than {CELLS} rows")

    @property
    def steps(self) -> int:
        """g + 1, the tokens of a row."""
        return len(self.target_logits)

    @property
    def categories(self) -> int:
        """K."""
        return int(np.shape(self.target_logits)[1])

    @cached_property
    def cells(self) -> Indices:
        """(C, g + 1) the rows: shorter ones first, then in lexicographic order."""
        shortest = 1 if self.rule == "token-wise" else self.steps
        rows = [
            (*row, *([-1] * (self.steps - n)))
            for n in range(shortest, self.steps + 1)
            for row in product(range(self.categories), repeat=n)
        ]
        return np.array(rows, np.intp)

    @cached_property
    def mass(self) -> Floats:
        """(C,) the probabilities of the rows."""
        if self.rule == "token-wise":
            return np.exp(speculative_log_probability(self.cells, self.draft_logits, self.target_logits))
        targets = _tables(self.draft_logits, self.target_logits)[1]
        mass: Floats = np.exp(targets[np.arange(self.steps), self.cells].sum(axis=1))
        return mass

    def encode(self, rows: NDArray[np.integer]) -> Indices:
        """Return the cell of each row, (m, g + 1) -> (m,); -1 for what is none."""
        proper = padded(rows, self.categories) & ((self.rule == "token-wise") | (rows >= 0).all(axis=1))
        return np.where(proper, self._table[_digits(np.where(proper[:, None], rows, -1), self.categories)], -1)

    @cached_property
    def _table(self) -> Indices:
        table = np.full((self.categories + 1) ** self.steps, -1, np.intp)
        table[_digits(self.cells, self.categories)] = np.arange(len(self.cells))
        return table


def _digits(rows: NDArray[np.integer], categories: int) -> Indices:
    powers = (categories + 1) ** np.arange(rows.shape[1])[::-1]
    number: Indices = (rows.astype(np.intp) + 1) @ powers.astype(np.intp)
    return number
