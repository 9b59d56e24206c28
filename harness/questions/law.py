"""The law that draws of a form have in a case, and the probabilities of its categories."""

from __future__ import annotations

from harness.arrays import Floats
from harness.laws import Categorical, GumbelSoftmax, PerturbedLogits, Posterior
from harness.questions.case import Case
from harness.questions.precision import rounded

Law = Categorical | GumbelSoftmax | PerturbedLogits | Posterior


def law_of(emits: str, case: Case, dtype: str = "float64") -> Law:
    """Return the law that draws of this form have in this case, for logits as rounded to ``dtype``."""
    logits = rounded(case.logits, dtype)
    if emits == "index":
        return Categorical(logits)
    if emits == "simplex":
        assert case.temperature is not None
        return GumbelSoftmax(logits, case.temperature)
    return PerturbedLogits(logits) if case.observed is None else Posterior(logits, case.observed)


def masses(case: Case, dtype: str = "float64") -> Floats:
    """Return the (K,) probabilities of the categories, softmax(logits), for logits as rounded to ``dtype``."""
    return Categorical(rounded(case.logits, dtype)).mass
