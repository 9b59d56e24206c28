"""Tables are functions of records: the contract's columns, Holm over the whole plan, the most telling rows first."""

import csv
import io
import math
from pathlib import Path

import pytest

from harness.ledger.tables import (
    CHECKS,
    CLAIMS,
    SAMPLERS,
    benjamini_hochberg,
    checks_frame,
    claims_frame,
    holm,
    samplers_frame,
    telling,
)

CONTRACT = Path(__file__).parent.parent.parent / "shared" / "CONTRACT.md"
COLUMNS = {
    "checks.csv": "check, claims, suite, method, sampler, case, n, statistic, p_value, p_holm, alpha, effect, detectable, "
    "tolerance, unit, verdict, reason, seed",
    "claims.csv": "claim, document, where, statement, expected, verdict, agrees, checks, refuted, inconclusive, draws, "
    "detectable, unit",
    "samplers.csv": "sampler, family, emits, checks, verified, refuted, inconclusive, verdict",
}


def row(check="c", verdict="verified", p_value=0.5, n=100, impossible="", **more):
    numbers = {"statistic": 1.5, "effect": 0.1, "detectable": 0.01, "tolerance": 0.01, "alpha": 1e-10}
    words = {
        "suite": "s",
        "method": "m",
        "sampler": "direct",
        "case": "die",
        "unit": "u",
        "reason": "r",
        "judges": True,
    }
    known = {
        "check": check,
        "verdict": verdict,
        "p_value": p_value,
        "n": n,
        "impossible": impossible,
        "claims": ["a.b"],
        "inputs": [{"scenario": f"direct/index/{check}"}],
    }
    return {**numbers, **words, **known, "seed": 0, **more}


@pytest.mark.parametrize(
    ("name", "columns"), [("checks.csv", CHECKS), ("claims.csv", CLAIMS), ("samplers.csv", SAMPLERS)]
)
def test_columns_are_those_of_the_contract(name, columns):
    assert ", ".join(columns) == COLUMNS[name]
    if CONTRACT.exists():
        assert any(line.split()[:1] == [name] and COLUMNS[name] in line for line in CONTRACT.read_text().splitlines())


def test_frames_have_these_columns_with_rows_and_without():
    for records in ([], [row()]):
        assert tuple(checks_frame(records, 10).columns) == CHECKS
        assert tuple(claims_frame(records, []).columns) == CLAIMS
        assert tuple(samplers_frame(records, []).columns) == SAMPLERS


def test_holm_counts_every_planned_check():
    assert holm([0.001, None, 0.02, 0.5], 10) == [pytest.approx(0.01), None, pytest.approx(0.18), 1.0]
    assert holm([0.001], 1) == [0.001] and holm([None, None], 5) == [None, None] and holm([], 5) == []


def test_holm_never_reorders_and_never_lowers():
    p_values = [0.2, 1e-12, 0.0, 1e-3, 1.0]
    adjusted = holm(p_values, 400)
    assert sorted(range(5), key=adjusted.__getitem__) == sorted(range(5), key=p_values.__getitem__)
    assert all(p <= q for p, q in zip(p_values, adjusted, strict=True)) and adjusted[2] == 0.0


def test_the_most_telling_rows_come_first():
    records = [
        row("verified"),
        row("slow", "refuted", 1e-20, 10**6),
        row("blind", "inconclusive", None),
        row("impossible", "refuted", None, 10**6, "a NaN"),
        row("fast", "refuted", 1e-20, 1000),
        row("underflow", "refuted", 0.0, 1000),
        row("computed", "refuted", None, 5),
    ]
    expected = ["impossible", "underflow", "fast", "slow", "computed", "blind", "verified"]
    assert checks_frame(records, 10)["check"].tolist() == expected


def test_the_number_of_a_claim_is_that_of_its_leading_check_with_its_unit():
    records = [
        row("ks/top-down/gumbel/die/tails", detectable=1.4, tolerance=2.0, unit="relative change", claims=["a.b"]),
        row("ks/a/b", detectable=0.009, tolerance=0.01, unit="KS distance", claims=["a.b", "c"]),
        row("calls/x", detectable=0.5, tolerance=0.5, unit="share of draws", claims=["a.b", "c"]),
    ]
    claims = [{"claim": name, "document": "", "where": "", "says": "", "expected": "verified"} for name in ("a.b", "c")]
    frame = claims_frame(records, claims)
    assert list(zip(frame["detectable"], frame["unit"], strict=True)) == [
        (0.009, "KS distance"),
        (0.5, "share of draws"),
    ]


