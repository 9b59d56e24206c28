"""A run is a function of its plan: no engine, number of workers, order, cut or neighbour changes a record."""

import contextlib
import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from harness.draws import measurements
from harness.engine import payloads
from harness.engine import run as engine
from harness.engine.executors import SerialExecutor, open_engine
from harness.engine.journal import Journal
from harness.engine.limits import WORKER, Limits
from harness.errors import UsageError
from harness.ledger.record import record
from harness.methods import ChiSquare
from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Evidence, Scenario
from harness.questions.content import Content
from harness.questions.plan import _plan, guests_plan
from harness.samplers.registry import get
from harness.samplers.targets import resolve
from harness.verdict import Verdict
from suites.cases import logits, masked, weights
from suites.families import FAMILIES

MISFITS = Path(__file__).parent / "misfits.py"
OPTIONS, FINE = (Options(tolerance, alpha=1e-6, beta=1e-2) for tolerance in (0.1, 0.02))
INDEX = (
    Case("pair", "odds", weights(0.75, 0.25), asks=("homogeneity", "lags")),
    Case("masked", "a leak shows", masked(0, 2, of=4)),
)
SOFT = (Case("soft", "relaxed", logits(0.0, 1.0, 2.0), ("simplex",), temperature=1.0),)


def silent(*told):
    pass


def misfit(name):
    return resolve(f"{MISFITS}:{name}")


QUICK = {name: checks for name, checks in FAMILIES.items() if name not in ("sweep", "millions", "callers")}
"""What these tests ask: a sweep would find what an int8 cannot index, and what a float32 lacks, too; a call of millions has
equal logits, which are what they were when their largest is taken away;
and callers start processes, beyond the limits set here."""


def plan_for(*names, cases=(*INDEX, *SOFT), options=OPTIONS):
    return guests_plan([*map(misfit, names)], Content(cases, lambda _: (), QUICK, tuple), options)


def outcome(plan, name=None, workers=1, journal=None, progress=silent):
    """Run a plan on an engine; without its name in this process, guests too."""
    with contextlib.nullcontext(SerialExecutor) if name is None else open_engine(name, workers) as executor:
        return engine.run(plan, executor, workers, journal or Journal(), progress)


def lines(outcome):
    return [json.dumps(record(finding, 0), allow_nan=False) for finding in outcome.findings]


def verdicts(outcome, sampler):
    return {finding.verdict for finding in outcome.findings if finding.check.sampler == sampler}


@pytest.fixture(scope="module")
def plan():
    return plan_for("right", "hot", "soft")


@pytest.fixture(scope="module")
def records(plan):
    return lines(outcome(plan))


def test_right_samplers_are_verified_and_wrong_ones_refuted(plan):
    found = outcome(plan)
    assert verdicts(found, "right") == {Verdict.VERIFIED} == verdicts(found, "soft")
    assert Verdict.REFUTED in verdicts(found, "hot")


@pytest.mark.parametrize(("name", "workers"), [("serial", 1), ("loky", 1), ("loky", 2)])
def test_every_engine_gives_the_same_bytes(plan, records, name, workers):
    assert lines(outcome(plan, name, workers)) == records


def test_reversing_the_plan_changes_no_record(plan, records):
    designs = dict(reversed(plan.designs.items()))
    backwards = replace(plan, checks=plan.checks[::-1], designs=designs)
    assert lines(outcome(backwards))[::-1] == records


def test_another_sampler_beside_changes_no_old_record(plan, records):
    beside = lines(outcome(plan_for("right", "raises", "hot", "soft")))
    assert [line for line in beside if '"sampler": "raises"' not in line] == records


@pytest.mark.parametrize("share", [0.0, 0.01, 0.2, 0.5, 0.8, 0.99, 1.0])
def test_a_journal_cut_at_any_byte_resumes_to_the_same_records(tmp_path, plan, records, share):
    path, header = tmp_path / "journal.jsonl", {"seed": 0}
    whole = Journal(path, header)
    outcome(plan, journal=whole)
    whole.close()
    content = path.read_bytes()
    path.write_bytes(content[: round(share * len(content))])
    again = Journal(path, header, resume=True)
    kept = len(again.results)
    done = []
    assert lines(outcome(plan, journal=again, progress=lambda what, *_: done.append(what))) == records
    again.close()
    assert kept + len(done) == len(whole.results)
    assert sorted(path.read_bytes().splitlines()[1:]) and len(path.read_bytes().splitlines()) == len(whole.results) + 1


