"""Draws and seconds to a verdict, beside the rules of others: the controls whose law can be written down, on one core."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.options import PROFILES, Options
from harness.questions.content import Content, load_content
from harness.questions.plan import guests_plan
from harness.selftest.controls import kill
from harness.selftest.draws_to_verdict import groups, of_plan, tasks
from harness.selftest.others import Rule


def to_verdict(rules: Sequence[Rule], content: Content | None = None) -> list[dict[str, Any]]:
    """Return the rows of verdicts.csv that compare rules on the same tables, with those of our whole plan; none without
    rules. Selftest's file has the whole plan for all other controls too."""
    options = Options(PROFILES["quick"])
    content = content or load_content(options)
    found = groups(content.controls(), content.cases)
    work = tasks(found, rules, options.profile, options.seed)
    tried = [broken.control for _, held in found for broken in held] if work else []
    kills = [kill(control, options, content) for control in tried]
    level = guests_plan([tried[0].sampler], content, options).alpha if tried else 0.0
    return [*of_plan(tried, kills, level), *(row for task in work for row in task.call(*task.arguments))]
