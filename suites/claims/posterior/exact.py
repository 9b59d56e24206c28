"""The posterior is drawn without a chain: K uniforms a draw, none rejected, and no draw knows of another.

[1] The posterior document, the paragraph before the chain of equivalences.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.draws.chunk import Chunk
from harness.laws import Posterior
from harness.methods import ChiSquare
from harness.options import Options
from harness.questions.check import Check, Claim, Evidence, Measurement, Scenario
from harness.samplers.registry import get
from harness.statistics import Counts
from suites.cases import case
from suites.claims.posterior.prior import free
from suites.evidence.identities import deviation, identity

ORDER = 90
LAGS = (1, 2)
CELLS = 4
NAMES = ("pair|1", "die|0")


class Counting:
    """A source of uniforms that counts them: those that fill a block, and further bits that are asked for by number.

    Values are kept within (2^-19, 1 - 2^-19) if ``middle``: the samplers ask for further bits of a value only beyond.
    """

    def __init__(self, rng: np.random.Generator, *, middle: bool = True) -> None:
        self.rng, self.middle, self.filled, self.further = rng, middle, 0, 0

    def random(self, size: Any = None, out: Any = None) -> Any:
        """Return ``size`` uniforms or fill ``out``; anything else that a sampler asks for is an error, and uncounted."""
        if out is None:
            self.further += int(np.prod(size)) if size is not None else 1
            return self.rng.random(size)
        self.filled += out.size
        self.rng.random(out=out)
        if self.middle:
            out *= 1 - 2.0**-18
            out += 2.0**-19
        return out

    def integers(self, low: int, high: int, *, size: int, dtype: Any, endpoint: bool) -> Any:
        """Return ``size`` words of 64 bits, which are two variates each: a category is chosen by half a word."""
        self.filled += 2 * size
        return self.rng.integers(low, high, size=size, dtype=dtype, endpoint=endpoint)


def consumed(name: str, logits: Floats, n: int, source: Counting, **given: Any) -> Floats:
    """Return (n, K) perturbed logits of a built-in sampler, made from a counting source."""
    prepare: Any = get(name).form("gumbel").prepare
    out = np.empty((n, logits.size))
    prepare(logits, **given)(out, source)
    return out


def _per_draw(rng: np.random.Generator) -> Evidence:
    """Count the uniforms of posterior draws for many K, n and k; with free values, further bits are counted too."""
    found, expected = [], []
    for categories in (1, 2, 3, 6, 20, 100, 1000):
        logits = rng.normal(scale=2, size=categories)
        for n in (1, 7, 1000):
            for k in {0, categories - 1}:
                source = Counting(rng)
                consumed("top-down", logits, n, source, observed=k)
                found.append((source.filled + source.further) / n)
                expected.append(float(categories))
    free_source, n = Counting(rng, middle=False), 2**19
    consumed("top-down", np.log([0.05, 0.95]), n, free_source, observed=0)
    beyond = free_source.filled + free_source.further - 2 * n
    notes: dict[str, float | str] = {
        "further bits asked for in 2^20 uniforms": float(beyond),
        "expected, two tails of 2^-20": 2.0,
        "uniforms per draw by rejection at K = 2, alpha_k = 0.05": 2 / 0.05,
    }
    return deviation(found, expected, bound=0.0, what="uniforms consumed per draw", notes=notes)


def first_two_at(lag: int) -> Measurement:
    """Count draws at a lag, each in one pair, by the halves that u_k and the first other lie in: (4, 4)."""
    return Measurement(f"posterior-lag-{lag}", partial(_lagged, lag))


def _lagged(lag: int, chunk: Chunk) -> Counts:
    assert isinstance(chunk.law, Posterior)
    group = (2 * (chunk.uniforms[:, 0] >= 0.5) + (chunk.uniforms[:, 1] >= 0.5)).astype(np.intp)
    whole = group.size // (2 * lag) * (2 * lag)
    blocks = group[:whole].reshape(-1, 2, lag)
    return Counts.of((blocks[:, 0] * CELLS + blocks[:, 1]).ravel(), (CELLS, CELLS), n=group.size)


def _successive(options: Options) -> Iterable[Check]:
    for name in NAMES:
        for lag in LAGS:
            yield Check(
                name=f"independence/posterior/exact-no-mcmc/{name}/lag-{lag}",
                suite="independence",
                why="a chain's draws depend on those before; these must not",
                inputs=((Scenario(get("top-down"), "gumbel", case(name)), first_two_at(lag)),),
                method=ChiSquare(
                    np.full((CELLS, CELLS), CELLS**-2.0),
                    draws_per_unit=2,
                    name=f"lag-{lag} table",
                    exhibit="table",
                    axes=("quarter of the square, earlier draw", f"quarter of the square, {lag} later"),
                ),
                tolerance=2 * options.tolerance,
                judges=False,
            )


def claims(options: Options) -> tuple[Claim, ...]:
    """Return posterior.exact-no-mcmc."""
    per_draw = identity(
        "counting/posterior/exact-no-mcmc",
        "K uniforms a draw, none rejected",
        _per_draw,
        bound=0.0,
        method="counting",
        unit="relative, in variates",
    )
    claim = Claim(
        "posterior.exact-no-mcmc",
        where="before the chain",
        says="The posterior can be sampled exactly, without a Markov chain.",
        evidence=("*/top-down/gumbel/*|*", *free("independence", "/lag-*")),
        checks=(*_successive(options), per_draw),
    )
    return (claim,)
