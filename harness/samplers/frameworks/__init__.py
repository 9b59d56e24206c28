"""Other people's samplers, each by its framework's own public call; importing this package imports no framework.

One file a framework; a sampler is a few lines there and nothing anywhere else.
"""

from harness.adapters import jax, numpy, numpyro, pyro, scipy, torch

__all__ = ["jax", "numpy", "numpyro", "pyro", "scipy", "torch"]
