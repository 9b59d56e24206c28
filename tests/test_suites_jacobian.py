"""Derivatives of draws: right ones are verified up to rounding, each control is refuted, and the mistake is named."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType

import numpy as np
import pytest

import harness
from harness.errors import UsageError
from harness.options import Options
from harness.samplers.frameworks import numpy as adapters
from harness.samplers.registry import Form, Sampler, get
from suites.cases import CASES
from suites.controls import derivatives
from suites.families import jacobian
from tests.judging import findings, refuted, unverified

ASKING = [case for case in CASES if "derivatives" in case.asks]
OFFERED = {
    "torch-gumbel-softmax": "torch",
    "torch-gumbel-softmax-float64": "torch",
    "torch-gumbel-softmax-hard": "torch",
    "torch-gumbel-softmax-hard-float64": "torch",
    "torch-relaxed": "torch",
    "torch-relaxed-float64": "torch",
    "jax-relaxed": "jax",
    "jax-relaxed-float64": "jax",
    "pyro-relaxed": "pyro",
}
NAMED = {
    "derivative_without_temperature": "the temperature is left out",
    "derivative_of_detached_sum": "the normalisation is left out",
    "hard_without_straight_through": "nothing flows back",
}


def offering(slopes, draw=derivatives.relaxed, emits="simplex", dtype="float64"):
    """Return a sampler of right draws with derivatives as given."""
    form = Form(draw, jacobian=partial(derivatives._jacobian, slopes))
    return Sampler("offering", emits, MappingProxyType({emits: form}), dtype=dtype)


def judged(sampler, **more):
    return findings(sampler, ASKING, suites=("jacobian",), **more)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "sampler",
    [get("numpy-relaxed"), offering(derivatives.right), offering(derivatives.right, derivatives.hard, "index")],
    ids=["complex step", "closed form", "straight-through"],
)
def test_right_derivatives_are_verified(sampler, seed):
    found = judged(sampler, seed=seed)
    assert not unverified(found)
    assert {name.split("/")[0] for name in found} == {"jacobian"}


@pytest.mark.parametrize("name", OFFERED)
def test_a_framework_differentiates_its_own_draws(name):
    pytest.importorskip(OFFERED[name], reason=f"{OFFERED[name]} is not installed: nobody differentiates here")
    found = judged(get(name))
    assert len(found) == (1 if "hard" in name else 4)
    assert not unverified(found)


@pytest.mark.parametrize("control", derivatives.CONTROLS, ids=lambda one: one.sampler.name)
def test_each_control_is_refuted(control):
    found = judged(control.sampler)
    at = f"jacobian/{control.sampler.name}/{control.sampler.emits}/{control.trigger}"
    assert at in refuted(found)
    assert NAMED.get(control.sampler.name, "is due at y") in found[at].reason
    assert not any(one.evidence.broken for one in found.values())


@pytest.mark.parametrize(("factor", "spared"), [(0.4, True), (3.0, False)])
def test_only_what_rounding_explains_is_spared(factor, spared):
    def off(logits, perturbed, tau, rng):
        allowed = jacobian.rounding("float64", logits, tau)
        return (
            derivatives.right(logits, perturbed, tau, rng)
            + factor
            * allowed
            * np.exp(perturbed / tau)[:, :, None]
            / np.exp(perturbed / tau).sum(axis=1)[:, None, None]
            / tau
        )

    assert (not refuted(judged(offering(off)))) is spared


@pytest.mark.parametrize("fault", [np.nan, np.inf])
def test_one_derivative_that_is_no_number_refutes(fault):
    def broken(logits, perturbed, tau, rng):
        made = derivatives.right(logits, perturbed, tau, rng)
        made[17, 0, 0] = fault
        return made

    assert len(refuted(judged(offering(broken)))) == 4


def test_rows_that_are_not_drawn_refute():
    def other(logits, size, *, rng, temperature):
        return derivatives.relaxed(logits, size, rng=np.random.default_rng(1), temperature=temperature)

    found = judged(offering(derivatives.right, other))
    assert all("the same rng gave" in one.reason for one in found.values())
    hard = judged(offering(derivatives.right, lambda logits, size, *, rng: np.zeros(size, np.intp), "index"))
    assert len(refuted(hard)) == 1


def test_what_is_no_jacobian_is_broken_and_not_refuted():
    made = Form(derivatives.relaxed, jacobian=lambda *given, **more: (np.zeros((3, 6)), 1))
    found = judged(Sampler("shapeless", "simplex", MappingProxyType({"simplex": made})))
    assert not refuted(found)
    assert all("of shape (3, 6)" in one.evidence.broken for one in found.values())


def test_half_precision_and_samplers_that_offer_nothing_are_not_asked():
    for dtype in ("float16", "bfloat16"):
        assert not [*jacobian.checks(offering(derivatives.right, dtype=dtype), "simplex", tuple(ASKING), Options())]
    assert not [*jacobian.checks(get("relaxed"), "simplex", tuple(ASKING), Options())]


def test_the_exact_jacobian_is_that_of_complex_steps():
    rng = np.random.default_rng(0)
    for tau in (0.1, 1.0, 7.0):
        rows, slopes = adapters.relaxed_slopes(np.array([0.3, -1.0, 2.0]), 50, temperature=tau, rng=rng)
        assert np.allclose(slopes, jacobian.exact(rows, tau), rtol=0, atol=1e-14 / tau)


def test_derivatives_of_what_has_none_are_refused():
    for emits, more in (("gumbel", {}), ("index", {"batch": True})):
        with pytest.raises(UsageError, match="jacobian= belongs to"):
            harness.sampler("slope", emits=emits, jacobian=print, **more)(lambda logits, size, *, rng: None)
