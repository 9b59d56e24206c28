"""Calibration tells an exact method from an asymptotic one, at everyday levels and where the budget sits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from scipy import special

from harness.methods import ChiSquare, DyadicTails, Homogeneity, KolmogorovSmirnov, PairTables, PooledCells, Tables
from harness.methods.null import Null, Table, dyadic_masses, null
from harness.methods.tilts import Proposal, spread
from harness.questions.check import Check, Evidence
from harness.selftest import calibration, computed, deep, sequential
from harness.selftest.configurations import Configuration
from harness.selftest.intervals import SIDE, clopper_pearson
from harness.statistics import Counts, Statistic

RARE = np.array([0.999, 0.0006, 0.0004])
DIE = np.array([0.05, 0.05, 0.1, 0.13, 0.27, 0.4])


@dataclass(frozen=True, eq=False)
class Pearson:
    """Pearson's statistic by its limit law, cells as they are."""

    probabilities: np.ndarray
    name: str = "pearson"
    unit: str = "total variation"

    def evidence(self, statistics: Sequence[Statistic], rng: np.random.Generator) -> Evidence:
        (counts,) = statistics
        assert isinstance(counts, Counts)
        expected = counts.units * self.probabilities
        statistic = float(np.sum((counts.counts - expected) ** 2 / expected))
        return Evidence(n=counts.n, p_value=float(special.chdtrc(expected.size - 1, statistic)))

    def detectable(self, n: int, alpha: float, beta: float) -> float:
        return 0.0

    def required(self, tolerance: float, alpha: float, beta: float) -> int:
        return 1

    def null(self, n: int) -> Null:
        return Null(n, (Table(n, self.probabilities),), lambda size, tables: (Counts(size, tables[0]),))

    def tail(self, law: Null, level: float, cells: int) -> Proposal | None:
        return spread(law, level, cells)


def configuration(method, n: int) -> Configuration:
    return Configuration(method, n, (Check("toy/check", "toy", "", method=method),), right=False)


def rows(method, n: int, monkeypatch) -> dict[float, dict]:
    one = configuration(method, n)
    found = calibration.rows([one], [calibration.measure(one, "quick", 3)])
    return {row["nominal"]: row for row in found}


def test_an_exact_chi_square_holds_its_level_with_rare_cells(monkeypatch):
    found = rows(ChiSquare(RARE), 3000, monkeypatch)
    assert all(row["ok"] for row in found.values())
    assert 650 <= found[0.05]["replicates"] <= 2000
    assert 0.03 < found[0.05]["observed"] < 0.07


def test_asymptotic_pearson_with_rare_cells_is_found_out(monkeypatch):
    found = rows(Pearson(RARE), 640, monkeypatch)
    assert not found[0.001]["ok"]
    assert found[0.001]["low"] > 0.001


def test_rows_have_the_columns_of_the_contract(monkeypatch):
    row = rows(ChiSquare(DIE), 640, monkeypatch)[0.01]
    assert list(row) == ["check", "method", "nominal", "observed", "low", "high", "replicates", "ok"]


def test_what_could_not_be_measured_has_no_row_and_no_curve():
    known = configuration(ChiSquare(DIE), 640)
    unknown = Configuration(known.method, 640, (Check("toy/unknown", "toy", "", method=known.method),), right=False)
    found = [calibration.measure(known, "quick", 3), calibration.rates(np.empty((0, 2)))]
    for made in (calibration.rows, calibration.curves):
        assert {row["check"] for row in made([known, unknown], found)} == {known.name}


def test_both_looks_spend_the_level():
    p_values = np.array([[0.004, 1.0], [1.0, 0.044], [0.006, 0.046], [1.0, 1.0]])
    assert calibration.rates(p_values).alarms == (2, 0, 0)


def test_the_last_look_contains_the_first():
    law, seen = null(ChiSquare(DIE), 640), []

    class Spy(ChiSquare):
        def evidence(self, statistics, rng):
            seen.append(statistics[0])
            return Evidence(p_value=1.0, n=1)

    calibration.simulated(Spy(DIE), null(ChiSquare(DIE), 10), law, np.random.default_rng(0))
    assert [one.units for one in seen] == [10, 640]
    assert (seen[1].counts >= seen[0].counts).all()


@pytest.mark.parametrize("count", [0, 1, 7, 20])
def test_clopper_pearson_inverts_the_binomial(count):
    low, high = clopper_pearson(count, 20, 0.01)
    if count:
        assert special.bdtrc(count - 1, 20, low) == pytest.approx(0.01)
    if count < 20:
        assert special.bdtr(count, 20, high) == pytest.approx(0.01)
    assert low <= count / 20 <= high


def test_the_rate_of_a_right_harness_to_fail_is_small():
    assert 5000 * SIDE <= 1e-6


def test_dyadic_masses_sum_to_one():
    masses = dyadic_masses(12)
    assert math.fsum(masses) == pytest.approx(1.0, abs=1e-15)
    assert masses[:52].sum() == pytest.approx(2.0**-12, rel=1e-12)


