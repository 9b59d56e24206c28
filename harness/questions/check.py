"""What flows from a claim to a verdict: claim, scenario, measurement, evidence, check, finding; all frozen values."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

import numpy as np

from harness.questions.case import Case
from harness.samplers.registry import Sampler
from harness.statistics import Statistic
from harness.verdict import Verdict

REMARK = "remark"
"""The note of an evidence that a user should hear of, whatever the verdict."""


@dataclass(frozen=True)
class Scenario:
    """One sampler, one of its forms, one case: drawn once for all checks that use it."""

    sampler: Sampler
    emits: str
    case: Case

    @property
    def name(self) -> str:
        """The stream's name and the ledger's key: sampler/form/case."""
        return f"{self.sampler.name}/{self.emits}/{self.case.name}"

    @property
    def parameters(self) -> dict[str, Any]:
        """What the sampler is given beside logits, size and rng; an index form None for each stage that is off."""
        off = dict.fromkeys(self.sampler.form(self.emits).stages) if self.emits == "index" else {}
        return {**off, **self.case.parameters}


@dataclass(frozen=True)
class Measurement:
    """A named way to turn a chunk of draws into a sufficient statistic; equal names mean equal measurements."""

    name: str
    collect: Callable[[Any], Statistic] = field(compare=False)


@dataclass(frozen=True)
class Evidence:
    """What a method found in its statistics; it decides nothing.

    ``p_value`` is None where no chance is involved: then ``impossible`` alone speaks, a sentence that names a
    contradiction which no sampler can draw and no true identity shows. ``broken`` and ``missing`` say what went wrong or
    what was not installed. ``effect`` is the deviation seen and
    ``resolution``, where a computation bounds its own error, what it could not have seen; both in the check's unit.
    ``unit`` replaces the check's where this evidence speaks of less, as of cells that were pooled. ``exhibit`` holds the
    arrays of a figure under "kind"; ``notes`` are named numbers for the reader. ``seen`` says what was seen beside what is
    due, and where, for the sentence of a refutation by chance.
    """

    statistic: float = float("nan")
    p_value: float | None = None
    effect: float = float("nan")
    n: int = 0
    impossible: str = ""
    broken: str = ""
    missing: str = ""
    resolution: float | None = None
    unit: str = ""
    exhibit: Mapping[str, Any] = field(default_factory=dict)
    notes: Mapping[str, float | str] = field(default_factory=dict)
    seen: str = ""


class Method(Protocol):
    """Answers three questions about statistics and a law; knows nothing of verdicts."""

    @property
    def name(self) -> str:
        """The method's name in checks.csv."""

    @property
    def unit(self) -> str:
        """The unit of effect, detectable and tolerance."""

    def evidence(self, statistics: Sequence[Statistic], rng: np.random.Generator) -> Evidence:
        """Return the evidence in the merged statistics, one for each input of the check."""

    def detectable(self, n: int, alpha: float, beta: float) -> float:
        """Return the smallest deviation that n draws expose with probability 1 - beta at level alpha."""

    def required(self, tolerance: float, alpha: float, beta: float) -> int:
        """Return how many draws expose the tolerance with probability 1 - beta at level alpha."""


@runtime_checkable
class Staged(Protocol):
    """A method that may be settled before all of its draws are made (``methods.curtailed``)."""

    def stage(self, n: int) -> int:
        """Return after how many of n draws it may be settled."""


def staged(method: object) -> Staged | None:
    """Return a method as one that may be settled, if it is."""
    return method if isinstance(method, Staged) else None


@dataclass(frozen=True)
class Check:
    """One question with one verdict.

    A sampled check has ``inputs`` (scenario and measurement, one or two) and a ``method``; a computed one has
    ``compute``, and ``subject`` if it calls a sampler itself; one that takes long says in ``seconds`` how long, about.
    ``tolerance`` None means the run's, or the case's where that is coarser. ``judges`` says whether the sampler answers
    for it, or only the claim.
    """

    name: str
    suite: str
    why: str
    inputs: tuple[tuple[Scenario, Measurement], ...] = ()
    method: Method | None = None
    compute: Callable[[np.random.Generator], Evidence] | None = None
    computed_method: str = ""
    computed_unit: str = ""
    subject: Scenario | None = None
    seconds: float = 0.0
    tolerance: float | None = None
    judges: bool = True
    profile: str = "quick"
    claims: tuple[str, ...] = ()

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """The scenarios whose draws the check needs."""
        return tuple(scenario for scenario, _ in self.inputs)

    @property
    def about(self) -> Scenario | None:
        """The scenario whose sampler is under judgement; None for pure mathematics."""
        return self.inputs[0][0] if self.inputs else self.subject

    @property
    def unit(self) -> str:
        """The unit of effect, detectable and tolerance."""
        return self.method.unit if self.method else self.computed_unit

    @property
    def method_name(self) -> str:
        """The method's name in checks.csv."""
        return self.method.name if self.method else self.computed_method

    @property
    def sampler(self) -> str:
        """The name of the sampler under judgement; empty for pure mathematics."""
        return self.about.sampler.name if self.about else ""

    @property
    def case(self) -> str:
        """The name of the case; empty for pure mathematics."""
        return self.about.case.name if self.about else ""


@dataclass(frozen=True)
class Claim:
    """A sentence of a document, in our words, with the verdict it deserves as written.

    ``evidence`` are glob patterns of check names that other suites make and that bear on the claim; ``checks`` are
    those made for this claim alone. A claim refuted as written has a twin whose id ends in ".corrected". ``formula`` says
    it in LaTeX, in our notation, which is the equation that ``where`` names where it names one.
    """

    id: str
    where: str
    says: str
    expect: Verdict = Verdict.VERIFIED
    evidence: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    formula: str = ""

    @property
    def document(self) -> str:
        """The document's key: the id up to the first dot."""
        return self.id.split(".", 1)[0]

    def concerns(self, check: Check) -> bool:
        """Tell whether ``check`` bears on the claim."""
        return check.name in self._own or (bool(self.evidence) and self._pattern.fullmatch(check.name) is not None)

    @cached_property
    def _own(self) -> frozenset[str]:
        """Names: a plan has one check of a name."""
        return frozenset(check.name for check in self.checks)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """All patterns in one."""
        return re.compile("|".join(map(fnmatch.translate, self.evidence)))


@dataclass(frozen=True)
class Finding:
    """A check's record: its evidence, the level it was held against, and the verdict of the judge with its reason."""

    check: Check
    evidence: Evidence
    alpha: float
    tolerance: float
    detectable: float
    verdict: Verdict
    reason: str
    statistics: tuple[Statistic, ...] = ()

    @property
    def unit(self) -> str:
        """The unit of effect, detectable and tolerance: what the evidence speaks of, else the check's."""
        return self.evidence.unit or self.check.unit
