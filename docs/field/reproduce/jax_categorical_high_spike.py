"""jax.random.categorical, mode "high", in bfloat16: once in 2^14 values the noise is 87.5, and what nobody draws is drawn.

A uniform of exactly 0 is replaced by the least normal number, whose noise is -log(tiny) = 87.3. The second of two
categories, 40 nats below the first, is due once in 2e17 draws; and a thousand of them, 20 nats below one, once in half
a million. In float16, float32 and mode "low" neither comes.
"""

import jax
import jax.numpy as jnp
import numpy as np

seen = {}
for dtype, mode in ((jnp.bfloat16, "high"), (jnp.bfloat16, "low"), (jnp.float16, "high"), (jnp.float32, "high")):
    for what, n, tail, gap in (("one, 40 nats down", 2**22, 1, 40.0), ("one of 1000, 20 nats down", 2**13, 1000, 20.0)):
        logits = jnp.concatenate([jnp.zeros(1), jnp.full(tail, -gap)]).astype(dtype)
        for seed in (22, 23):
            index = jax.random.categorical(jax.random.key(seed), logits, shape=(n,), mode=mode)
            seen[dtype, mode, what, seed] = int(np.count_nonzero(np.asarray(index)))
        counts = [seen[dtype, mode, what, seed] for seed in (22, 23)]
        print(f"jax {jax.__version__} {jnp.dtype(dtype).name} {mode}: {what}: {counts} of {n} draws (two seeds)")
spikes = [count for (dtype, mode, *_), count in seen.items() if dtype == jnp.bfloat16 and mode == "high"]
others = [count for (dtype, mode, *_), count in seen.items() if dtype != jnp.bfloat16 or mode == "low"]
print("REPRODUCED" if min(spikes) > 10 and max(others) == 0 else "not reproduced")
