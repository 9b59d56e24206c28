"""What stands in a folder of this tree is registered by standing there: a module is found by what it defines."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

from harness.options import Options
from harness.questions.check import Claim


def modules(package: str, attribute: str) -> list[ModuleType]:
    """Return the modules of a package that define ``attribute``, by their ORDER, those without one last, then by name."""
    path = importlib.import_module(package).__path__
    found = [importlib.import_module(f"{package}.{module.name}") for module in pkgutil.iter_modules(path)]
    last = float("inf")
    return sorted(
        (module for module in found if hasattr(module, attribute)),
        key=lambda module: (getattr(module, "ORDER", last), module.__name__),
    )


def claims_of(package: str, options: Options) -> tuple[Claim, ...]:
    """Return what the ``claims`` of a package's modules return, one after the other."""
    return tuple(claim for module in modules(package, "claims") for claim in module.claims(options))
