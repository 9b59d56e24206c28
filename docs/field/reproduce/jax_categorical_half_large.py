"""jax.random.categorical in half precision over many categories: the default mode loses half of them, "high" a tenth.

Equal logits over 2041 categories in bfloat16, and -log(rank) over 1000 in float16; what is due follows from the logits as
rounded to the type. Mode "high" is much nearer and still off. The same logits in float32 give what is due.
"""

import jax
import jax.numpy as jnp
import numpy as np

n, blocks, wrong = 4096, 16, {}
for what, logits, rounded, group in (
    ("lower half of 2041", np.zeros(2041), jnp.bfloat16, np.arange(2041) < 1021),
    ("ranks beyond 100", -np.log(np.arange(1, 1001)), jnp.float16, np.arange(1000) >= 100),
):
    for dtype, mode in ((rounded, "low"), (rounded, "high"), (jnp.float32, "low")):
        held = jnp.asarray(logits, rounded).astype(dtype)
        p = np.exp(np.asarray(held, np.float64) - float(held.max()))
        share = float(p[group].sum() / p.sum())
        keys = jax.random.split(jax.random.key(22), blocks)
        index = np.concatenate([jax.random.categorical(key, held, shape=(n,), mode=mode) for key in keys])
        seen, due = int(group[index].sum()), index.size * share
        z = wrong[what, mode, dtype] = (seen - due) / np.sqrt(due * (1 - share))
        print(f"jax {jax.__version__} {jnp.dtype(dtype).name} {mode}: {what} {seen}, {due:.0f} are due, z = {z:.1f}")
off = [abs(z) > 6 for (_, _, dtype), z in wrong.items() if dtype != jnp.float32]
right = [abs(z) < 5 for (_, _, dtype), z in wrong.items() if dtype == jnp.float32]
print("REPRODUCED" if all(off) and all(right) else "not reproduced")
