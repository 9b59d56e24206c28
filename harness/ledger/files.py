"""Every file of a folder of ours is written whole or not at all, and every table is written and read here, by pandas."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.text import cell

if TYPE_CHECKING:
    import pandas as pd

_PLAIN = frozenset((int, bool, str, type(None)))
"""What JSON holds as it is: a list of nothing else is kept, as is one of finite floats."""


def replace(path: Path, text: str) -> None:
    """Write a text file so that no reader sees half of it; a link in its place is replaced and not followed."""
    part = path.with_name(path.name + ".part")
    try:
        part.unlink(missing_ok=True)
        with open(part, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)  # half a file would only take room


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as CSV; a missing number (None or NaN) is an empty field, and floats round-trip."""
    import pandas as pd

    replace(path, as_csv(pd.DataFrame([dict(row) for row in rows], columns=list(columns), dtype=object)))


def as_csv(frame: pd.DataFrame) -> str:
    """Return a frame as CSV in which no cell begins a formula."""
    import pandas as pd

    texts = {name: frame[name].map(cell) for name in frame.columns if pd.api.types.is_string_dtype(frame[name].dtype)}
    return frame.assign(**texts).to_csv(index=False, lineterminator="\n")


def read_table(path: Path) -> tuple[list[str], list[dict[str, Any]]]:
    """Return the columns and rows of a CSV file: integers, floats, booleans and texts by column, None where empty."""
    import pandas as pd

    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    columns = {str(name): _typed([str(text) for text in frame[name]]) for name in frame.columns}
    return list(columns), [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _typed(texts: Sequence[str]) -> list[Any]:
    """Return a column's values; pandas' own parser of floats does not round-trip in every version."""
    for convert in (int, float, {"True": True, "False": False}.__getitem__):
        try:
            return [convert(text) if text else None for text in texts]
        except (ValueError, KeyError):
            continue
    return [text or None for text in texts]


def plain(value: Any) -> Any:
    """Return what JSON can hold: arrays and scalars of NumPy as lists and numbers, what is unknown as text.

    JSON knows no NaN and no infinity: a missing number is null, an infinite one a string.
    """
    if isinstance(value, dict | Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        kinds = set(map(type, value))
        done = kinds <= _PLAIN or (kinds == {float} and all(map(math.isfinite, value)))
        return [*value] if done else [plain(item) for item in value]
    if isinstance(value, float):
        return None if math.isnan(value) else value if math.isfinite(value) else str(value)
    return value if isinstance(value, str | int | None) else str(value)
