"""The document's experiment is run thousands of times: how close it comes in 1000 steps, and where more steps lead."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.options import Options
from harness.questions.check import Claim, Evidence
from harness.samplers.draw import draw
from suites.cases import DIE
from suites.evidence.chance import (  # fmt: skip
    Rates,
    Sample,
    bernstein_size,
    chance,
    curves,
    line,
    positive,
    rarely,
    trials,
)

P = np.array(DIE)
BATCH, RATE, START, END, STEPS, MORE_STEPS = 20, 0.02, 2.0, 0.5, 1000, 20_000
CLOSE = 0.03
"""'Close' means a squared error of at most 0.03, less than a third of that of equal logits, 0.0981."""
SHOWN = 150
"""Points of a curve that a figure keeps."""


def softmax_rows(a: Floats) -> Floats:
    """Return the softmax of each row."""
    weights = np.exp(a - a.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def gradient_rows(b: Floats, y: Floats, tau: float) -> Floats:
    """Return the gradient that the document's code computes, for each row."""
    error = b - y
    return np.asarray(2 / tau * b * (error - np.sum(error * b, axis=1, keepdims=True)))


def squared_errors(logits: Floats) -> Floats:
    """Return each row's squared error between softmax(logits) and the true probabilities."""
    return np.asarray(np.sum((softmax_rows(logits) - P) ** 2, axis=1))


def learn(replicates: int, steps: int, rng: np.random.Generator) -> tuple[Floats, NDArray[np.intp], Floats]:
    """Run the document's loop; return final logits (R, 6), the steps kept, and the squared errors there (steps, R)."""
    logits = np.zeros((replicates, P.size))
    kept = np.unique(np.linspace(0, steps, SHOWN).astype(int))
    history = np.empty((kept.size, replicates))
    factor = (END / START) ** (1 / (steps - 1))
    for step in range(steps + 1):
        at = np.searchsorted(kept, step)
        if kept[at] == step:
            history[at] = squared_errors(logits)
        if step < steps:
            tau = START * factor**step
            y = rng.multinomial(BATCH, P, size=replicates) / BATCH
            noise = -np.log(rng.standard_exponential(logits.shape))
            logits -= RATE * gradient_rows(softmax_rows((logits + noise) / tau), y, tau)
    return logits, kept, history


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
    return rarely(failures, replicates, tolerance, rates, exhibit=exhibit, notes=_summary(logits, history[-1]))


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
        return float(np.mean(np.sum((b - P) ** 2, axis=1))), gradient_rows(b, P, tau).mean(axis=0)

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
    optima = {
        tau: np.stack([optimum(rng.gumbel(size=(10_000, P.size)), tau) for _ in range(4)]) for tau in (START, END)
    }
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
        says="From equal logits, 1000 steps lower the squared error and end close to the truth (here: at most 0.03).",
        checks=(
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
