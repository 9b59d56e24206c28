"""Seeded rows: a right one is spared, whatever the batch; each control is refuted where it says."""

import numpy as np
import pytest

import harness
from harness.errors import UsageError
from suites.cases import CASES
from suites.cases.truncated import TRUNCATED
from suites.controls import seeded_parameters, seeds
from suites.controls.truncation import SEQUENTIAL
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


def with_parameters(picked):
    from types import MappingProxyType

    from harness.samplers.registry import Form, Sampler, called_by
    from harness.samplers.terms import terms_of

    function = seeded_parameters.drawing(picked)
    terms = terms_of("both", "index", function, SEQUENTIAL, seeded=True, per_row=True)
    return Sampler(
        "both", "index", MappingProxyType({"index": Form(called_by(function, terms), terms=terms)}), batch=True
    )


@pytest.mark.parametrize("seed", range(10))
def test_a_right_seeded_sampler_of_rows_with_parameters_is_verified(seed):
    sampler = with_parameters(seeded_parameters.own)
    found = findings(sampler, [*ASKING, *TRUNCATED], suites=("seeded",), seed=seed, alpha=1e-4)
    assert not unverified(found)
    assert "seeded/both/index/requests/any-batch" in found and len(found) == 1 + 2 * len(ASKING)


@pytest.mark.dear
def test_its_rows_have_the_laws_of_their_parameters():
    sampler = with_parameters(seeded_parameters.own)
    found = findings(sampler, [*ASKING, *TRUNCATED], suites=("support", "chi_square", "rows", "row_parameters"))
    assert not unverified(found)
    assert any(name.startswith("row_parameters") for name in found)


@pytest.mark.parametrize("control", seeded_parameters.CONTROLS, ids=lambda one: one.sampler.name)
def test_each_control_with_parameters_is_refuted_by_that_alone(control):
    """Its tokens are right where all rows of a batch have equal parameters."""
    found = findings(control.sampler, [*ASKING, *TRUNCATED], suites=("seeded",))
    assert refuted(found) == [f"seeded/{control.sampler.name}/index/requests/any-batch"]
    assert " gave " in found[refuted(found)[0]].reason
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


def test_parameters_of_seeded_rows_are_given_one_by_one_or_for_all():
    sampler = with_parameters(seeded_parameters.own)
    logits, off = np.tile([0.0, 1.0, 2.0], (5, 1)), {"temperature": None, "top_p": None, "min_p": None}
    assert (sampler(logits, np.arange(5), np.arange(5), top_k=1, **off) == 2).all()
    made = sampler(logits, 99, rng=np.random.default_rng(0), top_k=np.array([1, 3, 3, 3, 1]), **off)
    assert made.shape == (99, 5) and (made[:, [0, 4]] == 2).all() and (made[:, 1] != 2).any()


def test_seeded_rows_whose_parameters_are_not_theirs_are_refused():
    with pytest.raises(UsageError, match="with per_row=True also the parameters of its rows"):
        harness.sampler("no", emits="index", batch=True, seeded=True, convention="vllm")(
            seeded_parameters.drawing(seeded_parameters.own)
        )
