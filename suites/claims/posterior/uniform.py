"""Given k, u is uniform on C_k: against rejection from the cube with no law in between, and in cells of equal volume.

The cells are those of T_k = u_k^(1 / alpha_k) and T_j = u_j / u_k^(alpha_j / alpha_k). In these coordinates |du / dT| is
alpha_k everywhere, which is checked too, so that equal cells of T are cells of C_k of equal volume.

[1] The posterior document, display of the posterior.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.draws.chunk import Chunk
from harness.laws import Posterior
from harness.laws.log_space import log_softmax
from harness.methods import ChiSquare, Homogeneity
from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Claim, Evidence, Measurement, Scenario
from harness.samplers.registry import Sampler, get
from harness.statistics import Counts
from suites.cases import case, weights
from suites.claims.posterior.sets import power_form
from suites.evidence.identities import complex_step, deviation, identity
from suites.evidence.posterior_draws import REJECTION, to_uniform

ORDER = 40
CELLS = {2: 6, 3: 4}
"""Cells along a coordinate, by the number of categories."""
WHY = "C_k of three categories, cut into cells of equal volume"
CASES = (
    case("pair|0"),
    case("pair|1"),
    Case("three|0", WHY, weights(0.2, 0.3, 0.5), ("gumbel",), observed=0),
    Case("three|2", WHY, weights(0.2, 0.3, 0.5), ("gumbel",), observed=2),
)


def scaled(u: Any, alpha: Floats, k: int) -> Any:
    """Return T (n, K) of u (n, K): the winner to the power 1 / alpha_k, the others over their bounds."""
    winner = u[:, [k]]
    made = u * winner ** (-alpha / alpha[k])
    made[:, k] = winner[:, 0] ** (1 / alpha[k])
    return made


def unscaled(t: Any, alpha: Floats, k: int) -> Any:
    """Return u (n, K) of T (n, K)."""
    winner = t[:, [k]] ** alpha[k]
    made = winner ** (alpha / alpha[k]) * t
    made[:, k] = winner[:, 0]
    return made


def _unscaled_row(t: Any, alpha: Floats, k: int) -> Any:
    return unscaled(t[np.newaxis], alpha, k)[0]


def direct_uniforms(chunk: Chunk) -> Floats:
    """Return T (m, K) of posterior draws through u itself, as the post writes it; a T within rounding of 1 is 1."""
    law = chunk.law
    assert isinstance(law, Posterior)
    alpha = np.exp(log_softmax(law.logits))
    t: Floats = scaled(to_uniform(chunk.draws - law.logits), alpha, law.observed)
    return np.where((t > 1) & (t < 1 + 1e-9), 1.0, t)


def joint_cells(categories: int) -> Measurement:
    """Count draws in the product of equal cells of all T: (cells, ..., cells)."""
    return Measurement("equal-volume-cells", partial(_count, categories, CELLS[categories]))


def _count(categories: int, cells: int, chunk: Chunk) -> Counts:
    grid = np.clip((chunk.derive("direct uniforms", direct_uniforms) * cells).astype(np.intp), 0, cells - 1)
    flat = np.zeros(len(grid), np.intp)
    for column in grid.T:
        flat = flat * cells + column
    return Counts.of(flat, (cells,) * categories)


def _volumes(rng: np.random.Generator) -> Evidence:
    """Take the determinant of du / dT by complex steps at random T."""
    found, expected = [], []
    for chosen in CASES:
        alpha, k = np.exp(log_softmax(chosen.logits)), chosen.observed
        assert k is not None
        for t in rng.uniform(0.01, 1.0, size=(40, alpha.size)):
            jacobian = complex_step(partial(_unscaled_row, alpha=alpha, k=k), t)
            found.append(np.linalg.det(jacobian))
            expected.append(alpha[k])
    return deviation(found, expected, bound=1e-12, what="volume of C_k that a volume of T stands for")


def _cells(sampler: Sampler, options: Options) -> Iterable[Check]:
    for chosen in CASES:
        categories = chosen.logits.size
        shape = (CELLS[categories],) * categories
        yield Check(
            name=f"chi_square/posterior/uniform-on-set/{sampler.name}/{chosen.name}",
            suite="chi_square",
            why="cells of C_k of equal volume hold equally many draws",
            inputs=((Scenario(sampler, "gumbel", chosen), joint_cells(categories)),),
            method=ChiSquare(
                np.full(shape, 1 / np.prod(shape)),
                name="equal volumes",
                exhibit="table",
                axes=("equal cell of the first coordinate", "equal cell of the second"),
            ),
            tolerance=2 * options.tolerance,
            judges=False,
        )


def _two_samples(options: Options) -> Iterable[Check]:
    for chosen in CASES:
        categories = chosen.logits.size
        shape = (CELLS[categories],) * categories
        sides = (Scenario(sampler, "gumbel", chosen) for sampler in (get("top-down"), REJECTION))
        yield Check(
            name=f"homogeneity/posterior/uniform-on-set/{chosen.name}",
            suite="homogeneity",
            why="posterior draws and what is left of the cube after rejection agree, whatever the law",
            inputs=tuple((scenario, joint_cells(categories)) for scenario in sides),
            method=Homogeneity(np.full(shape, 1 / np.prod(shape))),
            tolerance=2 * options.tolerance,
            judges=False,
        )


def claims(options: Options) -> tuple[Claim, ...]:
    """Return posterior.uniform-on-set, and the constraint in its power form, which the document states after it."""
    volumes = identity(
        "identity/posterior/uniform-on-set/volumes", "equal cells have equal volumes", _volumes, bound=1e-12
    )
    return (
        Claim(
            "posterior.uniform-on-set",
            where="display of the posterior",
            says="Given that k was selected, u is uniform on C_k with density 1 / alpha_k.",
            checks=(
                *_cells(get("top-down"), options),
                *_cells(REJECTION, options),
                *_two_samples(options),
                volumes,
            ),
        ),
        power_form(options),
    )
