"""What must not matter does not, as the memory of the logits or what was drawn before; what must, does: the seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.errors import Expired, SamplerFault
from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import REMARK, Check, Evidence, Scenario
from harness.samplers.registry import Sampler
from suites.calling.caller import Caller
from suites.calling.equal import CLOSE, differs

ORDER = 30
ASKED = "metamorphic"
SIZE = 256


def checks(sampler: Sampler, emits: str, cases: tuple[Case, ...], options: Options) -> Iterable[Check]:
    """Yield the relations of one case of each kind; none of them involves chance beyond 2^-100."""
    for case in cases:
        if ASKED not in case.asks:
            continue
        scenario = Scenario(sampler, emits, case)
        for name, (why, relation) in RELATIONS.items():
            yield Check(
                name=f"metamorphic/{scenario.name}/{name}",
                suite="metamorphic",
                why=why,
                compute=partial(evidence, scenario, relation),
                computed_method=name,
                computed_unit="share of draws",
                subject=scenario,
                tolerance=1 / SIZE,
            )


def evidence(scenario: Scenario, relation: Callable[[Caller, int], str], rng: np.random.Generator) -> Evidence:
    """Return what contradicts a relation; a single draw that differs would have shown."""
    caller, seed = Caller(scenario), int(rng.integers(2**63))
    found = relation(caller, seed)
    said = meddling(caller, seed) if relation is same_seed else ""
    n = SIZE * max(caller.rows, 1)
    return Evidence(
        statistic=float(bool(found)),
        effect=float(bool(found)),
        n=n,
        resolution=1 / n,
        impossible=found,
        notes={REMARK: said} if said else {},
    )


def meddling(caller: Caller, seed: int) -> str:
    """Say which global generator a call reseeds or draws from: no contradiction of its law, but its neighbours' trouble."""
    kept = {name: get() for name, (get, _, _) in GLOBALS.items()}
    try:
        found = {
            name: [_after(caller, seed, get, start, i) for i in (1, 2)] for name, (get, _, start) in GLOBALS.items()
        }
    finally:
        for name, (_, put, _) in GLOBALS.items():
            put(kept[name])
    said = []
    for name, ((one, after_one), (_, after_two)) in found.items():
        if after_one == after_two:
            said.append(f"reseeds {name}: who draws from it next repeats himself")
        elif after_one != one:
            said.append(f"draws from {name}")
    return "; ".join(said)


def _after(
    caller: Caller, seed: int, get: Callable[[], Any], start: Callable[[int], None], value: int
) -> tuple[str, str]:
    """Return the state of a global generator that starts from a value, before and after a call."""
    start(value)
    before = repr(get())
    _draws(caller, seed)
    return before, repr(get())


def unchanged_input(caller: Caller, seed: int) -> str:
    """The logits are left as they were, by the first call and by the next."""
    logits, rng = caller.logits, _seeded(seed)
    for call in ("first", "second"):
        caller.shaped(SIZE, rng, logits)
        if not np.array_equal(logits, caller.logits):
            return f"the {call} call changed the logits that it was given"
    return ""


def same_seed(caller: Caller, seed: int) -> str:
    """The same seed gives the same draws, whatever was drawn in between."""
    first = _draws(caller, seed)
    for between in (0, 3):
        for other in range(between):
            _draws(caller, seed + 1 + other)
        if differs(first, _draws(caller, seed)):
            return "the same seed gave other draws" + (" after other calls" if between else "")
    return ""


def other_seed(caller: Caller, seed: int) -> str:
    """Another seed gives other draws."""
    one, other = (_draws(caller, given) for given in (seed, seed + 1))
    exact = one.dtype.name not in CLOSE  # in half precision all draws are close, and none but the same are equal
    another = not np.array_equal(one, other) if exact else differs(one, other)
    return "" if another else "another seed gave the same draws"


def memory(caller: Caller, seed: int) -> str:
    """Read-only, strided and reversed views of the logits give the draws of the logits; a refusal is no draw."""
    expected = _draws(caller, seed)
    for layout, logits in _layouts(caller.logits):
        try:
            found = caller(SIZE, _seeded(seed), logits)
        except Expired:
            raise
        except SamplerFault:
            continue
        if differs(expected, found):
            return f"{layout} logits gave other draws than the same logits in a row"
    return ""


GLOBALS: Mapping[str, tuple[Callable[[], Any], Callable[[Any], None], Callable[[int], None]]] = {
    "NumPy's global generator": (np.random.get_state, np.random.set_state, np.random.seed),
    "Python's global generator": (random.getstate, random.setstate, random.seed),
}
"""How to read, to put back and to start each generator that all code of a process shares."""

RELATIONS: dict[str, tuple[str, Callable[[Caller, int], str]]] = {
    "unchanged-input": ("logits are an argument, not a result: the next user of the array needs them", unchanged_input),
    "same-seed": ("draws are a function of the logits and the generator, not of earlier calls", same_seed),
    "other-seed": ("a sampler that does not read its generator repeats itself", other_seed),
    "memory": ("draws depend on the values of the logits, not on where they lie", memory),
}


def _layouts(logits: Floats) -> Iterator[tuple[str, Floats]]:
    fixed = logits.copy()
    fixed.setflags(write=False)
    yield "read-only", fixed
    wide = np.full((*logits.shape[:-1], 2 * logits.shape[-1]), 1e3)
    wide[..., ::2] = logits
    yield "strided", wide[..., ::2]
    yield "reversed", np.ascontiguousarray(logits[..., ::-1])[..., ::-1]
    if logits.ndim > 1:
        yield "column by column", np.asfortranarray(logits)


def _draws(caller: Caller, seed: int) -> NDArray[Any]:
    return caller(SIZE, _seeded(seed)).copy()


def _seeded(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)
