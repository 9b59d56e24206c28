"""Streams come from names: the same names give the same numbers, other names give others, order plays no part."""

import itertools

import numpy as np
import pytest

from harness.streams import entropy, stream

NAMES = [
    ("mine/index/die#0.0",),
    ("mine/index/die#0.1",),
    ("mine/index/die#1.0",),
    ("spread", "a", 0),
    ("spread", "a", 1),
]


@pytest.mark.parametrize(
    ("seed", "names", "first"),
    [
        (0, (), 0x3C57D70551411E04),
        (0, ("mine/index/die#0.0",), 0x14FCF00EBC4F5BAB),
        (7, ("spread", "check", 1), 0xFE772F367417584D),
        (2**70, ("x",), 0x8C7D4F2C4148BAE8),
    ],
)
def test_known_answers(seed, names, first):
    assert int(stream(seed, *names).integers(2**64, dtype=np.uint64)) == first


def test_distinct_names_and_seeds_give_distinct_streams():
    heads = {tuple(stream(seed, *names).integers(2**63, size=4)) for seed in (0, 1, 2**40) for names in NAMES}
    assert len(heads) == 3 * len(NAMES)


def test_names_are_not_run_together():
    assert len({tuple(entropy(0, *names)) for names in (("ab", "c"), ("a", "bc"), ("abc",), ("", "abc"))}) == 4


def test_a_stream_does_not_depend_on_which_others_were_drawn():
    alone = {names: stream(3, *names).random(5).tolist() for names in NAMES}
    for order in itertools.islice(itertools.permutations(NAMES), 10):
        assert {names: stream(3, *names).random(5).tolist() for names in order} == alone


def test_neighbouring_streams_are_uncorrelated():
    n, pairs = 4096, 64
    draws = np.stack([stream(0, "scenario", i).standard_normal(n) for i in range(pairs + 1)])
    products = np.einsum("ij,ij->i", draws[1:], draws[:-1]) / n**0.5
    assert np.abs(products).max() < 6.5  # 64 standard normals: exceeded with probability below 64 x 8.1e-11
    assert draws.std() == pytest.approx(1, abs=0.01)
