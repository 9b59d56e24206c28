"""A selftest is one list of tasks and a folder of tables; it passes if nothing wrong was spared and nothing right hit."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.content import Content, Control, load_content
from harness.engine.executors import default_workers, open_engine
from harness.engine.run import Progress
from harness.errors import UsageError
from harness.manifest import manifest
from harness.options import LOOKS, PROFILES, Options
from harness.plan import Plan, documents_plan
from harness.registry import registered
from harness.runfolder import prepare
from harness.selftest import calibration, computed, controls, deep, oracle, peers, power, runs
from harness.selftest.configurations import Configuration, configurations
from harness.selftest.intervals import SIDE
from harness.selftest.tasks import Task, do

Row = dict[str, Any]
CALIBRATION = ("check", "method", "nominal", "observed", "low", "high", "replicates", "ok")
CURVES = ("check", "method", "replicates", "share", "p_value")


@dataclass(frozen=True)
class Selftest:
    """The tables of a finished selftest, by file name, and what is wrong, in words."""

    tables: Mapping[str, tuple[Sequence[str], list[Row]]]
    survivors: list[str]
    idle: list[str]
    manifest: dict[str, Any]

    def rows(self, name: str) -> list[Row]:
        """Return the rows of a table."""
        return self.tables[name][1]

    @property
    def miscalibrated(self) -> list[Row]:
        """Rows of calibration.csv that are not ok; that of the strict runs is, if any right sampler was refuted."""
        return [row for row in self.rows("calibration") if not row["ok"]]

    @property
    def passed(self) -> bool:
        """Every control without a price was refuted, every rate is what it should be, no right sampler was refuted."""
        return not self.survivors and not self.miscalibrated

    def save(self, folder: Path) -> None:
        """Write the tables and the manifest, each complete or not at all."""
        prepare(folder)
        for name, (columns, rows) in self.tables.items():
            _replace(folder / f"{name}.csv", _csv(columns, rows))
        _replace(folder / "manifest.json", json.dumps(self.manifest, indent=2, allow_nan=False) + "\n")


@dataclass(frozen=True)
class Part:
    """Tasks, and how their results become rows of tables."""

    tasks: list[Task]
    collect: Callable[[list[Any]], dict[str, list[Row]]]


def selftest(
    profile: str = "quick",
    seed: int = 0,
    workers: int | None = None,
    rules: Sequence[peers.Rule] = (),
    engine: str = "loky",
    content: Content | None = None,
    progress: Progress = lambda what, done, total: None,
    command: str = "",
) -> Selftest:
    """Do the selftest of the installed content and return its tables; raises UsageError."""
    number = default_workers() if workers is None else workers
    if number < 1:
        raise UsageError(f"workers must be at least 1, got {workers}")
    options = Options(PROFILES["quick"], seed=seed, profile=profile, keep_going=True)  # every check has its shot
    held = content or load_content(options)
    known = list(held.controls())
    plan = documents_plan([one for one in registered() if one.family == "built-in"], held, options)
    kills: list[controls.Kill] = []
    start = datetime.now(UTC)
    with open_engine(engine, number) as executor:
        found = _do(_parts(profile, plan, held, known, rules, kills), executor, number, progress)
    end = datetime.now(UTC)
    told = manifest(plan, engine, number, start, end, command, [], interrupted=False)
    priced = [control.sampler.name for control in known if control.price]
    told |= {"selftest": {"profile": profile, "side": SIDE, "looks": [list(look) for look in LOOKS], "priced": priced}}
    names = {
        "controls": controls.COLUMNS,
        "kill_matrix": controls.MATRIX,
        "calibration": CALIBRATION,
        "pvalues": CURVES,
        "power": power.COLUMNS,
        "peers": peers.COLUMNS,
    }
    tables = {name: (columns, found.get(name, [])) for name, columns in names.items()}
    return Selftest(tables, controls.survivors(known, kills), controls.idle(kills), told)


def _parts(
    profile: str,
    plan: Plan,
    content: Content,
    known: Sequence[Control],
    rules: Sequence[peers.Rule],
    kills: list[controls.Kill],
) -> list[Part]:
    distinct = configurations(plan)
    return [
        _kills(plan, known, kills),
        _calibration(profile, plan, distinct),
        _tails(profile, plan, distinct),
        _computed(profile, plan),
        _runs(profile, plan),
        _power(profile, plan, distinct),
        _oracle(profile, plan, content, known),
        _peers(profile, plan, content, known, rules),
    ]


def _kills(plan: Plan, known: Sequence[Control], kills: list[controls.Kill]) -> Part:
    def collect(results: list[Any]) -> dict[str, list[Row]]:
        kills.extend(results)
        return {"controls": list(controls.rows(known, results)), "kill_matrix": list(controls.matrix(results))}

    return Part(controls.tasks(known, plan.options), collect)


def _calibration(profile: str, plan: Plan, distinct: Sequence[Configuration]) -> Part:
    def collect(results: list[Any]) -> dict[str, list[Row]]:
        curves = list(calibration.curves(distinct, results))
        return {"calibration": list(calibration.rows(distinct, results)), "pvalues": curves}

    return Part(calibration.tasks(distinct, profile, plan.options.seed), collect)


def _tails(profile: str, plan: Plan, distinct: Sequence[Configuration]) -> Part:
    chosen = deep.chosen(distinct, profile)
    return Part(
        deep.tasks(chosen, profile, plan.options.seed),
        lambda results: {"calibration": list(deep.rows(chosen, results))},
    )


def _computed(profile: str, plan: Plan) -> Part:
    found = computed.groups(plan)
    return Part(
        computed.tasks(found, profile, plan.options.seed),
        lambda results: {"calibration": list(computed.rows(found, results))},
    )


def _runs(profile: str, plan: Plan) -> Part:
    seed = plan.options.seed
    tasks = [*runs.tasks(profile, seed), *runs.deterministic(profile, seed)]
    return Part(tasks, lambda results: {"calibration": list(runs.rows(results))})


def _power(profile: str, plan: Plan, distinct: Sequence[Configuration]) -> Part:
    chosen = power.chosen(distinct, profile)
    return Part(
        power.tasks(chosen, plan, profile), lambda results: {"power": [row for rows in results for row in rows]}
    )


def _oracle(profile: str, plan: Plan, content: Content, known: Sequence[Control]) -> Part:
    laws = oracle.cases(known, content.cases, profile)
    level = plan.alpha * LOOKS[-1][1]
    return Part(oracle.tasks(laws, level, profile, plan.options.seed), lambda results: {"power": results})


def _peers(profile: str, plan: Plan, content: Content, known: Sequence[Control], rules: Sequence[peers.Rule]) -> Part:
    if not rules:
        return Part([], lambda results: {})
    right, broken = peers.right_laws(content.cases), peers.broken_laws(known, content.cases)
    beside = (*rules, peers.ours(plan.alpha))
    return Part(
        peers.tasks(beside, right, broken, profile, plan.options.seed), lambda results: {"peers": list(results)}
    )


def _do(
    parts: Sequence[Part], executor: Callable[[], Executor], workers: int, progress: Progress
) -> dict[str, list[Row]]:
    """Do the tasks of all parts as one list, so that no core waits between parts, and collect the rows by table."""
    results = do([task for part in parts for task in part.tasks], executor, workers, progress)
    found: dict[str, list[Row]] = {}
    at = 0
    for part in parts:
        mine, at = results[at : at + len(part.tasks)], at + len(part.tasks)
        for name, rows in part.collect(mine).items():
            found.setdefault(name, []).extend(rows)
    return found


def _csv(columns: Sequence[str], rows: Iterable[Row]) -> str:
    text = io.StringIO()
    table = csv.DictWriter(text, columns, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue()


def _replace(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8", newline="\n")
    os.replace(part, path)