def test_equal_rows_keep_the_order_of_the_plan():
    assert checks_frame([row(name) for name in "bca"], 3)["check"].tolist() == ["b", "c", "a"]


@pytest.mark.parametrize("planned", [4, 10])
def test_benjamini_hochberg_is_the_textbooks_and_never_above_holm(planned):
    p_values = [0.04, None, 0.001, 0.02, 0.6]
    rates = benjamini_hochberg(p_values, planned)
    given = sorted(p for p in p_values if p is not None) + [1.0] * (planned - 4)
    steps = [p * planned / (i + 1) for i, p in enumerate(given)]
    expected = {p: min(steps[i:]) for i, p in enumerate(given)}
    assert rates == [None if p is None else pytest.approx(min(1.0, expected[p])) for p in p_values]
    assert all(a <= b for a, b in zip(rates, holm(p_values, planned), strict=True) if a is not None)


def test_an_empty_sample_is_no_division_by_zero():
    assert telling(row(n=0, verdict="refuted", p_value=0.5)) == (0, pytest.approx(math.log(0.5)))


def test_the_verified_keep_the_order_of_the_plan():
    assert checks_frame([row("a", p_value=0.9), row("b", p_value=0.1)], 2)["check"].tolist() == ["a", "b"]


def test_floats_survive_the_csv_and_missing_numbers_are_empty_fields():
    odd = {"statistic": 0.1 + 0.2, "p_value": 5e-324, "effect": None, "detectable": 1 / 3, "alpha": 1e-6 / 4096}
    frame = checks_frame([row(**odd), row("none", p_value=None)], 7)
    text = frame.to_csv(index=False, lineterminator="\n")
    fields, without = sorted(csv.DictReader(io.StringIO(text)), key=lambda fields: fields["check"])
    for name in ("statistic", "p_value", "p_holm", "detectable", "alpha"):
        assert float(fields[name]) == frame.set_index("check").loc["c", name], name
    assert fields["effect"] == "" and fields["n"] == "100" and without["p_value"] == "" == without["p_holm"]
    assert "nan" not in text.lower()


def test_a_claim_s_verdict_is_the_gravest_of_the_checks_that_bear_on_it():
    claim = {"claim": "a.b", "document": "a", "where": "1", "statement": "s", "expected": "refuted", "planned": 2}
    records = [row(), row("x", "refuted", detectable=0.02, n=7), row("y", "inconclusive", claims=["other"])]
    (found,) = claims_frame(records, [claim]).to_dict("records")
    assert (found["verdict"], found["agrees"], found["checks"], found["refuted"], found["inconclusive"]) == (
        "refuted",
        True,
        2,
        1,
        0,
    )
    assert (found["draws"], found["detectable"]) == (107, 0.02)


def test_a_wrong_claim_is_not_verified_by_a_part_of_its_checks():
    claim = {"claim": "a.b", "document": "a", "where": "1", "statement": "s", "expected": "refuted", "planned": 2}
    verdicts = [claims_frame(records, [claim])["verdict"].item() for records in ([row()], [row(), row("d")])]
    assert verdicts == ["inconclusive", "verified"]


def test_draws_that_checks_share_count_once():
    claim = {"claim": "a.b", "document": "a", "where": "1", "statement": "s", "expected": "verified", "planned": 2}
    shared = [{"scenario": "direct/index/die"}]
    found = claims_frame([row("x", inputs=shared), row("y", n=90, inputs=shared)], [claim])
    assert found["draws"].item() == 100


def test_a_claim_without_checks_is_inconclusive():
    claim = {"claim": "z", "document": "z", "where": "1", "statement": "s", "expected": "verified", "planned": 1}
    (found,) = claims_frame([row()], [claim]).to_dict("records")
    assert found["verdict"] == "inconclusive" and not found["agrees"] and found["checks"] == 0


def test_a_sampler_answers_only_for_checks_that_judge_it():
    sampler = {"sampler": "direct", "family": "built-in", "emits": ["index"], "dtype": "float64"}
    records = [row(), row("claim", "refuted", judges=False), row("other", "refuted", sampler="mine")]
    (found,) = samplers_frame(records, [sampler]).to_dict("records")
    assert (found["checks"], found["verified"], found["refuted"], found["verdict"]) == (1, 1, 0, "verified")
    assert found["emits"] == "index"
