"""A test may end early: one that would have exposed its tolerance by a part of its draws, and shows nothing, is settled.

Two stages, both fixed beforehand. After the draws of the first, a test is settled if its p-value is ordinary and exceeds
the level at which so many draws expose the tolerance with probability 1 - EARLY beta; then nothing more is drawn for it,
and nothing is refuted. Else all draws are made and tested at the full level. Hence the level is that of the one test, as a
settled one never refutes, and a deviation of the tolerance is missed with probability EARLY beta at most in the first stage
and, the whole being designed for LATE beta, with LATE beta at most in the second: beta together (the shares stand in
``options``). Each test is settled by its own draws alone, so that no other moves its numbers. Such a test is curtailed [1].

[1] A. Wald, Sequential Analysis, 1947, section 5.2; J. M. Lan, R. Simon, M. Halperin, Stochastically curtailed tests in
    long-term clinical trials, Sequential Analysis 1 (1982), 207-219.
"""

from __future__ import annotations

import math

ONE = 0.35
"""The first stage's share of the draws, for one degree of freedom: a right law settles nineteen times in twenty."""
MORE = 0.05
"""What is added to it for ten times the degrees of freedom, as then the noncentrality grows with n, not with its root."""


def first_stage(n: int, dof: float = 1.0) -> int:
    """Return the draws of the first stage; the share changes what a test costs, and no error rate."""
    return math.ceil((ONE + MORE * math.log10(max(dof, 1.0))) * n)
