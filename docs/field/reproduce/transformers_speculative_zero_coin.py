"""transformers' speculative step accepts a draft of probability 0 when its coin is exactly 0, once in 2^24 coins.

``_speculative_sampling`` keeps a draft where ``coin <= p / q``. A token that a mask, a grammar or top_k has taken from
the target has p = 0, so that ``coin < p / q`` never keeps it and ``<=`` keeps it at a coin of 0. The coins of torch are
multiples of 2^-24: the state of the generator in which the next one is 0 is looked for, and set.
"""

import torch
import transformers
from transformers.generation.utils import _speculative_sampling

drafts = torch.tensor([[0]])
q = torch.zeros((1, 1, 3))
p = torch.tensor([[-torch.inf, 0.0, 0.0]]).expand(1, 2, 3)

found = []
for seed in (0, 1):
    torch.manual_seed(seed)
    while True:
        state = torch.get_rng_state()
        zeros = (torch.rand(2**22) == 0).nonzero()
        if len(zeros):
            break
    torch.set_rng_state(state)
    torch.rand(int(zeros[0]))
    tokens, matches = _speculative_sampling(drafts, q, 1, p)
    found.append(int(tokens[0, 0]) == 0 and int(matches) == 1)
    print(
        f"transformers {transformers.__version__}, seed {seed}: committed {tokens.tolist()}, token 0 has probability 0"
    )
print("REPRODUCED" if all(found) else "not reproduced")
