"""Computed checks call a sampler themselves: with logits, sizes and generators of their own choice."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.draws.bind import BATCH, called, checked
from harness.questions.check import Scenario


@dataclass(frozen=True)
class Caller:
    """Calls the function of a scenario: ``caller(size, rng)`` returns flat draws, steps of a batch one after another."""

    scenario: Scenario

    @property
    def rows(self) -> int:
        """The rows of a batch; 0 for a sampler of one row."""
        return BATCH if self.scenario.sampler.batch else 0

    @property
    def logits(self) -> Floats:
        """A fresh copy of what the sampler is given: the case's logits, one row for each of a batch."""
        logits = self.scenario.case.logits
        return np.tile(logits, (self.rows, 1)) if self.rows else logits.copy()

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """What every call is given; to ask the form for it each time costs half a call."""
        return self.scenario.parameters

    def __call__(self, size: int, rng: np.random.Generator, logits: Floats | None = None) -> NDArray[Any]:
        """Return (size,) integers or (size, K) floats, ``size`` steps times the rows of a batch; raises SamplerFault."""
        array = self.shaped(size, rng, self.logits if logits is None else logits)
        return array.reshape(-1, *array.shape[2:]) if self.rows else array

    def shaped(self, size: int, rng: np.random.Generator, logits: Floats) -> NDArray[Any]:
        """Return draws in the shape that the sampler gave them, for any number of rows; raises SamplerFault."""
        case, emits, rows = self.scenario.case, self.scenario.emits, len(logits) if self.rows else 0
        with np.errstate(all="ignore"):
            made = called(self.scenario.sampler.form(emits).draw, logits, size, rng, self.parameters)
        return checked(made, size, emits, case.logits.size, rows)

    def indices(self, size: int, rng: np.random.Generator) -> NDArray[np.intp]:
        """Return the drawn categories, or the argmax of each row; what is out of range counts as the last one."""
        return self.winners(self(size, rng))

    def winners(self, draws: NDArray[Any]) -> NDArray[np.intp]:
        """Return the category of each draw, likewise."""
        index = draws if self.scenario.emits == "index" else np.argmax(draws, axis=-1)
        inside: NDArray[np.intp] = np.clip(index, 0, self.scenario.case.logits.size - 1).astype(np.intp)
        return inside
