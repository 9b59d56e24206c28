"""What stands in this tree is registered by standing there, and no suite picks a case by its name."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from harness.options import Options
from harness.questions.content import load_content
from harness.samplers.registry import get, registered
from suites.cases import CASES, case
from suites.claims import claims
from suites.controls import controls
from suites.families import FAMILIES
from suites.scan import modules

ROOT = Path(__file__).parent.parent
ASKED = {
    "calls": ("calls", "long calls", "other logits"),
    "callers": ("callers",),
    "dependence": ("dependence",),
    "doors": ("doors",),
    "endpoints": ("endpoints", "far"),
    "homogeneity": ("homogeneity",),
    "independence": ("lags",),
    "jacobian": ("derivatives",),
    "metamorphic": ("metamorphic",),
    "noise": ("noise", "extremes"),
    "rows": ("rows",),
    "tail": ("tail",),
}
ELSEWHERE = ("rows", "endpoints", "calls", "noise", "jacobian")
"""Suites that ask cases of other forms, or samplers that offer more, than those tried below."""


def test_families_come_in_the_order_of_a_report():
    shown = [*FAMILIES]
    wanted = ["support", "endpoints", "metamorphic", "chi_square", "tail", "ks", "density_integral", "independence"]
    assert [name for name in shown if name in wanted] == wanted
    defined = {path.stem for path in (ROOT / "suites" / "families").glob("*.py") if "\ndef checks(" in path.read_text()}
    assert defined == {*FAMILIES}


def test_documents_and_their_modules_are_found():
    documents = list(dict.fromkeys(claim.document for claim in claims(Options())))
    assert documents[:4] == ["proof", "density", "posterior", "trick"]
    assert all(modules(f"suites.claims.{name}", "claims") for name in documents[:4])


def test_every_module_of_controls_is_found():
    named = {path.stem for path in (ROOT / "suites" / "controls").glob("*.py") if "\nCONTROLS" in path.read_text()}
    assert {module.__name__.split(".")[-1] for module in modules("suites.controls", "CONTROLS")} == named
    assert len(controls()) == len({control.sampler.name for control in controls()})


def test_every_word_of_a_case_is_asked_for_by_a_suite_and_the_other_way_round():
    assert {word for case in CASES for word in case.asks} == {word for words in ASKED.values() for word in words}


@pytest.mark.parametrize("suite", [name for name in ASKED if name not in ELSEWHERE])
def test_a_case_reaches_the_suites_that_it_asks_for_and_no_others(suite):
    new = replace(case("ragged-7"), name="new", asks=())
    asks = replace(new, asks=ASKED[suite])

    def made(one):
        return {check.name for check in FAMILIES[suite](get("gumbel-max"), "index", (one,), Options())}

    assert not made(new)
    assert made(asks)
    assert all("/new" in name for name in made(asks))


@pytest.mark.parametrize("path", sorted((ROOT / "suites" / "families").glob("*.py")), ids=lambda path: path.stem)
def test_no_suite_compares_the_name_of_a_case(path):
    compared = [
        side
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Compare)
        for side in (node.left, *node.comparators)
        if isinstance(side, ast.Attribute) and side.attr == "name" and ast.unparse(side.value).endswith("case")
    ]
    assert not compared


def test_trust_is_one_word():
    assert {sampler.name for sampler in registered() if sampler.trusted} >= {"direct", "gumbel-max", "relaxed"}
    modules = [path for path in (ROOT / "harness").rglob("*.py") if path.parent.name != "builtin"]  # whose family it is
    says = [path.name for path in modules if '"built-in"' in path.read_text()]
    assert says == ["registry.py"]


def test_every_suite_says_in_a_sentence_what_it_asks():
    found = load_content(Options())
    own = {check.suite for claim in found.claims(Options()) for check in claim.checks}
    asked = {*found.suites, *own}
    assert {*found.asks} == asked
    assert all(words[0].isupper() and words.endswith(".") for words in found.asks.values())
