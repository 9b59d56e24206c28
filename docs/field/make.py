"""The field report is made by running this: all installed frameworks' samplers, two seeds each, tables and figure beside it.

    python docs/field/make.py [validate] [envelope] [findings] [--workers N] [--only NAME ...] [--afresh]

Without words, all three parts. What is finished is kept in build/field, a file a sampler (a framework, of the envelope),
with the versions that it was made with: a session that was interrupted goes on, and one of other versions begins anew.

The validation is that of the quick profile at a tolerance of 0.05 with cases of up to 2048 categories: all suites in the
framework's default type, those of the law alone in every other type that it offers; and for samplers of indices in a
default type the vocabulary of a language model. A sampler that is not verified is asked again with a second seed.
Samplers that call a model or a step for every token (``SLOW``) have fewer cases and a coarser tolerance, those that
compile (``COMPILED``) a coarser sweep. Far tails in 1e5 categories are left out: the envelope looks for rare
categories in its own way.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pandas as pd

from harness.engine import payloads
from harness.engine.executors import SerialExecutor, default_workers
from harness.engine.journal import Journal
from harness.engine.limits import WORKER
from harness.engine.pool import silent
from harness.engine.run import run
from harness.engine.worker import environment
from harness.envelope.edge import Edge
from harness.envelope.measure import measure, refuted_again
from harness.envelope.rows import read_table as read_edges
from harness.envelope.rows import write_table as write_edges
from harness.envelope.trial import Effort
from harness.laws.conventions import NAMED
from harness.ledger.files import read_table, write_table
from harness.options import PROFILES, Options
from harness.questions.check import Check
from harness.questions.plan import Plan
from harness.samplers.registry import Sampler, get, load_entry_points, registered
from harness.validation import Validation, make_plan
from harness.verdict import Verdict, combine
from suites.calling import afford

HERE = Path(__file__).parent
KEPT = HERE.parent.parent / "build" / "field"
COLUMNS = ("check", "suite", "verdict", "tolerance")
"""What the tables need of a check."""
SEEDS = (0, 1)
LONG = 2048
"""Cases of more categories are left out, but for one."""
VOCABULARY = "zipf-128256"
BUDGET, SMALL = 2**26, 2**22
"""Noise values a point, for samplers in their framework's default type and for those in another one."""
TOLERANCE = 0.05
STREAM = ("die", "masked-first", "k-then-p")
"""Cases of samplers that make one token after the other with a model, 400 a second, and are asked for the law alone: to
tell that two calls of 952 never begin alike takes them minutes, and so does each other question about calls."""
SLOW: dict[str, tuple[float, tuple[str, ...]]] = {
    "transformers-generate": (0.05, ()),
    "transformers-speculative": (0.1, ()),
    "transformers-assisted": (0.25, STREAM),
    "transformers-early-exit": (0.25, STREAM),
    "transformers-prompt-lookup": (0.25, STREAM),
}
"""Tolerance and cases (none: all)."""
DEAR = ("mlx-lm-sampler", "torch-multinomial-one")
"""Samplers of a call a draw, or that sort for each: their envelope would take hours."""
SHORT_ONLY = "FIELD_WITHOUT_VOCABULARY"
"""Told to the processes of the pool by their environment."""
PATIENCE = 3600.0
"""Seconds that a shard may take: compilation on a machine with other work is no fault of a sampler."""
SWEEP = "sweep"
COMPILED, COARSE = ("jax", "numpyro"), 0.2
"""Frameworks that compile anew for every point of a sweep: their sweeps have fewer points, at this tolerance."""
OF_TYPES = (
    "support",
    "endpoints",
    "chi_square",
    "thresholds",
    "tail",
    "ks",
    "density_integral",
    "independence",
    "noise",
)
"""Suites that a type other than the default is asked; how calls, threads, batches and seeds go is no matter of the type."""
A_QUESTION, USUAL = 10.0, afford.MOST
"""Seconds that one question about many calls may take a slow sampler; what would take longer is not asked, and says so."""
DISTRIBUTION = {
    "pyro": "pyro-ppl",
    "mlx_lm": "mlx-lm",
    "tensorflow": "tensorflow-cpu",
    "llama_cpp": "llama-cpp-python",
}
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
MATRIX = (
    *("library", "version", "sampler", "dtype", "emits", "convention", "contract", "tolerance"),
    *("checks", "refuted", "inconclusive", "seeds", "verdict"),
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


def kept(part: str, name: str, of: Sampler, make: Callable[[], Any]) -> Any:
    """Return what a part of the session has for a name, made if it is not there with the versions of today."""
    path, versions = KEPT / part / f"{name}.json", _versions(of)
    if path.exists() and (found := json.loads(path.read_text()))["versions"] == versions:
        return found["made"]
    made = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(json.dumps({"versions": versions, "made": made}))
    new.replace(path)
    return made


def _versions(sampler: Sampler) -> dict[str, str]:
    return {
        **framework(sampler),
        "numpy": version("numpy"),
        "scipy": version("scipy"),
        "python": platform.python_version(),
        "vocabulary": "left out" if SHORT_ONLY in os.environ else "asked",
    }


def only(plan: Plan, wanted: Callable[[Check], bool]) -> Plan:
    """Return the plan with some of its checks, with the same thresholds."""
    kept = tuple(check for check in plan.checks if wanted(check))
    used = {scenario.name for check in kept for scenario in check.scenarios}
    return replace(plan, checks=kept, designs={name: one for name, one in plan.designs.items() if name in used})


def short(sampler: Sampler, seed: int) -> Plan:
    """Return the plan of a sampler without the long cases."""
    tolerance, cases = SLOW.get(sampler.name, (TOLERANCE, ()))
    plan = _plan(sampler, seed, tolerance)
    if sampler.family in COMPILED:
        coarse = {check.name: check for check in _plan(sampler, seed, COARSE).checks if check.suite == SWEEP}
        plan = replace(plan, checks=tuple(coarse.get(check.name, check) for check in plan.checks))

    def wanted(check: Check) -> bool:
        few = all(scenario.case.logits.size <= LONG for scenario in check.scenarios)
        asked = (default(sampler) and not cases) or check.suite in OF_TYPES
        return few and asked and (not cases or check.case in cases)

    return only(plan, wanted)


def _plan(sampler: Sampler, seed: int, tolerance: float) -> Plan:
    return make_plan([sampler.name], Options(seed=seed, tolerance=tolerance, keep_going=True))


def vocabulary(sampler: Sampler, seed: int) -> Plan:
    """Return the plan of the longest case, empty where a sampler draws no indices or its type is not the default."""
    options = Options(seed=seed, profile="full", tolerance=PROFILES["quick"], keep_going=True)
    plan = make_plan([sampler.name], options)
    return only(plan, lambda check: check.case == VOCABULARY and default(sampler) and sampler.name not in SLOW)


SHORT = f"up to {LONG}"
PLANS = {SHORT: short, "128256": vocabulary}


def convention(sampler: Sampler, emits: str) -> str:
    """Return what a form declares beside its shape: a convention's name, an order, or a rule."""
    terms = sampler.form(emits).terms
    if terms.convention is not None:
        return next((name for name, known in NAMED.items() if known == terms.convention), str(terms.convention))
    return {"ranking": "ordered" if terms.ordered else "sets", "speculative": terms.rule}.get(emits, "")


Judged = list[tuple[dict[str, Any], dict[str, list[Any]]]]
"""A row of validation.csv, and the columns of its checks."""


def judged(sampler: Sampler) -> Judged:
    """Return a row for each number of categories, with its checks; again by a second seed where all is not verified.

    A framework is imported once in a process and shares it with the harness: these samplers are spared what guests are not.
    """
    made: Judged = []
    for categories, planned in PLANS.items():
        if planned is vocabulary and SHORT_ONLY in os.environ:
            continue
        for seed in SEEDS:
            start, plan = time.perf_counter(), planned(sampler, seed)
            if not plan.checks:
                break
            validation = Validation(plan, run(plan, SerialExecutor, 1, Journal(), silent), {})
            row = _row(sampler, categories, seed, validation, time.perf_counter() - start)
            made.append((row, validation.checks[list(COLUMNS)].to_dict("list")))
            if validation.verdict is Verdict.VERIFIED:
                break
    return made


def validated(samplers: Sequence[Sampler], workers: int) -> Iterator[tuple[dict[str, Any], dict[str, list[Any]]]]:
    """Yield what samplers are judged to be, as it comes; each framework in a process of its own.

    Two of them that bring an LLVM of their own end a process that loads both. One that dies ends the session, with what was
    finished kept: BrokenProcessPool.
    """
    os.environ.update({name: value for name, value in environment().items() if name != WORKER})
    groups: dict[tuple[bool, bool, str], list[str]] = {}
    for sampler in samplers:
        key = (sampler.family in COMPILED, not default(sampler), sampler.family)
        groups.setdefault(key, []).append(sampler.name)
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), max_tasks_per_child=1) as pool:
        waiting = [pool.submit(_judged_by_name, groups[key]) for key in sorted(groups)]
        for done in as_completed(waiting):
            for made in done.result():
                yield from made


