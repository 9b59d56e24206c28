"""A user is told early how long a run will take, and may say instead how long it may take."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping

from harness.engine import forecast
from harness.engine.executors import open_engine
from harness.questions.plan import Plan

LONG = 60.0
"""Seconds of drawing left beyond which a user is told, with the tolerance that would fit into them."""


def fitted(make: Callable[[float], Plan], engine: str, workers: int, scheduler: str | None, budget: float) -> Plan:
    """Return the plan of the finest tolerance for which drawing and computing are expected to take ``budget`` seconds."""
    rates = _rates(make(forecast.COARSEST), engine, workers, scheduler)
    plan, seconds = forecast.finest(make, rates, workers, budget)
    chosen, time = f"tolerance {plan.options.tolerance:g}", f"about {_words(seconds)} of drawing"
    words = f"{chosen} is the finest that fits: {time}, besides start and page"
    if seconds > budget:
        words = f"not even {chosen}, the coarsest, fits {_words(budget)}: {time}"
    _say(f"{words} ({_slowest(plan, rates)})")
    return plan


def told(plan: Plan, make: Callable[[float], Plan], workers: int, draws: Mapping[str, float]) -> None:
    """Say before dear draws that they will be long, which scenario costs most, and what a minute would buy.

    ``draws`` are the seconds that a draw took, by scenario that is drawn on; NaN where none was made yet, which is then
    reckoned at the best pace seen, so that what calls cost beside their draws does not count as draws.
    """
    rates = forecast.rates_of(plan, {name: pace for name, pace in draws.items() if not math.isnan(pace)}, typical=min)
    each = {name: rates.of(plan.designs[name]) for name in draws}
    left = sum(each.values()) / workers
    if left <= LONG:
        return
    coarser, less = forecast.finest(make, rates, workers, LONG)
    fits = f"--budget {LONG:g} would check to {coarser.options.tolerance:g} instead of {plan.options.tolerance:g}"
    if less > LONG:
        fits = f"--tolerance {coarser.options.tolerance:g}, the coarsest, would take about {_words(less)}"
    slowest = max(each, key=lambda name: each[name])
    _say(f"about {_words(left)} of drawing left ({_most(slowest, each[slowest])}); {fits}")


def _rates(plan: Plan, engine: str, workers: int, scheduler: str | None) -> forecast.Rates:
    with open_engine(engine, workers, scheduler) as executor:
        return forecast.measure(plan, executor, workers)


def _slowest(plan: Plan, rates: forecast.Rates) -> str:
    if not plan.designs:
        return "computed checks alone"
    return _most(*forecast.slowest(plan, rates))


def _most(name: str, seconds: float) -> str:
    return f"most of one scenario: {name}, {_words(seconds)} on one worker"


def _words(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.2g} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def _say(words: str) -> None:
    print(f"gumbel-harness: {words}", file=sys.stderr, flush=True)
