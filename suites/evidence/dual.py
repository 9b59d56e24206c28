"""A Jacobian by forward-mode automatic differentiation: torch's or JAX's if installed, else dual numbers made here.

[1] Griewank and Walther 2008, "Evaluating Derivatives", section 3.1: a value travels with its derivatives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.arrays import Floats

Traced = Callable[[Any, Callable[[Any], Any]], Any]
"""A function of (x, exp) that uses + - * /, ``exp`` and ``.sum()`` only, so that any framework can follow it."""


@dataclass(frozen=True)
class Dual:
    """Values (...,) with their derivatives (..., d) in d variables; plain numbers have derivative 0."""

    value: Any
    slope: Any

    __array_ufunc__ = None  # NumPy leaves mixed arithmetic to the methods below

    def __add__(self, other: Any) -> Dual:
        value, slope = _parts(other)
        return Dual(self.value + value, self.slope + slope)

    def __sub__(self, other: Any) -> Dual:
        value, slope = _parts(other)
        return Dual(self.value - value, self.slope - slope)

    def __rsub__(self, other: Any) -> Dual:
        return Dual(other - self.value, -self.slope)

    def __mul__(self, other: Any) -> Dual:
        value, slope = _parts(other)
        return Dual(self.value * value, self.slope * _column(value) + slope * _column(self.value))

    def __truediv__(self, other: Any) -> Dual:
        value, slope = _parts(other)
        quotient = self.value / value
        return Dual(quotient, (self.slope - slope * _column(quotient)) / _column(value))

    __radd__, __rmul__ = __add__, __mul__

    def sum(self) -> Dual:
        """Return the sum of the values with its derivatives."""
        return Dual(np.sum(self.value), np.sum(self.slope, axis=0))


def _parts(other: Any) -> tuple[Any, Any]:
    return (other.value, other.slope) if isinstance(other, Dual) else (other, 0.0)


def _column(value: Any) -> Any:
    return np.asarray(value)[..., None]


def exp(x: Dual) -> Dual:
    """Return e^x with its derivatives."""
    value = np.exp(x.value)
    return Dual(value, x.slope * _column(value))


def by_dual_numbers(function: Traced, x: Floats) -> Floats:
    """Return the Jacobian of ``function`` at (d,) values."""
    return np.asarray(function(Dual(x, np.eye(x.size)), exp).slope)


def by_torch(function: Traced, x: Floats) -> Floats:
    """Return the same from torch's autograd; raises ImportError without it."""
    import torch

    made = torch.autograd.functional.jacobian(lambda t: function(t, torch.exp), torch.tensor(x, dtype=torch.float64))
    return np.asarray(made.numpy())


def by_jax(function: Traced, x: Floats) -> Floats:
    """Return the same from JAX in float64; raises ImportError without it."""
    import jax
    import jax.numpy as jnp

    double = jax.enable_x64 if hasattr(jax, "enable_x64") else jax.experimental.enable_x64
    with double(True):
        return np.asarray(jax.jacobian(lambda t: function(t, jnp.exp))(jnp.asarray(x)), np.float64)


def differentiator() -> tuple[str, Callable[[Traced, Floats], Floats]]:
    """Return the first framework that is installed, by name, or the dual numbers."""
    for name, method in (("torch", by_torch), ("jax", by_jax)):
        try:
            method(_square, np.ones(1))
        except ImportError:
            continue
        return name, method
    return "dual numbers (neither torch nor jax is installed)", by_dual_numbers


def _square(x: Any, exp: Any) -> Any:
    return (x * x).sum()


def traced_softmax(tau: float, a: Any, exp: Any) -> Any:
    """Return softmax(a / tau) in operations that a framework can follow; |a / tau| stays below 100."""
    weights = exp(a / tau)
    return weights / weights.sum()


def like(x: Any, values: Floats) -> Any:
    """Return ``values`` as torch's tensor if x is one: torch does not mix with NumPy."""
    return x.new_tensor(values) if hasattr(x, "new_tensor") else values
