"""Whoever calls, with whatever seed, from a fresh or one of many threads or in a fresh process, gets draws of his own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check
from harness.samplers.registry import Sampler
from suites.calling import callers
from suites.calling.callers import TOLERANCE
from suites.families.asking import Question, asked, put, scenarios

ORDER = 97
ASKED = "callers"
CHANCE = "share of draws that agree"
THREADS, PROCESSES = "eight-threads", "fresh-processes"
SECONDS = 1.0
"""What it takes to start processes. Built-in samplers, which keep nothing between calls, are asked in the full profile."""
QUESTIONS = {
    "same-seed": Question(
        "the same seed gives the same hundred thousand draws",
        "share of draws",
        callers.same_seed,
        TOLERANCE["same-seed"],
    ),
    "other-seeds": Question(
        "seeds that lie near each other give draws that do not", CHANCE, callers.other_seeds, TOLERANCE["other-seeds"]
    ),
    "fresh-threads": Question(
        "a thread's first call gives what any call of its seed gives, and not what another thread got",
        CHANCE,
        callers.fresh_threads,
        TOLERANCE["fresh-threads"],
    ),
    THREADS: Question(
        "calls from eight threads at once give what each gives alone, as the sampler declares with threads=True",
        "share of calls",
        callers.eight_threads,
        TOLERANCE["eight-threads"],
    ),
    PROCESSES: Question(
        "a process's first call gives what any call of its seed gives, and not what another process got",
        CHANCE,
        callers.fresh_processes,
        TOLERANCE["fresh-processes"],
        seconds=SECONDS,
    ),
}


def checks(sampler: Sampler, emits: str, cases: tuple[Case, ...], options: Options) -> Iterable[Check]:
    """Yield the questions of a few cases: threads at once of samplers that declare them; of half precision, categories."""
    questions = {name: one for name, one in QUESTIONS.items() if name != THREADS or sampler.threads}
    if sampler.trusted:
        questions[PROCESSES] = replace(questions[PROCESSES], profile="full")
    for scenario in scenarios(sampler, emits, cases, ASKED, coarse=True):
        yield from put("callers", scenario, asked(scenario, options), questions)
