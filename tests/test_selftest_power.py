"""Power is measured at the tolerance; a method that never refutes is shown to be blind, and the oracle is the least n."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from scipy import special

from harness.methods import ChiSquare, KolmogorovSmirnov, PooledCells, SupportMethod
from harness.methods.null import null
from harness.questions.check import Check, Evidence
from harness.selftest import oracle, power
from harness.selftest.configurations import Configuration
from harness.statistics import Statistic

DIE = np.array([0.05, 0.05, 0.1, 0.13, 0.27, 0.4])
LEVEL = 2e-10


@dataclass(frozen=True, eq=False)
class Blind(ChiSquare):
    """Never refutes."""

    def evidence(self, statistics: Sequence[Statistic], rng: np.random.Generator) -> Evidence:
        return Evidence(n=1, p_value=1.0)


def measured(method, tolerance: float) -> list[dict]:
    n = method.required(tolerance, LEVEL, 1e-3)
    one = Configuration(method, n, (Check("toy/check", "toy", "", method=method),))
    return power.measure(one, tolerance, LEVEL, 1e-3, 0, "quick")


@pytest.mark.parametrize(
    "method",
    [ChiSquare(DIE), PooledCells(DIE), KolmogorovSmirnov(4096, (1,)), SupportMethod()],
    ids=lambda method: method.name,
)
def test_power_is_as_designed(method):
    rows = measured(method, 0.02)
    assert rows
    for row in rows:
        assert row["ok"], row
        assert row["observed"] > 0.98


def test_a_blind_method_is_seen():
    rows = measured(Blind(DIE), 0.02)
    assert [row["observed"] for row in rows] == [0.0] * 3
    assert not any(row["ok"] for row in rows)
    assert "designed" in power.failures(rows)[0]


def test_alternatives_are_off_by_the_tolerance():
    p, t = DIE, 0.03
    for name, other in power.alternatives(ChiSquare(p), null(ChiSquare(p), 1000), t):
        assert np.abs(other.tables[0].probabilities - p).sum() / 2 == pytest.approx(t), name


def test_in_proportion_is_the_worst_alternative():
    excess = {
        name: float(((other.tables[0].probabilities - DIE) ** 2 / DIE).sum())
        for name, other in power.alternatives(ChiSquare(DIE), null(ChiSquare(DIE), 1000), 0.03)
    }
    assert min(excess, key=excess.get) == "in proportion"
    assert excess["in proportion"] == pytest.approx(4 * 0.03**2, rel=0.02)


def test_the_oracle_of_a_small_shift_needs_what_the_normal_law_says():
    p, q = np.array([0.5, 0.5]), np.array([0.52, 0.48])
    rng = np.random.default_rng(1)
    n = oracle.needed(lambda n: oracle.oracle_power(n, p, q, 1e-9, rng) >= 1 - oracle.BETA)
    reach = -special.ndtri(1e-9) - special.ndtri(oracle.BETA)
    assert n == pytest.approx((reach / 0.04) ** 2, rel=0.06)


def test_the_oracle_has_its_level():
    p, q = np.array([0.5, 0.5]), np.array([0.6, 0.4])
    rng = np.random.default_rng(1)
    n, level = 100, 0.01
    k = np.arange(n + 1)
    critical = k[special.bdtrc(k - 1.0, n, 0.5) <= level].min()
    share = (level - special.bdtrc(critical - 1.0, n, 0.5)) / float(special.comb(n, critical - 1) * 0.5**n)
    atom = float(special.comb(n, critical - 1) * 0.6 ** (critical - 1) * 0.4 ** (n - critical + 1))
    exact = special.bdtrc(critical - 1.0, n, 0.6) + share * atom
    assert oracle.oracle_power(n, p, q, level, rng) == pytest.approx(exact, abs=0.03)


def test_our_price_is_within_one_and_a_half_of_the_oracle():
    q = np.array([0.1, 0.0, 0.1, 0.13, 0.27, 0.4])
    row = oracle.row("toy", DIE, np.abs(q - 1e-3) / np.abs(q - 1e-3).sum(), LEVEL, "quick", 0)
    assert tuple(row) == power.COLUMNS
    assert 1 <= row["oracle_ratio"] <= 1.5
    assert row["ok"]


@pytest.mark.parametrize("p", [DIE, np.full(6, 1 / 6), np.array([0.5, 0.5])], ids=["die", "flat", "pair"])
def test_every_alternative_is_an_alternative(p):
    made = list(power.alternatives(ChiSquare(p), null(ChiSquare(p), 1000), 0.02))
    assert len(made) == 3
    assert all(np.abs(other.tables[0].probabilities - p).sum() / 2 == pytest.approx(0.02) for _, other in made)


class Options:
    beta, seed = 1e-3, 0


class Plan:
    alpha, options = LEVEL, Options()


@pytest.mark.parametrize("one", power.worst(Plan()), ids=lambda one: one.name)
def test_the_worst_alternatives_of_a_design_are_exposed(one, monkeypatch):
    monkeypatch.setattr(power, "REPLICATES", {"quick": 60})
    rows = power.measure(one, one.checks[0].tolerance, LEVEL * 0.9, 1e-3, 0, "quick")
    assert rows and all(row["ok"] and row["observed"] > 0.9 for row in rows)
    if "expected" in one.name:
        assert "in proportion, a random half" in {row["alternative"] for row in rows}


def test_of_many_tables_one_alone_deviates():
    (pairs,) = (one for one in power.worst(Plan()) if "pairs" in one.name)
    law = null(pairs.method, 1000)
    ((_, other),) = power.alternatives(pairs.method, law, 0.05)
    changed = [i for i, (a, b) in enumerate(zip(law.tables, other.tables, strict=True)) if a is not b]
    marginal = pairs.method.blocks.tables(
        np.stack([np.rint(table.probabilities * 2**20 * 100) for table in other.tables]).astype(np.int64)
    )
    off = np.abs(marginal / marginal.sum(axis=1, keepdims=True) - 1 / 16).sum(axis=1) / 2
    assert len(changed) == 1 and off[-1] == pytest.approx(0.05, abs=1e-4) and (off > 1e-3).sum() == 1
