"""Each framework that is installed differentiates what the claims ask, as the dual numbers that stand in for it do."""

from __future__ import annotations

import numpy as np
import pytest

from suites.claims.trick import gradient as trick_gradient
from suites.evidence import dual as trick_dual

WAYS = {
    "torch": trick_dual.by_torch,
    "jax": trick_dual.by_jax,
    "dual numbers": trick_dual.by_dual_numbers,
}


@pytest.fixture(params=WAYS)
def way(request, monkeypatch):
    if request.param in ("torch", "jax"):
        pytest.importorskip(request.param)
    monkeypatch.setattr(trick_gradient, "differentiator", lambda: (request.param, WAYS[request.param]))
    return request.param


@pytest.mark.parametrize("check", [trick_gradient.autograd_gradient, trick_gradient.autograd_softmax])
def test_the_gradient_is_that_of_every_way(way, check):
    found = check(np.random.default_rng(3))
    assert not found.impossible and found.effect < trick_gradient.BOUND
    assert found.notes["differentiated by"] == way


def test_a_wrong_gradient_contradicts_every_way(way, monkeypatch):
    right = trick_gradient.line_vector
    monkeypatch.setattr(trick_gradient, "line_vector", lambda p: right(p) * (1 + 1e-9))
    assert trick_gradient.autograd_gradient(np.random.default_rng(3)).impossible


def test_what_is_installed_is_taken_before_what_stands_in():
    name, _ = trick_dual.differentiator()
    assert name.split()[0] in ("torch", "jax", "dual")
