"""jax.random.gumbel in half precision: the noise of the default mode ends at 4.9 and 7, and mode "high" mends one end only.

In float16 mode "high" ends at 9.7 and at -1.94; in bfloat16 it ends at -1.58, and above 12 it has ten times what is due.
"""

import math

import jax
import jax.numpy as jnp
import numpy as np

n, wrong = 2**22, []
for dtype, mode, low, high in (
    (jnp.bfloat16, "low", None, 5.0),
    (jnp.float16, "low", None, 7.0),
    (jnp.bfloat16, "high", -1.8, 12.0),
    (jnp.float16, "high", -2.0, 10.0),
):
    for seed in (22, 23):
        noise = jax.random.gumbel(jax.random.key(seed), (n,), dtype=dtype, mode=mode)
        values = np.asarray(noise.astype(jnp.float32))
        above, due = int((values > high).sum()), -n * math.expm1(-math.exp(-high))
        print(
            f"jax {jax.__version__} {jnp.dtype(dtype).name} {mode}: above {high:g}: {above}, {due:.0f} are due", end=""
        )
        wrong.append(abs(above - due) > 6 * math.sqrt(due))
        if low is not None:
            below, due = int((values < low).sum()), n * math.exp(-math.exp(-low))
            print(f"; below {low:g}: {below}, {due:.0f} are due", end="")
            wrong.append(abs(below - due) > 6 * math.sqrt(due))
        print()
print("REPRODUCED" if all(wrong) else "not reproduced")
