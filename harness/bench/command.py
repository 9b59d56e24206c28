"""A benchmark is a folder: bench.csv, bench.json, bench.html and figures; and what it says of an older one."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.bench import compare, goals, memory, pyperf_json, table
from harness.bench.page import write_page
from harness.bench.rivals import rivals
from harness.bench.subjects import Subject, of_samplers, with_controls
from harness.bench.timing import CATEGORIES, Series, race
from harness.errors import UsageError
from harness.registry import Sampler, load_entry_points, registered
from harness.runfolder import prepare
from harness.targets import resolve

Say = Callable[[str], None]


def bench(
    targets: Sequence[str],
    out: Path,
    *,
    seconds: float,
    older: Path | None = None,
    categories: Sequence[int] = CATEGORIES,
    pinned: Callable[[], dict[str, Any]] = dict,
    say: Say = lambda line: print(line, file=sys.stderr, flush=True),
) -> bool:
    """Measure, write the folder and print what was found; return whether nothing got slower. Raises UsageError."""
    if not seconds > 0:
        raise UsageError(f"--seconds must be positive, got {seconds:g}")
    before = None if older is None else pyperf_json.read(older)
    folder, subjects = prepare(out), subjects_of(targets)
    facts = [f"{name}: {value}" for name, value in pinned().items()]
    say("; ".join([platform.python_version(), *facts]))
    series = measure(subjects, categories, seconds, say)
    made = table.rows(series)
    table.write_csv(folder / "bench.csv", made)
    metadata = {**pinned(), "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}", "tool": "gumbel-harness bench"}
    suite = pyperf_json.suite(series, metadata)
    pyperf_json.write(folder / "bench.json", suite)
    found = goals.outcomes(made)
    noise = table.noise({one.name: table.interval(one.seconds).median for one in series})
    sentence = f"A sampler and its twin (A/A) differ by at most {noise:.1%}: what is closer than that is equal."
    write_page(folder, made, found, [*facts, sentence])
    _print(made, found, sentence)
    if before is None:
        return True
    comparison = compare.compare(before, {one.name: one.seconds for one in series})
    print(comparison)
    return not comparison.slower


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
    samplers: Iterable[Sampler] = map(resolve, targets) if targets else registered()
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


def _print(made: Sequence[dict[str, Any]], found: Sequence[dict[str, Any]], sentence: str) -> None:
    print(
        f"{'sampler':34}{'library':16}{'output':10}{'dtype':9}{'K':>7}{'ns a draw':>14}{'/ numpy':>9}{'/ uniforms':>11}"
    )
    for row in made:
        ratios = (row["ratio_to_numpy"], row["ratio_to_uniforms"])
        numpy, uniforms = ("" if ratio is None else f"{ratio:.2f}" for ratio in ratios)
        names = f"{row['sampler']:34}{row['library']:16}{row['output']:10}{row['dtype']:9}{row['K']:7}"
        print(f"{names}{row['ns_per_draw']:14.2f}{numpy:>9}{uniforms:>11}")
    for one in found:
        word = "met" if one["met"] else "missed"
        print(f"{word:7} {one['what']} at K = {one['K']}: {one['found']:.3g}, at most {one['most']:.3g}")
    print(sentence)
