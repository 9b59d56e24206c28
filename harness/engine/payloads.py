"""What travels to workers: a scenario's draws or a computed check, packed with the limits that its sampler is held to."""

from __future__ import annotations

from harness.engine import pool
from harness.engine.limits import Limits
from harness.engine.shards import Work, bounded
from harness.questions.check import Check, Scenario
from harness.questions.plan import Plan

CLAIM = "claim"
"""The family of samplers that a claim brings along: they are not registered, and run beside the built-in ones."""
TIME_LIMIT = 120.0
"""Seconds that one shard of a guest may take."""


def guest(scenario: Scenario | None) -> str:
    """Return the name of a scenario's sampler if it is one of others; nothing for ours, those of the claims included."""
    ours = scenario is None or scenario.sampler.trusted or scenario.sampler.family == CLAIM
    return "" if ours or scenario is None else scenario.sampler.name


def limits(scenario: Scenario | None, seconds: float | None = None) -> Limits:
    """Return the limits of a task: a guest's time (``seconds``, by default 120) and memory, and none for ours."""
    most = TIME_LIMIT if seconds is None else seconds
    return Limits(most, memory=pool.MEMORY) if guest(scenario) else Limits()


def payload(plan: Plan, scenario: str, seconds: float | None = None) -> bytes:
    """Return a scenario of the plan with its measurements, for ``run_shard``."""
    design = plan.designs[scenario]
    return bounded(limits(design.scenario, seconds), Work(design.scenario, design.measurements))


def computation(check: Check, seconds: float | None = None) -> bytes:
    """Return a computed check, for ``run_computation``."""
    return bounded(limits(check.about, seconds), check.compute)
