"""Explore samplers from Python: search between the cases within a budget of seconds, and shrink what is found."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.engine.executors import default_workers, open_engine
from harness.errors import UsageError
from harness.exploration.promise import draws_for
from harness.exploration.script import script
from harness.exploration.session import Found, Session, spaces
from harness.exploration.tables import COVERED, coverage, described
from harness.interrupts import Interrupted, interruptible
from harness.options import Options
from harness.samplers.registry import Sampler
from harness.samplers.targets import resolve_all
from harness.space.categories import LARGE
from harness.streams import stream
from harness.verdict import Verdict, combine

if TYPE_CHECKING:
    import pandas as pd

LEAST, MOST = 1.0, 7 * 86400.0
"""Seconds that a budget may be."""
ENDING = 0.8
"""Seconds that are kept back for the end."""
WHILE = 2.0
"""Seconds between two times at which what was found so far is kept."""
Keep = Callable[[Sequence[Found], Mapping[str, str]], None]


@dataclass(frozen=True)
class Exploration:
    """What a search found: ``verdict``, the ``smallest`` case and the ``coverage``; one Found for each form."""

    found: tuple[Found, ...]
    targets: dict[str, str]
    beta: float
    seconds: float = 0.0
    left: tuple[str, ...] = field(default=())
    interrupted: bool = False

    @property
    def verdict(self) -> Verdict:
        """The gravest verdict of all forms."""
        return combine(one.verdict for one in self.found)

    @property
    def smallest(self) -> dict[str, Any] | None:
        """The simplest case that was found: case, call, p-value and code; None if nothing was."""
        smallest = next((one.smallest for one in self.found if one.smallest), None)
        if smallest is None:
            return None
        return described(smallest) | {"code": script(smallest, self.targets[smallest.sampler])}

    @property
    def coverage(self) -> pd.DataFrame:
        """How many points of each value of each axis were tried (axis, value, cases, draws)."""
        import pandas as pd

        return pd.DataFrame(coverage(self.found), columns=list(COVERED))

    def lines(self) -> list[str]:
        """Return the summary: what was found, in a few lines to paste, or what could still be there unseen."""
        made = [line for one in self.found for line in _lines(one, self.beta)]
        if self.interrupted:
            made.append(f"interrupted after {self.seconds:.0f} seconds: what was found until then is kept")
        return [*made, *(f"{name}: no random points; its type or its parameters have none yet" for name in self.left)]


def explore(
    *targets: Any,
    budget: float = 60.0,
    seed: int = 0,
    alpha: float = 1e-6,
    beta: float = 1e-3,
    workers: int | None = None,
    engine: str = "loky",
    start: float | None = None,
    keep: Keep | None = None,
) -> Exploration:
    """Search for where samplers are wrong, for ``budget`` seconds; a right one is refuted with probability ``alpha``.

    Targets as for ``validate``. The seed fixes the points; how many of them are tried depends on the machine. ``start``
    is when the budget begins (of ``time.time``), now by default. ``keep`` is called now and then with what was found so
    far and the words of the targets. Ctrl-C ends the search, and what was found until then is returned. Raises UsageError.
    """
    start = time.time() if start is None else start
    if isinstance(budget, bool) or not isinstance(budget, int | float) or not LEAST <= budget <= MOST:
        raise UsageError(f"budget must be a number of seconds from {LEAST:g} to {MOST:g}, got {budget!r}")
    options = Options(alpha=alpha, beta=beta, seed=seed)
    number = default_workers() if workers is None else workers
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise UsageError(f"workers must be a positive integer, got {workers!r}")
    samplers = resolve_all(targets)
    forms, words = spaces(samplers), _words(targets, samplers)
    found, interrupted = [Found(space) for space in forms], False
    kept = _seldom(lambda: keep(found, words) if keep else None)
    until = start + budget - ENDING
    try:
        with interruptible(), open_engine(engine, number) as executor:
            for place, space in enumerate(forms):
                ends = time.time() + (until - time.time()) / (len(forms) - place)
                own = int(stream(options.seed, "explore", space.sampler.name, space.emits).integers(2**62))
                session = Session(space, own, alpha / len(forms), beta, executor, number, ends, keep=kept)
                found[place] = session.found
                session.run()
    except Interrupted:
        interrupted = True
    left = [one.name for one in samplers if all(form.sampler is not one for form in forms)]
    return Exploration(tuple(found), words, beta, time.time() - start, tuple(left), interrupted)


def _seldom(keep: Callable[[], None]) -> Callable[[], None]:
    """Return what calls ``keep`` if the last time is a while ago, so that a long table is not written all the time."""
    last = 0.0

    def now_and_then() -> None:
        nonlocal last
        if time.time() - last >= WHILE:
            keep()
            last = time.time()

    return now_and_then


def _words(targets: Sequence[Any], samplers: Sequence[Sampler]) -> dict[str, str]:
    """Return for each sampler the target that a program can import it by: the user's words, or where it was defined."""
    said: dict[str, str] = {}
    for target, sampler in zip(targets, samplers, strict=False):
        function = next(iter(sampler.forms.values())).draw
        module, name = getattr(function, "__module__", ""), getattr(function, "__qualname__", sampler.name)
        said[sampler.name] = target if isinstance(target, str) else f"{module}:{name}"
    return {sampler.name: said.get(sampler.name, sampler.name) for sampler in samplers}


def _lines(found: Found, beta: float) -> list[str]:
    name = f"{found.space.sampler.name}, {found.space.emits}"
    tried = f"{len(found.answers)} points, {sum(one.n for _, one in found.answers)} draws"
    made = [f"{name}: {found.verdict} ({tried})"]
    if found.smallest is not None:
        answer = found.smallest.answer
        effect = f"{answer.question}{f', {answer.effect}' if answer.effect else ''}"
        said = answer.impossible or f"{effect}, p = {answer.p_value:.2g} (level {found.smallest.level:.2g})"
        made += [f"  simplest case: {answer.point.name}", f"  {answer.n} fresh draws: {said}"]
    elif not found.answers:
        made.append("  no point was done within the budget: give it a larger one")
    else:
        made.append(
            f"  a deviation of {draws_for(found.space.sampler.dtype)[0]:g} in total variation could fill "
            f"{found.unseen(beta):.2g} of the space "
            f"(up to {LARGE} categories) and be missed with probability {beta:g}"
        )
    for one in found.unasked[:1]:
        made.append(f"  p = {one.p_value:.2g} at {one.point.name}: the time was over before it could be asked again")
    return [*made, f"  broke {found.fault}"] if found.fault else made
