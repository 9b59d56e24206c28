"""A sampler that offers derivatives returns the exact ones at its own draws: d y_i / d logit_j = y_i (delta_ij - y_j) / tau.

The noise of a draw is held fixed, so that no chance is left: each entry is compared, up to what rounding explains.
Straight-through (an index with derivatives) returns those of the relaxed row whose largest entry is drawn [1].

[1] Jang, Gu and Poole 2017, "Categorical reparameterization with Gumbel-softmax", sections 2.1 and 2.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.errors import SamplerFault
from harness.interrupts import contained
from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Evidence, Scenario
from harness.questions.precision import precision
from harness.samplers.registry import Sampler
from suites.calling.caller import Caller
from suites.evidence.identities import residuals

ORDER = 75
ASKED = "derivatives"
SIZE = 256
TOLERANCE = 1e-3
"""Of an entry's size y_i / tau. Half precision rounds by more: nothing is asked of it."""
NOISE = 25.0
"""No draw of a run has larger noise: of 1e7 values one does in 7000 runs."""
TEMPERATURES = (0.5, 1.0, 2.0)
"""At which straight-through derivatives are asked for; the index drawn depends on none."""


def checks(sampler: Sampler, emits: str, cases: tuple[Case, ...], options: Options) -> Iterable[Check]:
    """Yield a check of the derivatives for every case that asks for them, if the form offers any."""
    if emits not in sampler.forms or sampler.form(emits).jacobian is None:
        return
    for case in cases:
        worst = max(rounding(sampler.dtype, case.logits, tau) for tau in temperatures(case))
        if ASKED not in case.asks or worst > TOLERANCE:
            continue
        scenario = Scenario(sampler, emits, case)
        yield Check(
            name=f"jacobian/{scenario.name}",
            suite="jacobian",
            why="what is learned through a draw follows its derivative",
            compute=partial(evidence, scenario, options.beta),
            computed_method="exact Jacobian at the draw",
            computed_unit="share of y_i / temperature",
            subject=scenario,
            tolerance=TOLERANCE,
        )


def temperatures(case: Case) -> tuple[float, ...]:
    """Return the case's temperature, or several where it has none."""
    return TEMPERATURES if case.temperature is None else (case.temperature,)


def rounding(dtype: str, logits: Floats, tau: float) -> float:
    """Return the share of y_i / tau by which right derivatives of y may be off: eps (16 + 2 |scores|).

    Entries that are e^(score - log sum) inherit the rounding of scores, whose size is at most (|logit| + noise) / tau,
    once in the row and once in its derivative; a dozen operations add at most eps each.
    """
    size = float(np.abs(logits[np.isfinite(logits)]).max()) + NOISE
    return precision(dtype).eps * (16 + 2 * size / tau)


def exact(rows: Floats, tau: float) -> Floats:
    """Return y_i (delta_ij - y_j) / tau for each of (n, K) rows, as (n, K, K)."""
    made: Floats = rows[:, :, None] * (np.eye(rows.shape[1]) - rows[:, None, :]) / tau
    return made


MISTAKES: Mapping[str, Callable[[Floats, float], Floats]] = {
    "nothing flows back": lambda y, tau: np.zeros((*y.shape, y.shape[1])),
    "the temperature is left out": lambda y, tau: tau * exact(y, tau),
    "the temperature is divided by twice": lambda y, tau: exact(y, tau) / tau,
    "the sign is wrong": lambda y, tau: -exact(y, tau),
    "the normalisation is left out, y_i delta_ij / tau": lambda y, tau: y[:, :, None] * np.eye(y.shape[1]) / tau,
    "it is that of log y": lambda y, tau: np.broadcast_to(
        np.eye(y.shape[1]) - y[:, None, :], (*y.shape, y.shape[1])
    ) / tau,
}  # fmt: skip
"""What derivatives might be instead, for the sentence of a refutation."""


