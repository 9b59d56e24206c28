"""jax.random.gumbel in float32: mode "low", the default, stays within (-4.47, 15.95); "high" goes on, but not below -2.77.

That "low" ends near 16 is documented. Its lower end is an atom: a uniform of 0 becomes the least normal number. In "high"
it is the lower tail that is cut. Each line is an exact Poisson count of float32 values beyond a level.
"""

import math

import jax
import jax.numpy as jnp

N, ROUNDS = 2**21, 64


def counts(mode):
    """Return the values above 15.95, below -2.77 and below -4."""

    @jax.jit
    def some(key):
        noise = jax.random.gumbel(key, (N,), mode=mode)
        return jnp.array([(noise > 15.95).sum(), (noise < -2.77).sum(), (noise < -4.0).sum()])

    return [int(c) for c in sum(some(one) for one in jax.random.split(jax.random.key(20), ROUNDS))]


n = N * ROUNDS
due = [-n * math.expm1(-math.exp(-15.95)), n * math.exp(-math.exp(2.77)), n * math.exp(-math.exp(4.0))]
seen = {mode: counts(mode) for mode in ("low", "high")}
for mode, found in seen.items():
    for level, count, expected in zip(("above 15.95", "below -2.77", "below -4"), found, due, strict=True):
        print(f"jax {jax.__version__}, mode {mode}, {n} values, {level}: {count}, {expected:.2g} are due")
low, high = seen["low"], seen["high"]
print("REPRODUCED" if low[0] == 0 and low[2] > 3 and high[0] > 2 and high[1] == 0 else "not reproduced")
