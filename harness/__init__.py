"""The machinery: it knows how to draw, count, test and judge, and neither what is claimed nor how a page looks.

Reading order, which is the way of the data: registry and samplers, case, check, plan, chunk, statistics, engine, methods,
judge, records, frames. Importing this package imports no science: names are loaded when they are used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness import laws
    from harness.errors import SamplerFault, UsageError
    from harness.exploration.explore import explore
    from harness.laws.conventions import Convention
    from harness.pytest_checks import parametrize_with_checks
    from harness.samplers.draw import draw
    from harness.samplers.registry import Sampler, get, registered, sampler
    from harness.validation import Validation, validate
    from harness.verdict import Verdict

_HOME = {
    "Convention": "harness.laws.conventions",
    "Sampler": "harness.samplers.registry",
    "SamplerFault": "harness.errors",
    "UsageError": "harness.errors",
    "Validation": "harness.validation",
    "Verdict": "harness.verdict",
    "draw": "harness.samplers.draw",
    "explore": "harness.exploration.explore",
    "get": "harness.samplers.registry",
    "parametrize_with_checks": "harness.pytest_checks",
    "registered": "harness.samplers.registry",
    "sampler": "harness.samplers.registry",
    "validate": "harness.validation",
}

__all__ = [
    "Convention",
    "Sampler",
    "SamplerFault",
    "UsageError",
    "Validation",
    "Verdict",
    "draw",
    "explore",
    "get",
    "laws",
    "parametrize_with_checks",
    "registered",
    "sampler",
    "validate",
]


def __getattr__(name: str) -> Any:
    if name == "laws":
        return importlib.import_module("harness.laws")
    if name not in _HOME:
        raise AttributeError(f"module 'harness' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)
