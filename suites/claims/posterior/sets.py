"""The sets C_k in which category k is selected: who belongs, that they tile the cube, and what they are in powers.

[1] The posterior document, section "Uniform reparametrization".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Bools, Floats
from harness.methods import SupportMethod
from harness.options import Options
from harness.questions.check import Claim, Evidence
from harness.samplers.registry import get
from suites.evidence.identities import derivation, identity, line_by_line, residuals
from suites.evidence.posterior_draws import to_gumbel, to_uniform

ORDER = 20
NEAR = 1e-9
"""Two categories whose log(-log u) - log alpha lie so close are within rounding of a boundary: u within 1e-6 of 1 keeps
ten digits of log u."""
AREA = np.array([0.75, 0.25])


@dataclass(frozen=True)
class Batch:
    """Points u (n, K) of the cube, probabilities alpha (K,), and a category."""

    u: Floats
    alpha: Floats
    k: int

    @property
    def others(self) -> NDArray[np.intp]:
        """All categories but k."""
        return np.delete(np.arange(self.alpha.size), self.k)


def members(u: Floats, alpha: Floats) -> Bools:
    """Return (n, K): whether u (n, K) lies in C_k, that is, no perturbed log probability exceeds that of k."""
    perturbed = to_gumbel(u) + np.log(alpha)
    inside: Bools = np.stack([(perturbed <= column[:, np.newaxis]).all(axis=1) for column in perturbed.T], axis=1)
    return inside


def selected(batch: Batch) -> NDArray[np.intp]:
    """The category that u selects, without Gumbels: the first to arrive at rates alpha, arg min of -log u / alpha."""
    first: NDArray[np.intp] = np.argmin(-np.log(batch.u) / batch.alpha, axis=1)
    return first


def in_gumbels(batch: Batch) -> Bools:
    """First line of the chain, one constraint an entry, as in all its lines."""
    left = -np.log(-np.log(batch.u[:, batch.others])) + np.log(batch.alpha[batch.others])
    right = -np.log(-np.log(batch.u[:, [batch.k]])) + np.log(batch.alpha[batch.k])
    return np.asarray(left <= right)


def with_log_ratio(batch: Batch) -> Bools:
    """Second line: the log probabilities as one log ratio."""
    left = -np.log(-np.log(batch.u[:, batch.others]))
    right = -np.log(-np.log(batch.u[:, [batch.k]])) + np.log(batch.alpha[batch.k] / batch.alpha[batch.others])
    return np.asarray(left <= right)


def solved(batch: Batch) -> Bools:
    """Third line: solved for the other uniforms."""
    ratio = np.log(batch.alpha[batch.others] / batch.alpha[batch.k])
    bound = np.exp(-np.exp(np.log(-np.log(batch.u[:, [batch.k]])) + ratio))
    return np.asarray(batch.u[:, batch.others] <= bound)


def with_log(batch: Batch) -> Bools:
    """Fourth line: one exponential of a log."""
    bound = np.exp(batch.alpha[batch.others] / batch.alpha[batch.k] * np.log(batch.u[:, [batch.k]]))
    return np.asarray(batch.u[:, batch.others] <= bound)


def in_powers(batch: Batch) -> Bools:
    """Last line: 0 <= u_j <= u_k^(alpha_j / alpha_k) <= 1."""
    bound = batch.u[:, [batch.k]] ** (batch.alpha[batch.others] / batch.alpha[batch.k])
    others = batch.u[:, batch.others]
    return np.asarray((others >= 0) & (others <= bound) & (bound <= 1))


def batches(options: Options, rng: np.random.Generator) -> Iterator[Batch]:
    """Yield points off the boundaries, as many in all as show a share of them of a hundredth of the tolerance."""
    sizes = (2, 2, 3, 5, 10, 20)
    need = SupportMethod().required(options.tolerance / 100, 0.5, options.beta)
    for number, size in enumerate(sizes):
        alpha = AREA if number == 0 else np.maximum(rng.dirichlet(np.full(size, 0.5)), 1e-4)
        alpha = alpha / alpha.sum()
        u = rng.random((math.ceil(need / len(sizes)), size)) * (1 - 2e-6) + 1e-6
        arrival, k = np.log(-np.log(u)) - np.log(alpha), int(rng.integers(size))
        gaps = np.diff(np.sort(arrival, axis=1), axis=1)
        yield Batch(u[gaps.min(axis=1) > NEAR], alpha, k)


def _rate(options: Options, points: list[Batch], wrong: int, sentence: str, **given: Any) -> Evidence:
    n = sum(len(batch.u) for batch in points)
    return Evidence(
        statistic=float(wrong),
        effect=wrong / n,
        n=n,
        resolution=SupportMethod().detectable(n, 0.5, options.beta),
        impossible=sentence,
        **given,
    )


def _judged(
    points: list[Batch], wrong: Callable[[Batch, Bools], Bools], words: Callable[[Batch, Bools, int], str]
) -> tuple[int, str]:
    """Return at how many points the sets are wrong, and the first of them in words."""
    count, sentence = 0, ""
    for batch in points:
        inside = members(batch.u, batch.alpha)
        bad = np.flatnonzero(wrong(batch, inside))
        count += bad.size
        if bad.size and not sentence:
            sentence = words(batch, inside, int(bad[0]))
    return count, sentence


def _indicator(options: Options, rng: np.random.Generator) -> Evidence:
    def differs(batch: Batch, inside: Bools) -> Bools:
        return np.asarray((inside != (selected(batch)[:, np.newaxis] == np.arange(batch.alpha.size))).any(axis=1))

    def words(batch: Batch, inside: Bools, i: int) -> str:
        return f"u = {batch.u[i]} selects {selected(batch)[i]} of {batch.alpha}, membership of the sets is {inside[i]}"

    points = list(batches(options, rng))
    rows = [
        (f"{batch.alpha.size} categories", differs(batch, members(batch.u, batch.alpha)).astype(float))
        for batch in points
    ]
    return _rate(options, points, *_judged(points, differs, words), exhibit=residuals(rows, 0.0))


def below_powers(u: Floats, alpha: Floats) -> Bools:
    """Return (n, K): whether u_j <= u_k^(alpha_j / alpha_k) for all j, the set C_k as the document draws it."""
    inside: Bools = np.stack([(u <= u[:, [k]] ** (alpha / alpha[k])).all(axis=1) for k in range(alpha.size)], axis=1)
    return inside


def _partition(options: Options, rng: np.random.Generator) -> Evidence:
    """Any argmax tiles the cube: the tiles are held to their boundaries in powers too, for every k."""

    def not_one(batch: Batch, inside: Bools) -> Bools:
        return np.asarray((inside.sum(axis=1) != 1) | (inside != below_powers(batch.u, batch.alpha)).any(axis=1))

    def words(batch: Batch, inside: Bools, i: int) -> str:
        due = below_powers(batch.u, batch.alpha)[i]
        return f"u = {batch.u[i]} lies in the sets {inside[i]} at alpha = {batch.alpha}, where powers say {due}"

    points = list(batches(options, rng))
    return _rate(options, points, *_judged(points, not_one, words), exhibit=square(rng))


def square(rng: np.random.Generator) -> dict[str, Any]:
    """Return the post's picture: the boundary u_2 = u_1^(1/3) between C_1 and C_2, and posterior draws of each."""
    side = np.linspace(0, 1, 201)
    groups = []
    for k in (0, 1):
        drawn = get("top-down").form("gumbel").draw(np.log(AREA), 700, rng=rng, observed=k)
        u = to_uniform(np.asarray(drawn) - np.log(AREA))
        groups.append({"label": f"posterior given {k + 1}", "points": np.round(u, 5).tolist()})
    boundary = {"label": "between C_1 and C_2", "u1": side.tolist(), "u2": (side ** (AREA[1] / AREA[0])).tolist()}
    return {"kind": "square", "title": "C_1 and C_2 at 0.75 and 0.25", "boundary": boundary, "groups": groups}


