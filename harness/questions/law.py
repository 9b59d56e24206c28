"""The law that draws of a form have in a case, and the probabilities of its categories, rankings or committed rows."""

from __future__ import annotations

import numpy as np

from harness.arrays import Floats
from harness.laws import Categorical, GumbelSoftmax, PerturbedLogits, Posterior, Ranking, RankingUniforms, Speculative
from harness.laws.ranking import rankings
from harness.questions.case import Case
from harness.questions.precision import rounded

Coded = Ranking | RankingUniforms | Speculative
"""Laws of rows of integers, which are told as an index of all rows (or, of many rankings, of their uniforms)."""
Law = Categorical | GumbelSoftmax | PerturbedLogits | Posterior | Coded


def law_of(emits: str, case: Case, dtype: str = "float64") -> Law:
    """Return the law that draws of this form have in this case, for logits as rounded to ``dtype``."""
    logits = rounded(case.logits, dtype)
    if emits == "index":
        return _truncated(case, logits) if case.settings else Categorical(logits)
    if emits in ("ranking", "speculative"):
        return coded(case, dtype)
    if emits == "simplex":
        assert case.temperature is not None
        return GumbelSoftmax(logits, case.temperature)
    return PerturbedLogits(logits) if case.observed is None else Posterior(logits, case.observed)


def coded(case: Case, dtype: str = "float64") -> Coded:
    """Return the law of rankings or of a speculative step."""
    if case.drafts is not None:
        drafts, targets = case.drafts()
        return Speculative(_rows(drafts, dtype), _rows(targets, dtype), case.terms.rule)
    assert case.k is not None
    logits = rounded(case.logits, dtype)
    many = rankings(logits.size, case.k) > Ranking.most
    return RankingUniforms(logits, case.k) if many else Ranking(logits, case.k, case.terms.ordered)


def _rows(table: Floats, dtype: str) -> Floats:
    return np.stack([rounded(row, dtype) for row in table])


def _truncated(case: Case, logits: Floats) -> Categorical:
    """Return the law of truncated draws; where there are several, an even mixture of them, which has their support."""
    laws = case.laws_of(logits)
    with np.errstate(divide="ignore"):
        return Categorical(np.log(np.mean(laws, axis=0)))


def masses(case: Case, dtype: str = "float64") -> Floats:
    """Return the (K,) probabilities of the categories, for logits as rounded to ``dtype``.

    For rankings and speculative steps they are those of the rows that can be drawn.
    """
    if case.k is not None or case.drafts is not None:
        return coded(case, dtype).mass
    law = law_of("index", case, dtype)
    assert isinstance(law, Categorical)
    return law.mass
