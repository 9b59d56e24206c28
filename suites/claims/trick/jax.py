"""JAX's categorical sampler is the Gumbel-max trick if, key by key, it returns the argmax of logits plus JAX's own noise."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from harness.laws import Categorical
from harness.methods import ChiSquare
from harness.options import Options
from harness.questions.check import Claim, Evidence
from harness.statistics import Counts
from suites.cases import case
from suites.evidence.chance import Rates, chance, held
from suites.evidence.identities import deviation, identity

DRAWS = 20_000


def drawn(name: str, n: int, seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return JAX's categories and the argmax of logits plus the noise of the same key; raises ImportError without JAX."""
    import jax
    import jax.numpy as jnp

    key, logits = jax.random.key(seed), jnp.asarray(case(name).logits, jnp.float32)
    sampled = jax.random.categorical(key, logits, shape=(n,))
    noise = jax.random.gumbel(key, (n, logits.size), logits.dtype)
    return np.asarray(sampled, np.intp), np.asarray(jnp.argmax(logits + noise, axis=-1), np.intp)


def draw_by_draw(rng: np.random.Generator) -> Evidence:
    """Compare index by index, for several logits."""
    import jax

    found, due = [], []
    for name in ("pair", "die", "l8", "flat-100"):
        sampled, winners = drawn(name, DRAWS, int(rng.integers(2**31)))
        found.append(sampled)
        due.append(winners)
    what = "JAX's index for the argmax of logits plus its noise"
    made = deviation(np.concatenate(found), np.concatenate(due), bound=0.0, scale=1.0, what=what)
    return replace(made, notes={"jax": str(jax.__version__)})


def counts(tolerance: float, rates: Rates, rng: np.random.Generator) -> Evidence:
    """Hold JAX's counts of the die to the softmax of its logits in float32."""
    method = ChiSquare(Categorical(case("die").logits.astype(np.float32).astype(np.float64)).mass)
    n = method.required(tolerance, rates.level, rates.beta)
    sampled, _ = drawn("die", n, int(rng.integers(2**31)))
    return held(method, (Counts.of(sampled, (6,)),), rng, rates)


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the claim about JAX, which stays inconclusive where JAX is not installed."""
    stem, tolerance = "trick/jax-categorical", max(0.005, options.tolerance)
    return (
        Claim(
            "trick.jax-categorical",
            where="introduction",
            says="JAX samples categories by the Gumbel-max trick.",
            checks=(
                identity(
                    f"identity/{stem}/draw-by-draw", "same key, same noise, same winner", draw_by_draw,
                    bound=0.0, unit="index",
                ),
                chance(
                    f"chi_square/{stem}/counts", "its counts follow the softmax",
                    partial(counts, tolerance, Rates.of(options)), tolerance=tolerance,
                    unit="total variation", method="chi-square", suite="chi_square",
                ),
            ),
        ),
    )  # fmt: skip
