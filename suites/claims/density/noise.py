"""Given the last Gumbel, each u_i is a Gumbel of known location; its location is not its mean.

[1] T. Masada, A note on the density of Gumbel-softmax, 2019, the paragraph after eq. (3).
[2] Boucheron, Lugosi and Massart 2013, Concentration inequalities, Theorem 2.10.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.draws import measurements
from harness.draws.chunk import Chunk
from harness.methods import Mean
from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Claim, Evidence, Scenario
from harness.samplers.registry import Form, Sampler, get
from harness.verdict import Verdict
from suites.evidence.cubature import log_integral
from suites.evidence.identities import deviation, identity, integral, quadrature
from suites.families import independence, ks

ORDER = 20
X = np.array([0.5, -1.0, 2.0, 0.25])
"""Logits of four categories; the last is the reference k."""
GIVEN = (-1.5, 0.0, 3.0)
"""Values at which g_k is held: far below, at, and far above where a Gumbel usually lies."""
SCALE = 1.0
"""Bernstein's scale [2] of a centred Gumbel: E|G - 0.577|^q <= (q! / 2) (pi^2 / 6) 1^(q-2) for q >= 3, because the right
tail adds at most e^-0.577 q! and the left one less than 0.26 q!."""


def log_conditional(u: Floats, x_i: float, x_k: float, g_k: float) -> Floats:
    """Log of the density of u_i given g_k, as it stands after eq. (3)."""
    z = u - x_i + (x_k + g_k)
    value: Floats = -(z + np.exp(-z))
    return value


def location(x_i: float, x_k: float, g_k: float) -> float:
    """What the note calls the mean of u_i given g_k."""
    return x_i - (x_k + g_k)


def _locations(given: float) -> Floats:
    return np.array([location(float(x_i), float(X[-1]), given) for x_i in X[:-1]])


def _draw(given: float, logits: Floats, size: int, *, rng: Any = None) -> Floats:
    """Draw u_1..u_{k-1} from their definition, with g_k held; the logits of the case are only their claimed locations."""
    noise = get("gumbel-max").form("gumbel").draw(np.zeros(X.size - 1), size, rng=rng)
    u: Floats = X[:-1] + noise - (X[-1] + given)
    return u


def _scenario(given: float) -> Scenario:
    sampler = Sampler(f"u-given-g{given:+g}", "gumbel", {"gumbel": Form(partial(_draw, given))}, family="claim")
    case = Case(f"g{given:+g}", "u with the last Gumbel held at a value", partial(_locations, given), ("gumbel",))
    return Scenario(sampler, "gumbel", case)


def _sampled(options: Options) -> tuple[Check, ...]:
    made: list[Check] = []
    for given in GIVEN:
        scenario = _scenario(given)
        for suite in (ks.checks, independence.checks):
            found = suite(scenario.sampler, "gumbel", (scenario.case,), options)
            made += [replace(check, judges=False) for check in found if not check.name.endswith("winner-maximum")]
    return tuple(made)


def _integrals(rng: np.random.Generator) -> Evidence:
    """Integrate the density up to points of its range and over all of it, against the CDF that the draws are held to."""
    found, expected = [], []
    for x_i, x_k, g_k in rng.normal(scale=3.0, size=(8, 3)):
        start = location(x_i, x_k, g_k)
        for z in (-1.5, 0.0, 2.0, 10.0, 100.0):
            log_f = partial(log_conditional, x_i=x_i, x_k=x_k, g_k=g_k)
            found.append(math.exp(log_integral(log_f, start - 10, start + z, panels=100)))
            expected.append(math.exp(-math.exp(-z)))
    return deviation(found, expected, bound=1e-10, what="integral of p(u_i | g_k) up to a point")


def _mean(shift: float, rng: np.random.Generator) -> Evidence:
    """Integrate u times its density at x_i = x_k = g_k = 0, where a reader can: -int_0^inf log v e^-v dv, v = e^-u."""
    found = integral(lambda u: u * math.exp(float(log_conditional(np.array(u), 0.0, 0.0, 0.0))), (-6, 0, 6, 60))
    expected = location(0.0, 0.0, 0.0) + shift
    what = "the mean of u_i at x_i = x_k = g_k = 0, where its density is exp(-u - exp(-u))"
    return quadrature([found], [expected], bound=1e-10, what=what, scale=1.0)


def _values(chunk: Chunk) -> Floats:
    return np.asarray(chunk.draws, np.float64)


def _means(kind: str, shift: float, options: Options) -> tuple[Check, ...]:
    """Return the z-test and the integral of the mean being the location plus ``shift``."""
    scenario = _scenario(GIVEN[1])
    sampled = Check(
        name=f"mean/density/mean-of-u/{kind}",
        suite="mean",
        why="the average of u_1 given g_k = 0",
        inputs=((scenario, measurements.moments("u", _values)),),
        method=Mean(float(scenario.case.logits[0]) + shift, math.pi / math.sqrt(6), SCALE),
        tolerance=min(4 * options.tolerance, 0.2),
        judges=False,
    )
    computed = identity(
        f"quadrature/density/mean-of-u/{kind}",
        "the mean of the stated density, where it can be done by hand",
        partial(_mean, shift),
        bound=1e-10,
        method="quadrature",
        suite="quadrature",
    )
    return sampled, computed


def claims(options: Options) -> tuple[Claim, ...]:
    """Return density.u-given-g, density.mean-of-u and its correction."""
    integrals = identity(
        "quadrature/density/u-given-g",
        "the density integrates to the distribution function that the draws are held to, and to 1",
        _integrals,
        bound=1e-10,
        method="quadrature",
        suite="quadrature",
    )
    return (
        Claim(
            "density.u-given-g",
            where="after eq. (3)",
            says="With g_k known, u_i = x_i + g_i - (x_k + g_k) has density exp(-(z + exp(-z))), z = u_i - x_i + x_k + g_k.",
            checks=(*_sampled(options), integrals),
        ),
        Claim(
            "density.mean-of-u",
            where="after eq. (3), in words",
            says="With g_k known, x_i - (x_k + g_k) is the mean of u_i.",
            expect=Verdict.REFUTED,
            checks=_means("as-written", 0.0, options),
        ),
        Claim(
            "density.mean-of-u.corrected",
            where="after eq. (3), in words",
            says="With g_k known, x_i - (x_k + g_k) is the location of u_i; its mean is larger by 0.5772...",
            checks=_means("corrected", float(np.euler_gamma), options),
        ),
    )
