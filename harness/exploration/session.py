"""Explore a form of a sampler: search within a budget, confirm with fresh draws, shrink, and refute the simplest case again.

The level of a form is split beforehand: a half over CONFIRMATIONS points that may be confirmed, a half over FINALS cases
that may be printed. Each is held to its part with fresh draws; whatever was done to find it costs nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial

from harness.engine.pool import Lost, Task, results
from harness.engine.shards import packed
from harness.exploration.promise import QUESTIONS, SUSPECT, draws_for, needed, reached
from harness.exploration.search import moves
from harness.exploration.shrink import canonical, shrunk
from harness.exploration.trial import Answer
from harness.exploration.work import Job, work
from harness.samplers.registry import Sampler
from harness.samplers.terms import NO_TERMS, Terms
from harness.space.draw import Space, draws_of, few_laws
from harness.space.point import Point
from harness.streams import stream
from harness.verdict import Verdict

CONFIRMATIONS, FINALS = 128, 16
ROUND = 48
"""Points of a round, whatever the number of workers."""
SEARCHING, SHRINKING = 0.95, 0.98
"""The share of the budget after which no new points are looked at, and nothing is shrunk: what is found is asked again."""
ROOM = 2**24
FEWEST = 16
"""Draws below which a case is not made smaller: how many refute is a matter of luck then."""
SURE = 1e-3
"""A shrunk case must refute so much below the final level that it is likely to do so again."""


@dataclass(frozen=True)
class Smallest:
    """The simplest case found, as its fresh draws refuted it."""

    sampler: str
    emits: str
    answer: Answer
    level: float
    first: Point
    terms: Terms = NO_TERMS
    stages: tuple[str, ...] = ()


@dataclass
class Found:
    """What the search of one form saw: answers with how their points were chosen, and the simplest case, if any.

    ``unasked`` are suspicious points that could not be asked again before the time was over.
    """

    space: Space
    answers: list[tuple[str, Answer]] = field(default_factory=list)
    smallest: Smallest | None = None
    unasked: list[Answer] = field(default_factory=list)

    @property
    def anywhere(self) -> int:
        """Points that were chosen without looking at draws, and answered."""
        return sum(how == "anywhere" and not one.fault for how, one in self.answers)

    @property
    def fault(self) -> str:
        """The first fault, with its point."""
        return next((f"at {one.point.name}: {one.fault}" for _, one in self.answers if one.fault), "")

    @property
    def verdict(self) -> Verdict:
        """Refuted if a case was; else inconclusive if anything broke, is suspicious still, or nothing was tried."""
        if self.smallest is not None:
            return Verdict.REFUTED
        left = self.fault or self.unasked or not self.anywhere
        return Verdict.INCONCLUSIVE if left else Verdict.VERIFIED

    def unseen(self, beta: float) -> float:
        """Return the share of the space that a defect could fill unseen with probability beta, by the points anywhere."""
        return reached(self.anywhere, beta)


def _nothing() -> None:
    """Keep nothing."""


@dataclass
class Session:
    """One form under search: ``executor`` does tasks, ``until`` is when the budget ends (of ``time.time``).

    It ends after ``rounds`` too, for those who want the same points on any machine. ``found`` grows as it goes, and ``keep``
    is called where it has grown, so that an interruption loses a round at most.
    """

    space: Space
    seed: int
    level: float
    beta: float
    executor: Callable[[], Executor]
    workers: int
    until: float
    begun: float = field(default_factory=time.time)
    rounds: int = 1 << 40
    keep: Callable[[], None] = _nothing
    asked: int = 0
    payload: bytes = b""
    found: Found = field(init=False)

    def __post_init__(self) -> None:
        self.found = Found(self.space)

    def run(self) -> Found:
        """Search, and shrink what was confirmed."""
        self.payload = packed(self.space)
        confirmed = self._search(self.found)
        if confirmed is not None:
            self.found.smallest = self._case(confirmed, confirmed.point, self.level / (2 * CONFIRMATIONS))
            self.keep()
            self.found.smallest = self._smallest(confirmed)
        return self.found

    def _case(self, answer: Answer, first: Point, level: float) -> Smallest:
        space, form = self.space, self.space.form
        stages = form.stages if space.emits == "index" else ()
        return Smallest(space.sampler.name, space.emits, answer, level, first, form.terms, stages)

    @property
    def more(self) -> int:
        """Draws of a confirmation."""
        return needed(self.space.sampler.dtype, self.level / (2 * CONFIRMATIONS) / QUESTIONS, self.beta)

    def _left(self, share: float) -> bool:
        return time.time() < self.begun + share * (self.until - self.begun)

    def _search(self, found: Found) -> Answer | None:
        """Return the first answer that fresh draws confirmed."""
        number = confirmations = 0
        looking = self.begun + SEARCHING * (self.until - self.begun)
        while number == 0 or (time.time() < looking and number < self.rounds):
            chosen = moves(self.space, [one for _, one in found.answers], ROUND, stream(self.seed, "round", number))
            jobs = [Job(move.point, move.n, ("round", number, i)) for i, move in enumerate(chosen)]
            answers = self.answers(jobs, looking, always=number == 0)
            how = {id(job): move.how for job, move in zip(jobs, chosen, strict=True)}
            found.answers += [(how[id(job)], one) for job, one in answers]
            suspects = sorted((one for _, one in answers if one.p_value < SUSPECT), key=lambda one: one.p_value)
            for one in suspects[: CONFIRMATIONS - confirmations]:
                if one.impossible:
                    return one
                confirmations += 1
                several = self.fresh([one.point], max(one.n, draws_of(one.point.k, self.more, ROOM)))
                found.unasked += [one] if not several else []
                for again in several:
                    found.answers.append(("confirmed", again))
                    if again.p_value <= self.level / (2 * CONFIRMATIONS):
                        return again
            number += 1
            self.keep()
            if not answers:
                break
        return None

    def answers(
        self, jobs: Sequence[Job], until: float | None = None, *, always: bool = False
    ) -> list[tuple[Job, Answer]]:
        """Return the answers of jobs in their order; those that the time did not suffice for are left out.

        The first one of each worker is begun in any case if ``always``.
        """
        until = self.until if until is None else until
        parts = [list(jobs[i :: self.workers]) for i in range(min(self.workers, len(jobs)))]
        guest = self.space.sampler.name if not self.space.sampler.trusted else ""
        ask = partial(work, guest=bool(guest), always=always)
        tasks = [Task(str(i), ask, (self.payload, self.seed, part, until), guest=guest) for i, part in enumerate(parts)]
        done: dict[int, Answer] = {}
        for task, result in results(tasks, self.executor, self.workers):
            part = parts[int(task.key)]
            if isinstance(result, Lost):
                result = [Answer(part[0].point, fault=result.words)]
            done |= {id(job): one for job, one in zip(part, result, strict=False)}
        return [(job, done[id(job)]) for job in jobs if id(job) in done]

    def fresh(self, points: Sequence[Point], n: int) -> list[Answer]:
        """Return answers of points with draws that nothing has seen; fewer, if the time is over."""
        self.asked += 1
        jobs = [Job(point, n, ("fresh", self.asked, i)) for i, point in enumerate(points)]
        return [one for _, one in self.answers(jobs)]

    def _smallest(self, confirmed: Answer) -> Smallest | None:
        """Shrink the point and its draws, then refute it again; what is not refuted again is taken back a step."""
        n, final = confirmed.n, self.level / (2 * FINALS)

        def refuting(points: Sequence[Point]) -> list[bool]:
            found = self.fresh(points, n)
            return [one.p_value <= final * SURE for one in found] + [False] * (len(points) - len(found))

        allowed = partial(few_laws, space=self.space)
        point = shrunk(confirmed.point, n, refuting, lambda: self._left(SHRINKING), allowed)
        point = canonical(point)
        few = self._fewest(point, n, final)
        tried = [
            (point, few),
            (point, 2 * few),
            (point, n),
            (point, 2 * n),
            (confirmed.point, n),
            (confirmed.point, 2 * n),
        ]
        for case, draws in tried:
            for one in self.fresh([case.but(call=draws) if case.call == n else case], draws):
                if one.p_value <= final:
                    return self._case(one, confirmed.point, final)
        return self._case(confirmed, confirmed.point, self.level / (2 * CONFIRMATIONS))

    def _fewest(self, point: Point, n: int, final: float) -> int:
        """Return the least of n, n / 2, n / 4, ... draws that refute twice with room to spare."""
        least = n
        while least // 2 >= FEWEST and self._left(SHRINKING):
            half = least // 2
            case = point.but(call=half) if point.call == n else point
            found = [*self.fresh([case, case], half)]
            if len(found) < 2 or max(one.p_value for one in found) > final * SURE:
                break
            least = half
        return least


def spaces(samplers: Sequence[Sampler]) -> list[Space]:
    """Return the forms of the samplers that random points can be asked of, with the draws of a point."""
    return [
        space
        for sampler in samplers
        for emits in sampler.forms
        if (space := Space(sampler, emits, draws_for(sampler.dtype)[1])).declared
    ]
