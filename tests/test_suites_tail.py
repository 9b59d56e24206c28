"""The tail is held to a factor: in fine runs where noise of 23 bits ends, in coarse ones where clipped noise does."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest

import harness
from harness.options import Options
from harness.questions.content import load_content
from harness.questions.plan import guests_plan
from harness.validation import execute
from harness.verdict import Verdict
from suites.cases import case
from suites.controls import controls

FINE, COARSE = Options(), Options(tolerance=0.02)
INDEX_IN_16_BITS = next(one.sampler for one in controls() if one.sampler.name == "index_in_16_bits")


@harness.sampler("clipped", emits="index")
def clipped(logits, size, *, rng):
    """A usual guard against log 0, after which no noise is above 13.8."""
    u = np.clip(rng.random((size, len(logits)), dtype=np.float32), 1e-6, 1 - 1e-6)
    return np.argmax(logits.astype(np.float32) - np.log(-np.log(u)), axis=1)


@harness.sampler("threefold", emits="index")
def threefold(logits, size, *, rng):
    """A tail that is drawn three times as often as it should be."""
    p = np.exp(logits - logits.max())
    p /= p.sum()
    rare = p < p.max()
    p[rare] *= 3
    p[~rare] = 1 - p[rare].sum()
    return rng.choice(p.size, size, p=p / p.sum())


def plan(sampler, options, suite):
    whole = guests_plan([sampler], load_content(options), options)
    checks = tuple(check for check in whole.checks if check.suite == suite and check.case.startswith("tail-"))
    used = {scenario.name for check in checks for scenario in check.scenarios}
    return replace(whole, checks=checks, designs={name: whole.designs[name] for name in used})


def verdicts(sampler, options, suite):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        findings = execute(plan(sampler, options, suite), engine="serial").outcome.findings
    return {finding.check.case: finding.verdict for finding in findings}


def test_a_fine_run_has_the_far_tails_and_a_coarse_one_a_nearer_one():
    has = {options: {check.case for check in plan(clipped, options, "tail").checks} for options in (FINE, COARSE)}
    full = {check.case for check in plan(clipped, Options(0.002, profile="full"), "tail").checks}
    assert has == {FINE: {"tail-17.5"}, COARSE: {"tail-15.5"}} and full == {"tail-17.5", "tail-19"}


@pytest.mark.parametrize("tolerance", [0.01, 0.02, 0.05])
def test_a_tail_that_is_not_there_is_exposed(tolerance):
    """With probability 1 - beta: e^-hits is below the level at which a check refutes."""
    made = plan(clipped, Options(tolerance=tolerance), "tail")
    (check,), (design,) = made.checks, made.designs.values()
    logits = design.scenario.case.logits
    mass = 1 - 1 / np.exp(logits - logits.max()).sum()
    hits = design.n * mass
    assert np.exp(-hits) < made.alpha / 8
    assert check.method.detectable(design.n, made.alpha * 0.9, made.options.beta) <= 2 * mass * (1 + 1e-9)


def test_a_coarse_run_makes_a_seventh_of_the_noise_of_a_fine_one():
    fine, coarse = (
        sum(design.n * design.scenario.case.logits.size for design in plan(clipped, options, "tail").designs.values())
        for options in (FINE, COARSE)
    )
    assert coarse < fine / 7


def test_noise_that_is_clipped_is_refuted_at_a_coarse_tolerance():
    assert verdicts(clipped, COARSE, "tail") == {"tail-15.5": Verdict.REFUTED}


def test_a_tail_that_is_drawn_too_often_is_refuted_at_both():
    assert set(verdicts(threefold, COARSE, "tail").values()) == {Verdict.REFUTED}
    assert set(verdicts(threefold, FINE, "tail").values()) == {Verdict.REFUTED}


def test_an_index_of_16_bits_wraps_the_head():
    assert case("tail-15.5").logits.argmax() > 2**16
    assert verdicts(INDEX_IN_16_BITS, COARSE, "chi_square")["tail-15.5"] is Verdict.REFUTED
