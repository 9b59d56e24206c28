"""Who calls is no part of the law: other seeds, fresh threads, eight threads at once and fresh processes.

Where a generator is in the same state, draws are equal; where it is not, they agree as often as chance has it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.questions.check import Evidence
from suites.calling import shown
from suites.calling.afford import too_long
from suites.calling.asked import Asked, agree, own
from suites.calling.bits import told
from suites.calling.caller import Caller
from suites.calling.elsewhere import One, at_once, in_process, in_thread
from suites.calling.equal import differs

MANY = 100_000
"""Draws of one seed that are drawn twice."""
PROBE, FEW = 256, 1024
"""Draws from which it is told what all would take, and those that a sampler makes for which that is too long."""
BASES = 2
STEPS = 64
"""Draws of a call, from which agreements are counted."""
NEAR = 256
"""Draws of the generator of each of two seeds and of every seed near it."""
NEXT = (1, 2, 3, *(1 << bit for bit in (2, 4, 8, 15, 16, 31, 32, 33, 48, 62)))
"""Differences of seeds: neighbours, and single bits, among them those beyond 16 and 32 bits."""
FRESH = 8
"""Threads that are started one after the other, and at once."""
ROUNDS = 10
PROCESSES = 2
TOLERANCE = {"same-seed": 1e-4, "other-seeds": 0.5, "fresh-threads": 0.5, "eight-threads": 0.09, "fresh-processes": 0.5}


def same_seed(draws: Asked, rng: np.random.Generator) -> Evidence:
    """Draw 100,000 times from one seed, and again after a call of another."""
    seed, sampler = _seed(rng), draws.scenario.sampler
    probe = One(draws.scenario, seed, PROBE)
    size = FEW if too_long(sampler, probe, 2 * MANY / PROBE) else MANY
    call = One(draws.scenario, seed, size)
    first = call()
    One(draws.scenario, seed + 1, STEPS)()
    second = call()
    words = ""
    if differs(first, second):
        size = next(size for size in _doubling(len(first)) if differs(first[:size], second[:size]))
        words = draws.at(f"the same seed gave other draws among the first {size} of {len(first)}")
    return Evidence(
        statistic=float(bool(words)), effect=float(bool(words)), n=len(first), resolution=1 / size, impossible=words
    )


def _doubling(size: int) -> Iterator[int]:
    at = 1
    while at < size:
        yield at
        at *= 2
    yield size


def other_seeds(draws: Asked, rng: np.random.Generator) -> Evidence:
    """Count agreements of calls whose seeds lie one, two, three, or a single bit apart."""
    spread, bases = own(rng), [_seed(rng) for _ in range(BASES)]
    made = [[One(draws.scenario, base ^ by if by > 3 else base + by, NEAR)() for by in (0, *NEXT)] for base in bases]
    names = [str(by) if by < 1024 else f"2^{by.bit_length() - 1}" for by in NEXT]
    asked = {f"seeds {by} apart": [(row[0], row[1 + i]) for row in made] for i, by in enumerate(names)}
    return _agreement(draws, asked, spread)


def fresh_threads(draws: Asked, rng: np.random.Generator) -> Evidence:
    """Call once in each of eight threads, started one after the other, and hold the calls to those of this thread."""
    spread, calls = own(rng), _calls(draws, rng, FRESH, 2 * STEPS if draws.unfair else STEPS)
    return _elsewhere(draws, calls, [in_thread(call) for call in calls], "a fresh thread", spread)


def fresh_processes(draws: Asked, rng: np.random.Generator) -> Evidence:
    """Call once in each of two processes that have never called, and hold the calls to those of this process."""
    spread, calls = own(rng), _calls(draws, rng, PROCESSES, 8 * STEPS)
    return _elsewhere(draws, calls, [in_process(call) for call in calls], "a fresh process", spread)


def eight_threads(draws: Asked, rng: np.random.Generator) -> Evidence:
    """Call from eight threads at once, each with its own generators and logits, and hold every call to the same one alone.

    How threads interleave is not in our hands: a share s of wrong calls goes unseen in m with probability (1 - s)^m.
    """
    caller, sizes = Caller(draws.scenario), (256, 1024, 33, 4096)
    plans = [
        [
            One(
                draws.scenario,
                _seed(rng),
                sizes[(thread + turn) % len(sizes)],
                np.roll(caller.logits, thread % 2, axis=-1),
            )
            for turn in range(ROUNDS)
        ]
        for thread in range(FRESH)
    ]
    alone = [[call() for call in calls] for calls in plans]
    together = at_once([partial(_all, calls) for calls in plans])
    wrong = [
        (thread, turn)
        for thread, (one, other) in enumerate(zip(alone, together, strict=True))
        for turn, (first, second) in enumerate(zip(one, other, strict=True))
        if differs(first, second)
    ]
    words = (
        draws.at(
            f"of {FRESH * ROUNDS} calls from {FRESH} threads at once {len(wrong)} gave other draws than alone, first call"
            f" {wrong[0][1] + 1} of thread {wrong[0][0] + 1}"
        )
        if wrong
        else ""
    )
    return Evidence(
        statistic=float(len(wrong)),
        effect=len(wrong) / (FRESH * ROUNDS),
        n=sum(len(one) for calls in alone for one in calls),
        resolution=-float(np.log(draws.beta)) / (FRESH * ROUNDS),
        impossible=words,
    )


def _all(calls: Sequence[One]) -> list[NDArray[Any]]:
    return [call() for call in calls]


def _calls(draws: Asked, rng: np.random.Generator, number: int, size: int = STEPS) -> list[One]:
    return [One(draws.scenario, _seed(rng), size) for _ in range(number)]


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**62))


def _elsewhere(
    draws: Asked, calls: list[One], made: list[NDArray[Any]], where: str, spread: np.random.Generator
) -> Evidence:
    """Hold calls made elsewhere to the same calls made here, and to one another by chance."""
    wrong = [number for number, (call, one) in enumerate(zip(calls, made, strict=True)) if differs(call(), one)]
    pairs = [*itertools.pairwise(made)][:: 2 if draws.unfair else 1]  # in a chain of unfair bits agreements depend
    evidence = _agreement(draws, {f"{where} and the next": pairs}, spread)
    if not wrong:
        return evidence
    said = f"the first call in {where} gave other draws than a later one of the same seed"
    words = draws.at(f"{said} ({len(wrong)} of {len(calls)} calls of {calls[0].size} draws)")
    return Evidence(n=evidence.n, statistic=float(len(wrong)), effect=len(wrong) / len(calls), impossible=words)


def _agreement(
    draws: Asked, asked: dict[str, list[tuple[NDArray[Any], NDArray[Any]]]], spread: np.random.Generator
) -> Evidence:
    """Count how often bits of two calls agree, each name a test of all its pairs: Binomial(n, 1/2), but for rounding.

    In a chain of calls the agreements of neighbours are independent, too: given the first, each determines the next.
    """
    names, impossible, counts = list(asked), "", []
    for couples in asked.values():
        agreed = pairs = 0
        for one, other in couples:
            both = told(draws.scenario, np.concatenate([one, other]))
            impossible = impossible or both.impossible
            bits = both.bits(spread)
            half = bits.shape[1] // 2
            agreed += int((bits[:, :half] == bits[:, half : 2 * half]).sum())
            pairs += half * len(bits)
        counts.append((agreed, pairs))
    size = len(next(iter(asked.values()))[0][0])
    k, n = np.array(counts).T
    p_values = draws.coins(k, n) * len(asked)
    worst = int(np.argmin(p_values))
    effect = float(abs(2 * k[worst] / n[worst] - 1))
    return Evidence(
        statistic=effect,
        p_value=float(min(1.0, p_values[worst])),
        effect=effect,
        n=2 * int(n.sum()),
        resolution=draws.exposed(int(n[-1]), len(asked)),
        impossible=impossible,
        notes={"where": names[worst]},
        seen=draws.at(f"{agree(f'draws of {names[worst]}', k[worst], n[worst])}, calls of {size} draws"),
        exhibit=shown.counted("Draws on the same side", names.__getitem__, k, n, 0.5 + draws.unfair, len(asked)),
    )
