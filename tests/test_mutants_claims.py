"""Lines of suites that could once be changed unseen: each test here tells the right line from a wrong one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate

from harness.options import Options
from harness.questions.check import Evidence
from suites.cases import DIE
from suites.claims import claims
from suites.claims.density import jacobian, limits
from suites.claims.posterior import sampler as posterior_sampler
from suites.claims.posterior import sets
from suites.claims.proof import largest
from suites.claims.trick import (
    die,
    estimators,
    extremes,
    gumbel,
    jumps,
    limit,
    logits,
    noise,
    numbers,
    sampler_code,
    skew,
    spread,
    temperature,
    toy,
)
from suites.evidence import chance, identities, largest_entry
from suites.evidence.chance import Rates

RATES = Rates(1e-3, 1e-2)
RNG = np.random.default_rng


def test_hoeffdings_size_makes_both_errors_as_rare_as_they_are_declared():
    """P(|mean - expectation| > w) is at most 2 exp(-2 n w^2 / span^2) [3]; two such widths add up to the one asked for."""
    n, span = chance.hoeffding_size(2.0, 0.05, RATES, 4), 2.0
    level, beta = (span * math.sqrt(math.log(2 * 4 / rate) / (2 * n)) for rate in (RATES.level, RATES.beta))
    assert level + beta == pytest.approx(0.05, rel=1e-3) and level + beta <= 0.05


def test_a_quadrature_resolves_no_more_than_its_rounding_and_its_errors_together():
    made = identities.quadrature([(2.0, 2e-9), (1.0, 3e-9)], [2.0, 1.0], bound=1e-6, what="", rounding=5e-9)
    assert made.resolution == pytest.approx(8e-9)


def test_a_positive_mean_resolves_a_share_of_itself_and_one_that_is_not_nothing():
    values = RNG(0).uniform(0, 1, 1000)
    seen = chance.positive(chance.Sample.of(values, 1.0), RATES)
    assert 0 < seen.resolution < 1 and seen.p_value == 1.0
    assert chance.positive(chance.Sample.of(-values, 1.0), RATES).resolution == math.inf


@pytest.mark.parametrize(("behind", "open_"), [(5, False), (499, True)])
def test_that_half_of_the_runs_lose_nine_tenths_is_open_where_as_many_do_not(behind, open_):
    final = np.where(np.arange(1000) < behind, 1.0, 0.0)
    made = die._with_median(Evidence(p_value=1.0, resolution=0.01), final, RATES)
    assert made.resolution == (math.inf if open_ else 0.01)


def test_as_many_maxima_as_no_test_tells_apart_are_fewer_than_ks_needs():
    """The affinity is that of the two densities of the maximum less log n, as functions of it."""

    def root(x):
        t, n = math.exp(-x), skew.SIZE
        return math.sqrt((1 - t / n) ** (n - 1) * t * math.exp(-t) * t) if t < n else 0.0

    affinity = integrate.quad(root, -math.log(skew.SIZE), 60, epsabs=0, epsrel=1e-12, limit=400)[0]
    found = extremes._sizes(RATES)["maxima below which no test exposes it, errors 5 %"]
    assert found == pytest.approx(math.log(1 - 0.9**2) / (2 * math.log(affinity)), rel=1e-3)


def test_the_nearest_gumbel_law_lies_where_it_is_said_to():
    found = limit.nearest(100)
    assert 0.0004 < found < 0.0006 < limit.distance(100)
    assert limit.admits(100, 1.01 * limit.distance(100)) and not limit.admits(100, 0.9 * found)


@pytest.mark.parametrize(("moved", "refuted"), [(0.0, False), (0.3, True)])
def test_noise_at_another_location_than_scipys_is_refuted(monkeypatch, moved, refuted):
    drawn = gumbel.draw
    monkeypatch.setattr(gumbel, "draw", lambda *given, **more: drawn(*given, **more) + moved)
    assert (gumbel.against_scipy(2.5, 0.1, RATES, RNG(0)).p_value <= RATES.level) is refuted


def test_an_argmax_that_changes_at_the_last_temperature_alone_is_seen(monkeypatch):
    def relaxed(tau, n, seed):
        return np.array([[0.45, 0.55] if tau == temperature.TEMPERATURES[-1] else [0.9, 0.1]])

    assert not temperature.nearer_draw_by_draw(RNG(0)).impossible
    monkeypatch.setattr(temperature, "relaxed", relaxed)
    assert temperature.nearer_draw_by_draw(RNG(0)).impossible


def test_maxima_without_right_skew_are_named(monkeypatch):
    exactly = skew.exact_skewness
    monkeypatch.setattr(skew, "exact_skewness", lambda law, n: exactly(law, n) if law == "exponential" else -0.1)
    assert "skewness of maxima of 100, normal is -0.1" in skew.exact(RNG(0)).impossible


def test_what_the_mean_gradient_is_beside_its_variance_is_told(monkeypatch):
    monkeypatch.setattr(spread, "GRADIENT", {1.0: (0.04, 0.02), 2.0: (0.006, 0.004)})
    found = spread.steadies(RATES, RNG(0)).notes["squared mean over variance at tau = 2"]
    g = spread.pathwise_gradients(2.0, 100_000, RNG(1))
    assert found == pytest.approx(np.sum(g.mean(axis=0) ** 2) / np.sum(g.var(axis=0)), rel=0.1)


def test_the_largest_values_that_are_told_are_those():
    notes = largest.at_no_point(RNG(0)).notes
    assert notes["largest value at scale 0.1, logits (0, 0)"] == pytest.approx(5 / math.e, rel=1e-4)
    assert notes["largest value over P(k is largest)"] == pytest.approx(1 / math.e, rel=1e-3)


def test_lines_are_compared_by_their_difference():
    point = limits.Exponents(1.0, 1.0)
    assert limits.gamma_closed(point) == 0
    assert limits._plus(lambda one: limits.gamma_closed(one) + 0.25, point) == 1.25


def test_the_ends_of_the_schedule_are_told():
    notes = toy.annealing(RNG(0)).notes
    assert (notes["first"], notes["last"]) == (toy.START, pytest.approx(toy.END))


def test_a_winner_that_changes_to_another_category_than_the_moved_one_is_seen(monkeypatch):
    calls = []

    def winners(logits, n, seed):
        calls.append(logits)
        return np.where(np.arange(n) == 0, 5, 0) if len(calls) % 2 == 0 else np.zeros(n, np.intp)

    monkeypatch.setattr(jumps, "winners", winners)
    assert "to category 5" in jumps.jumps(0.1, RATES, RNG(0)).impossible


def test_the_most_generous_value_of_the_product_is_its_largest():
    assert largest.largest_value("pair")[0] == pytest.approx(0.75 / math.e, rel=1e-4)


def own_checks():
    return [check for claim in claims(Options()) for check in claim.checks]


def test_only_checks_that_bear_its_name_speak_of_a_sampler():
    """What a claim asks of its own, of a sampler that it chose, is no answer of that sampler for itself."""
    judging = [check for check in own_checks() if check.judges]
    assert [check.name for check in judging if check.name.split("/")[1] != check.sampler] == []


def test_tables_of_pairs_of_draws_know_that_a_pair_is_two():
    lags = [check for check in own_checks() if "/lag-" in check.name]
    assert lags and {check.method.draws_per_unit for check in lags} == {2}


@pytest.mark.parametrize(("factor", "refuted"), [(1.0, False), (1.5, True)])
def test_draws_at_another_temperature_have_other_shares_near_one(monkeypatch, factor, refuted):
    drawn = numbers.draw
    monkeypatch.setattr(
        numbers, "draw", lambda *given, temperature, **more: drawn(*given, temperature=factor * temperature, **more)
    )
    found = numbers.shares(np.array(DIE), 0.1, RATES, RNG(0), (0.1, 0.3))
    assert (found.p_value <= RATES.level) is refuted


def test_a_posterior_case_is_named_after_what_was_observed():
    given = [scenario.case for check in own_checks() for scenario in check.scenarios if "|" in scenario.case.name]
    assert {one.name: int(one.name.split("|")[1]) for one in given} == {one.name: one.observed for one in given}


def test_the_effect_of_jumps_is_a_difference_of_shares():
    assert jumps.jumps(0.1, RATES, RNG(0)).effect < 0.1


def test_the_variance_of_twenty_draws_is_what_is_told_beside_it():
    notes = sampler_code.documents_generator(0.02, RATES, RNG(0)).notes
    assert notes["p (1 - p) / 20"] == pytest.approx(notes["their variance"], rel=0.1)


def test_what_is_lost_near_one_is_told():
    notes = posterior_sampler._lost(RNG(0)).notes
    assert notes["median error of epsilon_k at alpha_k = 0.001"] < 1e-12
    assert notes["largest -log u that 53 bits of v can give"] == pytest.approx(73.4736, abs=1e-3)
    shares = [words.split() for name, words in notes.items() if name.startswith("u_k rounds to 1")]
    assert shares and all(abs(float(words[0]) - float(words[3])) < 0.25 for words in shares)


def test_figures_show_where_something_is_to_be_seen():
    x = skew._densities()["series"][0]["x"]
    assert (x[0], x[-1]) == (-5, 12)
    assert np.all(np.diff(temperature.POINTS) > 0) and temperature.POINTS[-1] < 1


def test_the_bias_that_is_told_is_what_the_relaxed_gradient_lacks(monkeypatch):
    monkeypatch.setattr(estimators, "KEPT", {1.0: 0.2, 5.0: 0.2})
    notes = estimators.kept_gradient(RATES, RNG(0)).notes
    for tau in (1.0, 5.0):
        assert notes[f"relative bias at tau = {tau:g}"] == pytest.approx(1 - estimators.kept(tau), abs=0.05)


def test_the_integral_that_is_cut_at_one_is_off_by_e_squared():
    """(e^2 + 1) / 4 where 1 / 4 is due."""
    assert limits._written(RNG(0)).effect == pytest.approx(math.e**2, rel=1e-9)


def test_a_determinant_without_a_sign_is_impossible(monkeypatch):
    monkeypatch.setattr(jacobian, "entries", lambda point: np.zeros((2, 2)))
    assert jacobian._determinant(RNG(0)).impossible


def test_only_one_entry_can_exceed_a_half():
    for c in (0.4, 1.0):
        with pytest.raises(ValueError, match="only one entry"):
            largest_entry.bracket((0.5, 0.5), 1.0, c)


def test_two_sets_meet_in_a_third_root():
    boundary = sets.square(RNG(0))["boundary"]
    assert boundary["u1"][100] == 0.5 and boundary["u2"][100] == pytest.approx(0.5 ** (1 / 3))


def test_a_mixture_has_as_many_draws_on_either_side():
    assert abs(np.mean(np.sign(skew.mixture(RNG(0), (4096,))))) < 0.1


def test_the_median_leaves_a_p_value_of_zero_as_it_is():
    made = die._with_median(Evidence(n=16, p_value=0.0), np.zeros(16), RATES)
    assert made.p_value == 0.0


def test_float32_is_found_wrong_where_a_shift_rounds_its_noise_away():
    """At 2^20 a float32 step is 1/8; at 2^10 it is 1/8192, far below what a tolerance of 0.05 shows."""
    notes = logits.single_precision(0.05, RATES, RNG(0)).notes
    assert 2.0**14 <= notes["first power of two whose counts refute softmax"] <= 2.0**23


def test_half_of_a_logistic_lies_on_either_side():
    assert noise._share(0.0) == 0.5 and noise._share(2.0) + noise._share(-2.0) == pytest.approx(1.0)


def test_no_computed_identity_is_asked_loosely():
    kinds = ("identity", "quadrature", "derivation")
    asked = [one.tolerance for claim in claims(Options()) for one in claim.checks if one.suite in kinds]
    assert len(asked) > 100 and all(tolerance is not None and tolerance <= 0.05 for tolerance in asked)
