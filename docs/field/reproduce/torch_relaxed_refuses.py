"""RelaxedOneHotCategorical of torch, and so pyro's, refuses logits whose float32 softmax sums to 1 but for 1e-6.

It checks the probabilities that it made itself from the logits, as if the user had given them: float32 rounds more in
sums of a thousand. torch.distributions.Categorical takes the same logits.
"""

import math

import torch


def refused(categories: int, share: float, dtype: torch.dtype) -> str:
    """Return what is said of one category with this share of the mass over all others alike; nothing if it is drawn."""
    logits = torch.full((categories,), math.log((1 - share) / (categories - 1) / share), dtype=dtype)
    logits[0] = 0.0
    torch.distributions.Categorical(logits=logits).sample()
    try:
        torch.distributions.RelaxedOneHotCategorical(torch.tensor(0.5, dtype=dtype), logits=logits).rsample()
    except ValueError as error:
        return str(error).split(", but")[0]
    return ""


shares = [number / 100 for number in range(1, 100)]
found = {}
for categories in (64, 256, 1024, 4096):
    words = [refused(categories, share, torch.float32) for share in shares]
    wide = [refused(categories, share, torch.float64) for share in shares]
    found[categories] = len(list(filter(None, words))), len(list(filter(None, wide)))
    print("{} categories: of 99 rows of logits {} were refused, in float64 {}".format(categories, *found[categories]))
print(max(words))
if found[4096][0] and not found[4096][1]:
    print("REPRODUCED: logits are refused for the rounding of what is made from them")
