"""Draws and seconds to a verdict, beside the rules of others: the controls whose law can be written down, on one core."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from harness.engine.executors import SerialExecutor
from harness.engine.pool import Lost, Task, results
from harness.options import PROFILES, Options
from harness.questions.content import Content, load_content
from harness.questions.plan import guests_plan
from harness.selftest.controls import kill
from harness.selftest.draws_to_verdict import groups, of_plan, tasks
from harness.selftest.others import Rule


def to_verdict(
    rules: Sequence[Rule], content: Content | None = None, say: Callable[[str], None] = lambda words: None
) -> list[dict[str, Any]]:
    """Return the rows of verdicts.csv that compare rules on the same tables, with those of our whole plan; none without
    rules. Selftest's file has the whole plan for all other controls too. What breaks is said, and has no rows."""
    options = Options(PROFILES["quick"])
    held = content or load_content(options)
    found = groups(held.controls(), held.cases)
    work = tasks(found, rules, options.profile, options.seed)
    tried = [broken.control for _, group in found for broken in group] if work else []
    kills = _done([Task(control.sampler.name, kill, (control, options, content)) for control in tried], say)
    level = guests_plan([tried[0].sampler], held, options).alpha if tried else 0.0
    judged = [control for control in tried if control.sampler.name in kills]
    ours = of_plan(judged, [kills[control.sampler.name] for control in judged], level)
    return [*ours, *(row for rows in _done(work, say).values() for row in rows)]


def _done(work: Sequence[Task], say: Callable[[str], None]) -> dict[str, Any]:
    """Return results by key in the order of the tasks, all made in this process, which is pinned to a core."""
    found = {task.key: result for task, result in results(work, SerialExecutor, 1)}
    for key, result in found.items():
        if isinstance(result, Lost):
            say(f"{key}: no verdict, {result.words}")
    return {task.key: found[task.key] for task in work if not isinstance(found[task.key], Lost)}
