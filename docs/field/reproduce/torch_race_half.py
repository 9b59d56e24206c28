"""An exponential race in half precision: torch's bfloat16 exponentials are few, ties are many, the first of them wins."""

import math

import torch

torch.manual_seed(23)
n = 2**16
for dtype in (torch.bfloat16, torch.float16, torch.float32):
    p = torch.full((100,), 0.01, dtype=dtype)
    index = (p / torch.empty((n, 100), dtype=dtype).exponential_()).argmax(dim=1)
    share = float((index < 50).double().mean())
    print(f"torch {torch.__version__} {dtype}: low half in {share:.4f}, z = {(share - 0.5) * 2 * math.sqrt(n):.1f}")
    if dtype == torch.bfloat16:
        biased = share > 0.52
print("REPRODUCED" if biased and abs(share - 0.5) < 0.01 else "not reproduced")
