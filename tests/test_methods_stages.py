"""Figures of rankings and of speculative steps show the stage that is off, and only that."""

import numpy as np
import pytest

from harness.methods import ChiSquare, allowed
from harness.methods.stages import stages_of
from harness.questions.law import coded
from harness.questions.precision import in_precision
from harness.samplers.terms import Terms
from harness.statistics import Counts
from suites.cases import case
from suites.cases.rows import RANKINGS, SPECULATIVE

LEVEL = 1e-6


def declared(one, **terms):
    from dataclasses import replace

    return replace(one, terms=Terms(**terms))


def found(one, counts):
    law = coded(one)
    method = ChiSquare(law.mass, stages=lambda: stages_of(one, "float64"))
    evidence = method.evidence((Counts(int(counts.sum()), counts),), np.random.default_rng(0))
    return evidence, allowed.bounded(evidence.exhibit, LEVEL)["tested"]


def outside(part):
    rows = zip(part["name"], part["observed"], part["low"], part["high"], strict=True)
    return {name for name, observed, low, high in rows if not low <= observed <= high}


ALL = [*(declared(one) for one in RANKINGS), declared(case("rank-2"), ordered=False)]
ALL += [declared(one, rule=rule) for one in SPECULATIVE for rule in ("token-wise", "lossless")]


@pytest.mark.parametrize("one", ALL, ids=lambda one: f"{one.name}-{one.terms.rule or one.terms.ordered}")
def test_what_is_expected_is_shown_within_its_range(one):
    assert in_precision(one, "float64") is one
    counts = np.rint(coded(one).mass * 1e6).astype(np.int64)
    evidence, (stages, rows, total) = found(one, counts)
    assert evidence.exhibit["kind"] == "groups" and total["decides"] and not stages["decides"]
    assert not outside(stages) | outside(rows)
    assert len(set(stages["name"])) == len(stages["name"])


def test_a_ranking_whose_second_item_is_uniform_shows_in_the_second_stage_alone():
    one, rng = declared(case("rank-2")), np.random.default_rng(1)
    law = coded(one)
    p = np.exp(one.logits) / np.exp(one.logits).sum()
    first = rng.choice(4, 200_000, p=p)
    second = (first + rng.integers(1, 4, first.size)) % 4
    counts = np.bincount(law.encode(np.column_stack([first, second])), minlength=law.mass.size)
    evidence, (stages, rows, _) = found(one, counts)
    assert evidence.p_value < LEVEL
    assert outside(stages) and all(name.startswith("2nd item") for name in outside(stages))
    assert outside(rows) and all(", " in name for name in outside(rows))


def test_a_step_that_always_accepts_shows_in_how_many_drafts_are_accepted():
    one, rng = declared(case("spec-1"), rule="token-wise"), np.random.default_rng(1)
    law, (drafts, targets) = coded(one), one.drafts()
    q, p = (np.exp(table[-1]) / np.exp(table[-1]).sum() for table in (drafts, targets))
    made = np.column_stack([rng.choice(4, 100_000, p=q), rng.choice(4, 100_000, p=p)])
    counts = np.bincount(law.encode(made), minlength=law.mass.size)
    _, (stages, _, _) = found(one, counts)
    assert {"0 drafts accepted", "1 drafts accepted"} <= outside(stages)
    assert "1st token is 0" in outside(stages)


def test_the_rows_shown_are_the_farthest_from_what_is_due():
    one = declared(case("rank-2"))
    counts = np.rint(coded(one).mass * 1e6).astype(np.int64)
    rarest = int(np.argmin(counts))
    counts[rarest] += 1000
    _, (_, rows, _) = found(one, counts)
    assert outside(rows) and counts[rarest] in rows["observed"]
