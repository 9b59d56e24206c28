"""Methods: each answers what the evidence is, what n draws could expose, and how many draws expose a tolerance.

Reading order: tails (p-value functions), design (chi-square sizes), null (what statistics are under a law), then one
method a file.
"""

from harness.methods.cells import PooledCells
from harness.methods.chi_square import ChiSquare
from harness.methods.dyadic import DyadicTails
from harness.methods.homogeneity import Homogeneity
from harness.methods.ks import KolmogorovSmirnov
from harness.methods.mean import Mean
from harness.methods.one_of import OneOf
from harness.methods.pairs import PairTables
from harness.methods.support import SupportMethod
from harness.methods.tables import Tables

__all__ = [
    "ChiSquare",
    "DyadicTails",
    "Homogeneity",
    "KolmogorovSmirnov",
    "Mean",
    "OneOf",
    "PairTables",
    "PooledCells",
    "SupportMethod",
    "Tables",
]
