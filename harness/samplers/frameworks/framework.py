"""A framework's samplers are registered if its package is found, unimported; else their names say what is missing."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

from harness.samplers.registry import absent, sampler

Draw = Callable[..., Any]


@dataclass(frozen=True)
class Framework:
    """A package by its import name, and the extra of this distribution that installs it (none: it always comes along)."""

    package: str
    extra: str = ""

    @property
    def found(self) -> bool:
        """Whether the package is installed; nothing is imported to find out."""
        return importlib.util.find_spec(self.package) is not None

    def sampler(
        self,
        name: str,
        *,
        emits: str,
        dtypes: tuple[str, ...] = ("float64",),
        devices: tuple[str, ...] = ("cpu",),
        cost: str = "categories",
        jacobian: Draw | None = None,
        **terms: Any,
    ) -> Callable[[Draw], Draw]:
        """Register the decorated function for each device and dtype, the first under the plain name; return it unchanged.

        With several dtypes the function and its ``jacobian`` take ``dtype=``, with several devices ``device=``. An
        unchanged function is importable, so that it travels to workers by name. ``terms`` are those of
        ``harness.sampler``: batch, convention, ordered, rule.
        """

        def register(function: Draw) -> Draw:
            for device, dtype in product(devices, dtypes):
                on = name if device == devices[0] else name.replace(f"{self.extra}-", f"{self.extra}-{device}-", 1)
                named = on if dtype == dtypes[0] else f"{on}-{dtype}"
                if lacks := "; ".join(self._lacking(device)):
                    absent(named, f"sampler {named!r} needs {lacks}")
                    continue
                bound = {"dtype": dtype} if len(dtypes) > 1 else {}
                bound |= {"device": device} if len(devices) > 1 else {}
                slope = None if jacobian is None else _of(jacobian, bound)
                given = {"family": self.package, "dtype": dtype, "cost": cost, "jacobian": slope, **terms}
                sampler(named, emits=emits, **given)(_of(function, bound))
            return function

        return register

    def _lacking(self, device: str) -> Iterator[str]:
        if not self.found:
            yield f"{self.package}; pip install gumbel-harness[{self.extra}]"
        elif device == "cuda" and not gpu():
            yield "an NVIDIA GPU, and its driver is not found here"


def gpu() -> bool:
    """Tell whether the driver of an NVIDIA GPU is here; no library is loaded to find out."""
    return Path("/dev/nvidiactl").exists() or shutil.which("nvidia-smi") is not None


def _of(function: Draw, bound: dict[str, str]) -> Draw:
    """Return the function for one of its types and devices, itself if there is but one of each."""
    return partial(function, **bound) if bound else function


def seed_from(rng: Any) -> int:
    """Return a seed for a framework's own generator, drawn from ours."""
    return int(rng.integers(2**63))
