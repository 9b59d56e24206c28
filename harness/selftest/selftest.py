"""A selftest is one list of tasks and a folder of tables; it passes if every control and no right sampler was refuted."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.engine.executors import default_workers, open_engine
from harness.engine.pool import Progress
from harness.errors import UsageError
from harness.ledger.files import replace, write_table
from harness.ledger.manifest import manifest
from harness.ledger.owner import prepare
from harness.options import LOOKS, PROFILES, Options
from harness.questions.content import Content, Control, load_content
from harness.questions.plan import Plan, documents_plan
from harness.samplers.registry import registered
from harness.selftest import (
    calibration,
    computed,
    controls,
    deep,
    draws_to_verdict,
    oracle,
    others,
    power,
    promise,
    runs,
)
from harness.selftest.configurations import Configuration, configurations
from harness.selftest.intervals import SIDE
from harness.selftest.tasks import Task, do

Row = dict[str, Any]
CALIBRATION = ("check", "method", "nominal", "observed", "low", "high", "replicates", "ok")
CURVES = ("check", "method", "replicates", "share", "p_value")


@dataclass(frozen=True)
class Selftest:
    """The tables of a selftest by file name, and in words what is wrong, what broke, and whether it was interrupted."""

    tables: Mapping[str, tuple[Sequence[str], list[Row]]]
    survivors: list[str]
    idle: list[str]
    manifest: dict[str, Any]
    broken: Mapping[str, str]
    interrupted: bool

    def rows(self, name: str) -> list[Row]:
        """Return the rows of a table."""
        return self.tables[name][1]

    @property
    def miscalibrated(self) -> list[Row]:
        """Rows of calibration.csv that are not ok; that of the strict runs is, if any right sampler was refuted."""
        return [row for row in self.rows("calibration") if not row["ok"]]

    @property
    def right(self) -> bool:
        """Nothing that was finished is wrong: no control without a price was spared, every rate and power as designed."""
        return not self.survivors and not self.miscalibrated and all(row["ok"] for row in self.rows("power"))

    @property
    def passed(self) -> bool:
        """Nothing is wrong, and nothing is missing."""
        return self.right and not self.broken and not self.interrupted

    def save(self, folder: Path) -> None:
        """Write the tables and the manifest, each complete or not at all."""
        prepare(folder)
        for name, (columns, rows) in self.tables.items():
            write_table(folder / f"{name}.csv", columns, rows)
        replace(folder / "manifest.json", json.dumps(self.manifest, indent=2, allow_nan=False) + "\n")


@dataclass(frozen=True)
class Part:
    """Tasks, what each of them is about, and how pairs of that and a result become rows of tables."""

    tasks: list[Task]
    subjects: Sequence[Any]
    collect: Callable[[list[Any], list[Any]], dict[str, list[Row]]]


def selftest(
    profile: str = "quick",
    seed: int = 0,
    workers: int | None = None,
    rules: Sequence[others.Rule] = (),
    engine: str = "loky",
    content: Content | None = None,
    progress: Progress = lambda what, done, total: None,
    command: str = "",
) -> Selftest:
    """Do the selftest of the installed content and return its tables; raises UsageError.

    What an interruption leaves unfinished has no rows.
    """
    number = default_workers() if workers is None else workers
    if number < 1:
        raise UsageError(f"workers must be at least 1, got {workers}")
    options = Options(PROFILES["quick"], seed=seed, profile=profile)
    held = content or load_content(options)
    known = list(held.controls())
    plan = documents_plan([one for one in registered() if one.trusted], held, options)
    kills: dict[str, controls.Kill] = {}
    parts = _parts(profile, plan, held, known, rules, kills)
    start = datetime.now(UTC)
    with open_engine(engine, number) as executor:
        done = do([task for part in parts for task in part.tasks], executor, number, progress)
    found = _collected(parts, done.results)
    told = manifest(plan, engine, number, start, datetime.now(UTC), command, [], interrupted=done.interrupted)
    priced = [control.sampler.name for control in known if control.price]
    told["selftest"] = {
        "profile": profile,
        "side": SIDE,
        "looks": [list(look) for look in LOOKS],
        "priced": priced,
        "tasks": len(done.results),
        "finished": sum(result is not None for result in done.results),
        "broken": done.broken,
    }
    names = {
        "controls": controls.COLUMNS,
        "kill_matrix": controls.MATRIX,
        "calibration": CALIBRATION,
        "pvalues": CURVES,
        "power": power.COLUMNS,
        "peers": others.COLUMNS,
        "verdicts": draws_to_verdict.COLUMNS,
    }
    tables = {name: (columns, found.get(name, [])) for name, columns in names.items()}
    tried = [control for control in known if control.sampler.name in kills]
    spared = controls.survivors(tried, [kills[control.sampler.name] for control in tried])
    return Selftest(tables, spared, controls.idle(list(kills.values())), told, done.broken, done.interrupted)


def _parts(
    profile: str,
    plan: Plan,
    content: Content,
    known: Sequence[Control],
    rules: Sequence[others.Rule],
    kills: dict[str, controls.Kill],
) -> list[Part]:
    distinct = configurations(plan)
    return [
        _kills(plan, known, kills),
        _calibration(profile, plan, distinct),
        _tails(profile, plan, distinct),
        _computed(profile, plan),
        _runs(profile, plan),
        _power(profile, plan, distinct),
        _promise(profile, plan),
        _oracle(profile, plan, content, known),
        _peers(profile, plan, content, known, rules),
        _verdicts(profile, plan, content, known, rules),
    ]


def _kills(plan: Plan, known: Sequence[Control], kills: dict[str, controls.Kill]) -> Part:
    def collect(tried: list[Any], results: list[Any]) -> dict[str, list[Row]]:
        kills.update({kill.control: kill for kill in results})
        return {
            "controls": list(controls.rows(tried, results)),
            "kill_matrix": list(controls.matrix(results)),
            "verdicts": list(draws_to_verdict.of_plan(tried, results, plan.alpha)),
        }

    return Part(controls.tasks(known, plan.options), known, collect)


def _calibration(profile: str, plan: Plan, distinct: Sequence[Configuration]) -> Part:
    def collect(tried: list[Any], results: list[Any]) -> dict[str, list[Row]]:
        curves = list(calibration.curves(tried, results))
        return {"calibration": list(calibration.rows(tried, results)), "pvalues": curves}

    return Part(calibration.tasks(distinct, profile, plan.options.seed), distinct, collect)


def _tails(profile: str, plan: Plan, distinct: Sequence[Configuration]) -> Part:
    chosen = deep.pairs(deep.chosen(distinct, profile))
    return Part(
        deep.tasks(chosen, profile, plan.options.seed),
        chosen,
        lambda tried, results: {"calibration": list(deep.rows(tried, results))},
    )


def _computed(profile: str, plan: Plan) -> Part:
    found = computed.groups(plan)
    return Part(
        computed.tasks(found, profile, plan.options.seed),
        found,
        lambda tried, results: {"calibration": list(computed.rows(tried, results))},
    )


def _runs(profile: str, plan: Plan) -> Part:
    seed = plan.options.seed
    tasks = [*runs.tasks(profile, seed), *runs.deterministic(profile, seed)]
    return Part(tasks, tasks, lambda tried, results: {"calibration": list(runs.rows(results))})


def _power(profile: str, plan: Plan, distinct: Sequence[Configuration]) -> Part:
    chosen = [*power.chosen(distinct, profile), *power.worst(plan)]
    return Part(
        power.tasks(chosen, plan, profile),
        chosen,
        lambda tried, results: {"power": [row for rows in results for row in rows]},
    )


def _promise(profile: str, plan: Plan) -> Part:
    def collect(tried: list[Any], results: list[Any]) -> dict[str, list[Row]]:
        return {
            "power": list(promise.power_rows(tried, results)),
            "calibration": list(promise.alarm_rows(tried, results)),
        }

    pieces = promise.pieces(profile)
    return Part(promise.tasks(pieces, plan), pieces, collect)


def _oracle(profile: str, plan: Plan, content: Content, known: Sequence[Control]) -> Part:
    laws = oracle.cases(known, content.cases, profile)
    level = plan.alpha * LOOKS[-1][1]
    return Part(oracle.tasks(laws, level, profile, plan.options.seed), laws, lambda tried, results: {"power": results})


def _peers(profile: str, plan: Plan, content: Content, known: Sequence[Control], rules: Sequence[others.Rule]) -> Part:
    right, broken = others.right_laws(content.cases), others.broken_laws(known, content.cases)
    beside = (*rules, others.ours(plan.alpha)) if rules else ()
    tasks = others.tasks(beside, right, broken, profile, plan.options.seed)
    return Part(tasks, tasks, lambda tried, results: {"peers": results})


def _verdicts(
    profile: str, plan: Plan, content: Content, known: Sequence[Control], rules: Sequence[others.Rule]
) -> Part:
    tasks = draws_to_verdict.tasks(draws_to_verdict.groups(known, content.cases), rules, profile, plan.options.seed)
    return Part(tasks, tasks, lambda tried, results: {"verdicts": [row for rows in results for row in rows]})


def _collected(parts: Sequence[Part], results: Sequence[Any]) -> dict[str, list[Row]]:
    """Return the rows by table, of what has a result."""
    found: dict[str, list[Row]] = {}
    at = 0
    for part in parts:
        mine, at = results[at : at + len(part.tasks)], at + len(part.tasks)
        pairs = [(one, result) for one, result in zip(part.subjects, mine, strict=True) if result is not None]
        for name, rows in part.collect([one for one, _ in pairs], [result for _, result in pairs]).items():
            found.setdefault(name, []).extend(rows)
    return found
