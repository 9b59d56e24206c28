import math

import pytest

from reports.choice import names
from reports.words import counted, number, plain, shorten, slug


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (260164, "260,164"),
        (-3, "−3"),
        (0.0, "0"),
        (0.0123456, "0.0123"),
        (999.9, "1,000"),
        (12345.6, "12,346"),
        (2.2e-10, "2.2 × 10⁻¹⁰"),
        (1e-6, "10⁻⁶"),
        (-1e300, "−10³⁰⁰"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (math.nan, ""),
        (None, ""),
        ("inf", "inf"),
    ],
)
def test_numbers_are_short_and_grouped(value, text):
    assert number(value) == text


def test_names_of_files_are_safe_and_distinct():
    found = names(["a/b|c", "a/b c", "../../etc/passwd", "a/b|c", "", "x" * 500])
    assert len(set(found.values())) == len(found) == 5
    assert all(name.replace("-", "").isalnum() and len(name) < 120 for name in found.values())


def test_text_is_cleaned_and_cut():
    assert plain("a\x00b\x1b") == "a\ufffdb\ufffd"
    assert shorten("abcdef", 4) == "abc…"
    assert (counted(1, "check"), counted(2000, "check")) == ("1 check", "2,000 checks")
    assert slug("../A//b") == "a-b"
