"""Scores of float32 round where logits are large: a common shift of 2^20, which changes no probability, favours the first.

torch.nn.functional.gumbel_softmax adds noise to the logits as they stand. Near 2^20 float32 has steps of 1/8, so the two
largest scores are often equal, and the first of them is taken. torch.multinomial after torch.softmax, which subtracts the
maximum first, is right at the same logits.
"""

import math

import torch

torch.manual_seed(21)
n = 400_000
logits = torch.zeros(2) + 2.0**20
soft = torch.nn.functional.gumbel_softmax(logits.expand(n, -1), hard=True).argmax(dim=1)
cdf = torch.multinomial(torch.softmax(logits, 0), n, replacement=True)
shares = {}
for name, index in (("gumbel_softmax", soft), ("softmax, multinomial", cdf)):
    share = shares[name] = float((index == 0).double().mean())
    z = (share - 0.5) / math.sqrt(0.25 / n)
    print(f"torch {torch.__version__} {name}: first of two equal categories in {share:.4f}, z = {z:.1f}")
wrong, right = shares.values()
print("REPRODUCED" if wrong > 0.505 and abs(right - 0.5) < 0.005 else "not reproduced")
