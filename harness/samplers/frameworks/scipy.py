"""SciPy's samplers: rv_discrete, UNU.RAN's alias urn and guide table, and gumbel_r, all in float64."""

from __future__ import annotations

from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.samplers.builtin.weights import probabilities
from harness.samplers.frameworks.framework import Framework

SCIPY = Framework("scipy")


@SCIPY.sampler("scipy-rv-discrete", emits="index")
def rv_discrete(logits: Floats, size: int, *, rng: np.random.Generator) -> Any:
    """Draw with stats.rv_discrete(values=...).rvs, which compares every draw with the whole CDF."""
    from scipy import stats

    law = stats.rv_discrete(values=(np.arange(logits.size), probabilities(logits)))
    return law.rvs(size=size, random_state=rng)


@SCIPY.sampler("scipy-alias-urn", emits="index", cost="draw")
def alias_urn(logits: Floats, size: int, *, rng: np.random.Generator) -> Any:
    """Draw with stats.sampling.DiscreteAliasUrn."""
    from scipy.stats import sampling

    return sampling.DiscreteAliasUrn(probabilities(logits), random_state=rng).rvs(size)


@SCIPY.sampler("scipy-guide-table", emits="index", cost="draw")
def guide_table(logits: Floats, size: int, *, rng: np.random.Generator) -> Any:
    """Draw with stats.sampling.DiscreteGuideTable."""
    from scipy.stats import sampling

    return sampling.DiscreteGuideTable(probabilities(logits), random_state=rng).rvs(size)


@SCIPY.sampler("scipy-gumbel", emits="gumbel")
def gumbel(logits: Floats, size: int, *, rng: np.random.Generator) -> Any:
    """Draw logits plus stats.gumbel_r.rvs."""
    from scipy import stats

    return logits + stats.gumbel_r.rvs(size=(size, logits.size), random_state=rng)