@pytest.mark.parametrize(
    "method",
    [
        ChiSquare(DIE),
        Homogeneity(DIE),
        PairTables(4, (2, 1)),
        KolmogorovSmirnov(64, (1, 2)),
        DyadicTails(64, (1, 1)),
        Tables(np.full((4, 4), 1 / 16), ("a", "b")),
    ],
    ids=lambda method: method.name,
)
def test_every_method_reads_its_null(method):
    law = null(method, 1000)
    rng = np.random.default_rng(5)
    evidence = method.evidence(law.statistics(law.draw(rng)), rng)
    assert 1e-6 < evidence.p_value <= 1


def tail(method, n: int, nominal: float) -> tuple[float, float, float, int]:
    return deep.measure(configuration(method, n), nominal, "quick", 11)


@pytest.mark.parametrize("method", [ChiSquare(RARE), ChiSquare(DIE)], ids=["rare", "die"])
def test_scores_are_exact_in_the_far_tail(method):
    rate, low, high, _ = tail(method, 20_000, 1e-9)
    assert low <= 1e-9 <= high
    assert rate == pytest.approx(1e-9, rel=0.5)


def test_two_samples_are_exact_in_the_far_tail(monkeypatch):
    monkeypatch.setattr(deep, "SAMPLES", {"quick": 5000})
    rate, low, high, _ = tail(Homogeneity(np.array([0.25, 0.75])), 60_000, 1e-9)
    assert low <= 1e-9 <= high
    assert rate == pytest.approx(1e-9, rel=0.7)


def test_of_two_tables_the_rate_is_the_level_or_next_to_it():
    rate, low, _, _ = tail(Tables(np.full((2, 2), 0.25), ("one", "two")), 20_000, 1e-9)
    assert low <= 1e-9 and rate == pytest.approx(1e-9, rel=0.5)


def test_a_battery_is_exact_in_the_far_tail_and_never_above_its_level():
    for method in (PooledCells(DIE), DyadicTails(4096, (1, 1))):
        rate, low, _, _ = tail(method, 250_000, 1e-9)
        assert low <= 1e-9
        assert 1e-11 < rate < 1e-9


def test_a_single_binomial_battery_has_the_exact_rate():
    p = np.array([0.3, 0.7])
    method, n, level = PooledCells(p, groups={"first": np.array([True, False])}), 2000, 1e-6
    law = null(method, n)
    rng = np.random.default_rng(2)
    weights = deep.weights(method, law, method.tail(law, level, 40), level, 400, rng)
    k = np.arange(n + 1)
    mass = np.exp(
        special.gammaln(n + 1)
        - special.gammaln(k + 1)
        - special.gammaln(n - k + 1)
        + k * math.log(0.3)
        + (n - k) * math.log(0.7)
    )
    rejected = [method.evidence((Counts(n, np.array([i, n - i])),), rng).p_value <= level for i in k]
    assert weights.mean() == pytest.approx(mass[rejected].sum(), rel=0.12)


def test_asymptotic_pearson_is_found_out_in_the_far_tail(monkeypatch):
    monkeypatch.setattr(deep, "SAMPLES", {"quick": 8000})
    _, low, _, _ = tail(Pearson(RARE), 2000, 1e-9)
    assert low > 1e-9


def test_what_is_too_high_is_what_the_row_says():
    for nominal in calibration.NOMINAL:
        most = sequential.too_many(nominal, 2000)
        assert not calibration.row("a", "b", nominal, most, 2000)["ok"]
        assert calibration.row("a", "b", nominal, most - 1, 2000)["ok"]
    assert sequential.too_many(0.05, 5) == 6


@pytest.mark.parametrize("planned", [400, 2000])
@pytest.mark.parametrize("nominal", calibration.NOMINAL)
def test_a_rate_that_is_just_too_high_is_followed_to_the_end(nominal, planned):
    """Asked after every replicate, one series in a hundred at most is given up at such a rate; most at the nominal one."""
    rng, moments = np.random.default_rng(0), np.arange(1, planned)
    most = sequential.too_many(nominal, planned)
    given_up = [[sequential.settled(alarms, n, nominal, planned) for alarms in range(most)] for n in moments.tolist()]
    for rate, low, high in ((most / planned, 0.0, 0.01), (nominal, 0.6, 1.0)):
        alarms = np.cumsum(rng.random((4000, planned - 1)) < rate, axis=1)
        known = np.array(given_up)[moments - 1, np.minimum(alarms, most - 1)] & (alarms < most)
        assert low <= known.any(axis=1).mean() <= high


def test_a_series_of_few_alarms_is_settled_and_one_of_many_is_not():
    assert not calibration.settled([(1.0, 1.0)] * 600, 2000)
    assert calibration.settled([(1.0, 1.0)] * 700, 2000)
    assert not calibration.settled([(1.0, 1.0)] * 900 + [(1.0, 1e-9)] * 100, 2000)


@pytest.mark.parametrize(("power", "fewest", "most", "ok"), [(1, 650, 1950, True), (2, 2000, 2000, False)])
def test_a_check_that_draws_for_itself_is_done_again_until_its_rates_are_settled(power, fewest, most, ok):
    check = Check("toy/drawn", "toy", "", compute=lambda rng: Evidence(n=1, p_value=float(rng.random() ** power)))
    p_values = computed.measure(check, "full", 0)
    assert fewest <= len(p_values) <= most
    assert all(row["ok"] for row in computed.rows([(check,)], [p_values])) is ok
