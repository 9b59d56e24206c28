"""One of several laws: exact size under each of them, the promised power beyond all of them, and a diagnosis by name."""

import numpy as np
import pytest
from scipy import stats

from harness.methods import ChiSquare, OneOf
from harness.questions.check import REMARK
from harness.statistics import Counts

LAWS = (np.array([0.5, 0.3, 0.2, 0.0]), np.array([0.5, 0.3, 0.0, 0.2]), np.array([0.4, 0.3, 0.15, 0.15]))
ALPHA, BETA = 0.05, 0.1


def counts(law, n, rng):
    return Counts(n, rng.multinomial(n, law))


@pytest.mark.parametrize("law", LAWS)
def test_a_sampler_of_any_of_the_laws_is_refuted_at_the_level_at_most(law):
    rng, method, trials = np.random.default_rng(1), OneOf(LAWS), 500
    refuted = sum(
        evidence.p_value is not None and evidence.p_value <= ALPHA
        for evidence in (method.evidence((counts(law, 400, rng),), rng) for _ in range(trials))
    )
    assert stats.binomtest(refuted, trials, ALPHA, alternative="greater").pvalue > 1e-4


def test_what_is_beyond_the_tolerance_of_all_laws_is_refuted_as_promised():
    rng, method, trials, tolerance = np.random.default_rng(2), OneOf(LAWS), 300, 0.1
    n = method.required(tolerance, ALPHA, BETA)
    assert method.detectable(n, ALPHA, BETA) <= tolerance
    far = np.array([0.3, 0.5, 0.1, 0.1])
    assert min(0.5 * np.abs(far - law).sum() for law in LAWS) >= tolerance
    found = [method.evidence((counts(far, n, rng),), rng) for _ in range(trials)]
    missed = sum(not one.impossible and one.p_value > ALPHA for one in found)
    assert stats.binomtest(missed, trials, BETA, alternative="greater").pvalue > 1e-4


def test_of_one_law_it_is_the_chi_square():
    law = LAWS[2]
    drawn = counts(law, 1000, np.random.default_rng(3))
    one = OneOf((law,)).evidence((drawn,), np.random.default_rng(4))
    assert one == ChiSquare(law).evidence((drawn,), np.random.default_rng(4))
    assert OneOf((law,)).required(0.01, 1e-9, 1e-3) == ChiSquare(law).required(0.01, 1e-9, 1e-3)


def test_a_law_of_one_category_is_tested_on_enough_draws_to_see_others():
    sure = np.array([0.0, 1.0, 0.0])
    n = OneOf((sure,)).required(0.01, 1e-9, 1e-3)
    assert n == 691 and OneOf((sure,)).detectable(n, 1e-9, 1e-3) <= 0.01
    evidence = OneOf((sure,)).evidence((Counts(n, np.array([1, n - 1, 0])),), np.random.default_rng(0))
    assert "category 0 has probability zero" in evidence.impossible


def test_a_refutation_names_the_rivals_that_fit_and_a_pass_names_none():
    rng = np.random.default_rng(5)
    method = OneOf(LAWS[:1], {"other": LAWS[1:2], "third": LAWS[2:]})
    refuted = method.evidence((counts(LAWS[1], 5000, rng),), rng)
    assert refuted.notes["conventions that fit"] == "other" and "other" in refuted.notes[REMARK]
    assert refuted.impossible.endswith("the counts fit other")
    assert REMARK not in method.evidence((counts(LAWS[0], 5000, rng),), rng).notes
    nothing = method.evidence((counts(np.array([0.1, 0.1, 0.4, 0.4]), 5000, rng),), rng)
    assert nothing.notes["conventions that fit"] == "no other convention"


def test_its_exhibit_has_what_each_convention_keeps_and_the_counts_that_were_tested():
    rng = np.random.default_rng(9)
    rivals = {"other": (LAWS[2],), "third": (LAWS[1], np.array([0.0, 0.0, 0.5, 0.5]))}
    drawn = counts(LAWS[2], 4000, rng)
    exhibit = OneOf((LAWS[0],), rivals).evidence((drawn,), rng).exhibit
    assert exhibit["kind"] == "laws" and exhibit["observed"] == drawn.counts.tolist() and exhibit["units"] == 4000
    rows = {law["name"]: law for law in exhibit["laws"]}
    assert [(name, law["keeps"], law["fits"]) for name, law in rows.items()] == [
        ("declared", 3, None),
        ("other", 4, True),
        ("third", 3, False),
    ]
    assert rows["third"]["probability"] == LAWS[1].tolist()  # the nearest of its laws
    assert any(part["decides"] for part in exhibit["tested"])


def test_an_exhibit_keeps_the_likeliest_of_many_categories():
    rng, law = np.random.default_rng(10), np.arange(1, 101) / 5050
    exhibit = OneOf((law,), {"other": (law[::-1].copy(),)}).evidence((counts(law, 5000, rng),), rng).exhibit
    assert len(exhibit["shown"]) == 24 and {*range(9), *range(91, 100)} <= set(exhibit["shown"])
    assert {law["fits"] for law in exhibit["laws"]} == {None}  # nothing is refuted: nobody was asked
