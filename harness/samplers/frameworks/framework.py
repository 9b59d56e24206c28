"""A framework's samplers are registered if its package is found, unimported; else their names say what to install."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from harness.samplers.registry import absent, sampler

Draw = Callable[..., Any]


@dataclass(frozen=True)
class Framework:
    """A package by its import name, and the extra of this distribution that installs it (none: it always comes along).

    ``lacking`` names what else its samplers need and this machine has not (none: nothing).
    """

    package: str
    extra: str = ""
    lacking: str = ""

    @property
    def found(self) -> bool:
        """Whether the package is installed; nothing is imported to find out."""
        return importlib.util.find_spec(self.package) is not None

    def needs(self, name: str) -> str:
        """Return the sentence that says what a sampler needs and has not; empty if it has all."""
        if not self.found:
            return f"sampler {name!r} needs {self.package}; pip install gumbel-harness[{self.extra}]"
        return f"sampler {name!r} needs {self.lacking}" if self.lacking else ""

    def sampler(
        self,
        name: str,
        *,
        emits: str,
        dtypes: tuple[str, ...] = ("float64",),
        cost: str = "categories",
        jacobian: Draw | None = None,
        **terms: Any,
    ) -> Callable[[Draw], Draw]:
        """Register the decorated function once for each dtype, the first under the plain name; return it unchanged.

        With several dtypes the function and its ``jacobian`` take ``dtype=``. An unchanged function is importable, so
        that it travels to workers by name. ``terms`` are those of ``harness.sampler``: batch, convention, ordered, rule.
        """

        def register(function: Draw) -> Draw:
            for dtype in dtypes:
                named = name if dtype == dtypes[0] else f"{name}-{dtype}"
                one, slope = (_of(made, dtypes, dtype) for made in (function, jacobian))
                if needs := self.needs(named):
                    absent(named, needs)
                else:
                    assert one is not None
                    given = {"family": self.package, "dtype": dtype, "cost": cost, "jacobian": slope, **terms}
                    sampler(named, emits=emits, **given)(one)
            return function

        return register


def _of(function: Draw | None, dtypes: tuple[str, ...], dtype: str) -> Draw | None:
    """Return the function for one of its dtypes, itself if there is but one."""
    return function if function is None or len(dtypes) == 1 else partial(function, dtype=dtype)


def seed_from(rng: Any) -> int:
    """Return a seed for a framework's own generator, drawn from ours."""
    return int(rng.integers(2**63))
