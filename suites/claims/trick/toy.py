"""The toy problem's arithmetic is done again, in rational and decimal numbers where the document gives digits."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import numpy as np

from harness.arrays import Floats
from harness.options import Options
from harness.questions.check import Claim, Evidence
from suites.evidence.chance import curves, line
from suites.evidence.identities import deviation, identity

ORDER = 120
STEPS, START, END = 1000, 2.0, 0.5
ROLLS, FACES = (3, 0, 0), 6
OBSERVED = ("0.67", "0", "0", "0.33", "0", "0")
SAMPLE = ("0.1", "0.1", "0.1", "0.3", "0.2", "0.2")


def decay(start: float, end: float, steps: int) -> float:
    """Return the factor by which tau shrinks from step to step."""
    return math.exp((math.log(end) - math.log(start)) / (steps - 1))


def schedule(start: float, end: float, steps: int) -> Floats:
    """Return tau at every step."""
    return np.asarray(start * decay(start, end, steps) ** np.arange(steps))


def annealing(rng: np.random.Generator) -> Evidence:
    """Hold the schedule to 2 * 4^(-t / 999) in forty digits, its ends to 2 and 0.5, and its ratios to one another.

    The factor is off by an ulp or two, hence its 999th power by 2000 ulp at most: 5e-13.
    """
    tau = schedule(START, END, STEPS)
    with localcontext() as context:
        context.prec = 40
        factor = (Decimal(END) / Decimal(START)) ** (Decimal(1) / Decimal(STEPS - 1))
        exact = [float(Decimal(START) * factor**t) for t in range(STEPS)]
    found = np.concatenate([tau, tau[[0, -1]], tau[1:] / tau[:-1]])
    due = np.concatenate([exact, [START, END], np.full(STEPS - 1, float(factor))])
    shown = np.arange(0, STEPS, 5)
    exhibit = curves("Annealing of the temperature", "step", "temperature", [line("tau", shown, tau[shown])])
    notes = {"first": float(tau[0]), "last": float(tau[-1]), "factor": decay(START, END, STEPS)}
    return deviation(found, due, bound=1e-12, what="the schedule", exhibit=exhibit, notes=notes)


def observation(rolls: tuple[int, ...]) -> list[Fraction]:
    """Return the mean of the one-hot vectors of rolls."""
    return [Fraction(sum(roll == face for roll in rolls), len(rolls)) for face in range(FACES)]


def observed(rng: np.random.Generator) -> Evidence:
    """Round the mean of the one-hot vectors of the rolls 3, 0, 0 to two digits."""
    cent = Decimal("0.01")
    found = [float((Decimal(x.numerator) / x.denominator).quantize(cent, ROUND_HALF_UP)) for x in observation(ROLLS)]
    return deviation(found, [float(x) for x in OBSERVED], bound=0.0, what="the observation of the rolls 3, 0, 0")


def squared_error(one: tuple[str, ...], other: tuple[str, ...]) -> Decimal:
    """Return the sum of squared differences in exact decimal arithmetic."""
    return sum(((Decimal(a) - Decimal(b)) ** 2 for a, b in zip(one, other, strict=True)), Decimal(0))


def example(rng: np.random.Generator) -> Evidence:
    """Add 0.3249 + 0.01 + 0.01 + 0.0009 + 0.04 + 0.04."""
    exact = sum((y - Fraction(b)) ** 2 for y, b in zip(observation(ROLLS), SAMPLE, strict=True))
    notes = {"with 2/3 and 1/3 in place of 0.67 and 0.33": float(exact)}
    found, due = squared_error(OBSERVED, SAMPLE), Decimal("0.4258")
    return deviation(float(found - due), 0.0, scale=1.0, bound=0.0, what="the squared error less 0.4258", notes=notes)


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the claims about schedule, observation and squared error."""
    schedule_claim = Claim(
        "trick.anneal-schedule",
        where="code",
        says="The factor given takes tau from 2.0 to 0.5 over the steps, by one ratio from each step to the next.",
        checks=(
            identity(
                "identity/trick/anneal-schedule/decimal",
                "ends and every ratio",
                annealing,
                bound=1e-12,
                method="decimal arithmetic",
            ),
        ),
    )
    vector = Claim(
        "trick.observation-vector",
        where="Toy Problem",
        says="Three rolls of a die that show 3, 0 and 0 are observed as [0.67, 0, 0, 0.33, 0, 0].",
        checks=(
            identity(
                "identity/trick/observation-vector/mean",
                "to the digits given",
                observed,
                bound=0.0,
                method="rational arithmetic",
            ),
        ),
    )
    error = Claim(
        "trick.sse-example",
        where="Toy Problem",
        says="That observation and [0.1, 0.1, 0.1, 0.3, 0.2, 0.2] have a squared error of 0.4258.",
        checks=(
            identity("identity/trick/sse-example/sum", "all digits", example, bound=0.0, method="decimal arithmetic"),
        ),
    )
    return schedule_claim, vector, error
