"""torch.distributions.Gumbel in float32: no value above 15.54, and an atom at -4.47 where next to nothing is due.

Its uniforms are multiples of 2^-24 between the least normal number and 1 - eps: the end near 1 caps the noise at 15.54,
and a uniform of 0 becomes the least normal number, -log(-log(1.18e-38)) = -4.47.
"""

import math

import torch

torch.manual_seed(20)
N, ROUNDS = 2**24, 16
law = torch.distributions.Gumbel(torch.tensor(0.0), torch.tensor(1.0))
high = low = 0
highest = -math.inf
for _ in range(ROUNDS):
    noise = law.rsample((N,))
    highest = max(highest, float(noise.max()))
    high += int((noise > 15.55).sum())
    low += int((noise < -4.0).sum())
n = N * ROUNDS
due = -n * math.expm1(-math.exp(-15.55))
print(f"torch {torch.__version__}: largest of {n} values is {highest:.4f}")
print(f"above 15.55: {high} values, {due:.1f} are due; P(none) = {math.exp(-due):.2g}")
print(f"below -4: {low} values, {n * math.exp(-math.exp(4.0)):.2g} are due")
print("REPRODUCED" if high == 0 and low > 3 else "not reproduced")
