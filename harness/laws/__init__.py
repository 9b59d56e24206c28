"""Each law is exact in float64 far into its tails and sends its draws to iid uniforms by its Rosenblatt transform.

Reading order: log_space, categorical, gumbel, logistic, gumbel_softmax, perturbed, truncated_gumbel, posterior,
posterior_uniforms; then conventions, filters, truncation, ranking, speculative.
"""

from harness.laws.categorical import Categorical
from harness.laws.conventions import NAMED, SOURCES, Convention
from harness.laws.gumbel import Gumbel
from harness.laws.gumbel_softmax import GumbelSoftmax
from harness.laws.logistic import Logistic
from harness.laws.perturbed import PerturbedLogits
from harness.laws.posterior import Posterior
from harness.laws.posterior_uniforms import PosteriorUniforms
from harness.laws.ranking import Ranking, ranking_log_probability
from harness.laws.speculative import Speculative, speculative_log_probability
from harness.laws.truncated_gumbel import TruncatedGumbel
from harness.laws.truncation import truncated, truncated_laws

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
    "Speculative",
    "TruncatedGumbel",
    "ranking_log_probability",
    "speculative_log_probability",
    "truncated",
    "truncated_laws",
]
