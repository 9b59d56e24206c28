"""Which claims and tests execute which line, and how long each takes: measured once, by coverage's contexts."""

from __future__ import annotations

import ast
import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import Any

import coverage
import runs
from forks import child
from mutants import ROOMS

IMPORT = "import"
CPU = 900
"""CPU-seconds that a part of the measuring may take."""
FILES = 3
"""Test files that share a process."""


def measured(root: Path, folder: Path, pool: Executor) -> dict[str, Any]:
    """Return seconds by context, contexts by file and line, and the verdicts of the unchanged tree; kept in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    tests = runs.test_files(root)
    parts: list[list[str]] = [[], *(tests[i : i + FILES] for i in range(0, len(tests), FILES))]
    known: dict[str, Any] = {"seconds": {}, "verdicts": {}, "failing": [], "lines": {}}
    for found in pool.map(lambda part: _part(root, folder, part), parts):
        known["seconds"] |= found["seconds"]
        known["verdicts"] |= found["verdicts"]
        known["failing"] += found["failing"]
        for path, lines in found["lines"].items():
            held = known["lines"].setdefault(path, {})
            for line, names in lines.items():
                held[int(line)] = held.get(int(line), set()) | set(names)
    return known


def _part(root: Path, folder: Path, tests: list[str]) -> dict[str, Any]:
    """Measure some test files, or with none of them all claims."""
    kept = folder / f"lines-{Path(tests[0]).stem if tests else 'claims'}.json"
    if not kept.is_file():
        told, _ = child(lambda tell: _measure(root, tests, tell), CPU)
        if not told or "lines" not in told[-1]:
            raise SystemExit(f"measuring the unchanged tree failed at {tests}: {told[-1:]}")
        kept.write_text(json.dumps(told[-1]))
    found: dict[str, Any] = json.loads(kept.read_text())
    return found


def _measure(root: Path, tests: list[str], tell: Callable[[Any], None]) -> None:
    sys.path.insert(0, str(root))
    data = coverage.Coverage(data_file=None, config_file=False, include=[f"{root}/{room}/*" for room in ROOMS])
    data.start()
    data.switch_context(IMPORT)
    seconds: dict[str, float] = {}
    verdicts: dict[str, runs.Verdicts] = {}
    order = runs.Order(None, data.switch_context)
    if tests:
        runs.of_tests(tests, order, first=False)
    else:
        plan, names = runs.claims()
        works = {f"claim {name}": partial(runs.of_claim, plan, name) for name in names}
        for name, work in works.items():
            data.switch_context(name)
            start = time.process_time()
            verdicts[name] = work()
            seconds[name] = time.process_time() - start
    data.stop()
    seconds |= {f"test {name}": spent for name, spent in order.seconds.items()}
    found = data.get_data()
    lines = {Path(path).relative_to(root).as_posix(): found.contexts_by_lineno(path) for path in found.measured_files()}
    tell({"seconds": seconds, "verdicts": verdicts, "failing": order.failed, "lines": lines})


def contexts(known: dict[str, Any], root: Path, path: str, line: int) -> set[str]:
    """Return what executes the statement at ``line``; for one that an import executes, what executes its module at all."""
    lines: dict[int, set[str]] = known["lines"].get(path, {})
    tree = ast.parse((root / path).read_text())
    first, last = _statement(tree, line)
    found = set().union(*(lines.get(at, set()) for at in range(first, last + 1)))
    if found <= {IMPORT, ""} or not _in_function(tree, first):  # whoever imported it first has no more part in it
        found = set().union(*lines.values()) if lines else set()
    return found - {IMPORT, ""}


def _in_function(tree: ast.Module, line: int) -> bool:
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return any(node.lineno < line <= (node.end_lineno or 0) for node in functions)


def _statement(tree: ast.Module, line: int) -> tuple[int, int]:
    """Return the first and last line of the innermost statement, of one with a body those of its head."""
    around = [
        node for node in ast.walk(tree) if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or 0)
    ]
    if not around:
        return line, line
    inner = max(around, key=lambda node: (node.lineno, -(node.end_lineno or 0)))
    body = getattr(inner, "body", None)
    return inner.lineno, body[0].lineno - 1 if body and body[0].lineno > inner.lineno else inner.end_lineno or line