def _judged_by_name(names: Sequence[str]) -> list[Judged]:
    payloads.TIME_LIMIT = PATIENCE
    load_entry_points()
    return [_kept_or_judged(get(name)) for name in names]


def _kept_or_judged(sampler: Sampler) -> Judged:
    afford.MOST = A_QUESTION if sampler.name in SLOW else USUAL
    made: Judged = kept("validate", sampler.name, sampler, lambda: judged(sampler))
    return made


def _row(sampler: Sampler, categories: str, seed: int, validation: Validation, seconds: float) -> dict[str, Any]:
    checks = validation.checks
    bad = checks[checks["verdict"] == "refuted"]
    return {
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
        "seconds": round(seconds, 1),
    }


def matrix(sampler: Sampler, checks: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield a row for each form and contract (suite) of a sampler; a check of two seeds is refuted if both refute it."""
    known = framework(sampler)
    about = {
        "library": known["framework"],
        "version": known["version"],
        "sampler": sampler.name,
        "dtype": sampler.dtype,
    }
    form = checks["check"].str.split("/").str[2].where(lambda word: word.isin(list(sampler.forms)), sampler.emits)
    for (emits, contract), part in checks.assign(emits=form).groupby(["emits", "suite"], sort=True):
        verdicts = [_settled(one["verdict"]) for _, one in part.groupby("check", sort=True)]
        yield {
            **about,
            "emits": emits,
            "convention": convention(sampler, str(emits)),
            "contract": contract,
            "tolerance": float(part["tolerance"].max()),
            "checks": len(verdicts),
            "refuted": verdicts.count(Verdict.REFUTED),
            "inconclusive": verdicts.count(Verdict.INCONCLUSIVE),
            "seeds": " ".join(str(seed) for seed in sorted(set(part["field_seed"]))),
            "verdict": combine(verdicts).value,
        }


def _settled(verdicts: pd.Series) -> Verdict:
    """What one seed refuted and the other did not is inconclusive."""
    seen = {Verdict(word) for word in verdicts}
    return seen.pop() if len(seen) == 1 else Verdict.INCONCLUSIVE


def validate(samplers: Sequence[Sampler], workers: int) -> None:
    """Write validation.csv and matrix.csv, anew after each sampler, so that what is finished can be read."""
    rows: list[dict[str, Any]] = []
    cells: dict[str, list[pd.DataFrame]] = {}
    known = {sampler.name: sampler for sampler in samplers}
    order = {name: place for place, name in enumerate(known)}
    for row, checks in validated(samplers, workers):
        if SHORT_ONLY in os.environ and row["categories"] != SHORT:
            continue
        rows.append(row)
        cells.setdefault(row["sampler"], []).append(pd.DataFrame(checks).assign(field_seed=row["seed"]))
        write_table(HERE / "validation.csv", VERDICTS, sorted(rows, key=lambda row: order[row["sampler"]]))
        done = [name for name in order if name in cells]
        made = [one for name in done for one in matrix(known[name], pd.concat(cells[name]))]
        write_table(HERE / "matrix.csv", MATRIX, made)


def envelope(samplers: Sequence[Sampler], seed: int, workers: int) -> list[Edge]:
    """Return the edges under one seed, framework by framework; none of samplers that are slow."""
    quick = [sampler for sampler in samplers if sampler.name not in SLOW and sampler.name not in DEAR]
    found = []
    for family in dict.fromkeys(sampler.family for sampler in quick):
        for wanted, budget in ((True, BUDGET), (False, SMALL)):
            some = [s for s in quick if s.family == family and default(s) is wanted]
            effort = Effort(Options(seed=seed), budget)
            name = family if wanted else f"{family}, other types"
            if some:
                edges = kept("envelope", name, some[0], lambda some=some, effort=effort: _edges(some, effort, workers))
                found += [Edge(**edge) for edge in edges]
    return found


def _edges(samplers: Sequence[Sampler], effort: Effort, workers: int) -> list[dict[str, Any]]:
    return [asdict(edge) for edge in measure(samplers, effort, workers=workers)]


def confirmed(samplers: Sequence[Sampler]) -> Iterator[dict[str, Any]]:
    """Yield what two seeds refute: checks of the validation by name, and edges at the very point."""
    known = {sampler.name: sampler for sampler in samplers}
    _, rows = read_table(HERE / "validation.csv")
    for name, categories in dict.fromkeys(
        (row["sampler"], str(row["categories"])) for row in rows if row["sampler"] in known
    ):
        mine = [row for row in rows if (row["sampler"], str(row["categories"])) == (name, categories)]
        found = [set((row["which"] or "").split()) for row in mine]
        for check in sorted(set.intersection(*found)) if len(found) == len(SEEDS) else ():
            yield {
                **_about(known[name]),
                "what": check,
                "edge": None,
                "unit": None,
                "how": "refuted in the quick profile",
            }
    for edge in read_edges(HERE / "envelope.csv"):
        if edge.first_refuted is None or edge.sampler not in known:
            continue
        budget = BUDGET if default(known[edge.sampler]) else SMALL
        again = refuted_again(known[edge.sampler], edge, Effort(Options(seed=SEEDS[1]), budget))
        if again:
            about = _about(known[edge.sampler])
            yield {**about, "what": edge.quantity, "edge": edge.first_refuted, "unit": edge.unit, "how": again}


def _about(sampler: Sampler) -> dict[str, str]:
    return {"sampler": sampler.name, **framework(sampler), "dtype": sampler.dtype, "seeds": " ".join(map(str, SEEDS))}


def main() -> None:
    """Make the parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=["validate", "envelope", "findings", []], default=[])
    parser.add_argument("--workers", type=int, default=default_workers())
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--without-vocabulary", action="store_true")
    parser.add_argument("--afresh", action="store_true", help="forget what an interrupted session has finished")
    given = parser.parse_args()
    parts = given.parts or ["validate", "envelope", "findings"]
    if given.afresh:
        shutil.rmtree(KEPT, ignore_errors=True)
    samplers = [sampler for sampler in installed() if not given.only or sampler.name in given.only]
    if given.without_vocabulary:
        os.environ[SHORT_ONLY] = "1"
    if "validate" in parts:
        validate(samplers, given.workers)
    if "envelope" in parts:
        write_edges(envelope(samplers, SEEDS[0], given.workers), HERE / "envelope.csv")
    if "findings" in parts:
        from reports.envelope import figure

        write_table(HERE / "findings.csv", FINDINGS, confirmed(samplers))
        names = {sampler.name for sampler in samplers if default(sampler)}
        (HERE / "envelope.svg").write_text(figure(HERE / "envelope.csv", names))


if __name__ == "__main__":
    main()
