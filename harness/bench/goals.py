"""A goal names a ratio of two rows of one run and the most that it should be; a missed one is shown as missed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

COLUMNS = ("what", "K", "found", "most", "met")


@dataclass(frozen=True)
class Goal:
    """At K ``categories``, (sampler, output) should take at most ``most`` times what ``rival`` takes."""

    sampler: str
    output: str
    rival: str
    most: float
    categories: tuple[int, ...]


SMALL = (2, 6, 16)
SHOWN = (2, 6, 100, 1000)
GOALS = (
    Goal("gumbel-max", "index", "uniforms, K a draw", 1.5, (1000,)),
    Goal("gumbel-max", "index", "argmax(logits + gumbel)", 1 / 5, (1000,)),
    Goal("gumbel-max", "index", "torch-race", 1 / 6, (1000,)),
    Goal("gumbel-max", "index", "torch-race-float64", 1 / 6, (1000,)),
    Goal("gumbel-max", "index", "torch-gumbel-softmax-hard", 1 / 6, (1000,)),
    Goal("gumbel-max", "index", "torch-gumbel-softmax-hard-float64", 1 / 6, (1000,)),
    Goal("gumbel-max", "index", "jax-categorical", 1 / 8, (1000,)),
    Goal("gumbel-max", "index", "jax-categorical-float64", 1 / 8, (1000,)),
    Goal("gumbel-max", "index", "argmax(logits + gumbel)", 1 / 3, SMALL),
    *(
        Goal(name, "simplex", f"bare logs and exp{of}", 1.5, SHOWN)
        for name in ("relaxed", "relaxed, temperature 0.5", "relaxed, temperature 0.7")
        for of in ("", " of uniforms")
    ),
    *(
        Goal(name, "gumbel", f"bare logarithms{of}", 1.5, SHOWN)
        for name in ("gumbel-max", "top-down")
        for of in ("", " of uniforms")
    ),
)
DIRECT_NS = 8.0


def outcomes(table: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return for each goal that this run can speak to: what, K, the ratio measured, the most allowed, and if it is met."""
    times = {(row["sampler"], row["output"], row["K"]): row["ns_per_draw"] for row in table}
    made = []
    for goal in GOALS:
        for categories in goal.categories:
            mine = times.get((goal.sampler, goal.output, categories))
            rival = times.get((goal.rival, goal.output, categories)) or times.get((goal.rival, "uniforms", categories))
            if mine and rival:
                what = f"{goal.sampler} ({goal.output}) / {goal.rival}"
                made.append(_outcome(what, categories, mine / rival, goal.most))
    for (name, _, categories), ns in times.items():
        if name in ("direct", "direct, table included"):
            made.append(_outcome(f"{name}: ns a draw", categories, ns, DIRECT_NS))
    return made


def _outcome(what: str, categories: int, found: float, most: float) -> dict[str, Any]:
    return {"what": what, "K": categories, "found": found, "most": most, "met": found <= most}
