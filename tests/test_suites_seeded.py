"""Seeded rows: a right one is spared, whatever the batch; each control is refuted where it says."""

import numpy as np
import pytest

import harness
from harness.errors import UsageError
from suites.cases import CASES
from suites.controls import seeds
from tests.judging import findings, refuted, unverified

ASKING = [case for case in CASES if "rows" in case.asks and case.emits != ("simplex",)]


def right():
    name = "right-seeded"

    def function(logits, seed, position):
        return seeds.winners(logits, seeds.key(seed, position))

    from types import MappingProxyType

    from harness.samplers.registry import Form, Sampler
    from harness.samplers.seeded import Seeded
    from harness.samplers.terms import terms_of

    form = Form(Seeded(function), terms=terms_of(name, "index", function, seeded=True))
    return Sampler(name, "index", MappingProxyType({"index": form}), batch=True)


@pytest.mark.parametrize("seed", range(10))
def test_a_right_seeded_sampler_is_verified(seed):
    found = findings(right(), ASKING, suites=("seeded", "chi_square", "independence", "rows"), seed=seed, alpha=1e-4)
    assert not unverified(found)
    assert any(name.startswith("seeded/") for name in found)


@pytest.mark.parametrize("control", seeds.CONTROLS, ids=lambda one: one.sampler.name)
def test_each_control_is_refuted(control):
    found = findings(control.sampler, ASKING, suites=("seeded",))
    assert refuted(found)
    assert not any(one.evidence.broken for one in found.values())


def test_it_is_called_as_it_is_written_or_as_a_batch_sampler():
    sampler = right()
    logits = np.tile([0.0, 1.0, 2.0], (5, 1))
    tokens = sampler(logits, np.arange(5), np.arange(5))
    assert tokens.shape == (5,)
    assert sampler(logits, 7, rng=np.random.default_rng(0)).shape == (7, 5)


def test_a_sampler_that_is_not_seeded_is_not_asked():
    assert not [
        name
        for name in findings(harness.get("direct"), ASKING, suites=("support", "seeded"))
        if name.startswith("seeded")
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [({"emits": "index"}, "add batch=True"), ({"emits": "gumbel", "batch": True}, "emits index")],
)
def test_what_cannot_be_seeded_is_refused(arguments, words):
    with pytest.raises(UsageError, match=words):
        harness.sampler("not-seeded", seeded=True, **arguments)(lambda logits, seeds, positions: None)
