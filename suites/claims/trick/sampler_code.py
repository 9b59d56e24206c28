"""The code's sampler averages one-hot draws: its counts, the mean of its estimates and their variance are checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from harness.arrays import Floats
from harness.draws.chunk import Chunk
from harness.methods import ChiSquare, Mean
from harness.options import Options
from harness.questions.check import Check, Claim, Evidence, Measurement, Scenario
from harness.samplers.registry import get
from harness.statistics import Counts, Moments
from suites.cases import DIE, case
from suites.evidence.chance import Rates, chance, held

ORDER = 150
P = np.array(DIE)
BATCH = 20
"""Draws that the document averages."""


def documents_generator(tolerance: float, rates: Rates, rng: np.random.Generator) -> Evidence:
    """Draw as the document does, with NumPy's choice, and average one-hot vectors; hold the sums to the probabilities."""
    method = ChiSquare(P)
    n = method.required(tolerance, rates.level, rates.beta) // BATCH * BATCH + BATCH
    drawn = rng.choice(P.size, size=n, p=P)
    estimates = np.eye(P.size)[drawn].reshape(-1, BATCH, P.size).mean(axis=1)
    counts = np.rint(estimates.sum(axis=0) * BATCH).astype(np.int64)
    notes = {
        "mean of the estimates of the last face": float(estimates[:, -1].mean()),
        "their variance": float(estimates[:, -1].var()),
        "p (1 - p) / 20": float(P[-1] * (1 - P[-1]) / BATCH),
    }
    return replace(held(method, (Counts(n, counts),), rng, rates), notes=notes)


def _errors(chunk: Chunk) -> Floats:
    """Return for each batch of 20 draws its estimates less the probabilities (6), and the sum of their squares."""
    whole = chunk.index[: chunk.index.size // BATCH * BATCH].reshape(-1, BATCH)
    counts = np.stack([(whole == k).sum(axis=1) for k in range(P.size)], axis=1)
    errors = counts / BATCH - P
    return np.concatenate([errors, np.sum(errors**2, axis=1, keepdims=True)], axis=1)


def _collect(chunk: Chunk) -> Moments:
    return Moments.of(_errors(chunk))


@dataclass(frozen=True)
class BatchMean(Mean):
    """The mean over batches of 20 draws."""

    def required(self, tolerance: float, alpha: float, beta: float) -> int:
        """Return the draws, one batch more for each chunk that cuts one off."""
        return BATCH * (super().required(tolerance, alpha, beta) + 100)


def _estimates() -> tuple[Check, ...]:
    """Return for each face the mean of its estimate, and for all together their variance (1 - sum p^2) / 20.

    Estimates lie in [0, 1], so that their error has Bernstein's scale 1/3; the sum of squared errors lies in [0, 2], its
    scale is 2/3, and its standard deviation is below its mean.
    """
    scenario = Scenario(get("direct"), "index", case("die"))
    inputs = ((scenario, Measurement("batch-estimates", _collect)),)
    total = float((1 - np.sum(P**2)) / BATCH)
    methods = {f"mean/face-{k}": BatchMean(0.0, float(np.sqrt(p * (1 - p) / BATCH)), 1 / 3, k) for k, p in enumerate(P)}
    methods["variance"] = BatchMean(total, total, 2 / 3, P.size)
    return tuple(
        Check(
            name=f"moments/trick/sampler-code/{what}",
            suite="moments",
            why="the average of twenty one-hot draws is unbiased, with variance p (1 - p) / 20",
            inputs=inputs,
            method=method,
            tolerance=0.02,
            judges=False,
        )
        for what, method in methods.items()
    )


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the claim about the code's sampler."""
    rates, tolerance = Rates.of(options), max(0.005, options.tolerance)  # finer would ask for too much memory
    sampler = Claim(
        "trick.sampler-code",
        where="code, sample_from_categorical",
        says="The mean of one-hot draws estimates the probabilities that they are drawn with.",
        evidence=("*/direct/*",),
        checks=(
            *_estimates(),
            chance(
                "chi_square/trick/sampler-code/choice", "the generator that the document uses",
                partial(documents_generator, tolerance, rates), tolerance=tolerance,
                unit="total variation", method="chi-square", suite="chi_square",
            ),
        ),
    )  # fmt: skip
    return (sampler,)
