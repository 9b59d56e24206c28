"""Masks and greedy draws need no resolution of probabilities: every type is asked for them, and a leak refutes in each."""

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest

from harness.questions.precision import rounded
from harness.samplers.registry import DTYPES, Form, Sampler
from suites.cases import case
from suites.cases.truncated import TRUNCATED
from tests.judging import findings, refuted, unverified
from tests.right_truncated import declared, drawn, gumbel, softmax

VOCABULARY = (case("masked-vocabulary"), case("masked-vocabulary-1"))


def in_type(function, dtype, name="half"):
    return Sampler(name, "index", MappingProxyType({"index": Form(function)}), "guest", dtype)


def masks_asked(dtype):
    """Cases whose support a sampler of the type is asked, and those whose frequencies it is asked."""

    def right(logits, size, *, rng):
        return drawn(softmax(rounded(logits, dtype)), size, rng)

    names = ("masked-deep", "masked-many", "shift-1e3", "shift-1e6", "masked-vocabulary")
    found = findings(in_type(right, dtype), [case(name) for name in names], tolerance=0.1)
    assert not unverified(found)
    return tuple(
        {name.split("/")[3] for name in found if name.startswith(f"{suite}/")} for suite in ("support", "chi_square")
    )


def test_what_a_type_cannot_resolve_it_is_asked_for_masks_alone():
    support, counts = masks_asked("bfloat16")
    assert support == {"masked-deep", "masked-many", "shift-1e3", "shift-1e6", "masked-vocabulary"}
    assert counts == {"masked-many", "masked-vocabulary"}
    support, counts = masks_asked("float16")
    assert support == {"masked-many", "shift-1e3", "masked-vocabulary"}  # 1e5 and 1e6 are no numbers of float16
    assert counts == {"masked-many", "masked-vocabulary"}


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_finite_mask_leaks_from_a_vocabulary_in_every_type(dtype):
    """-10 is enough for a thousand categories and not for 1.5e5; one draw of these refutes."""

    def finite(logits, size, *, rng):
        return drawn(softmax(rounded(np.where(np.isfinite(logits), logits, -10.0), dtype)), size, rng)

    def right(logits, size, *, rng):
        return drawn(softmax(rounded(logits, dtype)), size, rng)

    found = findings(in_type(finite, dtype), VOCABULARY, tolerance=0.1)
    assert {"support/half/index/masked-vocabulary", "support/half/index/masked-vocabulary-1"} & set(refuted(found))
    assert not unverified(findings(in_type(right, dtype), VOCABULARY, tolerance=0.1))


@pytest.mark.parametrize("dtype", DTYPES)
def test_greedy_is_asked_of_every_type(dtype):
    def tempered(logits, size, *, rng, temperature):
        if temperature == 0:
            return np.full(size, np.argmax(rounded(logits, dtype)))
        return gumbel(rounded(logits, dtype) / (temperature or 1.0), size, rng)

    def never_greedy(logits, size, *, rng, temperature):
        return gumbel(rounded(logits, dtype) / (temperature or 1.0), size, rng)

    greedy = [case for case in TRUNCATED if case.name == "greedy"]
    for function, wrong in ((tempered, False), (never_greedy, True)):
        found = findings(replace(declared(function, None), dtype=dtype), greedy, tolerance=0.1)
        assert "support/engine/index/greedy" in found
        assert bool(refuted(found)) is wrong
