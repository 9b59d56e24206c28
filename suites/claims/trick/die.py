"""The document's experiment is run thousands of times: how close it comes in 1000 steps, and where more steps lead."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.laws import special
from harness.methods.tails import binomial_at_least
from harness.options import Options
from harness.questions.check import Claim, Evidence
from harness.samplers.builtin.alias import alias_table
from harness.samplers.draw import draw
from suites.cases import DIE
from suites.claims.trick.gradient import Point, traced_loss
from suites.evidence.chance import (  # fmt: skip
    Rates,
    Sample,
    bernstein_size,
    chance,
    clopper_pearson,
    curves,
    line,
    positive,
    rarely,
    trials,
)
from suites.evidence.dual import differentiator
from suites.evidence.identities import deviation, identity

ORDER = 160
P = np.array(DIE)
BATCH, RATE, START, END, STEPS, MORE_STEPS = 20, 0.02, 2.0, 0.5, 1000, 20_000
START_ERROR = float(np.sum((1 / len(DIE) - np.array(DIE)) ** 2))
CLOSE, HALFWAY = START_ERROR / 5, START_ERROR / 10
"""'Close' is an R^2 of 0.8: four fifths of the squared error of equal logits, 0.0981, are gone. In half of the runs, nine
tenths are."""
FOLLOWED = 3
"""Runs that are compared with the listing step by step."""
SHOWN = 150
"""Points of a curve that a figure keeps."""


MODERATE = 600.0
"""Exponents of all rows this near to one another need no maximum of each row, which costs as much as all else."""


def softmax_rows(a: Floats) -> Floats:
    """Return the softmax of each row."""
    top = a.max()
    if a.min() < top - MODERATE:
        top = a.max(axis=1, keepdims=True)
    weights = np.exp(a - top)
    return np.asarray(weights / np.einsum("ri->r", weights)[:, None])


def gradient_rows(b: Floats, y: Floats, tau: float) -> Floats:
    """Return the gradient that the document's code computes, for each row."""
    error = b - y
    return np.asarray(2 / tau * b * (error - np.einsum("ri,ri->r", error, b)[:, None]))


def squared_errors(logits: Floats) -> Floats:
    """Return each row's squared error between softmax(logits) and the true probabilities."""
    off = softmax_rows(logits) - P
    return np.asarray(np.einsum("ri,ri->r", off, off))


@cache
def batches() -> tuple[Floats, Floats]:
    """Return all that a batch of rolls can show, as shares of the faces (C, 6), and their probabilities (C,)."""
    bars = np.array(list(itertools.combinations(range(BATCH + P.size - 1), P.size - 1)))
    counts = np.diff(bars, axis=1, prepend=-1, append=BATCH + P.size - 1) - 1
    log_mass = special.gammaln(BATCH + 1) - special.gammaln(counts + 1).sum(axis=1) + counts @ np.log(P)
    return counts / BATCH, np.exp(log_mass)


@cache
def _table() -> tuple[Floats, NDArray[np.intp]]:
    return alias_table(batches()[1])


def rolled(replicates: int, rng: np.random.Generator) -> Floats:
    """Return the shares of the faces (R, 6) in batches of rolls: multinomial, ten times as fast as NumPy's."""
    keep, other = _table()
    point = rng.random(replicates) * keep.size
    cell = point.astype(np.intp)
    return np.asarray(batches()[0].take(np.where(point - cell < keep[cell], cell, other[cell]), axis=0))


def learn(
    replicates: int, steps: int, rng: np.random.Generator, shown: int = SHOWN
) -> tuple[Floats, NDArray[np.intp], Floats]:
    """Run the document's loop; return final logits (R, 6), the steps kept, and the squared errors there (steps, R)."""
    logits = np.zeros((replicates, P.size))
    kept = np.unique(np.linspace(0, steps, shown).astype(int))
    history = np.empty((kept.size, replicates))
    factor = (END / START) ** (1 / (steps - 1))
    places = {int(step): at for at, step in enumerate(kept)}
    for step in range(steps + 1):
        if step in places:
            history[places[step]] = squared_errors(logits)
        if step < steps:
            tau = START * factor**step
            y = rolled(replicates, rng)
            noise = -np.log(rng.standard_exponential(logits.shape))
            logits -= RATE * gradient_rows(softmax_rows((logits + noise) / tau), y, tau)
    return logits, kept, history


