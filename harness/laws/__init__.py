"""Each law is exact in float64 far into its tails and sends its draws to iid uniforms by its Rosenblatt transform.

Reading order: log_space, categorical, gumbel, logistic, gumbel_softmax, perturbed, truncated_gumbel, posterior,
posterior_uniforms; then conventions, filters, truncation, ranking, ranking_uniforms, speculative.
Names are loaded when they are used, so that a sampler is declared without any science.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.laws.categorical import Categorical
    from harness.laws.conventions import NAMED, SOURCES, Convention
    from harness.laws.gumbel import Gumbel
    from harness.laws.gumbel_softmax import GumbelSoftmax
    from harness.laws.logistic import Logistic
    from harness.laws.perturbed import PerturbedLogits
    from harness.laws.posterior import Posterior
    from harness.laws.posterior_uniforms import PosteriorUniforms
    from harness.laws.ranking import Ranking, ranking_log_probability
    from harness.laws.ranking_uniforms import RankingUniforms
    from harness.laws.speculative import Speculative, speculative_log_probability
    from harness.laws.truncated_gumbel import TruncatedGumbel
    from harness.laws.truncation import truncated, truncated_laws

_HOME = {
    "Categorical": "harness.laws.categorical",
    "Convention": "harness.laws.conventions",
    "Gumbel": "harness.laws.gumbel",
    "GumbelSoftmax": "harness.laws.gumbel_softmax",
    "Logistic": "harness.laws.logistic",
    "NAMED": "harness.laws.conventions",
    "PerturbedLogits": "harness.laws.perturbed",
    "Posterior": "harness.laws.posterior",
    "PosteriorUniforms": "harness.laws.posterior_uniforms",
    "Ranking": "harness.laws.ranking",
    "RankingUniforms": "harness.laws.ranking_uniforms",
    "SOURCES": "harness.laws.conventions",
    "Speculative": "harness.laws.speculative",
    "TruncatedGumbel": "harness.laws.truncated_gumbel",
    "ranking_log_probability": "harness.laws.ranking",
    "speculative_log_probability": "harness.laws.speculative",
    "truncated": "harness.laws.truncation",
    "truncated_laws": "harness.laws.truncation",
}

__all__ = [
    "NAMED",
    "SOURCES",
    "Categorical",
    "Convention",
    "Gumbel",
    "GumbelSoftmax",
    "Logistic",
    "PerturbedLogits",
    "Posterior",
    "PosteriorUniforms",
    "Ranking",
    "RankingUniforms",
    "Speculative",
    "TruncatedGumbel",
    "ranking_log_probability",
    "speculative_log_probability",
    "truncated",
    "truncated_laws",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'harness.laws' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)
