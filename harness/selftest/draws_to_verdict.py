"""How many draws and seconds until a control is caught: by our plan, and by each rule at an equal false-alarm rate.

The rules of others state rates from 1e-6 to 1e-2, or none, and keep few of them. Here each gets the threshold that right
tables exceed at ``RATE``, simulated for every law and n, so that none is fast because it cries wolf; ours are exact and
take that level as it is. Our whole plan, at the level of a run of alpha 1e-6, stands beside them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from harness.arrays import Floats, Ints
from harness.draws.bind import bind
from harness.questions.case import Case
from harness.questions.check import Scenario
from harness.questions.content import Control
from harness.questions.law import masses
from harness.selftest.controls import Kill
from harness.selftest.oracle import told
from harness.selftest.others import LARGEST, Rule, ours
from harness.selftest.tasks import Task
from harness.streams import stream

COLUMNS = ("control", "case", "rule", "rate", "n", "power", "seconds", "seconds_a_draw")
PLAN = "gumbel-harness: the whole plan"
RATE = 0.01
"""False alarms that every rule is given: what JAX states, the most of all."""
RIGHT = {"quick": 300, "full": 5000}
"""Right tables that a threshold is taken from."""
POWER = 0.9
TABLES = {"quick": 40, "full": 200}
FEW, DRAWN = 20, 4**7
SAME = 1e-6
"""Laws that are nearer than that are the same: what is wrong is how draws hang together."""
SIZES = tuple(4**power for power in range(2, 11))
"""Draws that are tried, from 16 to a million."""
TIMED = 2**14
"""Draws that a control is timed with."""
SECONDS = {"quick": 0.5, "full": 5.0}
"""What one case takes, about."""


@dataclass(frozen=True)
class Broken:
    """A control and the law that it really has on a case."""

    control: Control
    law: Floats


Group = tuple[Case, list[Broken]]


def groups(controls: Sequence[Control], cases: Sequence[Case]) -> list[Group]:
    """Return by case the controls whose law on it is known: they share the thresholds of their right law."""
    by_name = {case.name: case for case in cases}
    found: dict[str, list[Broken]] = {}
    for control, case, law in told(controls, cases, LARGEST):
        if law.shape == case.logits.shape and law.sum() > 0:
            found.setdefault(case.name, []).append(Broken(control, law / law.sum()))
    return [(by_name[name], held) for name, held in found.items()]


def tasks(found: Sequence[Group], rules: Sequence[Rule], profile: str, seed: int) -> list[Task]:
    """Return one task for every case; none without rules to compare with."""
    return [
        Task(f"draws to a verdict on {case.name}", measure, (case, held, rules, profile, seed), SECONDS[profile])
        for case, held in (found if rules else ())
    ]


def measure(case: Case, held: Sequence[Broken], rules: Sequence[Rule], profile: str, seed: int) -> list[dict[str, Any]]:
    """Return rows for the controls of one case and every rule, ours among them.

    Seconds are CPU-seconds: the draws times what one draw of this control was measured to take, and one decision.
    """
    made, known = [], dict[tuple[str, bytes, int], Decision]()
    for broken in held:
        name = broken.control.sampler.name
        p, a_draw = masses(case, broken.control.sampler.dtype), seconds_a_draw(broken.control, case, seed)
        given = {n: tables(broken, case, p, n, TABLES[profile], stream(seed, "verdicts", name, n)) for n in SIZES}
        for rule in (*rules, ours(RATE / 2)):
            decide = partial(_decision, known, rule, p, RIGHT[profile], (seed, case.name))
            n, power, decision = to_verdict(decide, given, stream(seed, "spread of verdicts", name, rule.name))
            seconds = None if n is None or a_draw is None else n * a_draw + decision
            made.append(_row(name, case.name, rule.name, RATE, n, power, seconds, a_draw))
    return made


def tables(broken: Broken, case: Case, p: Floats, n: int, count: int, rng: np.random.Generator) -> Ints:
    """Return (count, K) tables of n draws: multinomial where the law is wrong; really drawn, a call each, where only the
    draws together are, and then few and up to ``DRAWN`` (none beyond)."""
    if np.abs(broken.law - p).sum() > SAME:
        return rng.multinomial(n, broken.law, size=count)
    if n > DRAWN:
        return np.zeros((0, p.size), np.int64)
    draw = bind(Scenario(broken.control.sampler, "index", case))
    return np.stack([np.bincount(draw(n, rng), minlength=p.size)[: p.size] for _ in range(FEW)])


Decision = Callable[[Ints, np.random.Generator], bool]


def _decision(
    known: dict[tuple[str, bytes, int], Decision],
    rule: Rule,
    p: Floats,
    right: int,
    names: tuple[int, str],
    n: int,
) -> Decision:
    """Return the decision of a rule for n draws, calibrated once for all controls of one right law."""
    key = rule.name, p.tobytes(), n
    if key not in known:
        seed, case = names
        known[key] = calibrated(rule, n, p, right, stream(seed, "thresholds", rule.name, case, n))
    return known[key]


def calibrated(rule: Rule, n: int, p: Floats, right: int, rng: np.random.Generator) -> Decision:
    """Return the rule with the threshold that right tables of n draws exceed at ``RATE``."""
    if rule.score is None:
        return lambda counts, spread: rule.rejects(counts, p, spread)
    scores = np.sort([_score(rule, counts, p) for counts in rng.multinomial(n, p, size=right)])
    threshold = scores[-1 - int(RATE * right)]
    return lambda counts, spread: _score(rule, counts, p) > threshold


def _score(rule: Rule, counts: Ints, p: Floats) -> float:
    """Return the rule's score; where it has no answer, or NaN, it does not reject."""
    assert rule.score is not None
    try:
        score = float(rule.score(counts, p))
    except Exception:
        return -np.inf
    return score if score == score else -np.inf


def to_verdict(
    decide: Callable[[int], Decision], given: Mapping[int, Ints], rng: np.random.Generator
) -> tuple[int | None, float, float]:
    """Return the least n whose tables are rejected often enough (None: never), how often, and a decision's seconds."""
    power, seconds = 0.0, 0.0
    for n, found in given.items():
        if not len(found):
            break
        rejects = decide(n)
        start = time.process_time()
        power = sum(rejects(counts, rng) for counts in found) / len(found)
        seconds = (time.process_time() - start) / len(found)
        if power >= POWER:
            return n, power, seconds
    return None, power, seconds


def seconds_a_draw(control: Control, case: Case, seed: int) -> float | None:
    """Return the CPU-seconds of a draw of the control as an index, measured; None if it cannot draw so."""
    if "index" not in control.sampler.forms:
        return None
    draw = bind(Scenario(control.sampler, "index", case))
    rng = stream(seed, "seconds", control.sampler.name)
    draw(TIMED, rng)
    start = time.process_time()
    draw(TIMED, rng)
    return (time.process_time() - start) / TIMED


def of_plan(controls: Sequence[Control], kills: Sequence[Kill], rate: float) -> Iterable[dict[str, Any]]:
    """Yield a row for every control that our plan was run on: draws of the refuting check, seconds of all that was run."""
    for control, kill in zip(controls, kills, strict=True):
        n = kill.first.n if kill.first else None
        yield _row(kill.control, control.trigger, PLAN, rate, n, None, kill.seconds, None)


def _row(
    control: str,
    case: str,
    rule: str,
    rate: float,
    n: int | None,
    power: float | None,
    seconds: float | None,
    seconds_a_draw: float | None,
) -> dict[str, Any]:
    return dict(zip(COLUMNS, (control, case, rule, rate, n, power, seconds, seconds_a_draw), strict=True))
