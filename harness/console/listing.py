"""What the project holds, a row each, for ``gumbel-harness list``."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterator, Sequence
from typing import Any

from harness.laws.conventions import NAMED, SOURCES
from harness.options import Options
from harness.questions.content import Content, load_content
from harness.samplers.registry import load_entry_points, registered

Row = dict[str, Any]


def rows(what: str, options: Options, pattern: str = "") -> list[Row]:
    """Return a row for each of what there is (claims, samplers, ...) whose name holds ``pattern`` or matches it (a glob)."""
    made = _OWN[what]() if what in _OWN else _LISTS[what](load_content(options), options)
    return [row for row in made if _matches(str(next(iter(row.values()))), pattern)]


def as_json(listed: Sequence[Row]) -> str:
    """Return rows as a JSON array of objects."""
    return json.dumps(list(listed), indent=1, ensure_ascii=False)


def as_lines(listed: Sequence[Row]) -> Iterator[str]:
    """Yield a row a line with tabs between its fields, for other programs."""
    for row in listed:
        yield "\t".join(str(value) for value in row.values())


def print_table(listed: Sequence[Row]) -> None:
    """Print rows under their headings, folded to the terminal's width."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for i, heading in enumerate(listed[0] if listed else ()):
        table.add_column(heading, overflow="fold", no_wrap=False, min_width=12 if i == 0 else None)
    for row in listed:
        table.add_row(*(str(value) for value in row.values()))
    Console(highlight=False, markup=False).print(table)


def _matches(name: str, pattern: str) -> bool:
    return pattern in name or fnmatch.fnmatchcase(name, pattern)


def _claims(content: Content, options: Options) -> Iterator[Row]:
    for claim in content.claims(options):
        if not claim.id.endswith(".corrected"):
            yield {"claim": claim.id, "deserves": claim.expect.value, "where": claim.where, "statement": claim.says}


def _samplers() -> Iterator[Row]:
    failed = load_entry_points()
    for sampler in registered():
        yield {"sampler": sampler.name, "family": sampler.family, "emits": " ".join(sampler.forms)}
    for name, error in failed.items():
        yield {"sampler": name, "family": "could not be loaded", "emits": str(error)}


def _suites(content: Content, options: Options) -> Iterator[Row]:
    own = [check for claim in content.claims(options) for check in claim.checks]
    for name in dict.fromkeys([*content.suites, *(check.suite for check in own)]):
        yield {"suite": name, "judges": "any sampler" if name in content.suites else "claims only"}


def _cases(content: Content, _: Options) -> Iterator[Row]:
    for case in content.cases:
        parameters = " ".join(f"{name}={value:g}" for name, value in case.parameters.items())
        runs = case.profile if case.runs == "all" else f"{case.profile}, {case.runs}"
        size = f"K={case.logits.size} {parameters}"
        yield {"case": case.name, "emits": " ".join(case.emits), "size": size, "runs": runs, "why": case.why}


def _controls(content: Content, _: Options) -> Iterator[Row]:
    for control in content.controls():
        emits = " ".join(control.sampler.forms)
        yield {"control": control.sampler.name, "emits": emits, "source": control.source, "why": control.why}


def _conventions() -> Iterator[Row]:
    for name, convention in NAMED.items():
        yield {
            "convention": name,
            "order": " ".join(convention.order),
            "filters see": "the same" if convention.joint else "what is left",
            "ties": f"top_k {convention.top_k_ties}, top_p {convention.top_p_ties}",
            "source": SOURCES[name],
        }


_OWN = {"samplers": _samplers, "conventions": _conventions}
_LISTS = {"claims": _claims, "suites": _suites, "cases": _cases, "controls": _controls}
