"""P-values of right samplers, a method a figure: their distribution function minus the uniform one, within its band."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reports.figures import Drawing, draw
from reports.words import slug

Floats = NDArray[np.float64]
Row = dict[str, Any]
POINTS = 60
ALPHA = 1e-6


def calibration_figures(curves: Sequence[Row], seed: int) -> list[Drawing]:
    """Return one figure a method from the rows of pvalues.csv."""
    methods: dict[str, list[Row]] = {}
    for row in curves:
        methods.setdefault(str(row["method"]), []).append(row)
    return [_figure(name, rows, seed, i) for i, (name, rows) in enumerate(methods.items())]


def _figure(method: str, rows: Sequence[Row], seed: int, i: int) -> Drawing:
    grid = np.linspace(0, 1, POINTS + 2)[1:-1]
    configurations = [list(group) for _, group in groupby(rows, key=lambda row: row["check"])]
    difference = [_difference(group, grid) for group in configurations]
    totals = [int(group[0]["replicates"]) for group in configurations]
    # Below the uniform a method is conservative: what counts is how far one is above.
    worst = int(np.argmax([curve.max() * total**0.5 for curve, total in zip(difference, totals, strict=True)]))
    at, top = int(np.argmax(difference[worst])), max(float(difference[worst].max()), 0.0)
    # Massart 1990, Corollary 1, for all configurations at once
    half = float(np.sqrt(np.log(2 * len(configurations) / ALPHA) / (2 * totals[worst])))
    exhibit = {
        "kind": "ecdf",
        "title": f"P-values of right samplers: {method}",
        "u": grid.tolist(),
        "difference": [curve.tolist() for curve in difference],
        "n": totals,
        "worst": worst,
        "peak": [float(grid[at]), float(difference[worst][at])],
        "tested": [
            {"law": "massart", "name": [str(configurations[worst][0]["check"])], "observed": [top], "expected": [0.0],
             "low": [0.0], "high": [half], "decides": False, "of": len(configurations)},
        ],
    }  # fmt: skip
    record = {
        "exhibit": exhibit,
        "check": f"{len(configurations)} configurations; below the bands is conservative",
        "n": sum(totals),
        "seed": seed,
        "verdict": "not judged by the figure",
        "alpha": ALPHA,
    }
    return draw(record, f"p-values-{slug(method)}", f"p{i}")


def _difference(rows: Sequence[Row], grid: Floats) -> Floats:
    """Return the distribution function minus u at the grid, from quantiles; an atom at 1 is reached only at 1."""
    p = np.array([row["p_value"] for row in rows], dtype=np.float64)
    shares = np.array([row["share"] for row in rows], dtype=np.float64)
    below = np.searchsorted(p, grid, side="right")
    known = np.concatenate([[0.0], shares + 0.5 / len(shares)])
    difference: Floats = known[below] - grid
    return difference