def test_a_journal_of_another_run_is_not_resumed(tmp_path, plan):
    path = tmp_path / "journal.jsonl"
    first = Journal(path, {"seed": 0})
    outcome(plan, journal=first)
    first.close()
    with pytest.raises(UsageError, match="seed was 0, now 1"):
        Journal(path, {"seed": 1}, resume=True)
    other = Journal(path, {"seed": 0}, resume=False)
    other.close()
    assert not other.results


@pytest.mark.parametrize("after", [1, 3, 5])
def test_an_interruption_keeps_what_was_finished_and_can_be_resumed(tmp_path, plan, records, after):
    finished = []

    def interrupt(what, *_):
        finished.append(what)
        if len(finished) == after:
            raise KeyboardInterrupt

    path = tmp_path / "journal.jsonl"
    journal = Journal(path, {})
    cut = outcome(plan, journal=journal, progress=interrupt)
    journal.close()
    assert cut.interrupted and len(cut.findings) == len(plan.checks) and len(journal.results) == after
    assert Verdict.INCONCLUSIVE in {finding.verdict for finding in cut.findings}
    assert not any(finding.evidence.broken for finding in cut.findings)
    assert all(finding.detectable <= 0.2 for finding in cut.findings if finding.verdict is Verdict.VERIFIED)
    again = Journal(path, {}, resume=True)
    assert lines(outcome(plan, journal=again)) == records
    again.close(remove=True)
    assert not path.exists()


RIGHT = ["unsendable", "as_list", "as_unsigned", "as_bytes", "as_tensor", "prints", "soft32"]
BROKEN = {
    "raises": "raised RuntimeError: no draws today",
    "exits": "raised SystemExit: enough",
    "two_columns": "returned shape",
    "floats": "returned dtype float64, integers are due",
    "booleans": "returned dtype bool",
    "huge": "returned dtype object",
    "ragged": "returned a list that is no array",
    "none": "returned shape ()",
    "mutates": "changed the logits",
}
IMPOSSIBLE = {
    "beyond": "index outside 0..1",
    "negative": "index outside 0..1",
    "wrapped": "index outside 0..1",
    "rarely_beyond": "index outside 0..1",
    "not_numbers": "NaN in",
    "off_the_simplex": "a sum that is not 1",
}


@pytest.mark.parametrize("name", RIGHT)
def test_draws_in_unusual_dress_are_judged_as_draws(name):
    cases = SOFT if name == "soft32" else INDEX
    assert verdicts(outcome(plan_for(name, cases=cases)), name) == {Verdict.VERIFIED}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("kind", [None, "loky"])
def test_what_is_no_draw_is_a_record_in_words_and_leaves_others_alone(name, kind, records):
    found = outcome(plan_for("right", name, "hot", "soft"), kind, 1)
    broken = [finding for finding in found.findings if finding.check.sampler == name]
    assert broken and {finding.verdict for finding in broken} == {Verdict.INCONCLUSIVE}
    assert all(BROKEN[name] in finding.reason for finding in broken)
    assert [line for line in lines(found) if f'"sampler": "{name}"' not in line] == records


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_is_impossible_refutes_and_is_never_verified(name):
    found = outcome(plan_for(name, cases=(*INDEX[:1], *SOFT)))
    by_suite = {finding.check.suite: finding for finding in found.findings}
    assert by_suite["support"].verdict is Verdict.REFUTED
    assert IMPOSSIBLE[name] in by_suite["support"].reason
    if name != "rarely_beyond":
        assert {finding.verdict for finding in found.findings} <= {Verdict.REFUTED, Verdict.INCONCLUSIVE}


def test_an_index_type_too_small_for_the_categories_is_out_of_range():
    case = Case("flat-200", "a byte with a sign ends at 127", lambda: np.zeros(200), tolerance=0.3)
    found = outcome(plan_for("as_bytes", cases=(case,)))
    support = next(finding for finding in found.findings if finding.check.suite == "support")
    assert "index outside 0..199" in support.reason


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("hangs", "hung: no result within 1 s"),
        ("hangs_and_swallows", "killed the process"),
        ("holds_the_interpreter", "killed the process"),
        ("dies", "killed the process"),
    ],
)
def test_what_hangs_or_dies_is_blamed_alone(monkeypatch, name, words, records):
    monkeypatch.setattr(payloads, "TIME_LIMIT", 1.0)
    monkeypatch.setattr(payloads, "Limits", partial(Limits, grace=0.5))
    found = outcome(plan_for("right", name, "soft", cases=(*INDEX[:1], *SOFT)), "loky", 2)
    blamed = [finding for finding in found.findings if finding.check.sampler == name]
    assert {finding.verdict for finding in blamed} == {Verdict.INCONCLUSIVE}
    assert all(words in finding.reason for finding in blamed)
    kept = set(records)
    assert all(line in kept for line in lines(found) if f'"sampler": "{name}"' not in line)


