"""torch.distributions.Gumbel in bfloat16 and float16: uniforms of 8 and 11 bits cap the noise below 4.9 and 7.

Its uniforms end at 1 - eps of the type, so that log(-log(u)) ends at log(eps), and the steps below it are wide. A category
drawn as the argmax of logits plus this noise has another law. The same noise made in float32 is right.
"""

import math

import torch

torch.manual_seed(23)
n, wrong = 2**22, {}
for dtype, level in ((torch.bfloat16, 5.0), (torch.float16, 7.0), (torch.float32, 7.0)):
    zero, one = torch.zeros(n, dtype=dtype), torch.ones(n, dtype=dtype)
    noise = torch.distributions.Gumbel(zero, one).rsample()
    due, seen = -n * math.expm1(-math.exp(-level)), int((noise > level).sum())
    wrong[dtype] = seen == 0
    print(
        f"torch {torch.__version__} {dtype}: largest {float(noise.max()):.3f}; above {level:g}: {seen}, {due:.0f} are due"
    )
print("REPRODUCED" if list(wrong.values()) == [True, True, False] else "not reproduced")
