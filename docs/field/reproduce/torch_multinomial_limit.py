"""torch.multinomial refuses more than 2^24 categories and says so; torch.distributions.Categorical rests on it."""

import torch

for categories in (2**24, 2**24 + 1):
    try:
        torch.multinomial(torch.ones(categories), 1)
        print(categories, "categories: drawn")
        refused = False
    except RuntimeError as error:
        print(categories, "categories:", error)
        refused = True
print("REPRODUCED" if refused else "not reproduced")