def evidence(scenario: Scenario, beta: float, rng: np.random.Generator) -> Evidence:
    """Return the largest deviation from the exact derivatives, over all temperatures of the case.

    Derivatives that are wrong in a share s of the draws are missed with probability (1 - s)^n.
    """
    caller, dtype = Caller(scenario), scenario.sampler.dtype
    found, words, bound = [], "", 0.0
    for tau in temperatures(scenario.case):
        rows, derivatives, drawn = _both(caller, tau, rng)
        allowed = rounding(dtype, caller.logits, tau)
        errors = deviations(derivatives, rows, tau, dtype)
        words = (
            words or _not_drawn(rows, drawn, scenario.emits, allowed) or _wrong(errors, derivatives, rows, tau, allowed)
        )
        bound = max(bound, allowed)
        found.append((f"temperature {tau:g}", errors.max(axis=(1, 2))))
    effect = max(float(errors.max()) for _, errors in found)
    n = SIZE * len(found)
    return Evidence(
        statistic=effect,
        effect=effect,
        n=n,
        impossible=words,
        resolution=bound,
        exhibit=residuals(found, bound, "Derivatives of draws against the exact ones"),
        notes={"share of draws that may be wrong unseen": float(1 - beta ** (1 / n))},
    )


def deviations(derivatives: Floats, rows: Floats, tau: float, dtype: str) -> Floats:
    """Return |derivative - exact one| in shares of y_i / tau, (n, K, K); inf where it is not finite.

    Of entries near the type's smallest numbers no digit is asked.
    """
    known = precision(dtype)
    size = np.maximum(rows, known.tiny / known.eps)[:, :, None] / tau
    with np.errstate(invalid="ignore"):
        errors = np.abs(derivatives - exact(rows, tau)) / size
    made: Floats = np.where(np.isfinite(errors), errors, np.inf)
    return made


def _both(caller: Caller, tau: float, rng: np.random.Generator) -> tuple[Floats, Floats, NDArray[Any]]:
    """Return rows and derivatives, and what is drawn from the same generator; raises SamplerFault for what is none."""
    scenario, again = caller.scenario, deepcopy(rng)
    function = scenario.sampler.form(scenario.emits).jacobian
    assert function is not None
    k = scenario.case.logits.size
    with contained(), np.errstate(all="ignore"):
        rows, derivatives = function(caller.logits, SIZE, temperature=tau, rng=rng)
        made = np.asarray(rows, np.float64), np.asarray(derivatives, np.float64)
    for what, array, due in (("rows", made[0], (SIZE, k)), ("derivatives", made[1], (SIZE, k, k))):
        if array.shape != due:
            raise SamplerFault(f"jacobian= returned {what} of shape {array.shape}, {due} is due")
    return *made, caller(SIZE, again)


def _not_drawn(rows: Floats, drawn: NDArray[Any], emits: str, allowed: float) -> str:
    """Say of rows that the same generator draws otherwise; of an index, that its entry is not the largest."""
    if emits == "index":
        inside = np.clip(drawn, 0, rows.shape[1] - 1)
        same = rows[np.arange(drawn.size), inside] == rows.max(axis=1)
    else:
        same = np.all(np.abs(rows - drawn) <= 2 * allowed * np.maximum(rows, np.finfo(np.float32).tiny), axis=1)
    if same.all():
        return ""
    at = int(np.argmin(same))
    return (
        f"draw {at} of {same.size}: the same rng gave {_shown(drawn[at])}, the derivative is one of {_shown(rows[at])}"
    )


def _wrong(errors: Floats, derivatives: Floats, rows: Floats, tau: float, allowed: float) -> str:
    """Name the worst entry, and the mistake that would explain all of them."""
    if errors.max() <= allowed:
        return ""
    n, i, j = (int(at) for at in np.unravel_index(np.argmax(errors), errors.shape))
    words = (
        f"temperature {tau:g}, draw {n}: d y_{i} / d logit_{j} is {derivatives[n, i, j]:.6g} where "
        f"{exact(rows, tau)[n, i, j]:.6g} is due at y = {_shown(rows[n])}"
    )
    size = np.maximum(rows, np.finfo(np.float32).tiny)[:, :, None] / tau
    for mistake, law in MISTAKES.items():
        if np.all(np.abs(derivatives - law(rows, tau)) <= TOLERANCE * np.maximum(size, np.abs(law(rows, tau)))):
            return f"{words}: {mistake}"
    return words


def _shown(values: Any) -> str:
    return np.array2string(np.asarray(values), precision=4, separator=", ", threshold=8)
