"""Every claim has a formula, which becomes MathML whose markup holds no text of its own making."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from harness.options import Options
from reports.formulas import mathml
from suites.claims import claims
from suites.formulas import FORMULAS

MATH = "{http://www.w3.org/1998/Math/MathML}"


def test_every_claim_has_a_formula_and_every_formula_a_claim():
    made = {claim.id: claim.formula for claim in claims(Options())}
    assert all(made.values()), [name for name, formula in made.items() if not formula]
    assert set(FORMULAS) == set(made)


@pytest.mark.parametrize("name", FORMULAS)
def test_a_formula_becomes_mathml_with_its_source_as_the_alternative(name):
    root = ElementTree.fromstring(str(mathml(FORMULAS[name])))
    assert root.tag == f"{MATH}math"
    assert root.get("alttext") == FORMULAS[name]
    shown = "".join(root.itertext())
    assert shown.strip()
    assert not {*"\\&"} & {*shown}, shown


def test_a_text_in_a_formula_stays_a_text():
    made = str(mathml(r"\text{<script>alert(1)</script>} \href{javascript:x}{y} & < >"))
    assert "<script" not in made
    assert not any("href" in part.attrib for part in ElementTree.fromstring(made).iter())
    assert mathml("") == ""


def test_what_cannot_be_converted_is_shown_as_it_stands():
    assert "frac" in str(mathml(r"\frac{1}"))
