"""The cases, one line each, with the reason why each earns its place."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from harness.arrays import Floats
from harness.questions.case import Case

DIE = (0.05, 0.05, 0.1, 0.13, 0.27, 0.4)
L8 = (2.0, 1.5, 1.0, 0.5, 0.0, -0.5, -1.0, -2.0)


def _log(weights: Sequence[float]) -> Floats:
    array = np.array(weights)
    logits: Floats = np.log(array / array.sum())
    return logits


def _plain(logits: Sequence[float], shift: float = 0.0) -> Floats:
    return np.array(logits) + shift


def _masked(live: Sequence[int], categories: int) -> Floats:
    logits = np.full(categories, -np.inf)
    logits[list(live)] = np.linspace(0.0, 1.0, len(live))
    return logits


def _zipf(categories: int) -> Floats:
    logits: Floats = -np.log(np.arange(1, categories + 1))
    return logits


def _head(tail: int, gap: float) -> Floats:
    return np.concatenate([[0.0], np.full(tail, -gap)])


def _foot(tail: int, gap: float) -> Floats:
    return _head(tail, gap)[::-1].copy()


def _block(head: int, rare: int, gap: float, backwards: bool) -> Floats:
    logits = np.concatenate([np.zeros(head), np.full(rare, -gap)])
    return logits[::-1].copy() if backwards else logits


def _ragged(categories: int) -> Floats:
    """Multiples of the golden ratio, modulo 1, over three nats: no order, no symmetry, no two alike."""
    logits: Floats = np.round(3 * (np.arange(1, categories + 1) * (np.sqrt(5) - 1) / 2 % 1) - 1, 3)
    return logits


def _deep(categories: int) -> Floats:
    logits = np.full(categories, -1e3)
    logits[:3] = (0.0, -100.0, 1.0)
    return logits


def _masked_at(live: Sequence[int], categories: int, shift: float) -> Floats:
    return _masked(live, categories) + shift


def _pairs(weights: Sequence[float]) -> Floats:
    w = np.array(weights) / sum(weights)
    table = w[:, None] * w / (1 - w[:, None])
    logits: Floats = np.log(table[~np.eye(w.size, dtype=bool)])
    return logits


def weights(*values: float) -> partial[Floats]:
    """Build log probabilities in proportion to the values."""
    return partial(_log, values)


def logits(*values: float, shift: float = 0.0) -> partial[Floats]:
    """Build logits as they stand, plus a common shift."""
    return partial(_plain, values, shift)


def masked(*live: int, of: int, shift: float = 0.0) -> partial[Floats]:
    """Build logits from 0 to 1 at the live categories, -inf elsewhere, plus a common shift."""
    return partial(_masked_at, live, of, shift)


def ragged(categories: int) -> partial[Floats]:
    """Build unequal logits in no order."""
    return partial(_ragged, categories)


def deep(categories: int) -> partial[Floats]:
    """Build logits at 0, -100, 1, and -1000 for all others."""
    return partial(_deep, categories)


def flat(categories: int) -> partial[Floats]:
    """Build equal logits."""
    return partial(np.zeros, categories)


def zipf(categories: int) -> partial[Floats]:
    """Build -log rank."""
    return partial(_zipf, categories)


def head(tail: int, gap: float) -> partial[Floats]:
    """Build one category at 0 over ``tail`` categories at -gap."""
    return partial(_head, tail, gap)


def foot(tail: int, gap: float) -> partial[Floats]:
    """Build ``tail`` categories at -gap before one at 0."""
    return partial(_foot, tail, gap)


def heads(live: int, tail: int, gap: float) -> partial[Floats]:
    """Build ``live`` categories at 0 before ``tail`` categories at -gap."""
    return partial(_block, live, tail, gap, False)


def block(head: int, rare: int, *, backwards: bool = False) -> partial[Floats]:
    """Build ``head`` categories at 0 and ``rare`` ones five nats below, after them or before."""
    return partial(_block, head, rare, 5.0, backwards)


def pairs(*weights: float) -> partial[Floats]:
    """Build the log probabilities of ordered pairs (a, b), a != b, drawn by weight without replacement."""
    return partial(_pairs, weights)


_BOTH = ("index", "gumbel")
_SOFT = ("simplex",)
_NOISE = ("gumbel",)

CASES: tuple[Case, ...] = (
    Case(
        "pair",
        "two categories: wrong signs of the noise cannot show, wrong odds must",
        weights(0.75, 0.25),
        _BOTH,
        asks=("homogeneity", "lags"),
    ),
    Case(
        "die",
        "the biased die of the trick document",
        weights(*DIE),
        _BOTH,
        asks=("homogeneity", "lags", "calls", "long calls", "other logits", "noise", "dependence"),
    ),
    Case(
        "l8",
        "eight logits three nats apart: generic, no symmetry",
        logits(*L8),
        _BOTH,
        asks=("homogeneity", "lags", "metamorphic", "rows", "endpoints", "derivatives"),
    ),
    Case(
        "ties",
        "equal logits between unequal ones: an order of the tied shows",
        logits(0.0, 0.0, 0.0, 1.0, 1.0, -1.0),
        asks=("homogeneity",),
    ),
    Case("near-ties", "logits closer than any tolerance in logits", logits(1.0, 0.9995, 0.0, 0.0005)),
    Case("near-flat", "logits a fifth of a nat apart, and no two alike", logits(0.0, 0.2, 0.05, 0.15, 0.1)),
    Case("ragged-3", "three unequal logits in no order: K is odd, and of no power", ragged(3), _BOTH),
    Case("ragged-5", "five unequal logits in no order: one after a vector of four", ragged(5), _BOTH),
    Case("ragged-7", "seven unequal logits in no order: three after a vector of four", ragged(7)),
    Case("ragged-15", "fifteen unequal logits in no order: one short of a power of two", ragged(15)),
    Case("ragged-33", "33 unequal logits in no order: one after a vector of 32", ragged(33)),
    Case(
        "deep", "the least logit 1001 nats below the likeliest, the mean 833: exp relative to them overflows", deep(13)
    ),
    Case("dominant", "one category takes 99.9 %: the others live in the tail", logits(9.0, 0.0, 0.5, 1.0), _BOTH),
    Case("round", "weights 10:10:1:1, on which an alias table ends a bin exactly", weights(10, 10, 1, 1)),
    Case("single", "one category: nothing may vary", logits(0.3), _BOTH),
    Case(
        "masked-first",
        "probability zero first: a uniform of exactly 0 lands there",
        masked(1, 2, 3, of=4),
        _BOTH,
        asks=("endpoints",),
    ),
    Case(
        "masked-last",
        "probability zero last: a uniform that rounds to 1 lands there",
        masked(0, 1, 2, of=4),
        _BOTH,
        asks=("endpoints",),
    ),
    Case("masked-but-one", "all but one impossible: any leak shows", masked(3, of=7)),
    Case(
        "masked-interleaved", "every second category impossible", masked(0, 2, 4, 6, of=8), _BOTH, asks=("endpoints",)
    ),
    Case(
        "masked-deep",
        "impossible categories among logits near -1e5: a mask of -100 or -1e4 would let them win",
        masked(0, 2, 4, 6, of=8, shift=-1e5),
        _BOTH,
    ),
    Case("masked-many", "999 of 1000 impossible: leaks per category add up", masked(500, of=1000), tolerance=0.05),
    Case("shift-1e3", "a common shift changes nothing, and exp overflows", logits(*L8, shift=1e3)),
    Case("shift-minus-1e3", "a common shift changes nothing, and exp underflows", logits(*L8, shift=-1e3)),
    Case("shift-minus-95", "a common shift after which float32 exponentials are denormal", logits(*L8, shift=-95.0)),
    Case(
        "shift-1e6",
        "a common shift where the sum of logits and float32 noise keeps no digits",
        logits(*L8, shift=1e6),
        _BOTH,
    ),
    Case("reversed", "the eight logits backwards: an order of the categories must not show", logits(*L8[::-1])),
    Case("rare-last", "a rare block last, where sums that fall short put what is missing", block(8, 56), pooled=0.02),
    Case("rare-first", "a rare block first", block(8, 56, backwards=True), pooled=0.02),
    Case(
        "pairs", "ordered pairs of four items without replacement: Plackett and Luce's law", pairs(0.4, 0.3, 0.2, 0.1)
    ),
    Case(
        "abyss",
        "six categories 40 nats below two: who draws one has noise with a spike",
        heads(2, 6, 40),
        _BOTH,
        asks=("far",),
    ),
    Case("flat-100", "equal logits, not a power of two: modulo and tie biases", flat(100), asks=("lags", "calls")),
    Case("flat-512", "equal logits beyond 8 bits of index", flat(512), tolerance=0.03, pooled=0.02),
    Case(
        "flat-1638",
        "equal logits, not a power of two, beyond 8 bits",
        flat(1638),
        tolerance=0.05,
        pooled=0.02,
        runs="fine",
    ),
    Case("flat-2041", "equal logits whose halved precision falls short", flat(2041), tolerance=0.05, pooled=0.02),
    Case(
        "ragged-6007",
        "unequal logits that end in the midst of a block of 1024, 2048 or 4096: a block left out shows",
        ragged(6007),
        tolerance=0.2,
        pooled=0.1,
        runs="fine",
    ),
    Case(
        "flat-50257",
        "equal logits of a vocabulary: what is missing of 1 goes to the last",
        flat(50_257),
        tolerance=0.2,
        pooled=0.05,
        profile="full",
    ),
    Case("zipf-1000", "three decades of probability", zipf(1000), tolerance=0.03, pooled=0.02, asks=("homogeneity",)),
    Case("zipf-128256", "the vocabulary of a language model", zipf(128_256), tolerance=0.2, pooled=0.1, profile="full"),
    Case(
        "tail-12",
        "a tail of 1e5 at 12 nats: 38 % of the mass in rare categories, beyond 16 bits of index",
        head(100_000, 12),
        tolerance=0.1,
        pooled=0.1,
        runs="fine",
    ),
    Case(
        "tail-15.5",
        "a tail of 1e5 at 15.5 nats, the head after it: noise clipped at 1e-6 ends, and 16 bits of index wrap",
        foot(100_000, 15.5),
        tolerance=0.2,
        pooled=0.05,
        runs="coarse",
        asks=("tail",),
    ),
    Case(
        "tail-17.5",
        "a tail of 1e5 at 17.5 nats: 1 draw in 400, where noise of 23 bits ends",
        head(100_000, 17.5),
        tolerance=0.2,
        pooled=0.01,
        runs="fine",
        asks=("tail",),
    ),
    Case(
        "tail-19",
        "a tail of 1e5 at 19 nats: 1 draw in 1800, where noise of 24 bits ends",
        head(100_000, 19),
        tolerance=0.2,
        pooled=0.01,
        profile="full",
        runs="fine",
        asks=("tail",),
    ),
    Case(
        "flat-256",
        "noise alone, a quarter of a billion values",
        flat(256),
        _NOISE,
        tolerance=0.05,
        pooled=0.05,
        profile="full",
        asks=("extremes",),
    ),
    Case(
        "pair@1",
        "two relaxed categories, the logistic case",
        weights(0.75, 0.25),
        _SOFT,
        temperature=1.0,
        asks=("noise",),
    ),
    Case("three@0.3", "a peaked relaxation that a triangle shows", weights(0.2, 0.3, 0.5), _SOFT, temperature=0.3),
    Case(
        "three@1",
        "the relaxation that a triangle shows",
        weights(0.2, 0.3, 0.5),
        _SOFT,
        temperature=1.0,
        asks=("lags", "endpoints"),
    ),
    Case("three@3", "a flat relaxation that a triangle shows", weights(0.2, 0.3, 0.5), _SOFT, temperature=3.0),
    Case("three@0.7", "a temperature that is no multiple of a half", weights(0.2, 0.3, 0.5), _SOFT, temperature=0.7),
    Case(
        "pair@0.05",
        "the lowest temperature at which every digit of a draw can be read",
        weights(0.75, 0.25),
        _SOFT,
        temperature=0.05,
    ),
    Case(
        "l8@0.01",
        "a temperature at which most coordinates underflow, and exp without a reference overflows",
        logits(*L8),
        _SOFT,
        temperature=0.01,
    ),
    Case("l8@1.5", "a temperature above 1 that is no integer", logits(*L8), _SOFT, temperature=1.5),
    Case(
        "dominant@1",
        "logits 25 nats apart, as far as float32 can follow",
        logits(25.0, 0.0, 0.5, 1.0),
        _SOFT,
        temperature=1.0,
    ),
    Case("masked-but-one@1", "all but one impossible: always exactly 1", masked(3, of=7), _SOFT, temperature=1.0),
    Case(
        "shift-minus-1e3@1",
        "relaxation at a common shift where exp underflows",
        logits(*L8, shift=-1e3),
        _SOFT,
        temperature=1.0,
    ),
    Case(
        "die@0.5",
        "the die at the last temperature of the schedule",
        weights(*DIE),
        _SOFT,
        temperature=0.5,
        asks=("lags", "derivatives"),
    ),
    Case(
        "die@2",
        "the die at the first temperature of the schedule",
        weights(*DIE),
        _SOFT,
        temperature=2.0,
        asks=(
            "lags",
            "calls",
            "long calls",
            "other logits",
            "noise",
            "metamorphic",
            "rows",
            "dependence",
            "derivatives",
        ),
    ),
    Case(
        "masked@1",
        "relaxation with impossible categories",
        masked(0, 2, 3, of=5),
        _SOFT,
        temperature=1.0,
        asks=("endpoints", "derivatives"),
    ),
    Case(
        "shift-1e3@1",
        "relaxation at a common shift where exp overflows",
        logits(*L8, shift=1e3),
        _SOFT,
        temperature=1.0,
    ),
    Case("l8@0.1", "nearly the argmax", logits(*L8), _SOFT, temperature=0.1, asks=("endpoints", "derivatives")),
    Case("l8@10", "nearly flat", logits(*L8), _SOFT, temperature=10.0),
    Case(
        "zipf-100@1",
        "99 Rosenblatt coordinates",
        zipf(100),
        _SOFT,
        temperature=1.0,
        tolerance=0.02,
        asks=("metamorphic",),
    ),
    Case("single@1", "one category: always exactly 1", logits(0.3), _SOFT, temperature=1.0),
    Case("pair|0", "the posterior of the document's square, likely category", weights(0.75, 0.25), _NOISE, observed=0),
    Case(
        "pair|1",
        "the posterior of the document's square, unlikely category",
        weights(0.75, 0.25),
        _NOISE,
        observed=1,
        asks=("noise",),
    ),
    Case("die|0", "posterior given an unlikely face", weights(*DIE), _NOISE, observed=0),
    Case(
        "die|5",
        "posterior given the likeliest face",
        weights(*DIE),
        _NOISE,
        observed=5,
        asks=("lags", "other logits", "noise", "metamorphic", "endpoints", "dependence"),
    ),
    Case("rare|1", "posterior given a category of probability 1e-6", weights(1 - 1e-6, 1e-6), _NOISE, observed=1),
    Case("sure|0", "posterior given a category of probability 1 - 1e-6", weights(1 - 1e-6, 1e-6), _NOISE, observed=0),
    Case(
        "shift|3",
        "posterior at logits near -100, where e^100 overflows float32",
        logits(*L8, shift=-100.0),
        _NOISE,
        observed=3,
    ),
    Case("shift-1e3|3", "posterior at a common shift where exp overflows", logits(*L8, shift=1e3), _NOISE, observed=3),
    Case(
        "shift-minus-1e3|5",
        "posterior at a common shift where exp underflows",
        logits(*L8, shift=-1e3),
        _NOISE,
        observed=5,
    ),
    Case(
        "masked-but-one|3",
        "posterior of the only possible category: its maximum still varies",
        masked(3, of=7),
        _NOISE,
        observed=3,
    ),
    Case(
        "masked|2",
        "posterior with impossible categories",
        masked(0, 2, 3, of=5),
        _NOISE,
        observed=2,
        asks=("endpoints",),
    ),
    Case("zipf-100|7", "100 coordinates given the winner", zipf(100), _NOISE, observed=7, tolerance=0.02),
)


def case(name: str) -> Case:
    """Return the case called ``name``, of these or of those of truncated draws and of rows; raises KeyError."""
    from suites.catalogue import ALL

    return {known.name: known for known in ALL}[name]
