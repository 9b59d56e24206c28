"""Decision rules by which others test samplers today, each re-expressed in a few lines, with its faults, and its source.

They judge the counts of n draws against the probabilities that these should have.

[1] goftests 0.3.0 (PyPI), goftests/__init__.py and utils.py; ported to Pyro and NumPyro.
[2] TensorFlow Probability, distributions/internal/statistical_testing.py.
[3] PyTorch, test/distributions/test_distributions.py, _check_sampler_discrete.
[4] JAX, tests/random_lax_test.py, _CheckChiSquared.
[5] vLLM, tests/v1/worker/test_gpu_gumbel_sample.py.
[6] FlashInfer, tests/utils/test_sampling.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from harness.arrays import Floats, Ints
from harness.laws import special
from harness.selftest.others import Rule

GOFTESTS_TERMS = 100
GOFTESTS_TOP = 8


def rules() -> tuple[Rule, ...]:
    """Return the rules, in the order of their sources above."""
    tail = "the same with the tail of scipy.stats.chi2.sf"
    dkwm = "tensorflow_probability statistical_testing.py"
    discrete = "pytorch test_distributions.py _check_sampler_discrete"
    chi_squared = "jax tests/random_lax_test.py _CheckChiSquared"
    gumbel = "vllm tests/v1/worker/test_gpu_gumbel_sample.py"
    return (
        Rule("goftests", "posterior/goftests goftests/__init__.py:281", 1e-3, goftests, goftests_score),
        Rule("goftests, scipy's tail", tail, 1e-3, goftests_right_tail, goftests_right_score),
        Rule("TFP DKWM", dkwm, 1e-6, tfp, tfp_score),
        Rule("PyTorch discrete", discrete, 1e-3, pytorch, pytorch_score),
        Rule("JAX chi-square", chi_squared, 1e-2, jax, jax_score),
        Rule("vLLM 10 sigma", gumbel, None, vllm, vllm_score),
        Rule("FlashInfer cosine", "flashinfer tests/utils/test_sampling.py", None, flashinfer, flashinfer_score),
    )


def goftests(counts: Ints, p: Floats, rng: np.random.Generator) -> bool:
    """Reject at p <= 0.001, by goftests' own tail."""
    return goftests_score(counts, p) >= -1e-3


def goftests_score(counts: Ints, p: Floats) -> float:
    """Return minus the p-value of goftests' own tail."""
    return -goftests_tail(*_goftests_statistic(counts, p))


def goftests_right_tail(counts: Ints, p: Floats, rng: np.random.Generator) -> bool:
    """Reject at p <= 0.001, by the true tail of the same statistic."""
    return goftests_right_score(counts, p) >= -1e-3


def goftests_right_score(counts: Ints, p: Floats) -> float:
    """Return minus the p-value of the true tail."""
    statistic, dof = _goftests_statistic(counts, p)
    return -float(special.chdtrc(dof, statistic))


def _goftests_statistic(counts: Ints, p: Floats) -> tuple[float, int]:
    """Return sum (c - n p)^2 / (n p (1 - p)) over the eight likeliest values, with Pearson's degrees of freedom."""
    n, top = int(counts.sum()), np.argsort(-p, kind="stable")[:GOFTESTS_TOP]
    if (counts[top[p[top] == 0]] > 0).any():
        return -math.inf, 1
    top = top[p[top] > 0]
    variance = n * p[top] * (1 - p[top])
    if (variance <= 1).any():
        raise AssertionError("goodness of fit is inaccurate; use more samples")
    return float(np.sum((counts[top] - n * p[top]) ** 2 / variance)), top.size - (p.size <= GOFTESTS_TOP)


def goftests_tail(statistic: float, dof: int) -> float:
    """Return one minus a series for the lower incomplete gamma function that is cut after 100 terms."""
    x, s = statistic / 2, dof / 2
    if x < 0:
        return 1.0
    if x > 1e3:
        return 0.0
    if x == 0:
        return 1.0
    k = np.arange(GOFTESTS_TERMS)
    return 1 - float(np.exp((k + s) * math.log(x) - x - special.gammaln(k + s + 1)).sum())


def tfp(counts: Ints, p: Floats, rng: np.random.Generator) -> bool:
    """Reject where the distribution functions differ by more than Massart's envelope at 1e-6."""
    return tfp_score(counts, p) > math.sqrt(math.log(2 / 1e-6) / 2)


def tfp_score(counts: Ints, p: Floats) -> float:
    """Return the largest distance of the distribution functions times the root of n."""
    n = int(counts.sum())
    return float(np.abs(np.cumsum(counts) / n - np.cumsum(p)).max()) * math.sqrt(n)


def pytorch(counts: Ints, p: Floats, rng: np.random.Generator) -> bool:
    """Reject by a chi-square at 0.001 over the values seen, as if the others had no probability."""
    return pytorch_score(counts, p) >= -1e-3


def pytorch_score(counts: Ints, p: Floats) -> float:
    """Return minus the p-value over the values seen."""
    seen, n = counts > 0, int(counts.sum())
    observed, mass = counts[seen], p[seen] / p[seen].sum()
    large = (observed > 5) & (mass * n > 5)
    if mass[large].sum() <= 0.9:
        raise AssertionError("distribution is too sparse for test")
    if not large.all():
        observed = np.append(observed[large], observed[~large].sum())
        mass = np.append(mass[large], mass[~large].sum())
    return -_pearson_p(observed, mass * n)


def jax(counts: Ints, p: Floats, rng: np.random.Generator) -> bool:
    """Reject by a chi-square at 0.01 over the values of positive probability.

    Where others were drawn the sums differ, SciPy raises, and the test that calls it fails.
    """
    return jax_score(counts, p) >= -1e-2


def jax_score(counts: Ints, p: Floats) -> float:
    """Return minus the p-value; infinity where an impossible value came."""
    possible, n = p > 0, int(counts.sum())
    if counts[~possible].any():
        return math.inf
    return -_pearson_p(counts[possible], p[possible] * n)


def vllm(counts: Ints, p: Floats, rng: np.random.Generator) -> bool:
    """Reject where the chi-square is ten standard deviations above its degrees of freedom, or an impossible value came."""
    return vllm_score(counts, p) >= 10


def vllm_score(counts: Ints, p: Floats) -> float:
    """Return the standard deviations; infinity where an impossible value came."""
    possible, n = p > 0, int(counts.sum())
    if counts[~possible].any():
        return math.inf
    expected, dof = p[possible] * n, max(int(possible.sum()) - 1, 1)
    statistic = float(np.sum((counts[possible] - expected) ** 2 / expected))
    return (statistic - dof) / math.sqrt(2 * dof)


def flashinfer(counts: Ints, p: Floats, rng: np.random.Generator) -> bool:
    """Reject where the cosine between frequencies and probabilities is at most 0.99."""
    return flashinfer_score(counts, p) >= -0.99


def flashinfer_score(counts: Ints, p: Floats) -> float:
    """Return minus the cosine."""
    return -float(counts @ p) / float(np.linalg.norm(counts) * np.linalg.norm(p))


def _pearson_p(observed: Ints | Floats, expected: Floats | Sequence[float]) -> float:
    """Return the p-value of Pearson's statistic, as scipy.stats.chisquare does."""
    expected = np.asarray(expected)
    if observed.size < 2:
        return 1.0
    with np.errstate(divide="ignore"):
        statistic = float(np.sum((observed - expected) ** 2 / expected))
    return float(special.chdtrc(observed.size - 1, statistic))
