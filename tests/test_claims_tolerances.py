"""What is typed stays typed: checks of claims without chance are held to 1e-8, but for those listed, and none to more."""

from __future__ import annotations

from harness.options import Options
from harness.questions.content import Content
from harness.validation import make_plan
from suites.claims import claims

PLAN = make_plan([], Options(tolerance=0.05), Content((), claims, {}, tuple))
EXACT = ("identity", "derivation", "quadrature")
COARSE = {
    "identity/proof/relaxation-differentiable/order": 0.05,
    "quadrature/density/symmetric-form/k=5": 0.02,
    "identity/density/jacobian-entries/differences": 1e-5,
    "quadrature/density/of-y/k=5": 0.02,
    "identity/posterior/likelihood-indicator": 1e-3,
    "identity/posterior/partition": 1e-3,
    "quadrature/posterior/volume/K=5": 0.05,
    "quadrature/posterior/volume/K=8": 0.05,
    "derivation/posterior/constraint-power-form": 1e-3,
    "quadrature/trick/maxima-skew/exact": 1e-7,
    "quadrature/trick/maxima-skew-reason.corrected/uniform": 3e-4,
    "quadrature/trick/maxima-skew-reason.corrected/exponential": 3e-4,
    "quadrature/trick/maxima-skew-reason.corrected/normal": 3e-4,
    "identity/trick/exponential-maxima/distance": 1e-4,
    "identity/trick/exponential-maxima-exactly/any-gumbel": 1e-5,
    "identity/trick/exponential-maxima-exactly.corrected/falls": 1e-4,
    "identity/trick/noise-term-vanishes/draws": 1e-5,
    "identity/trick/jax-differentiable/float-cast": 1e-6,
}
"""Checks whose numbers come from draws, lattices or difference quotients; each says in its module why no finer."""


def test_checks_without_chance_are_held_to_1e_8_or_to_what_is_listed():
    looser = {
        check.name: check.tolerance
        for check in PLAN.checks
        if check.suite in EXACT and (check.tolerance or 0.0) > COARSE.get(check.name, 1e-8)
    }
    assert looser == {}


def test_checks_that_draw_for_a_claim_are_no_coarser_than_four_or_five_times_the_run():
    looser = [
        check.name
        for check in PLAN.checks
        if check.suite in ("chi_square", "independence", "homogeneity", "ks", "support")
        and not check.name.endswith("/tails")
        and (check.tolerance or 0.0) > (0.25 if check.compute else 0.2)
    ]
    assert looser == []


def test_only_draws_of_built_in_samplers_judge_them():
    wrong = [one.name for one in PLAN.checks if one.judges and not (one.inputs and one.scenarios[0].sampler.trusted)]
    assert wrong == []
