"""A figure of speed is one core's: threads are pinned before any library is loaded, and what was pinned is printed."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
XLA = "--xla_cpu_multi_thread_eigen=false"


def pin() -> int | None:
    """Pin this process to one core and its libraries to one thread; return the core, or None where none can be chosen.

    jax's pool can be seen by no tool and bounded by no variable: it is the core that holds it.
    """
    for name in THREADS:
        os.environ[name] = "1"
    os.environ["XLA_FLAGS"] = " ".join([*os.environ.get("XLA_FLAGS", "").split(), XLA])
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    if not hasattr(os, "sched_setaffinity"):
        return None
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return core


def pinned(core: int | None) -> dict[str, Any]:
    """Return what is pinned, for the eye and for bench.json: the core, and the thread pools that can be seen."""
    threadpoolctl: Any = importlib.import_module("threadpoolctl")
    threadpoolctl.threadpool_limits(1)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    pools = sorted({f"{pool['internal_api']} {pool['num_threads']}" for pool in threadpoolctl.threadpool_info()})
    return {"threads": 1, "core": "any" if core is None else core, "pools": ", ".join(pools)}
