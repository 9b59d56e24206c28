"""A child shares what the parent has imported of others' packages, imports this tree anew, and dies of its own limits."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import resource
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import Any

HEAVY = (
    *("numpy", "scipy.stats", "scipy.optimize", "scipy.integrate", "scipy.special", "pandas", "statsmodels.api"),
    *("mpmath", "hypothesis", "pytest", "loky", "cloudpickle", "click", "rich.console", "rich.table", "jinja2"),
    *("statsmodels.stats.proportion", "statsmodels.stats.multitest", "scipy.stats.qmc", "threadpoolctl"),
)


_FORKING = threading.Lock()


def preload() -> None:
    """Import what every child needs of others, and nothing of this tree."""
    for name in HEAVY:
        importlib.import_module(name)
    assert not any(name.split(".")[0] in ("harness", "suites", "reports") for name in sys.modules)


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, name: str, path: str, source: str) -> None:
        super().__init__(name, path)
        self.source = source

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self.source.encode(), self.path)


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, name: str, path: Path, source: str) -> None:
        self.name, self.path, self.source = name, path, source

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        if fullname != self.name:
            return None
        package = [str(self.path.parent)] if self.path.name == "__init__.py" else None
        loader = _Loader(fullname, str(self.path), self.source)
        return importlib.util.spec_from_file_location(
            fullname, self.path, loader=loader, submodule_search_locations=package
        )


def placed(root: Path, path: str, source: str) -> None:
    """Let the module at ``path`` have this source when it is imported."""
    name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    sys.meta_path.insert(0, _Finder(name, root / path, source))


def child(work: Callable[[Callable[[Any], None]], None], cpu: float) -> tuple[list[Any], float]:
    """Fork, do ``work(tell)`` there, and return all that it told and its CPU-seconds; one beyond its limits is ended."""
    with _FORKING:  # or another child keeps the writing end of this one's pipe
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(read)
            _do(work, write, cpu)
        os.close(write)
    with os.fdopen(read, encoding="utf-8") as lines:
        told = [json.loads(line) for line in lines]
    _, status, used = os.wait4(pid, 0)
    return told if status == 0 else [*told, {"ended": _words(status)}], used.ru_utime + used.ru_stime


def _do(work: Callable[[Callable[[Any], None]], None], write: int, cpu: float) -> None:
    status = 1
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (int(cpu) + 1, int(cpu) + 3))
        resource.setrlimit(resource.RLIMIT_AS, (8 * 2**30, 8 * 2**30))
        signal.alarm(int(6 * cpu) + 120)
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        with os.fdopen(write, "w", encoding="utf-8") as out:

            def tell(what: Any) -> None:
                out.write(json.dumps(what) + "\n")
                out.flush()

            try:
                work(tell)
            except BaseException as error:
                tell({"raised": "".join(traceback.format_exception_only(error)).strip()[:300]})
        status = 0
    finally:
        os._exit(status)


def _words(status: int) -> str:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        late = number in (signal.SIGXCPU, signal.SIGALRM, signal.SIGKILL)
        return "time" if late else f"signal {number}"
    return f"exit status {os.WEXITSTATUS(status)}"
