"""Many short calls in a row: what a call knows of its own positions, of the draws before it, and of the call before it.

Where a whole run of draws looks right, the first draw of every call may be wrong, the head of a call may repeat the
tail of the last one, and the fit may be too good: all p-values here are exact and two-sided.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from harness.laws import special
from harness.methods.cells import grown, shift
from harness.methods.score_loss import kept
from harness.methods.scores import normal_scores
from harness.methods.tails import binomial_two_sided
from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Evidence, Scenario
from harness.questions.law import masses
from harness.samplers.registry import Sampler
from suites.calling import shown
from suites.calling.asked import agree
from suites.calling.caller import Caller
from suites.calling.logits import VARIATION, logits
from suites.calling.series import STEPS, TOLERANCE, Calls, agreement, worst_of
from suites.calling.sizes import SEEDS_AGREE, long, seeds, sizes
from suites.families.asking import Question, put

ORDER = 100
ASKED, LONG, OTHER = "calls", "long calls", "other logits"
"""What a case asks for. Where its winner is given, only the question of other logits can be put to it."""
LAGS = 256
POSITIONS = (0, 1, 2, 3, STEPS // 2, STEPS - 1)


def checks(sampler: Sampler, emits: str, cases: tuple[Case, ...], options: Options) -> Iterable[Check]:
    """Yield the checks of calls for a few cases in which the category is random, or what is left of it."""
    for case in cases:
        wanted = {name: question for name, question in QUESTIONS.items() if ASKS.get(name, ASKED) in case.asks}
        if wanted:
            scenario = Scenario(sampler, emits, case)
            calls = Calls(scenario, masses(case, sampler.dtype), options.level, options.beta)
            yield from put("calls", scenario, calls, wanted)


def positions(calls: Calls, rng: np.random.Generator) -> Evidence:
    """Hold the most likely category and the first one, at a few positions of a call, to their probabilities."""
    single = Caller(calls.scenario).rows == 0
    cells = dict.fromkeys((int(np.argmax(calls.p)), 0, calls.p.size - 1))
    tests = len(cells) * (len(POSITIONS) + single)
    share = float(calls.p.max())
    n = grown(lambda n: shift(n, share, calls.level / tests, calls.beta), TOLERANCE * (1 - share), 16)
    drawn = calls.draw(n, STEPS, rng)[:, list(POSITIONS)]
    if single:
        drawn = np.column_stack([drawn, calls.draw(n, 1, rng)])
    found = np.array([(drawn == k).sum(axis=0) for k in cells])
    expected = calls.p[list(cells)][:, None]
    p_values = binomial_two_sided(found, n, expected) * tests
    places = [*(f"position {at} of calls of {STEPS}" for at in POSITIONS), *(["a call of one"] if single else [])]

    def named(i: int) -> str:
        return f"category {list(cells)[i // len(places)]}, {places[i % len(places)]}"

    at = int(np.argmin(p_values))
    k, position = divmod(at, len(places))
    seen = agree(f"{named(at)},", found.flat[at], n, float(expected[k, 0]), "drawn")
    return worst_of(
        p_values,
        np.abs(found / n - expected),
        n * (STEPS + single),
        {"position": [*map(str, POSITIONS), "of a call of one"][position]},
        f"{seen}, {calls.scenario.case.words}",
        shown.counted(
            "Draws of a category, by position", named, found, n, np.broadcast_to(expected, found.shape), tests
        ),
    )


def overlap(calls: Calls, rng: np.random.Generator) -> Evidence:
    """Count agreements of each call with the one before it and with itself, shifted by every number of draws."""
    size = STEPS * max(Caller(calls.scenario).rows, 1)
    shifts, within = np.arange(1 - size, size), np.arange(1, size)
    half = calls.pairs(shifts.size + within.size)
    drawn = calls.draw(2 * half, STEPS, rng)
    agreed = [_agreed(drawn[::2], drawn[1::2], int(s)) for s in shifts]
    own = np.array([_agreed_within(drawn, int(lag)) for lag in within])
    pairs = np.concatenate([half * (size - np.abs(shifts)), own[:, 1]])
    named = np.concatenate([shifts, within])

    def said(i: int) -> str:
        if i >= shifts.size:
            return f"draws {named[i]} apart in a call"
        return f"draws and those {abs(named[i])} places {'on' if named[i] >= 0 else 'back'} in the call before"

    agreeing = np.concatenate([agreed, own[:, 0]])
    return agreement(calls, agreeing, pairs, drawn.size, {"shift": named}, said, f"calls of {size}")


def _agreed_within(drawn: NDArray[np.intp], lag: int) -> tuple[int, int]:
    """Count pairs of a call at a lag that agree, and all of them; every draw is in one pair at most."""
    size = drawn.shape[1]
    first = np.flatnonzero((np.arange(size) % (2 * lag) < lag) & (np.arange(size) + lag < size))
    return int((drawn[:, first] == drawn[:, first + lag]).sum()), drawn.shape[0] * first.size


def _agreed(before: NDArray[np.intp], after: NDArray[np.intp], by: int) -> int:
    """Count i with after[i] == before[i + by], every draw in one pair at most."""
    head, tail = (after, before[:, by:]) if by >= 0 else (after[:, -by:], before)
    size = min(head.shape[1], tail.shape[1])
    return int((head[:, :size] == tail[:, :size]).sum())


def lags(calls: Calls, rng: np.random.Generator) -> Evidence:
    """Count agreements of draws at every lag up to 256 within one call, every draw in one pair at most."""
    rows = max(Caller(calls.scenario).rows, 1)
    steps = -(-2 * (calls.pairs(LAGS) + LAGS) // (2 * LAGS)) * 2 * LAGS
    (drawn,) = calls.draw(1, steps, rng)
    agreed, pairs = np.empty(LAGS), np.empty(LAGS)
    for lag in range(1, LAGS + 1):
        blocks = drawn[: drawn.size // (2 * lag) * 2 * lag].reshape(-1, 2, lag)
        agreed[lag - 1], pairs[lag - 1] = (blocks[:, 0] == blocks[:, 1]).sum(), blocks.shape[0] * lag
    where = f"one call of {steps * rows:,} draws"
    named = {"lag": np.arange(1, LAGS + 1)}
    return agreement(calls, agreed, pairs, steps * rows, named, lambda i: f"draws {i + 1} apart", where)


def fit(calls: Calls, rng: np.random.Generator) -> Evidence:
    """Sum the exact chi-squares of single calls: too large if draws clump, too small if they fit better than chance.

    An excess of the variance of counts raises that of their scores by a share of itself, less where a call expects few.
    """
    p = calls.p[calls.p > 0]
    share = float(np.mean(kept(STEPS * p / p.sum())))
    number = grown(lambda n: _variance_exposed(n * (p.size - 1), calls) / share, TOLERANCE, 16)
    counts = np.array([np.bincount(call, minlength=calls.p.size) for call in calls.draw(number, STEPS, rng)])
    total = math.fsum(np.sum(normal_scores(row, p / p.sum(), rng) ** 2) for row in counts[:, calls.p > 0])
    dof = number * (p.size - 1)
    tail = min(special.gammainc(dof / 2, total / 2), special.gammaincc(dof / 2, total / 2))
    return Evidence(
        statistic=total,
        p_value=float(min(1.0, 2 * tail)),
        effect=abs(total / dof - 1) / share,
        n=int(counts.sum()),
        resolution=_variance_exposed(dof, calls) / share,
        notes={"degrees of freedom": dof},
        seen=f"counts of calls of {STEPS} vary {total / dof:.3g} times as much as chance has it, "
        f"{number} calls, {calls.scenario.case.words}",
        exhibit=_varying(total / dof, dof, number, calls.level),
    )


def _varying(ratio: float, dof: int, number: int, level: float) -> shown.Exhibit:
    """Return the ratio of the variance of counts to what is due, within what its exact test leaves of the level."""
    low, high = special.chdtri(dof, [1 - level / 2, level / 2]) / dof
    name = f"counts of {number:,} calls of {STEPS} draws"
    row = (name, float(ratio), 1.0, float(low), float(high), math.sqrt(2 / dof))
    return shown.ranged(
        "Variance of counts, as a share of what is due", "shares of the variance", [row], "in standard errors"
    )


def _variance_exposed(dof: int, calls: Calls) -> float:
    """Return the relative change of the variance of the scores, up or down, that so many of them expose."""
    high, low = special.chdtri(dof, [calls.level / 2, 1 - calls.level / 2])
    least, most = special.chdtri(dof, [1 - calls.beta, calls.beta])
    return float(max(high / least - 1, 1 - low / most))


AGAIN = "share of draws repeated"
QUESTIONS: Mapping[str, Question] = {
    "positions": Question(
        "the first draw of a call has the law of all others", "share of draws at a position", positions, TOLERANCE
    ),
    "overlap": Question("a call repeats neither itself nor the call before it", AGAIN, overlap, TOLERANCE),
    "lags": Question("no draw of a call repeats another at a fixed distance", AGAIN, lags, TOLERANCE),
    "fit": Question(
        "counts of a call scatter as chance does, no more and no less", "share of the variance", fit, TOLERANCE
    ),
    "sizes": Question("calls of odd sizes end as they begin", AGAIN, sizes, TOLERANCE),
    "long": Question("a call beyond 2^16 draws does not begin again", AGAIN, long, TOLERANCE),
    "seeds": Question(
        "calls of one generator have more than 2^16 beginnings",
        "probability that two calls agree",
        seeds,
        SEEDS_AGREE,
    ),
    "logits": Question(
        "a call draws from its own logits, not from those of an earlier one", "total variation", logits, VARIATION
    ),
}
ASKS = {"long": LONG, "logits": OTHER}
"""The words of cases to which these are put."""
