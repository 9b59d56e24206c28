"""What a resolution allows does not refute, and what it promises to see does."""

import pytest

from suites.evidence.chance import Rates, Sample, equal

RATES = Rates(1e-6 / 4096, 1e-3)


@pytest.mark.parametrize("n", [10**4, 10**6, 10**10])
def test_a_bias_within_the_slack_is_no_contradiction_at_any_n(n):
    one, other = Sample(n, 0.10, 0.0025, 2.0), Sample(n, 0.10 + 0.00133, 0.0025, 2.0)
    assert equal([one], [other], RATES, slack=0.00134).p_value == 1.0


@pytest.mark.parametrize("n", [10**4, 10**6, 10**10])
def test_a_bias_of_the_resolution_is_one(n):
    one = Sample(n, 0.10, 0.0025, 2.0)
    due = equal([one], [one], RATES, slack=0.00134).resolution
    found = equal([one], [Sample(n, 0.10 + 1.001 * due, 0.0025, 2.0)], RATES, slack=0.00134)
    assert found.p_value <= RATES.level
