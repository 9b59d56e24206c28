"""Sufficient statistics: small frozen values with ``n`` and ``merge``; memory does not grow with the draws.

Reading order: counts (integer tables), blocks (coordinates counted together), threes (of many
coordinates), uniforms (bins and dyadic tails), moments,
support.
"""

from harness.statistics.base import Statistic, decode, encode
from harness.statistics.blocks import Blocks
from harness.statistics.counts import Counts
from harness.statistics.moments import Moments
from harness.statistics.support import Support
from harness.statistics.threes import Threes
from harness.statistics.uniforms import UniformBins, within

__all__ = ["Blocks", "Counts", "Moments", "Statistic", "Support", "Threes", "UniformBins", "decode", "encode", "within"]
