"""The figures of a folder are those of its last report: what an earlier one left behind goes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from harness.ledger.files import replace

FIGURES = "figures"


def replace_figures(folder: Path, figures: Mapping[str, str]) -> None:
    """Write figures/NAME.svg for every figure, and remove all other SVG files there."""
    place = folder / FIGURES
    place.mkdir(exist_ok=True)
    for name, svg in figures.items():
        replace(place / f"{name}.svg", svg)
    for old in place.glob("*.svg"):
        if old.stem not in figures:
            old.unlink()
