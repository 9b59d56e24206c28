"""torch.nn.functional.gumbel_softmax in float16 gives rows of NaN at a low temperature: a score divided by it overflows.

A score of 8 over a temperature of 2^-13 is beyond 65504, the largest float16, and softmax(inf) is NaN.
"""

import torch

torch.manual_seed(24)
n = 2**18
bad = {}
for temperature in (2.0**-11, 2.0**-13):
    logits = torch.tensor([1.0, 0.0], dtype=torch.float16).expand(n, -1)
    rows = torch.nn.functional.gumbel_softmax(logits, tau=temperature)
    bad[temperature] = int(rows.isnan().any(dim=1).sum())
    print(f"torch {torch.__version__} float16, temperature {temperature:.3g}: {bad[temperature]} of {n} rows are NaN")
print("REPRODUCED" if bad[2.0**-13] > 0 else "not reproduced")
