"""Requests with a seed each, which are put into batches of many kinds: their tokens may not change."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.errors import SamplerFault
from harness.questions.check import Evidence, Scenario

REQUESTS = 64
"""Requests, of other logits, seeds and positions each."""


@dataclass(frozen=True)
class Rows:
    """Requests: (B, K) logits, (B,) seeds, positions and values of each stage, and how often two tokens of each agree."""

    logits: Floats
    seeds: NDArray[np.int64]
    positions: NDArray[np.int64]
    agrees: Floats
    stages: Mapping[str, NDArray[Any]]

    def at(self, places: NDArray[np.intp]) -> Rows:
        """Return the requests at some places."""
        stages = {name: values[places] for name, values in self.stages.items()}
        return Rows(self.logits[places], self.seeds[places], self.positions[places], self.agrees[places], stages)

    @property
    def words(self) -> str:
        """The first request, for a sentence."""
        return f"seed {self.seeds[0]} at position {self.positions[0]}"


def tokens(
    scenario: Scenario,
    logits: Floats,
    seeds: NDArray[np.int64],
    positions: NDArray[np.int64],
    stages: Mapping[str, NDArray[Any]] | None = None,
) -> NDArray[np.int64]:
    """Return the (B,) tokens of requests, with all stages off unless given; raises SamplerFault for what is none."""
    function = scenario.sampler.form(scenario.emits).draw
    given = {name: values.copy() for name, values in stages.items()} if stages else scenario.parameters
    try:
        made = np.asarray(function(logits.copy(), seeds.copy(), positions.copy(), **given))
    except Exception as error:
        raise SamplerFault(f"raised {type(error).__name__}: {error}") from error
    if made.shape != seeds.shape or made.dtype.kind not in "iu":
        raise SamplerFault(f"returned {made.dtype} {made.shape}, integers {seeds.shape} are due")
    return made.astype(np.int64)


def batches(rng: np.random.Generator) -> Iterator[tuple[str, NDArray[np.intp]]]:
    """Yield batches as places of requests: alone, together, in another order, in parts, and twice."""
    every = np.arange(REQUESTS)
    yield from ((f"alone, request {one}", every[one : one + 1]) for one in range(REQUESTS))
    yield "in the same batch once more", every
    for _ in range(4):
        yield "in another order", rng.permutation(REQUESTS)
    for size in (2, 3, 7, 33):
        for _ in range(4):
            yield f"in a batch of {size}", rng.permutation(REQUESTS)[:size]
    yield "in a batch that holds every request twice", np.tile(every, 2)


def neighbours(logits: Floats, rng: np.random.Generator) -> Iterator[tuple[str, Floats, int]]:
    """Yield batches in which one request stands at its place among rows of one kind."""
    certain = np.where(np.arange(logits.shape[1]) == 0, 0.0, -np.inf)
    kinds = {"certain": certain, "flat": np.zeros(logits.shape[1]), "a thousand nats higher": logits[0] + 1e3}
    for kind, other in kinds.items():
        for rows in (2, 5, 16, 33):
            at = int(rng.integers(rows))
            batch = np.tile(other, (rows, 1))
            batch[at] = logits[at]
            yield f"among {rows - 1} rows that are {kind}", batch, at


class Compared:
    """What was compared: how many tokens, how many of them had changed, the first of these in words."""

    def __init__(self, scenario: Scenario, rows: Rows) -> None:
        self.scenario, self.rows = scenario, rows
        self.due = self._tokens(rows)
        self.tokens, self.changed, self.free, self.words = 0, 0, 0.0, ""

    def _tokens(self, rows: Rows) -> NDArray[np.int64]:
        return tokens(self.scenario, rows.logits, rows.seeds, rows.positions, rows.stages)

    def again(self, places: NDArray[np.intp], how: str) -> None:
        """Ask for some requests, as a batch of their own."""
        self.held(self._tokens(self.rows.at(places)), places, how)

    def held(self, made: NDArray[np.int64], places: NDArray[np.intp], how: str) -> None:
        """Hold tokens to those that are due at their places."""
        wrong = np.flatnonzero(made != self.due[places])
        self.tokens, self.changed = self.tokens + places.size, self.changed + wrong.size
        self.free += float(np.sum(1 - self.rows.agrees[places]))
        if wrong.size and not self.words:
            at, place = int(wrong[0]), places[wrong[0]]
            said = f"{self.rows.at(places[wrong[:1]]).words} gave {self.due[place]} in a batch of {REQUESTS}"
            self.words = f"{said} and {made[at]} {how}"

    def evidence(self, beta: float) -> Evidence:
        """Return what was found: a share s of tokens drawn again goes unseen with a probability of exp(-s free) at most."""
        return Evidence(
            statistic=float(self.changed),
            effect=self.changed / self.tokens,
            n=self.tokens,
            impossible=self.words,
            resolution=min(1.0, -math.log(beta) / max(self.free, 1e-12)),
        )
