"""The figures of a folder are those of its last report: what that one wrote and this one does not, goes; nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from harness.ledger.files import replace
from harness.ledger.owner import no_link

FIGURES = "figures"
WRITTEN = ".written"
"""Names, one a line, of the figures that the last report wrote: only these may be removed."""


def replace_figures(folder: Path, figures: Mapping[str, str]) -> None:
    """Write figures/NAME.svg for every figure, and remove those that the last report wrote and this one does not.

    Raises UsageError if figures/ is a link.
    """
    place = no_link(folder / FIGURES)
    place.mkdir(exist_ok=True)
    for name in sorted(_written(place) - set(figures)):
        (place / f"{name}.svg").unlink(missing_ok=True)
    replace(place / WRITTEN, "".join(f"{name}\n" for name in sorted(figures)))
    for name, svg in figures.items():
        replace(place / f"{name}.svg", svg)


def _written(place: Path) -> set[str]:
    """Return the names on the list that are names of figures; a received folder may hold any list."""
    try:
        names = (place / WRITTEN).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return set()
    return {name for name in names if re.fullmatch(r"[\w.+-]+", name) and not name.startswith(".")}
