"""The scaffolds of the controls of truncated draws, rankings and speculative steps are right but for the defect."""

from functools import partial

import pytest

from suites.cases.rows import SPECULATIVE
from suites.cases.truncated import TRUNCATED
from suites.controls import greedy, rankings, speculation, truncation
from suites.controls.stages import chain, drawing, kth, nucleus, share, tempered
from tests.judging import findings, refuted
from tests.right_truncated import declared, spec_sampler

NEW = [control for family in (truncation, greedy, rankings, speculation) for control in family.CONTROLS]


def right(logits, s):
    return chain(tempered(logits, s.temperature), (kth, s.top_k), (nucleus, s.top_p), (share, s.min_p))


def test_a_chain_of_right_stages_is_not_refuted():
    assert not refuted(findings(declared(drawing(right), truncation.SEQUENTIAL), TRUNCATED, tolerance=0.02))


@pytest.mark.parametrize("rule", ["token-wise", "lossless"])
def test_a_right_step_is_not_refuted(rule):
    def step(drafts, draft_logits, target_logits, *, rng):
        return partial(speculation.step)(drafts, draft_logits, target_logits, rng=rng)

    assert not refuted(findings(spec_sampler(step, rule), SPECULATIVE, tolerance=0.02))


def test_there_are_at_least_25_and_most_come_from_engines():
    assert len(NEW) >= 25
    assert sum("/" in control.source or "Anthropic" in control.source for control in NEW) >= 25
