"""The only place where a p-value meets an alpha."""

from __future__ import annotations

from harness.options import EARLY, ORDINARY
from harness.questions.check import Evidence, Method
from harness.verdict import Verdict


def improbable(p_value: float | None, alpha: float) -> bool:
    """Tell whether a p-value refutes at level alpha; what has none is not a matter of chance."""
    return p_value is not None and p_value <= alpha


def settled(method: Method, evidence: Evidence, *, alpha: float, beta: float, tolerance: float) -> bool:
    """Tell whether a test may end at its first stage (``methods.curtailed``): nothing is odd, little can be missed.

    At the level of its p-value so many draws would have exposed the tolerance with probability 1 - EARLY beta.
    """
    p_value = evidence.p_value
    if evidence.broken or evidence.impossible or p_value is None or not max(alpha, ORDINARY) < p_value <= 1:
        return False
    return method.detectable(evidence.n, min(p_value, 0.5), EARLY * beta) <= tolerance


def judge(evidence: Evidence, *, alpha: float, tolerance: float, detectable: float) -> tuple[Verdict, str]:
    """Return the verdict and its reason: broken, impossible, empty, improbable, blind at the tolerance, or verified."""
    if evidence.broken or evidence.missing:
        return Verdict.INCONCLUSIVE, evidence.broken or evidence.missing
    if evidence.impossible:
        return Verdict.REFUTED, evidence.impossible
    if evidence.n < 1:
        return Verdict.INCONCLUSIVE, "nothing was drawn or tried"
    if evidence.p_value is not None and not 0 <= evidence.p_value <= 1:
        return Verdict.INCONCLUSIVE, f"the p-value came out as {evidence.p_value}"
    if improbable(evidence.p_value, alpha):
        words = f"{evidence.seen}: " if evidence.seen else ""
        p = f"p = {evidence.p_value:.3g}" if evidence.p_value else "p < 1e-307"
        return Verdict.REFUTED, f"{words}{p} is at most alpha = {alpha:.3g}"
    if not detectable <= tolerance:
        digits = 3 if f"{detectable:.3g}" != f"{tolerance:.3g}" else 6
        return (
            Verdict.INCONCLUSIVE,
            f"could have missed {detectable:.{digits}g}, the tolerance is {tolerance:.{digits}g}",
        )
    return Verdict.VERIFIED, f"a deviation of {detectable:.3g} would have shown, none did"