def listing(replicates: int, steps: int, rng: np.random.Generator) -> tuple[str, Floats]:
    """Follow the document's code with a gradient that nobody derived; return how it was had, and squared errors (steps, R).

    The draws are asked for in the same order as ``learn`` asks for them; the loss is differentiated by torch or JAX where
    they are installed, else by dual numbers.
    """
    name, jacobian = differentiator()
    logits, errors = np.zeros((replicates, P.size)), [np.full(replicates, START_ERROR)]
    decay = math.exp((math.log(END) - math.log(START)) / (steps - 1))
    for step in range(steps):
        tau = START * decay**step
        y = rolled(replicates, rng)
        noise = -np.log(rng.standard_exponential(logits.shape))
        for r in range(replicates):
            point = Point(logits[r].copy(), noise[r], y[r], tau)
            logits[r] -= RATE * jacobian(partial(traced_loss, point), point.logits).ravel()
        p = np.exp(logits)
        errors.append(np.sum((p / p.sum(axis=1, keepdims=True) - P) ** 2, axis=1))
    return name, np.array(errors)


def step_by_step(rng: np.random.Generator) -> Evidence:
    """Hold the runs that are repeated thousands of times to the listing, on the same rolls and noise, after every step.

    A step multiplies a difference by at most 1 + 0.02 x 6 / tau^2, in fact by about 1; rounding adds 1e-17 a step.
    """
    seed = int(rng.integers(2**62))
    name, due = listing(FOLLOWED, STEPS, np.random.default_rng(seed))
    _, kept, found = learn(FOLLOWED, STEPS, np.random.default_rng(seed), STEPS + 1)
    at = np.linspace(0, STEPS, SHOWN).astype(int)
    exhibit = curves(
        "Squared error of one run: the listing, and the loop that is repeated", "steps", "squared error",
        [line("listing, differentiated automatically", at, due[at, 0]), line("repeated loop", at[::10], found[at[::10], 0],
         "points")],
    )  # fmt: skip
    made = deviation(
        found, due[kept], bound=1e-12, scale=START_ERROR, what="the squared error after a step", exhibit=exhibit
    )
    return replace(made, notes={"differentiated by": name, "largest difference": made.effect * START_ERROR})


def _history(title: str, kept: NDArray[np.intp], history: Floats) -> dict[str, Any]:
    low, high = np.quantile(history, [0.05, 0.95], axis=1)
    series = [
        line("mean, with the band of 90 % of the runs", kept, history.mean(axis=1), low=low, high=high),
        line("worst run so far", kept, history.max(axis=1)),
    ]
    return curves(title, "steps", "squared error", series, lines=[{"y": CLOSE, "label": "close"}])


def _summary(logits: Floats, final: Floats) -> dict[str, float | str]:
    learned = softmax_rows(logits)
    faces = {f"mean learned probability of face {k}": float(learned[:, k].mean()) for k in range(P.size)}
    return {
        "squared error at the start": float(np.sum((1 / P.size - P) ** 2)),
        "mean squared error at the end": float(final.mean()),
        "its standard error": float(final.std() / np.sqrt(final.size)),
        "worst squared error at the end": float(final.max()),
        **faces,
    }


def documents_run(tolerance: float, rates: Rates, rng: np.random.Generator) -> Evidence:
    """Count the runs of 1000 steps that do not end close, or not below where they began."""
    replicates = trials(tolerance, rates)
    logits, kept, history = learn(replicates, STEPS, rng)
    failures = int(np.sum((history[-1] > CLOSE) | (history[-1] >= history[0])))
    title = f"Squared error over {STEPS} steps, {replicates} runs"
    exhibit = _history(title, kept, history)
    made = rarely(failures, replicates, tolerance, rates, exhibit=exhibit, notes=_summary(logits, history[-1]))
    return _with_median(made, history[-1], rates)


def _with_median(made: Evidence, final: Floats, rates: Rates) -> Evidence:
    """Add that half of the runs lose nine tenths of their squared error: an exact sign test, by Bonferroni."""
    behind = int(np.sum(final > HALFWAY))
    one, other = made.p_value or 0.0, float(binomial_at_least(behind, final.size, 0.5))
    open_ = clopper_pearson(behind, final.size, rates.level / 2) > 0.5
    notes = {**made.notes, "share of runs that lose nine tenths": 1 - behind / final.size}
    notes |= {f"{q:g} % quantile of the squared error": float(np.quantile(final, q / 100)) for q in (1, 50, 99)}
    p_value = min(1.0, 2 * min(one, other))
    return replace(made, p_value=p_value, resolution=math.inf if open_ else made.resolution, notes=notes)