def test_a_serial_run_stops_what_hangs_too(monkeypatch):
    monkeypatch.setattr(payloads, "TIME_LIMIT", 0.5)
    monkeypatch.delenv(WORKER, raising=False)
    found = outcome(plan_for("hangs", cases=INDEX[:1]))
    assert all(finding.reason.endswith("hung: no result within 0.5 s for one shard") for finding in found.findings)


def test_a_gross_error_ends_after_the_first_look():
    plan = plan_for("right", "hot", cases=INDEX[:1], options=FINE)
    found = outcome(plan)
    drawn = {row["scenario"]: 0 for row in found.timings}
    for row in found.timings:
        drawn[row["scenario"]] += row["draws"] or 0
    design = plan.designs["right/index/pair"]
    assert drawn["hot/index/pair"] < design.n / 32 and drawn["right/index/pair"] == design.stage > design.n / 4


FLAT = Case("flat", "a temperature leaves it as it is", weights(0.5, 0.5))


@pytest.mark.parametrize("keep_going", [False, True])
def test_a_guest_that_the_first_look_refutes_is_drawn_no_further_in_any_case(keep_going):
    plan = plan_for("hot", "right", cases=(INDEX[0], FLAT), options=replace(FINE, keep_going=keep_going))
    findings = {finding.check.name: finding for finding in outcome(plan).findings}
    refuted, spared = findings["chi_square/hot/index/pair"], findings["chi_square/hot/index/flat"]
    assert refuted.verdict is Verdict.REFUTED and refuted.evidence.n < plan.designs["hot/index/pair"].n / 32
    if keep_going:
        assert spared.verdict is Verdict.VERIFIED and spared.evidence.n == plan.designs["hot/index/flat"].stage
    else:
        assert spared.verdict is Verdict.INCONCLUSIVE and spared.evidence.n < plan.designs["hot/index/flat"].n / 32
        assert "drawing ended early, as chi_square/hot/index/pair was refuted" in spared.reason
    right = [finding for finding in findings.values() if finding.check.sampler == "right"]
    assert {finding.verdict for finding in right} == {Verdict.VERIFIED}


def test_the_partner_of_a_refuted_sampler_is_drawn_to_its_end(plan):
    """Two samplers that are compared with the same third one do not hear of each other."""
    found = outcome(plan)
    partner = [row["draws"] for row in found.timings if row["scenario"] == "direct/index/pair"]
    assert sum(partner) == plan.designs["direct/index/pair"].n


def claim_check(name, sampler, probabilities, judges):
    scenario = Scenario(sampler, "index", INDEX[0])
    counted = measurements.category_counts(2)
    method = ChiSquare(np.array(probabilities))
    return Check(name, "chi_square", "a claim", ((scenario, counted),), method, judges=judges)


def single_plan(*checks):
    return _plan(checks, (), FINE)


def test_a_claim_that_is_refuted_does_not_end_its_sampler_s_draws():
    wrong = claim_check("wrong", get("direct"), [0.5, 0.5], judges=False)
    right = claim_check("right", get("direct"), [0.75, 0.25], judges=True)
    plan = single_plan(wrong, right)
    first, second = outcome(plan).findings
    assert (first.verdict, second.verdict) == (Verdict.REFUTED, Verdict.VERIFIED)
    assert first.evidence.n < second.evidence.n == plan.designs["direct/index/pair"].stage


def computed(kind, rng):
    if kind == "missing":
        raise ModuleNotFoundError("No module named 'nowhere'", name="nowhere")
    if kind == "raises":
        raise ValueError("oops")
    return Evidence(n=0 if kind == "empty" else 3, effect=1.0, impossible="1 is not 2" if kind == "wrong" else "")


@pytest.mark.parametrize(
    ("kind", "verdict", "words"),
    [
        ("missing", Verdict.INCONCLUSIVE, "not installed: nowhere"),
        ("raises", Verdict.INCONCLUSIVE, "raised ValueError: oops"),
        ("empty", Verdict.INCONCLUSIVE, "nothing was drawn or tried"),
        ("wrong", Verdict.REFUTED, "1 is not 2"),
        ("right", Verdict.VERIFIED, "would have shown"),
    ],
)
def test_a_computation_is_judged_by_what_it_says_or_breaks_on(kind, verdict, words):
    check = Check("c", "identity", "a computation", compute=partial(computed, kind), computed_unit="absolute error")
    (finding,) = outcome(single_plan(check)).findings
    assert finding.verdict is verdict and words in finding.reason


def test_an_unknown_engine_is_a_usage_error():
    with pytest.raises(UsageError, match="serial, loky"), open_engine("ray", 1):
        pass
