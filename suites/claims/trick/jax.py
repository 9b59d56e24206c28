"""JAX's categorical sampler is the Gumbel-max trick if, key by key, it returns the argmax of logits plus JAX's own noise.

It is not differentiable: an index is an integer, and as a float it has derivative 0 wherever it has one.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.laws import Categorical
from harness.methods import ChiSquare
from harness.options import Options
from harness.questions.check import Claim, Evidence
from harness.statistics import Counts
from harness.verdict import Verdict
from suites.cases import case
from suites.claims.trick import jumps as trick_jumps
from suites.evidence.chance import Rates, chance, held
from suites.evidence.identities import deviation, identity

ORDER = 170
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


def index_type(rng: np.random.Generator) -> Evidence:
    """Ask JAX for the gradient of a drawn category: it is an integer, of which there is none."""
    import jax
    import jax.numpy as jnp

    key, logits = jax.random.key(int(rng.integers(2**31))), jnp.asarray(case("three@1").logits, jnp.float32)
    drawn_type = str(jax.random.categorical(key, logits).dtype)
    try:
        jax.grad(lambda x: jax.random.categorical(key, x))(logits)
        refused = ""
    except TypeError as error:
        refused = f"the category is {drawn_type}, and jax.grad raises TypeError: {str(error).splitlines()[0]}"
    effect = float(bool(refused))
    return Evidence(
        statistic=effect, effect=effect, n=1, resolution=0.0, impossible=refused, notes={"type": drawn_type}
    )


def slopes(logits: Floats) -> Floats:
    """Return (K,) derivatives of the expected index, sum over k of k p_k (delta_ki - p_i)."""
    p = np.exp(logits - logits.max())
    p /= p.sum()
    return np.asarray(p * (np.arange(p.size) - np.sum(np.arange(p.size) * p)))


def float_cast(rng: np.random.Generator) -> Evidence:
    """Hold JAX's gradient of the index as a float to the slope of its expectation, which a sample's gradient should have.

    The mean over 1000 keys is exactly 0; the slope of the expected index is not.
    """
    import jax
    import jax.numpy as jnp

    logits = case("three@1").logits
    keys = jax.random.split(jax.random.key(int(rng.integers(2**31))), 1000)
    slope = jax.vmap(jax.grad(lambda x, key: jax.random.categorical(key, x).astype(jnp.float32)), in_axes=(None, 0))
    found = np.asarray(slope(jnp.asarray(logits, jnp.float32), keys), np.float64)
    notes = {"largest gradient of 1000 draws": float(np.abs(found).max())}
    what = "the mean gradient of JAX's index for the slope of its expectation"
    return deviation(found.mean(axis=0), slopes(logits), bound=1e-6, scale=1.0, what=what, notes=notes)


def _categorical(options: Options) -> Claim:
    stem, tolerance = "trick/jax-categorical", max(0.005, options.tolerance)
    return Claim(
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
    )  # fmt: skip


def _differentiable() -> Claim:
    stem = "identity/trick/jax-differentiable"
    return Claim(
        "trick.jax-differentiable",
        where="introduction",
        says="JAX's sampling of categories by the Gumbel-max trick is differentiable.",
        expect=Verdict.REFUTED,
        checks=(
            identity(f"{stem}/type", "a derivative needs a number that varies continuously", index_type, bound=0.0,
                     unit="refusals", method="automatic differentiation"),
            identity(f"{stem}/float-cast", "as a float the index has derivative 0", float_cast, bound=1e-6,
                     unit="slope", method="automatic differentiation"),
        ),
    )  # fmt: skip


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the claims about JAX, inconclusive where it is not installed, and what holds of any argmax."""
    return _categorical(options), _differentiable(), trick_jumps.corrected(options)
