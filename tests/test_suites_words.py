"""Scripted words come out of NumPy's generator as they were written."""

from __future__ import annotations

import numpy as np
import pytest

from suites.calling.scripted import ALL, BOTH, LENGTH, ONE, scripted, untempered


def test_tempering_is_undone():
    key = np.random.default_rng(0).integers(0, 2**32, LENGTH, dtype=np.uint32)
    twister = np.random.MT19937()
    twister.state = {"bit_generator": "MT19937", "state": {"key": untempered(key), "pos": 0}}
    np.testing.assert_array_equal(twister.random_raw(LENGTH), key)


def test_words_stand_in_their_places():
    rng = scripted({3: 0, 4: ALL}, np.random.default_rng(0))
    raw = rng.bit_generator.random_raw(LENGTH)
    assert raw[3] == 0 and raw[4] == ALL
    assert 2**30 <= raw[5] < 3 * 2**30


@pytest.mark.parametrize(
    ("label", "expected"), [("and the next are 0", 0.0), ("and the next have all bits set", 1 - 2.0**-53)]
)
def test_two_words_make_a_double_at_an_end(label, expected):
    assert scripted(dict(enumerate(BOTH[label])), np.random.default_rng(1)).random() == expected


@pytest.mark.parametrize(
    ("label", "expected"), [("is 0", 0.0), ("has all bits set", 1 - 2.0**-24), ("is the least of 24 bits", 2.0**-24)]
)
def test_one_word_makes_a_single_at_an_end_and_no_double(label, expected):
    words = dict(enumerate(ONE[label]))
    assert scripted(words, np.random.default_rng(1)).random(dtype=np.float32) == np.float32(expected)
    double = scripted(words, np.random.default_rng(1)).random()
    assert 2.0**-30 < double < 1 - 2.0**-30


def test_exponentials_of_zero_exist():
    assert scripted({0: 0}, np.random.default_rng(1)).standard_exponential(dtype=np.float32) == 0
