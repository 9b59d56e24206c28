"""A finished run in the formats of other programs: JSON, JUnit XML, and what GitHub Actions reads."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from harness.errors import StorageError
from harness.validation import Validation
from harness.verdict import Verdict, contradicts, deserved

if TYPE_CHECKING:
    import pandas as pd

ANNOTATIONS = 10
"""GitHub shows at most ten annotations of a kind a step."""


def write_json(validation: Validation, path: Path, status: int) -> None:
    """Write {status, verdict, seed, options, claims, samplers, checks}, rows as in the tables; raises StorageError.

    Missing numbers are null, and floats round-trip.
    """
    tables = {"claims": validation.claims, "samplers": validation.samplers, "checks": validation.checks}
    rows = {name: _rows(frame) for name, frame in tables.items()}
    head = {"status": status, "verdict": validation.verdict.value, "interrupted": validation.outcome.interrupted}
    run = {"seed": validation.manifest["seed"], "options": validation.manifest["options"]}
    _write(path, json.dumps({**head, **run, **rows}, indent=1) + "\n")


def write_junit(validation: Validation, path: Path) -> None:
    """Write one test case a check: a failure if its verdict is not the one it deserves; raises StorageError.

    What broke is an error, what is inconclusive for another reason is skipped with that reason.
    """
    expected = _expected(validation)
    suites = ElementTree.Element("testsuites", name="gumbel-harness")
    by_suite: dict[str, list[ElementTree.Element]] = {}
    for record in validation.records:
        by_suite.setdefault(record["suite"], []).append(_testcase(record, expected))
    for name, cases in by_suite.items():
        counts = {
            kind: str(sum(case.find(tag) is not None for case in cases))
            for kind, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))
        }
        suite = ElementTree.SubElement(suites, "testsuite", {"name": name, "tests": str(len(cases)), **counts})
        suite.extend(cases)
    ElementTree.indent(suites)
    _write(path, ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n")


def workflow_commands(validation: Validation, environment: Mapping[str, str] = os.environ) -> Iterator[str]:
    """Yield GitHub's workflow commands for the first checks that contradict what they deserve; nothing elsewhere."""
    if environment.get("GITHUB_ACTIONS") != "true":
        return
    expected = _expected(validation)
    wrong = [record for record in validation.records if _contradicts(record, expected)]
    for record in wrong[:ANNOTATIONS]:
        yield f"::error title={_property(record['check'])}::{_message(record['reason'])}"


def step_summary(folder: Path, environment: Mapping[str, str] = os.environ) -> None:
    """Append the run's summary.md to the step summary, if GitHub Actions asks for one; raises StorageError."""
    target, summary = environment.get("GITHUB_STEP_SUMMARY"), folder / "summary.md"
    if target and summary.exists():
        try:
            with open(target, "a", encoding="utf-8") as file:
                file.write(summary.read_text(encoding="utf-8") + "\n")
        except OSError as error:
            raise StorageError(f"cannot write to {target}: {error.strerror or error}") from error


def _rows(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    """Return a table's rows; JSON knows no NaN."""
    return frame.astype(object).where(frame.notna(), None).to_dict(orient="records")


def _expected(validation: Validation) -> dict[str, Verdict]:
    return {claim["claim"]: Verdict(claim["expected"]) for claim in validation.manifest["claims"]}


def _contradicts(record: Mapping[str, Any], expected: Mapping[str, Verdict]) -> bool:
    return contradicts(Verdict(record["verdict"]), deserved(expected[name] for name in record["claims"]))


def _testcase(record: Mapping[str, Any], expected: Mapping[str, Verdict]) -> ElementTree.Element:
    case = ElementTree.Element("testcase", classname=f"gumbel-harness.{record['suite']}", name=record["check"])
    if _contradicts(record, expected):
        kind = "failure"
    elif record["broken"]:
        kind = "error"
    elif record["verdict"] == Verdict.INCONCLUSIVE:
        kind = "skipped"
    else:
        return case
    told = ElementTree.SubElement(case, kind, message=f"{record['verdict']}: {record['reason']}")
    told.text = f"p = {record['p_value']}, alpha = {record['alpha']}, n = {record['n']}, seed = {record['seed']}"
    return case


def _message(text: str) -> str:
    """Escape a workflow command's message as GitHub's toolkit does; records are free of control characters already."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(f"cannot write to {path}: {error.strerror or error}") from error
