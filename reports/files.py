"""A file of a run folder is replaced whole or not at all, and what an earlier report left behind goes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

FIGURES = "figures"


def replace(path: Path, text: str) -> None:
    """Write a text file so that no reader sees half of it."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def replace_figures(folder: Path, figures: Mapping[str, str]) -> None:
    """Write figures/NAME.svg for every figure, and remove all other SVG files there."""
    place = folder / FIGURES
    place.mkdir(exist_ok=True)
    for name, svg in figures.items():
        replace(place / f"{name}.svg", svg)
    for old in place.glob("*.svg"):
        if old.stem not in figures:
            old.unlink()
