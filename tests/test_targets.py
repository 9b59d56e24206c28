"""A target is a name, module:attribute, file:attribute, or the thing itself; what is none is told in one sentence."""

import pickle
from pathlib import Path

import cloudpickle
import numpy as np
import pytest

from harness.engine.executors import open_engine
from harness.errors import UsageError
from harness.samplers.registry import get
from harness.samplers.targets import resolve

MISFITS = Path(__file__).parent / "misfits.py"


def plain(logits, size, *, rng):
    return np.zeros(size, int)


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("direct", "direct"),
        (get("direct"), "direct"),
        (plain, "plain"),
        ("harness.samplers.builtin.built_in:empty", "empty"),
        (f"{MISFITS}:right", "right"),
        (lambda logits, size, *, rng: None, "lambda"),
    ],
)
def test_every_way_to_name_a_sampler_leads_to_one(target, name):
    assert resolve(target).name == name


@pytest.mark.parametrize(
    ("function", "emits"),
    [
        (lambda logits, size, *, rng: 0, "index"),
        (lambda logits, size, *, rng, temperature: 0, "simplex"),
        (lambda logits, size, *, rng, observed=None: 0, "gumbel"),
    ],
)
def test_a_plain_function_emits_what_its_parameters_tell(function, emits):
    assert resolve(function).emits == emits


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("no-such", "no sampler is called 'no-such'"),
        ("no.such.module:draw", "cannot import 'no.such.module'"),
        ("harness.streams:nothing", "harness.streams has no attribute 'nothing'"),
        ("nowhere/file.py:draw", "there is no file nowhere/file.py"),
        (f"{MISFITS}:nothing", "has no attribute 'nothing'"),
        (f"{MISFITS}:not_a_sampler", "'not_a_sampler' is a int, not a sampler"),
        (f"{MISFITS}:", "names no sampler"),
        (7, "a target is a sampler, a function or a name, got 7"),
    ],
)
def test_what_is_no_target_is_told_in_one_sentence(target, words):
    with pytest.raises(UsageError) as error:
        resolve(target)
    assert words in str(error.value)


@pytest.mark.parametrize(("body", "words"), [("1 / 0", "raised ZeroDivisionError"), ("def", "raised SyntaxError")])
def test_a_file_that_does_not_import_says_what_it_raised(tmp_path, body, words):
    (tmp_path / "bad.py").write_text(body)
    with pytest.raises(UsageError, match=words):
        resolve(f"{tmp_path / 'bad.py'}:draw")


GONE = """
def helper(n):
    return [n] * n

def draw(logits, size, *, rng):
    import numpy
    return numpy.array(helper(size))
"""


def unpacked(payload):
    return pickle.loads(payload)(np.zeros(3), 4, rng=None).tolist()


def test_functions_of_a_file_travel_to_workers_by_value(tmp_path):
    """The worker cannot import the file: it is in no package, and gone."""
    path = tmp_path / "gone.py"
    path.write_text(GONE)
    sampler = resolve(f"{path}:draw")
    path.unlink()
    with open_engine("loky", 1) as executor:
        assert executor().submit(unpacked, cloudpickle.dumps(sampler)).result(timeout=60) == [4, 4, 4, 4]


def test_the_only_sampler_of_a_file_needs_no_name(tmp_path):
    only = tmp_path / "only.py"
    only.write_text("def mine(logits, size, *, rng):\n    return rng.integers(0, logits.size, size)\n")
    assert resolve(str(only)).name == "mine"
