"""A subject is one way to draw one output; what it does once for given logits is set-up and not part of its time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.samplers.registry import ROWS, Sampler

TEMPERATURE = 1.0
OTHER_TEMPERATURES = (0.5, 0.7)
"""At 1 over a whole number, our relaxation needs no exponential: built-in samplers are timed where they need one too."""
VALUES = 2**20
"""Noise values of a call, which bounds the memory of those who keep them all at once."""
DRAWS = 2**16
"""Draws of a call at most; where a draw costs no more for more categories, four times as many, to last as long."""
TABLE_DRAWS = 10**6
AGAIN = " (again)"
ITEMS = 8
"""Items of a ranking; fewer if there are fewer."""
TRUNCATION = ("temperature", "top_k", "top_p")
"""A sampler that has these stages is timed once with all of them on."""
DRAFTS = 3
ROW_DRAWS = 2**12
"""Rankings and steps of a call: many libraries make one a call of theirs."""

Call = Callable[[], Any]


@dataclass(frozen=True)
class Subject:
    """``prepare(logits, size)`` returns a call that makes ``size`` draws; ``per`` is what a draw's time grows with.

    A subject of kind "idiom" is what others are held against, one of kind "limit" the physical limit.
    """

    name: str
    library: str
    output: str
    prepare: Callable[[Floats, int], Call]
    dtype: str = "float64"
    per: str = "categories"
    kind: str = ""
    draws: int | None = None

    def size(self, categories: int) -> int:
        """Return the number of draws of one call."""
        if self.draws is not None:
            return self.draws
        return 4 * DRAWS if self.per == "draw" else max(8, min(DRAWS, VALUES // categories))


def generator() -> np.random.Generator:
    """Return the generator that everybody who takes one is given: SFC64."""
    return np.random.Generator(np.random.SFC64(20))


def of_samplers(samplers: Iterable[Sampler]) -> list[Subject]:
    """Return the subjects of samplers, one a form, and one more of truncated draws; no batches, no halves."""
    fit = [sampler for sampler in samplers if not sampler.batch and sampler.dtype in ("float32", "float64")]
    made = [_of_form(sampler, emits) for sampler in fit for emits in sampler.forms if emits not in ROWS]
    rows = [_of_rows(sampler, emits) for sampler in fit for emits in sampler.forms if emits in ROWS]
    cut = [_of_truncated(sampler) for sampler in fit if "index" in sampler.forms and _cuts(sampler)]
    powers = [
        replace(_of_form(sampler, emits, temperature), name=f"{sampler.name}, temperature {temperature:g}")
        for sampler in fit
        for emits in sampler.forms
        if emits == "simplex" and sampler.trusted
        for temperature in OTHER_TEMPERATURES
    ]
    tables = [
        replace(subject, name=f"{subject.name}, table included", prepare=_with_set_up(subject), draws=TABLE_DRAWS)
        for subject in made
        if subject.per == "draw" and subject.library == "gumbel-harness"
    ]
    return made + powers + tables + rows + cut


def with_controls(subjects: Sequence[Subject]) -> list[Subject]:
    """Add the A/A control: the first subject of every output once more, under another name."""
    first = {
        subject.output: subject for subject in reversed(subjects) if not subject.kind and subject.draws != TABLE_DRAWS
    }
    return [*subjects, *(replace(subject, name=subject.name + AGAIN) for subject in first.values())]


def _of_form(sampler: Sampler, emits: str, temperature: float = TEMPERATURE) -> Subject:
    library = "gumbel-harness" if sampler.trusted else sampler.family
    prepare = partial(_prepare, sampler, emits, temperature)
    return Subject(sampler.name, library, emits, prepare, sampler.dtype, sampler.cost)


def _prepare(sampler: Sampler, emits: str, temperature: float, logits: Floats, size: int) -> Call:
    form, rng = sampler.form(emits), generator()
    parameters = {"temperature": temperature} if emits == "simplex" else dict.fromkeys(form.stages)
    if form.prepare is None:
        return lambda: np.asarray(form.draw(logits, size, rng=rng, **parameters))
    fill = form.prepare(logits, **parameters)
    out = np.empty(size, np.intp) if emits == "index" else np.empty((size, logits.size))
    return lambda: fill(out, rng)


def _cuts(sampler: Sampler) -> bool:
    return set(TRUNCATION) <= set(sampler.form("index").stages)


def settings(categories: int) -> dict[str, float]:
    """Return what is asked of truncated draws: half of the categories, and of these the likeliest nine tenths."""
    return {"temperature": 0.8, "top_k": max(1, categories // 2), "top_p": 0.9}


def tables(logits: Floats) -> tuple[Floats, Floats]:
    """Return logits of drafts (g, K) and of targets (g + 1, K) for a speculative step: drafts are flatter."""
    targets = np.tile(logits, (DRAFTS + 1, 1))
    return targets[:-1] / 2, targets


def _of_rows(sampler: Sampler, emits: str) -> Subject:
    library = "gumbel-harness" if sampler.trusted else sampler.family
    prepare = partial(_ranking if emits == "ranking" else _speculative, sampler.form(emits).draw)
    return Subject(sampler.name, library, emits, prepare, sampler.dtype, draws=ROW_DRAWS)


def _of_truncated(sampler: Sampler) -> Subject:
    library = "gumbel-harness" if sampler.trusted else sampler.family
    form = sampler.form("index")
    prepare = partial(_truncated, form.draw, form.stages)
    return Subject(f"{sampler.name}, truncated", library, "truncated", prepare, sampler.dtype)


def _ranking(draw: Callable[..., Any], logits: Floats, size: int) -> Call:
    rng, k = generator(), min(ITEMS, logits.size)
    return lambda: np.asarray(draw(logits, size, rng=rng, k=k))


def _truncated(draw: Callable[..., Any], stages: Sequence[str], logits: Floats, size: int) -> Call:
    rng, given = generator(), {**dict.fromkeys(stages), **settings(logits.size)}
    return lambda: np.asarray(draw(logits, size, rng=rng, **given))


def _speculative(draw: Callable[..., Any], logits: Floats, size: int) -> Call:
    rng, (drafts, targets) = generator(), tables(logits)
    x = np.argmax(drafts + rng.gumbel(size=(size, *drafts.shape)), axis=2)
    return lambda: np.asarray(draw(x, drafts, targets, rng=rng))


def _with_set_up(subject: Subject) -> Callable[[Floats, int], Call]:
    def prepare(logits: Floats, size: int) -> Call:
        return lambda: subject.prepare(logits, size)()

    return prepare