def longer_run(tolerance: float, rates: Rates, rng: np.random.Generator) -> Evidence:
    """Count the runs of 20000 steps that end close after all: the others have moved away from the true probabilities."""
    replicates = trials(tolerance, rates)
    logits, kept, history = learn(replicates, MORE_STEPS, rng)
    failures = int(np.sum(history[-1] <= CLOSE))
    title = f"Squared error over {MORE_STEPS} steps, {replicates} runs"
    exhibit = _history(title, kept, history)
    return rarely(failures, replicates, tolerance, rates, exhibit=exhibit, notes=_summary(logits, history[-1]))


def optimum(noise: Floats, tau: float) -> Floats:
    """Return the probabilities at which the mean loss over fixed noise is least: the sample average's own optimum."""
    from scipy import optimize

    def mean_loss(logits: Floats) -> tuple[float, Floats]:
        b = softmax_rows((logits + noise) / tau)
        return float(np.sum((b - P) ** 2)) / len(b), gradient_rows(b, P, tau).mean(axis=0)

    found = optimize.minimize(mean_loss, np.log(P), jac=True, method="L-BFGS-B").x
    return np.asarray(softmax_rows(found[None, :])[0])


def elsewhere(rates: Rates, rng: np.random.Generator) -> Evidence:
    """Show that the true probabilities are not where a relaxed sample's expected loss is least: there its slope is not 0.

    At tau = 0.5 more weight on the last face would still lower the loss. A coordinate of the gradient is at most
    1 / tau in size (see the claim on the noise term); the batch's noise is independent and drops out of the mean.
    """
    n = bernstein_size(2 / END, 0.5, 0.02, rates)
    b = draw("relaxed", np.log(P), n, rng=rng, temperature=END)
    slope = Sample.of(-gradient_rows(b, P, END)[:, -1], 2 / END)
    optima = {tau: np.stack([optimum(rng.gumbel(size=(4_000, P.size)), tau) for _ in range(4)]) for tau in (START, END)}
    notes: dict[str, float | str] = {"slope of the loss at the truth, last face": -slope.mean}
    for tau, found in optima.items():
        notes[f"optimum for the last face, tau = {tau:g}"] = float(found[:, -1].mean())
        notes[f"its Monte Carlo error, tau = {tau:g}"] = float(found[:, -1].std(ddof=1) / 2)
        notes[f"squared error of the optimum, tau = {tau:g}"] = float(np.sum((found.mean(axis=0) - P) ** 2))
    learned = softmax_rows(learn(300, STEPS, rng)[0])
    return positive(slope, rates, notes=notes, exhibit=_bars(learned, optima[END]))


def _bars(learned: Floats, best: Floats) -> dict[str, Any]:
    low, high = np.quantile(learned, [0.05, 0.95], axis=0)
    return {
        "kind": "bars",
        "title": "Probabilities at the start, learned in 1000 steps, where the loss at tau = 0.5 is least, and true",
        "x_label": "face",
        "y_label": "probability",
        "categories": [str(k) for k in range(P.size)],
        "series": [
            {"label": "start", "values": [1 / P.size] * P.size},
            {"label": "learned, with 90 % of 300 runs", "values": learned.mean(axis=0).tolist(), "low": low.tolist(),
             "high": high.tolist()},
            {"label": "least expected loss", "values": best.mean(axis=0).tolist()},
            {"label": "true", "values": P.tolist()},
        ],
    }  # fmt: skip


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the claim about the result."""
    rates, stem = Rates.of(options), "trick/die-learned"
    share, longer = max(0.01, options.tolerance), 0.2 if options.profile == "quick" else 0.02
    learned = Claim(
        "trick.die-learned",
        where="code and results",
        says="From equal logits, 1000 steps end close: four fifths of the squared error go, mostly nine tenths.",
        checks=(
            identity(
                f"identity/{stem}/step-by-step", "what is repeated is the document's code", step_by_step, bound=1e-12,
                unit="error over the first", method="automatic differentiation",
            ),
            chance(
                f"simulation/{stem}/1000-steps", "the document's experiment, thousands of times",
                partial(documents_run, share, rates), tolerance=share, unit="share of runs not close", method="repetitions",
            ),
            chance(
                f"simulation/{stem}/20000-steps", "what the document does not say: more steps move away from the truth",
                partial(longer_run, longer, rates), tolerance=longer, unit="share of runs close", method="repetitions",
            ),
            chance(
                f"simulation/{stem}/optimum", "why: the expected loss of a relaxed sample is least elsewhere",
                partial(elsewhere, rates), tolerance=1.0, unit="share of the slope", method="empirical Bernstein",
            ),
        ),
    )  # fmt: skip
    return (learned,)
