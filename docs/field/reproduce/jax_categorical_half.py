"""jax.random.categorical draws its noise in the type of the logits: in bfloat16 equal logits favour the low indices.

The noise has few distinct values there, the two largest of 100 scores are often equal, and argmax takes the first. The
logits in float32, although they hold the same values, give the right law. Reported as jax-ml/jax#30879.
"""

import math

import jax
import jax.numpy as jnp

n = 2**17
for dtype in (jnp.bfloat16, jnp.float16, jnp.float32):
    index = jax.random.categorical(jax.random.key(22), jnp.zeros(100, dtype), shape=(n,))
    share = float((index < 50).mean())
    print(
        f"jax {jax.__version__} {jnp.dtype(dtype).name}: low half in {share:.4f}, z = {(share - 0.5) * 2 * math.sqrt(n):.1f}"
    )
    if dtype == jnp.bfloat16:
        biased = share > 0.55
print("REPRODUCED" if biased and abs(share - 0.5) < 0.01 else "not reproduced")
