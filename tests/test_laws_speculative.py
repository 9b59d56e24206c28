"""The law of a speculative step sums to one, commits the target's stream, and equals enumeration of its rule."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from harness.errors import UsageError
from harness.laws import Speculative, speculative_log_probability


def tables(rng, g, k, zeros=False):
    weights = rng.integers(0 if zeros else 1, 7, (2 * g + 1, k))
    weights[weights.sum(axis=1) == 0, 0] = 1
    return weights[:g], weights[g:]


def log(weights):
    with np.errstate(divide="ignore"):
        return np.log(weights.astype(float))


def enumerated(drafts, targets):
    """Token-wise acceptance by hand, in fractions: every draft, every coin, every recovered token."""
    law = {}
    q = [[Fraction(int(w), int(row.sum())) for w in row] for row in drafts]
    p = [[Fraction(int(w), int(row.sum())) for w in row] for row in targets]
    k, g = len(p[0]), len(q)
    for x in product(range(k), repeat=g):
        chance = Fraction(1)
        for i in range(g):
            chance *= q[i][x[i]]
        if not chance:
            continue
        for n in range(g + 1):
            accept = chance
            for i in range(n):
                accept *= min(Fraction(1), p[i][x[i]] / q[i][x[i]])
            if n < g:
                accept *= 1 - min(Fraction(1), p[n][x[n]] / q[n][x[n]])
                rest = [max(a - b, Fraction(0)) for a, b in zip(p[n], q[n], strict=True)]
                rest = [one / sum(rest) for one in rest] if sum(rest) else rest
            else:
                rest = p[g]
            for y, share in enumerate(rest):
                row = (*x[:n], y, *([-1] * (g - n)))
                law[row] = law.get(row, Fraction(0)) + accept * share
    return law


@pytest.mark.parametrize("seed", range(12))
def test_the_token_wise_law_is_the_enumeration_of_its_rule(seed):
    rng = np.random.default_rng(seed)
    drafts, targets = tables(rng, int(rng.integers(1, 4)), int(rng.integers(2, 5)), zeros=seed % 2 == 1)
    law = Speculative(log(drafts), log(targets))
    exact = enumerated(drafts, targets)
    assert sum(exact.values()) == 1
    assert np.allclose(
        law.mass, [float(exact.get(tuple(row), 0)) for row in law.cells.tolist()], rtol=1e-10, atol=1e-14
    )
    assert np.isclose(law.mass.sum(), 1, atol=1e-12)


@pytest.mark.parametrize("seed", range(12))
def test_what_is_committed_is_the_targets_stream(seed):
    """Summed over everything else, token j + 1, given that it is committed and what came before, has the target's law."""
    rng = np.random.default_rng(100 + seed)
    drafts, targets = tables(rng, 2, 3, zeros=True)
    law = Speculative(log(drafts), log(targets))
    p = targets / targets.sum(axis=1, keepdims=True)
    for j in range(3):
        for prefix in product(range(3), repeat=j):
            match = (law.cells[:, :j] == prefix).all(axis=1) & (law.cells[:, j] >= 0)
            mass = np.bincount(law.cells[match, j], law.mass[match], minlength=3)
            assert np.allclose(mass, mass.sum() * p[j], atol=1e-12)


def test_completed_by_the_target_any_lossless_rule_is_a_row_of_independent_draws():
    rng = np.random.default_rng(3)
    drafts, targets = tables(rng, 1, 3)
    law = Speculative(log(drafts), log(targets))
    lossless = Speculative(log(drafts), log(targets), "lossless")
    p = targets / targets.sum(axis=1, keepdims=True)
    completed = np.zeros(len(lossless.cells))
    for row, mass in zip(law.cells, law.mass, strict=True):
        ends = [row] if row[1] >= 0 else [np.array([row[0], y]) for y in range(3)]
        for end in ends:
            completed[lossless.encode(end[None])[0]] += mass * (1.0 if row[1] >= 0 else p[1][end[1]])
    assert np.allclose(completed, lossless.mass, atol=1e-12)


def test_rows_are_coded_by_their_cell():
    law = Speculative(np.zeros((2, 3)), np.zeros((3, 3)))
    assert law.encode(law.cells).tolist() == list(range(3 + 9 + 27))
    wrong = np.array([[-1, -1, -1], [0, -1, 1], [0, 3, -1], [0, -2, -1]])
    assert law.encode(wrong).tolist() == [-1] * 4
    assert np.isneginf(speculative_log_probability(wrong, np.zeros((2, 3)), np.zeros((3, 3)))).all()


def test_equal_tables_reject_nothing():
    law = Speculative(np.log([[0.1, 0.2, 0.7]]), np.log([[0.1, 0.2, 0.7], [0.3, 0.3, 0.4]]))
    assert law.mass[law.cells[:, 1] < 0].sum() == 0


@pytest.mark.parametrize(
    ("drafts", "targets", "rule", "words"),
    [
        (np.zeros((2, 3)), np.zeros((2, 3)), "token-wise", "shapes"),
        (np.zeros((1, 3)), np.zeros((2, 3)), "tokenwise", "rule must be"),
        (np.zeros((4, 9)), np.zeros((5, 9)), "token-wise", "more than 4096"),
        (np.full((1, 3), np.nan), np.zeros((2, 3)), "token-wise", "nan"),
    ],
)
def test_what_has_no_law_is_refused(drafts, targets, rule, words):
    with pytest.raises(UsageError, match=words):
        Speculative(drafts, targets, rule)
