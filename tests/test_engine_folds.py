"""Whatever order shards come in, their statistics are merged in the order of their numbers, and none is held needlessly."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from harness.engine.folds import Fold, merged
from harness.statistics import Counts, Support


class Word:
    """A statistic that tells in which order it was merged."""

    def __init__(self, word):
        self.word = word

    def merge(self, other):
        return Word(self.word + other.word)


@given(st.permutations(range(7)))
def test_shards_are_merged_in_their_order_and_then_held_no_more(order):
    fold = Fold()
    for number in order:
        fold.take(number, {"word": Word(str(number))})
        assert fold.upto == next(i for i in range(8) if i == 7 or i not in order[: order.index(number) + 1])
    assert fold.total["word"].word == fold.so_far()["word"].word == "0123456" and not fold.early


def test_a_shard_that_broke_holds_nobody_up_and_a_missing_one_hides_nothing():
    fold = Fold()
    for number, word in ((0, "a"), (3, "d"), (2, "c")):
        fold.take(number, {"word": Word(word)})
    assert fold.upto == 1 and fold.so_far()["word"].word == "acd"
    fold.take(1, {})
    assert fold.upto == 4 and fold.so_far()["word"].word == "acd"


def test_what_only_one_has_is_kept():
    one, other = {"support": Support(3)}, {"support": Support(4), "counts": Counts(4, np.array([1, 3]))}
    both = merged(one, other)
    assert both["support"].n == 7 and both["counts"] is other["counts"]
