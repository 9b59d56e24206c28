"""What a selftest found, in a few lines: counts first, then everything that is not as it should be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from harness.selftest import power, runs

if TYPE_CHECKING:
    from harness.selftest.selftest import Selftest

SHOWN = 20
"""Lines of each kind of fault; the tables have them all."""


def lines(done: Selftest) -> Iterator[str]:
    """Yield the lines of the summary."""
    yield from _counts(done)
    yield from _faults(done)
    yield "passed" if done.passed else "FAILED" if not done.right else "INTERRUPTED" if done.interrupted else "BROKEN"


def _counts(done: Selftest) -> Iterator[str]:
    controls, rates, powers = done.rows("controls"), done.rows("calibration"), done.rows("power")
    refuted = sum(row["verdict"] == "refuted" for row in controls)
    yield f"controls: {refuted} of {len(controls)} refuted"
    yield f"calibration: {sum(row['ok'] for row in rates)} of {len(rates)} rates hold"
    for row in rates:
        if row["check"] == runs.NAME:
            alarms = round(row["observed"] * row["replicates"])
            yield f"complete runs of right samplers at alpha {row['nominal']:g}: {alarms} of {row['replicates']} refuted"
    yield f"power: {sum(row['ok'] for row in powers)} of {len(powers)} as designed"


def _faults(done: Selftest) -> Iterator[str]:
    if done.interrupted:
        told = done.manifest["selftest"]
        yield f"  interrupted: {told['finished']} of {told['tasks']} tasks were finished"
    for name, reason in list(done.broken.items())[:SHOWN]:
        yield f"  broke: {name}: {reason}"
    for name in done.survivors:
        yield f"  not refuted: {name}"
    for row in done.miscalibrated[:SHOWN]:
        yield f"  rate too high: {row['check']} at {row['nominal']:g}: {row['observed']:.3g}, at least {row['low']:.3g}"
    for words in power.failures(done.rows("power"))[:SHOWN]:
        yield f"  short of its power: {words}"
    if done.idle and done.rows("controls"):
        yield f"  families that refuted no control: {', '.join(done.idle)}"
