"""What the shell offers after TAB: samplers, suites, claims, and the checks of the last run; see docs/completion.md."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from harness.options import Options
    from harness.questions.content import Content


def targets(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return registered samplers that begin so; where it looks like a place, the shell completes files itself."""
    if "/" in incomplete or incomplete.endswith(".py"):
        return [CompletionItem(incomplete, type="file")]
    return [*_beginning(_samplers(), incomplete), *_files(incomplete)]


def claims(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return claims that begin so."""
    return _beginning((claim.id for claim in _content().claims(_options())), incomplete)


def suites(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return suites that begin so, those of claims alone among them."""
    content = _content()
    own = (check.suite for claim in content.claims(_options()) for check in claim.checks)
    return _beginning(dict.fromkeys([*content.suites, *own]), incomplete)


def checks(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return checks of the run in ``--out`` that begin so: a plan takes longer than a shell may ask."""
    return _beginning(_of_run(Path(ctx.params.get("out") or "build/run")), incomplete)


def _of_run(folder: Path) -> Iterator[str]:
    with contextlib.suppress(OSError, UnicodeDecodeError, csv.Error), open(folder / "checks.csv", newline="") as lines:
        yield from (row["check"] for row in csv.DictReader(lines) if row.get("check"))


def _samplers() -> Iterator[str]:
    from harness.samplers.registry import load_entry_points, registered

    load_entry_points()
    yield from (sampler.name for sampler in registered())


def _files(incomplete: str) -> list[CompletionItem]:
    """Return files of Python here, which may hold a sampler."""
    return _beginning((path.name for path in sorted(Path().glob("*.py"))), incomplete)


def _beginning(names: Iterable[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def _content() -> Content:
    from harness.questions.content import load_content

    return load_content(_options())


def _options() -> Options:
    from harness.options import PROFILES, Options

    return Options(PROFILES["quick"])
