"""Text from outside becomes one line that no terminal, table, page or CI system takes for more than text."""

import csv
import io
import json
import unicodedata

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.interrupts import described
from harness.ledger.files import as_csv, write_table
from harness.text import LENGTH, harmless, inert, shown

ANY = st.text(st.characters(exclude_categories=()), max_size=60)
MARKS = ["::error ", "##[error]", "##vso[task]", "##teamcity[", "\x1b[2J", "\u202e", "א", "\r\n"]
PARTS = st.lists(st.one_of(ANY, st.sampled_from(MARKS)))
LEAVES = ANY | st.none() | st.integers()
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(ANY, inner), max_leaves=8)


@given(PARTS.map("".join))
def test_what_is_shown_is_one_harmless_line(text):
    made = shown(text)
    assert len(made) <= LENGTH + 2 and made.encode("utf-8").decode() == made
    assert not any(unicodedata.category(mark) in ("Cc", "Cs", "Zl", "Zp") for mark in made)
    assert not any(mark in made for mark in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u200e\u200f\u061c")
    assert (
        not made.lstrip().startswith("::") and "##[" not in made and "##vso[" not in made and "##teamcity[" not in made
    )
    assert made.count("\u2068") == made.count("\u2069") <= 1
    if "\u2068" in made:
        assert made[0] == "\u2068" and made[-1] == "\u2069"


@pytest.mark.parametrize("text", ["p = 0.3 is at most alpha", "a  b", "C:\\x", "naïve – ok", "a::b", "# 1"])
def test_harmless_text_stays(text):
    assert shown(text) == " ".join(text.split()) or shown(text) == text


def test_long_text_is_shortened_and_an_exception_without_words_described():
    assert len(shown("a" * 10**7)) == LENGTH and shown("a" * 10**7).endswith("…")

    class Mute(Exception):
        def __str__(self):
            raise ValueError

    assert described(Mute()) == "Mute: its message cannot be read"
    assert described(ValueError("a\x00b\n::error")) == "ValueError: a b ::error"


@given(
    st.recursive(
        ANY | st.none() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(ANY, inner), max_leaves=8
    )
)
def test_every_text_of_a_json_value_is_cleaned(value):
    made = inert(value)
    json.dumps(made, ensure_ascii=False).encode("utf-8")


@given(ANY)
def test_no_cell_of_a_table_begins_a_formula(text):
    table = as_csv(pd.DataFrame({"a": [shown(text), "=1+1"], "n": [1.5, -2.0]}))
    rows = list(csv.reader(io.StringIO(table)))
    assert [row[1] for row in rows] == ["n", "1.5", "-2.0"]
    assert not any(row[0].startswith(("=", "+", "-", "@")) for row in rows)
    assert rows[1][0].removeprefix("'") == shown(text).removeprefix("'")


def test_tables_of_every_command_keep_numbers_and_no_formulas(tmp_path):
    write_table(tmp_path / "t.csv", ["a", "b"], [{"a": "@SUM(1)", "b": -1.25}, {"a": "-x", "b": None}])
    assert (tmp_path / "t.csv").read_text() == "a,b\n'@SUM(1),-1.25\n'-x,\n"


@given(
    st.recursive(
        st.text(max_size=8)
        | st.sampled_from(["::error", "a##vso[x", "\x1b[0m", 'say "no"', "x" * 1001, "\u202e"])
        | st.floats(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    )
)
@settings(deadline=None)
def test_a_line_is_harmless_only_if_nothing_in_it_would_change(value):
    line = json.dumps(value)
    assert not harmless(line) or json.dumps(inert(json.loads(line))) == line


def test_an_ordinary_record_is_harmless_and_what_is_not_is_seen():
    assert harmless(json.dumps({"check": "chi_square/direct/index/die", "p_value": 0.5, "reason": "a, b: 'c' #1 [x]"}))
    assert not any(map(harmless, ('["::debug::x"]', '["##x[1]"]', '["\\u202e"]', json.dumps(["x" * 1001]))))
