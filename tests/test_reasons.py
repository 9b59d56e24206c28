"""A refutation by chance says what was seen beside what was due, where and in which calls; its figure shows the same."""

import re

import numpy as np
import pytest

from harness.exploration.effects import UNIFORMS, Looked, effect
from harness.exploration.named import words
from harness.exploration.trial import tried
from harness.judge import judge
from harness.questions.check import Evidence
from harness.space.point import point_from
from harness.streams import stream
from harness.verdict import Verdict
from reports.figures import draw
from tests.test_controls_between import CONTROLS as BETWEEN
from tests.test_controls_between import WHERE
from tests.test_reports_evidence import records

SAYS = {
    "rows_32_apart_are_one": r"rows \d+ and \d+ lie on the same side in 1,286 of 1,286 where 643 are due, one call of 1,289",
    "posterior_far_repeat": r"coordinate \d of draws 5,003 apart lie .* of 6,325 where 3,162 are due, one call of 11,328",
    "relaxed_block_again": r"draws [\d,]+ to [\d,]+ come again from draw 6,016 on, .*, one call of 11,232 draws, K = 6",
    "shift_register": r"of the draws at 0, 147 and 250 an even number lies in the lower half in [\d,]+ of 2,948 where 1,474",
    "relaxed_stratified": r"counts of coordinate \d of 64 consecutive draws vary 0\.0\d+ times as much as they should",
    "seed_cut_to_32_bits": r"draws of seeds 2\^32 apart lie on the same side in 512 of 512 where 256 are due, calls of 256",
    "long_calls_end_in_zeros": r"the last 128 draws are 0\.5 off in total variation, one call of 3,145,728 draws, K = 2",
    "sevens_are_flatter": r"coordinate 0 of the first draw is 0\.\d+ off in total variation, 89 draws, calls of 7, K = 6",
    "pairs_are_antithetic": r"coordinate 0 of the last and the first draw lie .* in 0 of 89 where 44 are due, calls of 2",
}


@pytest.mark.parametrize("name", SAYS)
def test_the_reason_leads_to_the_fix(name):
    refuted = [one for one in records(name) if one["verdict"] == "refuted" and not one["impossible"]]
    assert any(re.match(SAYS[name], one["reason"]) for one in refuted), [one["reason"] for one in refuted]
    for one in refuted:
        assert re.search(r"K = \d+.*: p .* is at most alpha", one["reason"])
        assert one["exhibit"] or one["check"].endswith(("/fit", "/long", "/seeds", "/distinct"))
    if refuted[0]["exhibit"]:
        assert draw(refuted[0], "name", "f1").svg


def test_the_judge_says_what_the_evidence_says_of_chance():
    seen = Evidence(n=9, p_value=1e-9, seen="3 of 9 where 1 is due")
    said = judge(seen, alpha=1e-6, tolerance=1.0, detectable=0.5)
    assert said == (Verdict.REFUTED, "3 of 9 where 1 is due: p = 1e-09 is at most alpha = 1e-06")


EFFECTS = {
    "third_by_index": r"stage|rankings|first items|likelihood",
    "bonus_after_three": r"total variation about 0\.\d+ from the law, of committed tokens|at place \d",
    "recovery_beyond_32": r"at place 1 total variation about 0\.\d+, \d+ of \d+ drafts accepted where [\d.]+ are due|tokens",
    "temperature_near_a_third": r"uniforms",
    "threes_share_noise": r"pairs agree in \d+ of \d+ where|neighbouring draws correlate by",
}


@pytest.mark.parametrize("name", EFFECTS)
def test_a_point_says_how_far_off_it_is_in_every_form(name):
    sampler, drawing, spread = BETWEEN[name].sampler, stream(0, "draw", name), stream(0, "spread", name)
    found = tried(sampler, sampler.emits, point_from(WHERE[name]), 900, drawing, spread)
    assert re.search(EFFECTS[name], found.effect), (found.question, found.effect)
    assert found.effect in words(found)


@pytest.mark.parametrize("question", UNIFORMS)
def test_uniforms_are_told_by_their_question(question):
    looked = Looked(uniforms=np.random.default_rng(0).random((400, 3)) ** 2)
    assert re.search(r"0\.5 is due|where 75 are due|times as much as is due|where 0 is due", effect(question, looked))