def chain() -> list[tuple[str, Callable[[Batch], Bools]]]:
    """Return the lines of the chain of equivalences."""
    return [
        ("in Gumbels", in_gumbels),
        ("with a log ratio", with_log_ratio),
        ("solved for the other uniforms", solved),
        ("an exponential of a log", with_log),
        ("in powers", in_powers),
    ]


def _chain(options: Options, rng: np.random.Generator) -> Evidence:
    """Two lines that decide differently at a point differ by 1 there; what is missed is rare, not small."""
    points = list(batches(options, rng))
    lines = [(label, partial(_as_floats, line)) for label, line in chain()]
    found = derivation(lines, points, bound=0.5, what="membership of C_k")
    return replace(
        _rate(options, points, 0, found.impossible), statistic=found.effect, notes=found.notes, exhibit=found.exhibit
    )


def _as_floats(line: Callable[[Batch], Bools], batch: Batch) -> Floats:
    """Return 1 and 0, and a 1 in front, so that no line is all 0."""
    return np.append(1.0, line(batch).ravel())


def claims(options: Options) -> tuple[Claim, ...]:
    """Return posterior.likelihood-indicator and posterior.partition."""
    rate = partial(identity, bound=options.tolerance / 50, unit="rate of disagreement")
    return (
        Claim(
            "posterior.likelihood-indicator",
            where="first bullet",
            says="u selects category k if and only if it lies in C_k.",
            checks=(
                rate(
                    "identity/posterior/likelihood-indicator", "sets against the arg min", partial(_indicator, options)
                ),
            ),
        ),
        Claim(
            "posterior.partition",
            where="example in two dimensions",
            says="The sets C_k tile the unit cube.",
            checks=(
                rate(
                    "identity/posterior/partition",
                    "every point in one set",
                    partial(_partition, options),
                ),
            ),
        ),
    )


def power_form(options: Options) -> Claim:
    """Return posterior.constraint-power-form."""
    line = line_by_line(
        "derivation/posterior/constraint-power-form",
        "every line decides the same",
        partial(_chain, options),
        bound=options.tolerance / 50,
        unit="rate of disagreement",
    )
    return Claim(
        "posterior.constraint-power-form",
        where="chain of equivalences",
        says="k is selected where u_j <= u_k^(alpha_j / alpha_k) for all j.",
        checks=(line,),
    )
