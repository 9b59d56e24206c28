"""Engines' samplers, called as their users call them, have the law that they declare, and no other (nox -s field)."""

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest

from harness.errors import UsageError
from harness.laws import NAMED
from harness.samplers.registry import Form, get
from harness.samplers.terms import Terms
from suites.cases import case
from suites.cases.rows import RANKINGS, SPECULATIVE
from suites.cases.truncated import TRUNCATED
from tests.judging import findings, refuted, unverified

PLAIN = tuple(case(name) for name in ("die", "masked-but-one", "masked-first", "flat-100"))
WARPED = ("transformers-warpers", "transformers-generate", "mlx-lm-sampler", "llama-cpp-chain")
BATCHED = "vllm-sampler"
KNOWN = {"llama-cpp-chain": "masked-typical"}
"""Cases that an engine gets wrong (docs/field)."""
KERNELS = (
    "vllm-rejection",
    "vllm-rejection-block",
    "vllm-rejection-unknown",
    "vllm-rejection-v1",
    "vllm-rejection-v1-unknown",
)
STREAMS = ("transformers-assisted", "transformers-early-exit", "transformers-prompt-lookup")
INDICES = (
    *("tensorflow-categorical", "tensorflow-stateless", "tensorflow-batch", "mlx-categorical", "mlx-categorical-rows"),
    *("torch-multinomial-one", "torch-multinomial-rows", "torch-multinomial-batch"),
)
WITHOUT = (
    "numpy-choice-without",
    "torch-multinomial-without",
    "jax-categorical-without",
    "jax-choice-without",
)


def engine(name):
    try:
        return get(name)
    except UsageError as error:
        pytest.skip(str(error))


def under(sampler, convention):
    """The sampler as if it had declared another convention."""
    (form,) = sampler.forms.values()
    terms = replace(form.terms, convention=NAMED[convention])
    return replace(sampler, forms=MappingProxyType({"index": Form(form.draw, terms=terms)}))


def few(*starts):
    return [one for one in TRUNCATED if one.name.startswith(starts)]


@pytest.mark.parametrize("name", INDICES)
def test_indices(name):
    found = findings(engine(name), PLAIN, suites=("support", "chi_square", "independence"))
    assert not unverified(found)


@pytest.mark.parametrize("name", WARPED)
def test_the_declared_convention_is_verified_in_every_case(name):
    sampler = engine(name)
    quick = name in ("transformers-warpers", "llama-cpp-chain")
    cases = TRUNCATED if quick else few("top", "min-p", "hot", "greedy", "masked", "apart")
    found = findings(sampler, [one for one in cases if one.name != KNOWN.get(name)], tolerance=0.1)
    assert not unverified(found)
    assert any(check.startswith("thresholds/") for check in found)


@pytest.mark.parametrize("name", KNOWN)
def test_what_is_known_to_be_wrong_is_refuted(name):
    assert refuted(findings(engine(name), few(KNOWN[name])))


def test_requests_of_one_batch_have_their_own_parameters():
    sampler = engine(BATCHED)
    found = findings(sampler, TRUNCATED, suites=("support", "thresholds", "chi_square", "row_parameters"))
    assert not unverified(found)
    assert any(check.startswith("row_parameters/") for check in found)


@pytest.mark.parametrize("name", [*WARPED, BATCHED])
def test_the_conventions_of_others_are_refuted_and_the_right_one_is_named(name):
    sampler = engine(name)
    (own,) = (known for known, one in NAMED.items() if one == sampler.form("index").terms.convention)
    for other in NAMED:
        if other != own:
            found = findings(under(sampler, other), few("apart"))
            assert refuted(found), f"{name} was taken for {other}"
            assert any(own in one.evidence.notes.get("conventions that fit", "") for one in found.values())


@pytest.mark.dear
@pytest.mark.parametrize("name", STREAMS)
def test_streams_of_assisted_tokens_are_the_targets(name):
    """Whoever drafts: 400 tokens a case see a total variation of a quarter."""
    found = findings(engine(name), [case("die"), *few("k-then-p", "masked-hot")], tolerance=0.25)
    assert not unverified(found)


@pytest.mark.parametrize("name", WITHOUT)
def test_without_replacement(name):
    found = findings(engine(name), RANKINGS, tolerance=0.05)
    assert not unverified(found)


@pytest.mark.parametrize("name", ["jax-categorical-without", "jax-choice-without"])
def test_undocumented_orders_are_in_order_all_the_same(name):
    """Declared as sets; as rankings they would be verified, too."""
    sampler = engine(name)
    form = replace(sampler.form("ranking"), terms=Terms(ordered=True))
    ordered = replace(sampler, forms=MappingProxyType({"ranking": form}))
    assert not unverified(findings(ordered, RANKINGS[1:4], tolerance=0.05))


def test_the_speculative_step_of_transformers():
    found = findings(engine("transformers-speculative"), SPECULATIVE, tolerance=0.25)
    assert not unverified(found)


def test_drafts_that_are_the_argmax_of_the_table_that_is_returned_are_refuted():
    """What a generator does that drafts greedily and hands over its logits as if it had drawn."""
    sampler = engine("transformers-speculative")
    draw = sampler.form("speculative").draw

    def greedy(drafts, draft_logits, target_logits, *, rng):
        likeliest = np.broadcast_to(draft_logits.argmax(axis=1), drafts.shape)
        return draw(likeliest.copy(), draft_logits, target_logits, rng=rng)

    wrong = replace(
        sampler, forms=MappingProxyType({"speculative": Form(greedy, terms=Terms(rule="lossless"))}), name="greedy"
    )
    assert refuted(findings(wrong, SPECULATIVE[:1], tolerance=0.25))


@pytest.mark.dear
@pytest.mark.parametrize("name", KERNELS)
def test_the_speculative_step_of_vllm(name):
    """On a device; or interpreted, where a row takes about 30 ms."""
    found = findings(engine(name), SPECULATIVE[:2], tolerance=0.25)
    assert not unverified(found)


@pytest.mark.dear
def test_tokens_of_vllms_second_runner_are_functions_of_row_seed_and_position():
    found = findings(engine("vllm-gumbel"), [case("die")], suites=("support", "chi_square"), tolerance=0.1)
    assert not unverified(found)
