"""Given z_k, category k wins if all others lie below; only the integral of that over z_k is a probability."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.draws.chunk import Chunk
from harness.methods import ChiSquare
from harness.options import Options
from harness.questions.check import Check, Claim, Evidence, Measurement, Scenario
from harness.samplers.registry import get
from harness.statistics import Counts
from harness.verdict import Verdict
from suites.cases import case
from suites.claims.proof.gumbel import EDGES, OUTSIDE, density
from suites.evidence.identities import deviation, differences, identity, integral, quadrature, relative_error
from suites.families.chi_square import of_counts

ORDER = 40
CELLS = 16
NODES = 64
CONDITIONED = (0, 3, 7)
"""Categories of the case l8 that are followed: the likeliest, a middling one, the rarest."""


def others_below(z: Any, x: Floats, k: int) -> Any:
    """Return the product over the other categories of the CDF at z, as the document has it."""
    others = np.delete(x, k)
    return np.prod(np.exp(-np.exp(-(np.asarray(z)[..., None] - others))), axis=-1)


def product(z: Any, x: Floats, k: int) -> Any:
    """Return the density of z_k at z times the probability that the others lie below."""
    return density(np.asarray(z), float(x[k]), 1.0) * others_below(z, x, k)


def calibration(x: Floats, k: int) -> Floats:
    """Return P(z_k in cell, k wins or not), (cells, 2), averaging the product over cells of equal probability."""
    edges = x[k] - np.log(-np.log(np.arange(1, CELLS) / CELLS))
    table = np.empty((CELLS, 2))
    nodes, shares = np.polynomial.legendre.leggauss(NODES)
    for cell, (low, high) in enumerate(zip([x[k] - 6.8, *edges], [*edges, x[k] + 45.0], strict=True)):
        ends = np.linspace(low, high, 13)
        half = np.diff(ends)[:, None] / 2
        z = ends[:-1, None] + half * (1 + nodes)
        table[cell, 0] = float(np.sum(half * shares * product(z, x, k)))
    table[:, 1] = 1 / CELLS - table[:, 0]
    return table


def _count(k: int, chunk: Chunk) -> Counts:
    cell = np.clip((chunk.uniforms[:, k] * CELLS).astype(np.intp), 0, CELLS - 1)
    return Counts.of(2 * cell + (chunk.index != k), (CELLS, 2))


def _calibrated(k: int) -> Check:
    scenario = Scenario(get("gumbel-max"), "gumbel", case("l8"))
    return Check(
        name=f"calibration/proof/others-below/l8/category-{k}",
        suite="calibration",
        why="among draws with z_k in a cell, k wins as often as the product's average there says",
        inputs=((scenario, Measurement(f"wins-given-noise-{k}-{CELLS}", partial(_count, k))),),
        method=ChiSquare(
            calibration(case("l8").logits, k),
            name="cell x wins",
            exhibit="table",
            axes=(f"equal cell of category {k}'s noise", "0: it wins, 1: another does"),
        ),
        judges=False,
    )


def averages(rng: np.random.Generator) -> Evidence:
    """Hold the cell averages to their closed form: as e^-(z - x_j) = E e^(x_j - x_k), the product is u^(1/p_k - 1)."""
    x = case("l8").logits
    p = np.exp(x) / np.exp(x).sum()
    edges = np.arange(CELLS + 1) / CELLS
    found = [calibration(x, k)[:, 0] for k in CONDITIONED]
    due = [p[k] * np.diff(edges ** (1 / p[k])) for k in CONDITIONED]
    return deviation(found, due, bound=1e-11, what="the average of the product over a cell", scale=1e-6)


def at_a_point(rng: np.random.Generator) -> Evidence:
    """Evaluate the product for two equal logits at z = 0: e^-1 e^-1 = e^-2, and k wins half of the time."""
    z = np.array([0.0, 1.0, -1.0, 3.0])
    what = "two logits of 0, density times product at z_1 = 0, that is 1 / e^2, for P(1 is largest) = 1/2"
    return deviation(product(z, np.zeros(2), 0)[:1], 0.5, bound=1e-12, what=what, notes=_table(z))


def _table(z: Floats) -> dict[str, float | str]:
    values = product(z, np.zeros(2), 0)
    return {f"value at z = {one:g}": float(value) for one, value in zip(z, values, strict=True)}


def constant(rng: np.random.Generator) -> Evidence:
    """A probability given the logits alone does not depend on z_k: compare the product at z_1 = 3 with that at 0."""
    z = np.array([3.0, 0.0])
    high, low = product(z, np.zeros(2), 0)
    what = "two logits of 0, density times product at z_1 = 3 for its value at z_1 = 0"
    return deviation(high, low, bound=1e-12, what=what, notes=_table(z))


def at_no_point(rng: np.random.Generator) -> Evidence:
    """The product is p_k times the density of the maximum, at most p_k / e: no z_k at all makes it p_k."""
    x = case("die").logits
    p = np.exp(x) / np.exp(x).sum()
    best = [float(np.max(product(np.linspace(-3, 10, 1301), x, k))) for k in range(x.size)]
    narrow = float(np.max(np.exp(-2 * np.exp(-np.linspace(-3, 10, 1301)) - np.linspace(-3, 10, 1301))) / 0.1)
    notes = {"largest value over P(k is largest)": float(np.max(best / p)), "1 / e": float(np.exp(-1)),
             "largest value at scale 0.1, logits (0, 0)": narrow}  # fmt: skip
    what = "the die, the largest value of density times product over all z_k for P(k is largest)"
    return deviation(best, p, bound=1e-12, what=what, notes=notes)


def areas(rng: np.random.Generator) -> Evidence:
    """Integrate the product over z_k and hold the area to softmax(x)_k, for K from 2 to 1000."""
    found, due = [], []
    for name in ("pair", "die", "l8", "flat-100", "zipf-1000"):
        x = np.array(case(name).logits)
        total = float(np.logaddexp.reduce(x))
        for k in sorted({0, x.size // 2, x.size - 1}):
            chance = float(np.exp(x[k] - total))
            # Outside the edges lies less than the maximum's own mass there: k must be the maximum to count.
            found.append(integral(partial(_integrand, x, k), total + EDGES, outside=OUTSIDE * chance))
            due.append(chance)
    chances, values = np.array(due), np.array([value for value, _ in found])
    exhibit = differences(
        "Area under density times product, held to P(k is largest)", "P(k is largest)",
        [("relative difference", chances, relative_error(values, chances))], 1e-10, log_x=True,
    )  # fmt: skip
    what = "the area under density times product"
    return quadrature(found, due, bound=1e-10, what=what, rounding=1e-12, exhibit=exhibit)


def _integrand(x: Floats, k: int, z: float) -> float:
    return float(product(z, x, k))


def largest_value(name: str) -> Floats:
    """Return (c, 1 - c) with c the largest value of the product for category 0: what is written, at its most generous."""
    best = float(np.max(product(np.linspace(-3, 10, 1301), case(name).logits, 0)))
    return np.array([best, 1 - best])


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the last two steps of the proof."""
    below = Claim(
        "proof.others-below",
        where="Proof, product of distribution functions",
        says="Given z_k, it is the largest with probability prod over k' != k of exp(-e^-(z_k - x_k')).",
        checks=(
            *(_calibrated(k) for k in CONDITIONED),
            identity(
                "identity/proof/others-below/averages",
                "the cells' averages are computed rightly",
                averages,
                bound=1e-10,
            ),
        ),
    )
    return below, _as_written(), _corrected()


