"""What varies between runs, and what a reader needs to trust one, stands in the manifest."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from harness.ledger.folder import SCHEMA
from harness.ledger.record import claim_record, sampler_records
from harness.options import LOOKS
from harness.questions.plan import Plan
from harness.text import shown

_PACKAGES = (
    *("gumbel-harness", "numpy", "scipy", "statsmodels", "pandas", "matplotlib", "loky"),
    *("torch", "jax", "numpyro", "pyro-ppl"),
)


def manifest(
    plan: Plan,
    engine: str,
    workers: int,
    start: datetime,
    end: datetime,
    command: str,
    targets: Sequence[str],
    interrupted: bool,
) -> dict[str, Any]:
    """Return the manifest of a run as a JSON object."""
    return {
        "schema": SCHEMA,
        "seed": plan.options.seed,
        "options": asdict(plan.options),
        "engine": {"name": engine, "workers": workers},
        "command": shown(command, 10_000),
        "targets": [shown(target) for target in targets],
        "interrupted": interrupted,
        "budget": {
            "alpha": plan.options.alpha,
            "alpha_per_check": plan.alpha,
            "planned": plan.planned,
            "selected": len(plan.checks),
            "looks": [{"share_of_draws": share, "share_of_alpha": spent} for share, spent in LOOKS],
        },
        "versions": versions(),
        "machine": _machine(),
        "commit": _commit(),
        "start": start.astimezone(UTC).isoformat(timespec="seconds"),
        "end": end.astimezone(UTC).isoformat(timespec="seconds"),
        "seconds": round((end - start).total_seconds(), 3),
        "claims": [claim_record(claim, plan.bearing.get(claim.id, 0)) for claim in plan.claims],
        "samplers": sampler_records(plan),
        "suites": {name: plan.asks[name] for name in sorted({one.suite for one in plan.checks} & {*plan.asks})},
        "errata": [asdict(erratum) for erratum in plan.errata],
    }


def versions() -> dict[str, str]:
    """Return the versions of Python, of this project and of the packages that numbers depend on."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _machine() -> dict[str, Any]:
    return {
        "system": f"{platform.system()} {platform.release()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "byteorder": sys.byteorder,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _commit() -> str:
    """The commit of the source tree that the package runs from, with a mark if it was changed; empty elsewhere."""
    here = Path(__file__).resolve().parent
    try:
        run = [
            subprocess.run(
                ["git", "-C", str(here), *words], capture_output=True, text=True, timeout=10, check=True
            ).stdout
            for words in (["rev-parse", "HEAD"], ["status", "--porcelain"])
        ]
    except (OSError, subprocess.SubprocessError):
        return ""
    return run[0].strip() + (" (changed)" if run[1].strip() else "")
