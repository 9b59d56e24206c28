"""Agreements of fair bits at every distance, by FFT, with tails that are exact or bounded at every distance.

[1] W. Hoeffding, Probability inequalities for sums of bounded random variables, JASA 58 (1963), theorem 1: the tails of
    Binomial(n, 1/2) are at most exp(-n KL(k / n, 1/2)), the minimum over t of e^{-ct} cosh(t)^n.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Bools, Floats
from harness.laws import special
from harness.methods.tails import binomial_two_sided


def signs(bits: Bools) -> NDArray[np.float32]:
    """Return bits as 1 and -1."""
    return np.where(bits, np.float32(1), np.float32(-1))


def linear(first: Bools, second: Bools) -> Floats:
    """Return the sums over i of first[i] second[i + s] as signs, s = 0..m-1, of (m,) bits; right to the nearest whole."""
    from scipy import fft

    m = first.size
    length = fft.next_fast_len(2 * m, real=True)
    one = fft.rfft(signs(first), length)
    other = one if second is first else fft.rfft(signs(second), length)
    made: Floats = np.rint(fft.irfft(one.conj() * other, length)[:m]).astype(np.float64)
    return made


def folded(bits: Bools) -> NDArray[np.float32]:
    """Return the sums over i of x_i x_{i+s} as signs, i + s taken modulo m, s = 0..m-1: distances s and m - s together.

    Half the length of ``linear``; in single precision, to one in a million.
    """
    from scipy import fft

    transform = fft.rfft(signs(bits))
    made: NDArray[np.float32] = fft.irfft(transform.real**2 + transform.imag**2, bits.size)
    return made


def counted_again(bits: Bools, distance: int) -> int:
    """Return the sum of ``folded`` at a distance, counted."""
    apart = np.count_nonzero(bits[distance:] ^ bits[: bits.size - distance])
    apart += np.count_nonzero(bits[:distance] ^ bits[bits.size - distance :])
    return int(bits.size - 2 * apart)


def folded_p(total: int, size: int, distance: int) -> float:
    """Bound the two-sided p-value of a sum of ``folded``.

    The pairs form g = gcd(m, s) cycles of length L = m / g, of which each has the product 1, and nothing else binds
    them: E e^{tS} = (cosh^L t + sinh^L t)^g = cosh(t)^m (1 + tanh^L t)^g. Markov's inequality at tanh t = S / m gives
    exp(-m KL + g (S / m)^L) by [1]. In cycles of two every pair counts twice: Binomial(m / 2, 1/2), exactly.
    """
    cycles = math.gcd(size, distance)
    length = size // cycles
    if length == 2:
        return float(binomial_two_sided((size + total) / 4, size / 2, 0.5))
    c = abs(total) / size
    kl = float(special.rel_entr((1 + c) / 2, 0.5) + special.rel_entr((1 - c) / 2, 0.5))
    return min(1.0, 2 * math.exp(min(0.0, -size * kl + cycles * c**length)))


def folded_reach(size: int, distance: int, level: float) -> float:
    """Return the greatest sum of ``folded`` at a distance whose p-value is above the level, about: to one in 2^30."""
    low, high = 0.0, float(size)
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if folded_p(int(middle), size, distance) > level else (low, middle)
    return low


@dataclass(frozen=True)
class Folded:
    """The distance at which a series deviates most, its sum counted exactly, and the sums (m / 2,) at all distances."""

    size: int
    distance: int
    total: int
    sums: NDArray[np.float32]

    @property
    def p_value(self) -> float:
        """With the number of distances as a factor."""
        return min(1.0, folded_p(self.total, self.size, self.distance) * self.sums.size)

    @property
    def correlation(self) -> float:
        """The mean product at the distance."""
        return self.total / self.size


def folded_worst(bits: Bools) -> Folded:
    """Return the distance that deviates most.

    That distance is counted again, exactly: one that is left out could only lower the p-value.
    """
    sums = folded(bits)[1 : bits.size // 2 + 1]
    distance = int(np.argmax(np.abs(sums))) + 1
    return Folded(bits.size, distance, counted_again(bits, distance), sums)


def folded_exposed(size: int, level: float, beta: float) -> float:
    """Return the share of draws, repeated at one distance of at most half of all, that ``folded_worst`` exposes.

    Half of the pairs may be none; the sum falls short of its mean by sqrt(2 m log(1 / beta)) with probability beta at
    most, by the same inequality [1].
    """
    reach = math.sqrt(2 * math.log(size / level) / size) + math.sqrt(-2 * math.log(beta) / size)
    return 2 * reach
