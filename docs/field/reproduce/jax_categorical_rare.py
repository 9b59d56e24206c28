"""jax.random.categorical, mode "low" (the default), is biased for events below about 1e-7 in float32, as documented.

One category at 0 over 1e5 categories at -17.5 (2.5e-8 each): together they are due once in 400 draws. Mode "high" is right.
"""

import math

import jax
import jax.numpy as jnp

TAIL, GAP, ROWS, CALLS = 100_000, 17.5, 20, 600
logits = jnp.concatenate([jnp.zeros(1), jnp.full(TAIL, -GAP)])
mass = TAIL * math.exp(-GAP) / (1 + TAIL * math.exp(-GAP))


def hits(mode, seed):
    """Return how many draws fell into the tail."""
    draw = jax.jit(lambda key: (jax.random.categorical(key, logits, shape=(ROWS,), mode=mode) > 0).sum())
    return sum(int(draw(key)) for key in jax.random.split(jax.random.key(seed), CALLS))


due = ROWS * CALLS * mass
found = {("low", 0): hits("low", 0), ("low", 1): hits("low", 1), ("high", 0): hits("high", 0)}
for (mode, seed), seen in found.items():
    p = math.fsum(math.exp(-due + k * math.log(due) - math.lgamma(k + 1)) for k in range(seen + 1))
    print(
        f"jax {jax.__version__}, mode {mode}, seed {seed}: {seen} draws in the tail, {due:.1f} due, P(no more) = {p:.2g}"
    )
low = max(found["low", 0], found["low", 1])
print("REPRODUCED" if low < due / 3 and found["high", 0] > due / 2 else "not reproduced")
