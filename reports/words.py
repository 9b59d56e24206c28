"""Numbers, names and verdicts are put into words in one place, for the page, the summary and the figures alike."""

from __future__ import annotations

import math
import re
from typing import Any

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: Any, digits: int = 3) -> str:
    """Return a number for reading: grouped counts, few digits, powers of ten where they are shorter; text as it is."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, int):
        return f"{value:,}".replace("-", "−")
    if not math.isfinite(value):
        return "" if math.isnan(value) else "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    if 1e-3 <= abs(value) < 1e5:
        text = f"{value:.{digits}g}" if abs(value) < 1000 else ""
        return (text if text and "e" not in text else f"{value:,.0f}").replace("-", "−")
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    short = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    power = ten_to(int(exponent))
    return {"1": power, "-1": f"−{power}"}.get(short, f"{short} × {power}").replace("-", "−")


def finite(value: Any) -> float | None:
    """Return a finite number of the ledger, else None."""
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def probability(value: float | None) -> str:
    """Return a p-value for reading; one that is too small for a float is not called zero."""
    return "< 10⁻³⁰⁷" if value == 0 else number(value)


def ten_to(exponent: int) -> str:
    """Return a power of ten in superscripts."""
    return f"10{str(exponent).translate(_SUPERSCRIPT)}"


def plain(text: Any) -> str:
    """Return text without the control characters that XML forbids."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]", "\ufffd", str(text))


def slug(name: str) -> str:
    """Return a name as a short file name or fragment: lower case letters, digits and single hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:100] or "unnamed"


def counted(count: int, noun: str) -> str:
    """Return a count with its noun in the right number."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def shorten(text: str, length: int) -> str:
    """Return text of at most this many characters, with a mark where it was cut."""
    return text if len(text) <= length else text[: length - 1] + "…"
