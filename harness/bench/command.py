"""A benchmark is measured in one process and kept as tables: bench.csv, goals.csv, verdicts.csv and bench.json."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.bench import goals, medians, memory, pyperf_json
from harness.bench.rivals import rivals
from harness.bench.subjects import Subject, of_samplers, with_controls
from harness.bench.timing import CATEGORIES, Series, race
from harness.bench.to_verdict import to_verdict
from harness.errors import UsageError
from harness.ledger.files import write_table
from harness.samplers.registry import Sampler, load_entry_points, registered
from harness.samplers.targets import resolve_all
from harness.selftest.draws_to_verdict import COLUMNS as VERDICTS
from harness.selftest.others import Rule

Say = Callable[[str], None]
NAMED = ("sampler", "library", "output", "dtype")
"""Columns of words in what a terminal shows."""


@dataclass(frozen=True)
class Bench:
    """A finished benchmark: its tables as rows, what was pinned, and the noise in a sentence; ``series`` are the times."""

    rows: list[dict[str, Any]]
    goals: list[dict[str, Any]]
    verdicts: list[dict[str, Any]]
    series: list[Series]
    pinned: Mapping[str, Any]
    noise: str

    def save(self, folder: Path) -> None:
        """Write bench.csv, goals.csv, bench.json and, if there are any, verdicts.csv (a selftest may have left one)."""
        write_table(folder / "bench.csv", medians.COLUMNS, self.rows)
        write_table(folder / "goals.csv", goals.COLUMNS, self.goals)
        if self.verdicts:
            write_table(folder / "verdicts.csv", VERDICTS, self.verdicts)
        date = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}"
        told = {"noise": self.noise, "verdicts": bool(self.verdicts), "date": date, "tool": "gumbel-harness bench"}
        metadata = {**self.pinned, **told}
        pyperf_json.write(folder / "bench.json", pyperf_json.suite(self.series, metadata))


def bench(
    targets: Sequence[str],
    *,
    seconds: float,
    categories: Sequence[int] = CATEGORIES,
    rules: Sequence[Rule] = (),
    pinned: Callable[[], dict[str, Any]] = dict,
    say: Say = lambda line: print(line, file=sys.stderr, flush=True),
) -> Bench:
    """Measure times and memory, and draws to a verdict beside the rules of others, if any are given.

    Raises UsageError.
    """
    if not seconds > 0:
        raise UsageError(f"--seconds must be positive, got {seconds:g}")
    subjects = subjects_of(targets)
    say("; ".join([platform.python_version(), *(f"{name}: {value}" for name, value in pinned().items())]))
    series = measure(subjects, categories, seconds, say)
    made = medians.rows(series)
    noise = medians.noise({one.name: medians.interval(one.seconds).median for one in series})
    sentence = f"A sampler and its twin (A/A) differ by at most {noise:.1%}: what is closer than that is equal."
    told = []
    if rules:
        say(f"draws to a verdict, beside {len(rules)} rules of others")
        told = to_verdict(rules, say=say)
    return Bench(made, goals.outcomes(made), told, series, pinned(), sentence)


def numbers(text: str | None) -> Sequence[int]:
    """Return the K that are written with commas between them; without a text all of them. Raises UsageError."""
    try:
        chosen = tuple(int(word) for word in text.split(",")) if text else CATEGORIES
    except ValueError:
        chosen = ()
    if not chosen or min(chosen) < 2:
        raise UsageError(f"--categories takes whole numbers from 2 on with commas between them, got {text!r}")
    return chosen


def subjects_of(targets: Sequence[str]) -> list[Subject]:
    """Return who takes part: the targets, or every registered sampler; rivals and limits; and the A/A controls."""
    load_entry_points()
    samplers: Iterable[Sampler] = resolve_all(targets) if targets else registered()
    return with_controls([*of_samplers(samplers), *rivals()])


def measure(subjects: Sequence[Subject], categories: Sequence[int], seconds: float, say: Say) -> list[Series]:
    """Return the series of all subjects at all K, within about so many seconds and a few for memory."""
    found: list[Series] = []

    def failed(subject: Subject, error: Exception) -> None:
        say(f"{subject.name} ({subject.output}, {subject.dtype}) takes no part: {type(error).__name__}: {error}")

    for number in categories:
        made = race(subjects, number, seconds / len(categories), failed=failed)
        for one in made:
            one.peak = memory.peak(one.subject, number)
        rounds = len(made[0].seconds) if made else 0
        say(f"K = {number}: {len(made)} subjects, {rounds} rounds")
        found += made
    return found


def lines(done: Bench) -> Iterator[str]:
    """Yield what a terminal shows: the times, the goals and the noise."""
    names = [[str(row[name]) for name in NAMED] for row in done.rows]
    widths = [max(map(len, column)) + 2 for column in zip(NAMED, *names, strict=True)]
    heading = "".join(f"{name:{width}}" for name, width in zip(NAMED, widths, strict=True))
    yield f"{heading}{'K':>7}{'ns a draw':>14}{'/ numpy':>9}{'/ uniforms':>11}"
    for row, words in zip(done.rows, names, strict=True):
        ratios = (row["ratio_to_numpy"], row["ratio_to_uniforms"])
        numpy, uniforms = ("" if ratio is None else f"{ratio:.2f}" for ratio in ratios)
        named = "".join(f"{word:{width}}" for word, width in zip(words, widths, strict=True))
        yield f"{named}{row['K']:7}{row['ns_per_draw']:14.2f}{numpy:>9}{uniforms:>11}"
    for one in done.goals:
        word = "met" if one["met"] else "missed"
        yield f"{word:7} {one['what']} at K = {one['K']}: {one['found']:.3g}, at most {one['most']:.3g}"
    yield done.noise
