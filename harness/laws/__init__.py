"""Each law is exact in float64 far into its tails and sends its draws to iid uniforms by its Rosenblatt transform.

Reading order: log_space, categorical, gumbel, logistic, gumbel_softmax, perturbed, truncated_gumbel, posterior,
posterior_uniforms.
"""

from harness.laws.categorical import Categorical
from harness.laws.gumbel import Gumbel
from harness.laws.gumbel_softmax import GumbelSoftmax
from harness.laws.logistic import Logistic
from harness.laws.perturbed import PerturbedLogits
from harness.laws.posterior import Posterior
from harness.laws.posterior_uniforms import PosteriorUniforms
from harness.laws.truncated_gumbel import TruncatedGumbel

__all__ = [
    "Categorical",
    "Gumbel",
    "GumbelSoftmax",
    "Logistic",
    "PerturbedLogits",
    "Posterior",
    "PosteriorUniforms",
    "TruncatedGumbel",
]
