"""Samplers are known by name and form; what is registered twice, or under no usable name, is a usage error."""

import pickle

import numpy as np
import pytest

import harness
from harness.errors import UsageError
from harness.samplers import registry
from harness.samplers.registry import get, registered, sampler
from harness.samplers.terms import NO_TERMS, Terms, terms_of


@pytest.fixture(autouse=True)
def empty(monkeypatch):
    """What a test registers is forgotten."""
    list(registered())
    monkeypatch.setattr(registry, "_REGISTRY", dict(registry._REGISTRY))


def draw(logits, size, *, rng):
    return rng.integers(len(logits), size=size)


def soft(logits, size, *, rng, temperature):
    return np.full((size, len(logits)), 1 / len(logits))


def test_what_is_registered_is_known_by_name_and_still_callable():
    made = sampler("mine", emits="index")(draw)
    assert get("mine") is made and made.emits == "index"
    assert made(np.zeros(3), 5, rng=np.random.default_rng(0)).shape == (5,)
    assert harness.draw(made, [0.0, 0.0], 4, rng=0).shape == (4,)


def test_built_in_samplers_come_first_and_have_the_forms_of_the_contract():
    names = [known.name for known in registered() if known.family == "built-in"]
    assert names == sorted(names) and {"direct", "gumbel-max", "relaxed", "top-down"} <= set(names)
    assert [known.name for known in registered()][: len(names)] == names
    assert {name: set(get(name).forms) for name in ("direct", "gumbel-max", "relaxed", "top-down")} == {
        "direct": {"index"},
        "gumbel-max": {"index", "gumbel"},
        "relaxed": {"simplex"},
        "top-down": {"gumbel"},
    }
    assert "observed" in get("top-down").form("gumbel").parameters


def test_a_second_form_joins_the_first():
    sampler("mine", emits="index")(draw)
    made = sampler("mine", emits="simplex")(soft)
    assert set(made.forms) == {"index", "simplex"} and made.emits == "index"
    assert made.form("simplex").parameters == {"temperature"}
    with pytest.raises(UsageError, match="does not emit 'gumbel'; it emits index, simplex"):
        made.form("gumbel")


def test_a_name_and_form_belong_to_one_function():
    sampler("mine", emits="index")(draw)
    with pytest.raises(UsageError, match="registered already; choose another name"):
        sampler("mine", emits="index")(soft)


def test_importing_a_module_again_registers_its_function_again():
    sampler("mine", emits="index")(draw)
    assert sampler("mine", emits="index")(draw).form("index").draw is draw


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a b",
        "a/b",
        "a:b",
        "a,b",
        "a*",
        "a?",
        "[a]",
        "a\n",
        7,
        "=1+1",
        "@SUM(1)",
        "a\u202eb",
        "a\0",
        "a" * 65,
        "\ud800",
        "-a",
        "_a",
    ],
)
def test_a_name_that_paths_and_patterns_could_misread_is_refused(name):
    with pytest.raises(UsageError, match="a sampler's name is a word"):
        sampler(name, emits="index")


@pytest.mark.parametrize(
    ("words", "hint"), [({"emits": "row"}, "emits must be one of"), ({"emits": "index", "dtype": "int32"}, "float")]
)
def test_a_form_or_type_that_does_not_exist_is_refused(words, hint):
    with pytest.raises(UsageError, match=hint):
        sampler("mine", **words)


def test_an_unknown_name_is_answered_with_the_nearest_ones():
    with pytest.raises(UsageError, match="no sampler is called 'gumble-max'; did you mean gumbel-max"):
        get("gumble-max")


def test_pickles_of_built_in_samplers_are_their_names_and_guests_travel_whole():
    assert pickle.loads(pickle.dumps(get("direct"))) is get("direct")
    made = sampler("mine", emits="index", dtype="float32", cost="draw")(np.zeros)
    again = pickle.loads(pickle.dumps(made))
    assert again == made and again is not made


def test_terms_that_nobody_states_are_those_of_an_ordered_unseeded_sampler():
    def mine(logits, size, *, rng, k):
        return np.zeros((size, k), int)

    assert terms_of("mine", "ranking", mine) == Terms(convention=None, ordered=True, rule="", seeded=False) == NO_TERMS
    assert Terms().ordered and not Terms().seeded
