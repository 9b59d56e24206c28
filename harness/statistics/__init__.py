"""Sufficient statistics: small frozen values with ``n`` and ``merge``; memory does not grow with the draws.

Reading order: counts (integer tables), uniforms (bins and dyadic tails), moments, support.
"""

from harness.statistics.base import Statistic, decode, encode
from harness.statistics.counts import Counts
from harness.statistics.moments import Moments
from harness.statistics.support import Support
from harness.statistics.uniforms import UniformBins, within

__all__ = ["Counts", "Moments", "Statistic", "Support", "UniformBins", "decode", "encode", "within"]
