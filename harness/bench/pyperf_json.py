"""bench.json is a pyperf suite, one benchmark a series, in seconds a draw: ``pyperf compare_to OLD.json NEW.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.bench.timing import Series
from harness.errors import UsageError
from harness.ledger.files import replace


def suite(series: Sequence[Series], metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON object; the first call, set-up and compilation included, stands in the metadata."""
    return {
        "version": "1.0",
        "metadata": {**metadata, "loops": 1, "unit": "second"},
        "benchmarks": [
            {"metadata": {"name": one.name, "first_call_seconds": one.first}, "runs": [{"values": list(one.seconds)}]}
            for one in series
        ],
    }


def write(path: Path, made: Mapping[str, Any]) -> None:
    """Write the suite."""
    replace(path, json.dumps(made) + "\n")


def read(path: Path) -> dict[str, list[float]]:
    """Return the values by name of a suite; raises UsageError if the file is none."""
    try:
        made = json.loads(path.read_text())
        common = made.get("metadata", {})
        return {
            {**common, **one.get("metadata", {})}["name"]: [v for run in one["runs"] for v in run.get("values", [])]
            for one in made["benchmarks"]
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{path} cannot be read as the bench.json of an earlier run: {error!r}") from error
