"""What is claimed and which evidence counts comes from outside the machinery, through an entry point.

The group ``gumbel_harness.suites`` names a function ``content(options) -> Content``; the project's own is in ``suites``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points

import numpy as np
from numpy.typing import NDArray

from harness.errors import UsageError
from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Claim
from harness.samplers.importing import loaded
from harness.samplers.registry import Sampler

Suite = Callable[[Sampler, str, tuple[Case, ...], Options], Iterable[Check]]
"""``suite(sampler, emits, cases, options)`` makes the checks of one form of a sampler, chosen by what it declares."""


@dataclass(frozen=True)
class Control:
    """A sampler that is wrong on purpose: why, after which real defect, and where that shows.

    ``trigger`` is the case whose draws show it, ``suite`` the family of checks that sees it there. ``law(logits)``
    returns the (K,) probabilities of the categories that the sampler really has, where they can be written down. One
    that is too dear for the quick profile says so in ``price``.
    """

    sampler: Sampler
    why: str
    source: str
    trigger: str = ""
    suite: str = ""
    law: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None = None
    price: str = ""


@dataclass(frozen=True)
class Erratum:
    """A slip of a document that is no statistical claim: where it stands, what it says, and why that cannot be meant."""

    document: str
    where: str
    slip: str
    reason: str


@dataclass(frozen=True)
class Content:
    """Cases, claims in the order of their documents, suites by name, and a function that makes the controls.

    ``asks`` says in a sentence what a suite asks. ``claims(options)`` makes the claims with their checks, whose sizes are
    designed for the level of the options that it is handed: a plan asks again where that level changed.
    """

    cases: tuple[Case, ...]
    claims: Callable[[Options], tuple[Claim, ...]]
    suites: Mapping[str, Suite]
    controls: Callable[[], tuple[Control, ...]]
    errata: tuple[Erratum, ...] = ()
    asks: Mapping[str, str] = field(default_factory=dict)


def load_content(options: Options) -> Content:
    """Return the content for these options; raises UsageError if none is installed."""
    points = list(entry_points(group="gumbel_harness.suites"))
    if not points:
        raise UsageError("no suites are installed; install the distribution gumbel-harness (pip install -e .)")
    parts: list[Content] = [loaded(point)(options) for point in sorted(points, key=lambda point: point.name)]
    return Content(
        tuple(case for part in parts for case in part.cases),
        lambda handed: tuple(claim for part in parts for claim in part.claims(handed)),
        {name: suite for part in parts for name, suite in part.suites.items()},
        lambda: tuple(control for part in parts for control in part.controls()),
        tuple(erratum for part in parts for erratum in part.errata),
        {name: words for part in parts for name, words in part.asks.items()},
    )
