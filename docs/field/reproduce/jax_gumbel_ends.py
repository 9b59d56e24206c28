"""jax.random.gumbel in float32, mode "low" (the default): within (-4.47, 15.95), as its documentation says; "high" goes on.

An exact Poisson count: how many of n values lie above 15.95, and how many below -4.
"""

import math

import jax
import jax.numpy as jnp

N, ROUNDS = 2**21, 64
key = jax.random.key(20)


def counts(mode):
    """Return the values above 15.95 and below -4, and the largest of all."""

    @jax.jit
    def some(key):
        noise = jax.random.gumbel(key, (N,), mode=mode)
        return jnp.array([(noise > 15.95).sum(), (noise < -4.0).sum()]), noise.max()

    found = [some(one) for one in jax.random.split(key, ROUNDS)]
    return sum(int(c[0]) for c, _ in found), sum(int(c[1]) for c, _ in found), max(float(m) for _, m in found)


n = N * ROUNDS
due = -n * math.expm1(-math.exp(-15.95))
results = {mode: counts(mode) for mode in ("low", "high")}
for mode, (high, low, highest) in results.items():
    print(f"jax {jax.__version__}, mode {mode}: largest of {n} values is {highest:.4f}")
    print(
        f"  above 15.95: {high} values, {due:.1f} are due; below -4: {low} values, {n * math.exp(-math.exp(4.0)):.2g} due"
    )
print("REPRODUCED" if results["low"][0] == 0 and results["low"][1] > 3 and results["high"][0] > 5 else "not reproduced")
