"""Text from outside (names, paths, messages of exceptions) passes here before anybody sees it: one line, inert and short."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

NAME = re.compile(r"[A-Za-z0-9][\w.+-]{0,63}")
"""What a sampler may be called: a name stands in tables, files, commands and pages."""
LENGTH = 1000
"""Characters that are shown at most."""
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ISOLATE, _ISOLATED = "\u2068", "\u2069"
_BARE = frozenset((int, float, bool, type(None)))
"""What has no text in it: a list of nothing else, of which a ledger has most, is kept as it is."""
_FORMULA = ("=", "+", "-", "@")


def shown(value: Any, length: int = LENGTH) -> str:
    """Return text as one line of at most ``length`` characters that no terminal, table or CI system takes for a command.

    Control characters become spaces, lone surrogates and what is no character U+FFFD; marks that turn the direction of
    writing go, and text that runs from right to left is isolated from what stands beside it (Unicode TR 9, section 6.3).
    ``::`` at the beginning and ``##word[`` are workflow commands of GitHub, Azure and TeamCity: a space parts them.
    """
    text = str(value)
    if text.isascii() and text.isprintable() and len(text) <= length and "##" not in text and not text.startswith("::"):
        return text
    text = "".join(map(_inert, text[: 4 * length]))
    text = " ".join(re.sub(r"##(?=\w*\[)", "# #", text).split())
    text = re.sub(r"^::", ": :", text)
    if len(text) > length:
        text = text[: length - 1] + "…"
    if any(unicodedata.bidirectional(mark) in ("R", "AL") for mark in text):
        text = _ISOLATE + text + _ISOLATED
    return text


def cell(value: Any) -> Any:
    """Return what a table's cell holds; text that a spreadsheet would compute gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def inert(value: Any) -> Any:
    """Return a JSON value with every text in it as ``shown``; statistics are numbers, and stay as they are."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, dict):
        return {shown(name): item if name == "statistics" else inert(item) for name, item in value.items()}
    if not isinstance(value, list | tuple):
        return value
    kinds = set(map(type, value))
    done = kinds <= _BARE or (kinds == {str} and max(map(len, value)) <= LENGTH and _bare(" ".join(value)))
    return [*value] if done else [inert(item) for item in value]


def _bare(text: str) -> bool:
    """Tell whether nothing in a text could be more than text."""
    return text.isascii() and text.isprintable() and "##" not in text and "::" not in text


def harmless(line: str) -> bool:
    """Tell whether a line of JSON has no text in it that ``inert`` would change; it may be told so of other lines too.

    Without escapes every second piece between quotation marks is a text.
    """
    return _bare(line) and "\\" not in line and all(len(text) <= LENGTH for text in line.split('"')[1::2])


def _inert(mark: str) -> str:
    if mark.isascii():
        return mark if mark.isprintable() else " "
    if mark in _DIRECTION:
        return ""
    kind = unicodedata.category(mark)
    return " " if kind in ("Cc", "Zl", "Zp") else "\ufffd" if kind in ("Cs", "Cn", "Co") else mark
