"""A call made elsewhere: in a fresh thread, in several threads at once, in a fresh process."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import cloudpickle
import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.engine.worker import Worker, environment
from harness.errors import SamplerFault
from harness.questions.check import Scenario
from suites.calling.caller import Caller


@dataclass(frozen=True)
class One:
    """A call to be made: draws of a size from the generator of a seed, with logits of its own if there are any."""

    scenario: Scenario
    seed: int
    size: int
    logits: Floats | None = None

    def __call__(self) -> NDArray[Any]:
        """Return the draws, flat."""
        caller = Caller(self.scenario)
        return caller(-(-self.size // max(caller.rows, 1)), generator(self.seed), self.logits).copy()


def generator(seed: int) -> np.random.Generator:
    """Return a generator as a sampler gets it, of a seed."""
    return np.random.Generator(np.random.SFC64(seed))


def in_process(call: One) -> NDArray[Any]:
    """Make a call in a process that has made none; raises SamplerFault."""
    if isinstance(call, One):
        _by_value(call.scenario)
    worker = Worker("", environment())
    try:
        fault, made = worker.do(cloudpickle.dumps((_answer, (call,))))
    finally:
        worker.end()
    if fault:
        raise SamplerFault(f"in a fresh process: {fault}")
    drawn: NDArray[Any] = made
    return drawn


def _by_value(scenario: Scenario) -> None:
    """Have functions travel by value whose module came here that way itself, so that nobody could import it."""
    for form in scenario.sampler.forms.values():
        module = sys.modules.get(getattr(form.draw, "__module__", ""))
        if module is not None and getattr(module, "__spec__", None) is None and module.__name__ != "__main__":
            cloudpickle.register_pickle_by_value(module)


def _answer(call: One) -> tuple[str, Any]:
    """What a process sends back: draws, or the words of a fault."""
    try:
        return "", call()
    except SamplerFault as fault:
        return str(fault), None


def in_thread(call: Callable[[], NDArray[Any]]) -> NDArray[Any]:
    """Make a call in a thread that has made none; raises SamplerFault."""
    made: NDArray[Any] = at_once([call])[0]
    return made


def at_once(works: Sequence[Callable[[], Any]]) -> list[Any]:
    """Return what works return that begin together, a thread each; raises the first fault of any."""
    gate, made, faults = threading.Barrier(len(works)), [None] * len(works), []

    def run(place: int, work: Callable[[], Any]) -> None:
        try:
            gate.wait()
            made[place] = work()
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=run, args=item, daemon=True) for item in enumerate(works)]
    with _switching(1e-6 if len(works) > 1 else None):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if faults:
        raise SamplerFault(f"in another thread: {faults[0]}") from faults[0]
    return made


@contextmanager
def _switching(seconds: float | None) -> Iterator[None]:
    """Let threads take turns as often as the interpreter can, meanwhile."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(seconds or before)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
