"""pyro's samplers; they are torch's under another name, seeded as torch is."""

from __future__ import annotations

from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.samplers.frameworks.framework import Framework
from harness.samplers.frameworks.torch import WIDE, array, differentiated, leaves, load, seeded, tensor

PYRO = Framework("pyro", "pyro")


@PYRO.sampler("pyro-categorical", emits="index", dtypes=WIDE, cost="draw")
def categorical(logits: Floats, size: int, *, rng: np.random.Generator, dtype: str) -> Any:
    """Draw with pyro.distributions.Categorical."""
    from pyro import distributions

    with seeded(rng):
        return array(distributions.Categorical(logits=tensor(logits, dtype)).sample((size,)))


def relaxed_slopes(
    logits: Floats, size: int, *, temperature: float, rng: np.random.Generator, dtype: str
) -> tuple[Any, Any]:
    """Return RelaxedOneHotCategorical's rows with torch's derivatives."""
    from pyro import distributions

    rows = leaves(logits, size, dtype)
    with seeded(rng):
        law = distributions.RelaxedOneHotCategorical(load().tensor(temperature, dtype=rows.dtype), logits=rows)
        return differentiated(law.rsample(), rows)


@PYRO.sampler("pyro-relaxed", emits="simplex", dtypes=WIDE, jacobian=relaxed_slopes)
def relaxed(logits: Floats, size: int, *, temperature: float, rng: np.random.Generator, dtype: str) -> Any:
    """Draw with pyro.distributions.RelaxedOneHotCategorical."""
    from pyro import distributions

    located = tensor(logits, dtype)
    with seeded(rng):
        scale = load().tensor(temperature, dtype=located.dtype)
        return array(distributions.RelaxedOneHotCategorical(scale, logits=located).rsample((size,)))
