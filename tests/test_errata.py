"""The documents' slips reach errata.csv and the page, and a run of guests has none."""

from __future__ import annotations

import csv

from harness.cli import main
from harness.options import Options
from harness.questions.content import load_content
from suites.errata import ERRATA


def test_every_slip_has_a_reason_and_stands_once():
    assert len({(one.document, one.where, one.slip) for one in ERRATA}) == len(ERRATA)
    assert {one.document for one in ERRATA} == {"proof", "density", "posterior", "trick"}
    assert all(one.where and one.slip.endswith(".") and one.reason.endswith(".") for one in ERRATA)
    assert load_content(Options()).errata == ERRATA


def test_a_run_writes_them_beside_its_tables(tmp_path):
    from click.testing import CliRunner

    out = tmp_path / "run"
    done = CliRunner().invoke(
        main, ["validate", "--claim", "trick.sse-example", "--engine", "serial", "--out", str(out)]
    )
    assert done.exit_code == 0, done.output
    with open(out / "errata.csv", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert list(rows[0]) == ["document", "where", "slip", "reason"]
    assert len(rows) == len(ERRATA)
    page = (out / "report.html").read_text()
    assert "Errata of the documents" in page
    assert "The constraints are called nonlinear." in page
