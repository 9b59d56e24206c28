"""The field report is made by running this: all installed frameworks' samplers, two seeds each, tables and figure beside it.

    python docs/field/make.py [validate] [envelope] [findings] [--workers N] [--only NAME ...]

Without words, all three parts. The validation is that of the quick profile with cases of up to 2048 categories, in every
type that a framework offers; and for samplers of indices the vocabulary of a language model. Far tails in 1e5 categories
are left out: the envelope looks for rare categories in its own way.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from harness.engine.executors import default_workers
from harness.envelope.edge import Edge
from harness.envelope.measure import measure, refuted_again
from harness.envelope.rows import read_table, write_table
from harness.envelope.trial import Effort
from harness.options import PROFILES, Options
from harness.questions.check import Check
from harness.questions.plan import Plan
from harness.samplers.registry import Sampler, load_entry_points, registered
from harness.validation import execute, make_plan

HERE = Path(__file__).parent
SEEDS = (0, 1)
LONG = 2048
"""Cases of more categories are left out, but for one."""
VOCABULARY = "zipf-128256"
BUDGET, SMALL = 2**26, 2**22
"""Noise values a point, for samplers in their framework's default type and for those in another one."""
DISTRIBUTION = {"pyro": "pyro-ppl"}
VERDICTS = (
    "sampler",
    "framework",
    "version",
    "dtype",
    "categories",
    "seed",
    "verdict",
    "checks",
    "refuted",
    "inconclusive",
    "which",
    "seconds",
)
FINDINGS = ("sampler", "framework", "version", "dtype", "what", "edge", "unit", "seeds", "how")


def installed() -> list[Sampler]:
    """Return the samplers of all frameworks that are here, those in their framework's default type first."""
    load_entry_points()
    known = [sampler for sampler in registered() if not sampler.trusted]
    return sorted(known, key=lambda sampler: (not default(sampler), sampler.family, sampler.name))


def default(sampler: Sampler) -> bool:
    """Tell whether a sampler is in its framework's default type: its name then names no type."""
    return not sampler.name.endswith(sampler.dtype)


def framework(sampler: Sampler) -> dict[str, str]:
    """Return the framework's name and version."""
    name = DISTRIBUTION.get(sampler.family, sampler.family)
    try:
        return {"framework": name, "version": version(name)}
    except PackageNotFoundError:
        return {"framework": name, "version": ""}


def only(plan: Plan, wanted: Callable[[Check], bool]) -> Plan:
    """Return the plan with some of its checks, with the same thresholds."""
    kept = tuple(check for check in plan.checks if wanted(check))
    used = {scenario.name for check in kept for scenario in check.scenarios}
    return replace(plan, checks=kept, designs={name: one for name, one in plan.designs.items() if name in used})


def short(sampler: Sampler, seed: int) -> Plan:
    """Return the quick plan of a sampler without the long cases."""
    plan = make_plan([sampler.name], Options(seed=seed, keep_going=True))
    return only(plan, lambda check: all(scenario.case.logits.size <= LONG for scenario in check.scenarios))


def vocabulary(sampler: Sampler, seed: int) -> Plan:
    """Return the plan of the longest case, empty where a sampler draws no indices or its type cannot hold the case."""
    options = Options(seed=seed, profile="full", tolerance=PROFILES["quick"], keep_going=True)
    return only(make_plan([sampler.name], options), lambda check: check.case == VOCABULARY)


PLANS = {f"up to {LONG}": short, "128256": vocabulary}


def validated(samplers: Sequence[Sampler], workers: int) -> Iterator[dict[str, Any]]:
    """Yield a row for each sampler, each number of categories and each seed.

    In another type than the framework's own, a second seed only confirms what the first one refuted.
    """
    last = ""
    for sampler, (categories, planned), seed in itertools.product(samplers, PLANS.items(), SEEDS):
        plan = planned(sampler, seed)
        if plan.checks and (seed == SEEDS[0] or default(sampler) or last != "verified"):
            start = time.perf_counter()
            validation = execute(plan, workers=workers)
            checks = validation.checks
            bad = checks[checks["verdict"] == "refuted"]
            last = validation.verdict.value
            yield {
                "sampler": sampler.name,
                **framework(sampler),
                "dtype": sampler.dtype,
                "categories": categories,
                "seed": seed,
                "verdict": validation.verdict.value,
                "checks": len(checks),
                "refuted": len(bad),
                "inconclusive": int((checks["verdict"] == "inconclusive").sum()),
                "which": " ".join(bad["check"]),
                "seconds": round(time.perf_counter() - start, 1),
            }


def envelope(samplers: Sequence[Sampler], seed: int, workers: int) -> list[Edge]:
    """Return the edges under one seed."""
    main, others = ([s for s in samplers if default(s) is wanted] for wanted in (True, False))
    options = Options(seed=seed)
    return [
        *measure(main, Effort(options, BUDGET), workers=workers),
        *measure(others, Effort(options, SMALL), workers=workers),
    ]


def confirmed(samplers: Sequence[Sampler]) -> Iterator[dict[str, Any]]:
    """Yield what two seeds refute: checks of the validation by name, and edges at the very point."""
    known = {sampler.name: sampler for sampler in samplers}
    with open(HERE / "validation.csv", newline="") as table:
        rows = list(csv.DictReader(table))
    for name, categories in dict.fromkeys(
        (row["sampler"], row["categories"]) for row in rows if row["sampler"] in known
    ):
        found = [set(row["which"].split()) for row in rows if (row["sampler"], row["categories"]) == (name, categories)]
        for check in sorted(set.intersection(*found)) if len(found) == len(SEEDS) else ():
            yield {**_about(known[name]), "what": check, "edge": "", "unit": "", "how": "refuted in the quick profile"}
    for edge in read_table(HERE / "envelope.csv"):
        if edge.first_refuted is None or edge.sampler not in known:
            continue
        budget = BUDGET if default(known[edge.sampler]) else SMALL
        again = refuted_again(known[edge.sampler], edge, Effort(Options(seed=SEEDS[1]), budget))
        if again:
            about = _about(known[edge.sampler])
            yield {**about, "what": edge.quantity, "edge": edge.first_refuted, "unit": edge.unit, "how": again}


def _about(sampler: Sampler) -> dict[str, str]:
    return {"sampler": sampler.name, **framework(sampler), "dtype": sampler.dtype, "seeds": " ".join(map(str, SEEDS))}


def write(name: str, columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    """Write a table row by row, so that what is finished can be read."""
    with open(HERE / name, "w", newline="") as table:
        writer = csv.DictWriter(table, columns, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow(row)
            table.flush()


def main() -> None:
    """Make the parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=["validate", "envelope", "findings", []], default=[])
    parser.add_argument("--workers", type=int, default=default_workers())
    parser.add_argument("--only", nargs="*", default=[])
    given = parser.parse_args()
    parts = given.parts or ["validate", "envelope", "findings"]
    samplers = [sampler for sampler in installed() if not given.only or sampler.name in given.only]
    if "validate" in parts:
        write("validation.csv", VERDICTS, validated(samplers, given.workers))
    if "envelope" in parts:
        write_table(envelope(samplers, SEEDS[0], given.workers), HERE / "envelope.csv")
    if "findings" in parts:
        from reports.envelope import figure

        write("findings.csv", FINDINGS, confirmed(samplers))
        names = {sampler.name for sampler in samplers if default(sampler)}
        (HERE / "envelope.svg").write_text(figure(HERE / "envelope.csv", names))


if __name__ == "__main__":
    main()
