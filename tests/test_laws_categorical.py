"""The categorical law keeps masses next to 0 and next to 1, and both ends of its CDF, to relative precision."""

from __future__ import annotations

import pickle

import mpmath
import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf

from harness.arrays import Floats
from harness.errors import UsageError
from harness.laws import Categorical

LOGITS = st.lists(st.floats(-300, 300) | st.just(-np.inf), min_size=1, max_size=12).filter(lambda x: max(x) > -np.inf)


def exact_masses(logits: Floats) -> list[mpf]:
    weights = [mpmath.exp(mpf(float(x))) if x > -np.inf else mpf(0) for x in logits]
    return [weight / mpmath.fsum(weights) for weight in weights]


@given(LOGITS)
def test_masses_against_mpmath(logits: list[float]) -> None:
    law = Categorical(np.array(logits))
    rounding = 1e-15 + 2.0**-53 * np.ptp(law.logits[law.support])  # of the differences of logits
    with mpmath.workdps(600):
        for log_mass, mass, exact in zip(law.log_mass, law.mass, exact_masses(law.logits), strict=True):
            if exact == 0:
                assert log_mass == -np.inf and mass == 0
            else:
                assert abs(mpf(float(log_mass)) - mpmath.log(exact)) <= rounding * abs(mpmath.log(exact))
                assert abs(mpf(float(mass)) / exact - 1) < 2e-15 + 2 * rounding * abs(log_mass)


@given(LOGITS, st.floats(-1e3, 1e3))
def test_shift_changes_nothing(logits: list[float], shift: float) -> None:
    moved = Categorical(np.array(logits) + shift)
    np.testing.assert_allclose(moved.mass, Categorical(np.array(logits)).mass, rtol=2e-12)


@given(LOGITS, st.data())
def test_uniform_and_complement(logits: list[float], data: st.DataObject) -> None:
    law = Categorical(np.array(logits))
    index = data.draw(st.sampled_from(np.flatnonzero(law.support).tolist()))
    v = data.draw(st.floats(0, 1))
    uniform, complement = law.rosenblatt([index], [v])[0, 0], law.rosenblatt([index], [v], complement=True)[0, 0]
    assert uniform + complement == pytest.approx(1, abs=1e-14)
    with mpmath.workdps(600):
        masses = exact_masses(law.logits)
        below = mpmath.fsum(masses[:index]) + mpf(v) * masses[index]
        above = mpmath.fsum(masses[index + 1 :]) + (1 - mpf(v)) * masses[index]
        assert abs(mpf(float(uniform)) - below) <= 1e-12 * below + mpf(1e-300)
        assert abs(mpf(float(complement)) - above) <= 1e-12 * above + 2.0**-53 * masses[index] + mpf(
            1e-300
        )  # 1 - v is rounded


def test_masked_and_foreign_indices_are_impossible() -> None:
    law = Categorical(np.array([0.0, -np.inf, 1.0]))
    np.testing.assert_array_equal(law.support, [True, False, True])
    index, v = [-1, 0, 1, 2, 3], np.full(5, 0.5)
    assert (law.rosenblatt(index, v)[[0, 2, 4]] == np.inf).all()
    assert (law.rosenblatt(index, v, complement=True)[[0, 2, 4]] == -np.inf).all()
    removed = Categorical(np.array([0.0, 1.0]))
    np.testing.assert_array_equal(law.rosenblatt([0, 2], [0.2, 0.7]), removed.rosenblatt([0, 1], [0.2, 0.7]))


def test_moments_are_those_of_one_draw() -> None:
    law = Categorical(np.log([0.1, 0.2, 0.7]))
    np.testing.assert_allclose(law.mean, [0.1, 0.2, 0.7], rtol=1e-15)
    np.testing.assert_allclose(law.variance, [0.09, 0.16, 0.21], rtol=1e-15)
    nearly_sure = Categorical(np.array([40.0, 0.0]))
    assert nearly_sure.variance[0] == pytest.approx(float(np.exp(-40)), rel=1e-13, abs=0)  # 1 - p would round to 0


def test_cdf_ends_at_one_for_many_categories() -> None:
    law = Categorical(-np.log(np.arange(1.0, 128_257.0)))
    assert law.cdf[-1] == pytest.approx(1, abs=1e-15) and (np.diff(law.cdf) > 0).all() and law.cdf.max() <= 1


def test_draws_of_numpy_become_uniform() -> None:
    rng = np.random.default_rng(2)
    law = Categorical(np.array([0.3, -2.0, -np.inf, 1.0, 0.3]))
    uniform = law.rosenblatt(rng.choice(5, size=20_000, p=law.mass), rng.random(20_000))
    assert uniform.shape == (20_000, 1) and scipy.stats.kstest(uniform[:, 0], "uniform").pvalue > 1e-9


def test_logits_are_checked_copied_and_pickled() -> None:
    with pytest.raises(UsageError):
        Categorical(np.array([np.nan, 0.0]))
    logits = np.zeros(2)
    law = Categorical(logits)
    logits[0] = 9.0
    assert law.logits[0] == 0 and not law.logits.flags.writeable
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(law)).mass, [0.5, 0.5])
