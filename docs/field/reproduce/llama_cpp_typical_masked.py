"""llama.cpp's typical filter beside a masked token: the entropy is 0 log 0, no number, and the likeliest stays instead.

A logit bias of -inf, or a grammar, masks. Here the first of four tokens is masked; the others have probabilities .5, .3, .2
and surprises .69, 1.20, 1.61, whose mean, the entropy, is 1.03: the second is nearest to it, and has the mass of .2 that
is asked for. It is due in every draw.
"""

import ctypes
import math

import llama_cpp as llama

DRAWS = 200


def drawn(logits: list[float], typical_p: float, seed: int) -> list[int]:
    """Return how often each token was drawn."""
    chain = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
    llama.llama_sampler_chain_add(chain, llama.llama_sampler_init_typical(typical_p, 1))
    llama.llama_sampler_chain_add(chain, llama.llama_sampler_init_dist(seed))
    counts = [0] * len(logits)
    for _ in range(DRAWS):
        tokens = (llama.llama_token_data * len(logits))(
            *(llama.llama_token_data(token, logit, 0.0) for token, logit in enumerate(logits))
        )
        candidates = llama.llama_token_data_array(tokens, len(logits), -1, False)
        llama.llama_sampler_apply(chain, ctypes.byref(candidates))
        counts[candidates.data[candidates.selected].id] += 1
    llama.llama_sampler_free(chain)
    return counts


found = []
for seed in (0, 1):
    live = [math.log(0.5), math.log(0.3), math.log(0.2)]
    masked, plain = drawn([-math.inf, *live], 0.2, seed), drawn(live, 0.2, seed)
    print(
        f"llama-cpp-python {llama.__version__}, seed {seed}: of {DRAWS} draws {masked} with the mask, {plain} without"
    )
    found.append(masked[2] < DRAWS and plain == [0, DRAWS, 0])
print("REPRODUCED" if all(found) else "not reproduced")
