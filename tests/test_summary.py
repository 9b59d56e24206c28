"""The terminal names the six states of checks by the words of the page, and says what a claim waits for."""

from types import SimpleNamespace

import pandas as pd
import pytest

from harness.console.summary import BROKEN as OPEN_STATUS
from harness.console.summary import OK, deviations, exit_status, print_summary
from harness.ledger.states import STATES, STOPPED, tally


def record(name, verdict="inconclusive", **more):
    told = {"broken": "", "missing": "", "reason": "too few", "claims": ["a"], "n": 9, "sampler": "s", "notes": {}}
    return {"check": name, "verdict": verdict, **told, **more}


MISSING = record(
    "x/missing",
    missing="needs a package that is not installed: jax",
    reason="needs a package that is not installed: jax",
)
BROKEN = record("x/broken", broken="it raised", reason="it raised")
STOPPED_EARLY = record("x/stopped", reason=f"{STOPPED}, as x was refuted")
OPEN, RIGHT, WRONG = record("x/open"), record("x/right", "verified"), record("x/wrong", "refuted", reason="p = 0.1")


def validation(*records, verdict="inconclusive", interrupted=False):
    checks = pd.DataFrame([{**one, "claims": " ".join(one["claims"])} for one in records])
    claims = pd.DataFrame([{"claim": "a", "verdict": verdict, "expected": "verified", "agrees": verdict == "verified"}])
    samplers = pd.DataFrame({"sampler": ["s"], "verdict": [verdict]})
    return SimpleNamespace(
        checks=checks, claims=claims, samplers=samplers, records=list(records),
        manifest={"command": "go", "options": {"tolerance": 0.3, "beta": 1e-3}},
        outcome=SimpleNamespace(interrupted=interrupted),
    )  # fmt: skip


def test_a_claim_that_only_misses_a_package_says_so():
    head, line = deviations(validation(MISSING, RIGHT))
    assert head == "a: inconclusive, should be verified, only because a package is not installed"
    assert line == "  missing: x/missing (n = 9): needs a package that is not installed: jax"


def test_what_would_take_too_long_is_told_from_a_package_that_is_not_installed():
    slow = record("x/slow", missing="would take about 90 s", reason="would take about 90 s")
    assert deviations(validation(slow, RIGHT))[0].endswith(", only because it would take too long to ask")
    statuses = [exit_status(validation(one, RIGHT), strict=False) for one in (slow, MISSING)]
    assert statuses == [OPEN_STATUS, OK]


def test_what_verified_means_is_said_where_something_is(capsys):
    print_summary(validation(RIGHT, verdict="verified"), None)
    assert "a deviation of 0.3, or what a case" in (said := capsys.readouterr().out) and "probability 0.999" in said
    print_summary(validation(WRONG, verdict="refuted"), None)
    assert "verified: a deviation" not in capsys.readouterr().out


@pytest.mark.parametrize("other", [BROKEN, STOPPED_EARLY, OPEN], ids=["broken", "stopped early", "inconclusive"])
def test_a_claim_that_also_waits_for_something_else_does_not(other):
    assert deviations(validation(MISSING, other))[0] == "a: inconclusive, should be verified"


def test_the_gravest_state_comes_first():
    lines = deviations(validation(MISSING, STOPPED_EARLY, BROKEN))
    assert [line.split(":")[0].strip() for line in lines[1:]] == ["broken", "stopped early", "missing"]


def test_a_refuted_claim_names_its_checks_as_before():
    assert deviations(validation(WRONG, BROKEN, verdict="refuted")) == [
        "a: refuted, should be verified",
        "  x/wrong (n = 9): p = 0.1",
    ]


def test_checks_are_counted_by_state_where_three_words_hide_why(capsys):
    print_summary(validation(MISSING, BROKEN, BROKEN, RIGHT), None)
    assert "checks: 2 broken, 1 missing, 1 verified" in capsys.readouterr().out
    print_summary(validation(OPEN, RIGHT), None)
    assert "checks: 1" not in capsys.readouterr().out
    assert [*tally([MISSING, BROKEN, STOPPED_EARLY, OPEN, RIGHT, WRONG])] == [*STATES]