def _as_written() -> Claim:
    stem = "proof/largest-is-pdf-times-product"
    pair = Scenario(get("gumbel-max"), "index", case("pair"))
    return Claim(
        "proof.largest-is-pdf-times-product",
        where="Proof, last display, which has no integral sign",
        says="P(k is largest) is the density of z_k times the probability that the others lie below z_k.",
        expect=Verdict.REFUTED,
        checks=(
            identity(f"identity/{stem}/at-a-point", "one point by hand", at_a_point, bound=1e-12),
            identity(f"identity/{stem}/constant", "a probability does not depend on z_k", constant, bound=1e-12),
            identity(f"identity/{stem}/at-no-point", "no z_k makes the sides equal", at_no_point, bound=1e-12),
            of_counts(
                f"chi_square/{stem}/largest-value", pair, largest_value("pair"), judges=False,
                why="draws against the largest value that the product takes",
            ),
        ),
    )  # fmt: skip


def _corrected() -> Claim:
    return Claim(
        "proof.largest-is-pdf-times-product.corrected",
        where="Proof, last display",
        says="P(k is largest) is the integral of that product over z_k, and it equals softmax(x)_k.",
        evidence=("chi_square/gumbel-max/index/pair", "chi_square/gumbel-max/index/die", "chi_square/gumbel-max/index/l8"),
        checks=(
            identity(
                "quadrature/proof/largest-is-pdf-times-product/areas", "the area under the product is the softmax",
                areas, bound=1e-10, method="quadrature", suite="quadrature",
            ),
        ),
    )  # fmt: skip
