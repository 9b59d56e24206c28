"""What a report shows of a run is gathered once: rows in telling order, claims with their rows, and what deviates."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from harness.ledger.folder import read
from harness.ledger.states import state
from harness.ledger.tables import benjamini_hochberg, checks_frame, claims_frame, samplers_frame
from harness.verdict import Verdict, agrees, deserved
from reports.again import command

CORRECTED = ".corrected"
STOPPED = "stopped early"
Row = dict[str, Any]


@dataclass(frozen=True)
class View:
    """A run as its report sees it; ``rows`` are the ledger's records with their adjusted p-values.

    ``samplers`` are those that answer for a check; others were drawn from to judge a claim.
    """

    folder: Path
    manifest: dict[str, Any]
    frames: dict[str, pd.DataFrame]
    rows: list[Row]
    claims: list[Row]
    samplers: list[Row]
    trouble: str = ""

    @cached_property
    def deviating_claims(self) -> list[Row]:
        """Claims that did not get the verdict they deserve."""
        return [claim for claim in self.claims if not claim["agrees"]]

    @cached_property
    def deviating_rows(self) -> list[Row]:
        """Checks that are inconclusive, or the opposite of what the claims that they bear on deserve."""
        expected = {claim["claim"]: claim["expected"] for claim in self.claims}
        return [row for row in self.rows if deviates(row, expected)]

    @property
    def unlike(self) -> list[Row]:
        """Of the deviating checks those that say something by themselves: others were stopped as a sampler was refuted."""
        return [row for row in self.deviating_rows if state(row) != STOPPED]

    @property
    def stopped(self) -> list[Row]:
        """Deviating checks that were drawn no further, as another one had refuted their sampler."""
        return [row for row in self.deviating_rows if state(row) == STOPPED]

    def bearing(self, claim: str) -> list[Row]:
        """Return the rows that bear on a claim, the most telling first."""
        return [row for row in self.rows if claim in row["claims"]]

    def command(self, *claims: str, check: str = "") -> str:
        """Return the command that runs these claims, or one check, or the run's own selection once more."""
        return command(self.manifest, *claims, check=check)


def load(folder: Path) -> View:
    """Read a run folder; raises UsageError if it is none."""
    run = read(folder)
    frames = {
        "checks": checks_frame(run.records, run.manifest["budget"]["planned"]),
        "claims": claims_frame(run.records, run.manifest["claims"]),
        "samplers": samplers_frame(run.records, run.manifest["samplers"]),
    }
    records = {record["check"]: record for record in run.records}
    rates = benjamini_hochberg([record["p_value"] for record in run.records], run.manifest["budget"]["planned"])
    rate = dict(zip(records, rates, strict=True))
    rows = [
        {**records[row["check"]], "p_holm": row["p_holm"], "p_fdr": rate[row["check"]]}
        for row in _records(frames["checks"][["check", "p_holm"]])
    ]
    judged = [sampler for sampler in _records(frames["samplers"]) if sampler["checks"]]
    return View(folder, run.manifest, frames, rows, _records(frames["claims"]), judged, run.trouble)


def deviates(row: Mapping[str, Any], expected: Mapping[str, str]) -> bool:
    """Tell whether a check has not the verdict that its claims deserve."""
    due = deserved(Verdict(expected[claim]) for claim in row["claims"] if claim in expected)
    return not agrees(Verdict(row["verdict"]), due)


def anchor(check: str) -> str:
    """Return the address of a check's row within the page."""
    return "check:" + "_".join(check.split())


def _records(frame: pd.DataFrame) -> list[Row]:
    """Return a frame's rows with None for what is missing."""
    return [
        {str(name): None if isinstance(value, float) and math.isnan(value) else value for name, value in row.items()}
        for row in frame.to_dict("records")
    ]
