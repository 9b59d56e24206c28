import csv
import itertools
import json
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

import reports
from harness.ledger.states import STATES, state
from reports.choice import choose, chosen
from reports.drawing.classes import classed
from reports.figures import draw
from reports.page import page, strongest
from reports.summary import headline, split
from reports.view import deviates, load

HOSTILE = "<script>alert(1)</script>\"'&{{ 7*7 }}"
VOID = {"meta", "br", "wbr", "input", "rect", "path", "use"}
MANIFEST = {
    "schema": 1,
    "seed": 3,
    "options": {"tolerance": 0.01, "alpha": 1e-6, "beta": 1e-3, "seed": 3, "profile": "quick"},
    "engine": {"name": "serial", "workers": 1},
    "command": HOSTILE,
    "targets": [],
    "interrupted": False,
    "budget": {
        "alpha": 1e-6,
        "alpha_per_check": 2.4e-10,
        "planned": 9,
        "looks": [{"share_of_draws": 1.0, "share_of_alpha": 1.0}],
    },
    "versions": {"python": "3.11.7"},
    "machine": {"system": "Linux", "processor": HOSTILE, "cores": None, "byteorder": "little"},
    "commit": "",
    "start": "2026-01-01T00:00:00+00:00",
    "end": "2026-01-01T00:00:01+00:00",
    "seconds": 1.0,
    "claims": [],
    "samplers": [],
}
RESIDUALS = {
    "kind": "residuals",
    "tested": [
        {"law": "binomial", "decides": False, "name": ["0", "1"], "observed": [480, 520], "expected": [500, 500],
         "error": [15, 15], "low": [400, 400], "high": [600, 600], "of": 2},
        {"law": "chi-square", "decides": True, "name": ["sum of squared scores"], "observed": [1.5], "expected": [1],
         "low": [0], "high": [40]},
    ],
}  # fmt: skip
CURVES = {"kind": "curves", "title": HOSTILE, "series": [{"label": HOSTILE, "x": [0, 1], "y": [1, 2]}]}


def row(check, claims=(), verdict="verified", exhibit=None, **more):
    return {
        "check": check,
        "claims": list(claims),
        "suite": "suite",
        "method": "chi-square",
        "sampler": "guest",
        "case": "die",
        "n": 1000,
        "statistic": 1.5,
        "p_value": 0.4,
        "alpha": 2.4e-10,
        "effect": 0.001,
        "detectable": 0.009,
        "tolerance": 0.01,
        "unit": "total variation",
        "verdict": verdict,
        "reason": "a deviation of 0.009 would have shown, none did",
        "seed": 3,
        "why": "why",
        "judges": True,
        "impossible": "",
        "broken": "",
        "missing": "",
        "notes": {"dof": 5},
        "exhibit": exhibit or {},
        "inputs": [{"scenario": f"guest/index/{check}", "measurement": "counts", "why": "a reason"}],
        "statistics": [],
        **more,
    }


def claim(name, expected="verified", says="A claim."):
    return {"claim": name, "document": name.split(".")[0], "where": "eq. (1)", "statement": says, "expected": expected}


def folder(path, rows, claims=(), **more):
    path.mkdir()
    (path / "manifest.json").write_text(json.dumps({**MANIFEST, "claims": list(claims), **more}))
    (path / "ledger.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))
    return path


@pytest.fixture
def run(tmp_path):
    """A run in which one claim is wrong as written, one is refuted that should hold, and something broke."""
    rows = [
        row("good", ["doc.right", "doc.wrong.corrected"], exhibit=RESIDUALS),
        row("counterexample", ["doc.wrong"], "refuted", CURVES, p_value=None, reason="0.5 is not 0.25"),
        row("bad", ["doc.sad"], "refuted", RESIDUALS, p_value=1e-30),
        row("broken", ["doc.sad"], "inconclusive", {"kind": "nonsense"}, n=0, p_value=None, broken="it raised"),
        row("empty", [], "verified", statistic=None, p_value=None, effect="inf"),
    ]
    claims = [
        claim("doc.right"),
        claim("doc.wrong", "refuted", "A wrong sentence."),
        claim("doc.wrong.corrected", says="The right sentence."),
        claim("doc.sad"),
    ]
    samplers = [{"sampler": "guest", "family": "guest", "emits": ["index"], "dtype": "float64"}]
    return folder(tmp_path / "run", rows, claims, samplers=samplers)


class Structure(HTMLParser):
    """Checks that elements nest, and collects ids, links, headings and what the page would load."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.headings, self.loads, self.scripts = [], [], [], [], [], 0

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if tag == "a" else []
        self.loads += [found[key] for key in ("src", "srcset", "data", "poster", "action") if key in found]
        self.loads += [found["href"]] if tag in {"link", "image", "base"} and "href" in found else []
        self.scripts += tag == "script"
        self.headings += [int(tag[1])] if re.fullmatch("h[1-6]", tag) else []
        if tag == "th":
            assert found["scope"] in {"row", "col"}
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag


def structure(path):
    reports.write(path)
    parsed = Structure()
    parsed.feed((path / "report.html").read_text())
    assert not parsed.open
    return parsed


def test_the_page_is_well_formed_and_loads_nothing(run):
    page = structure(run)
    text = (run / "report.html").read_text()
    assert page.loads == []
    assert page.scripts == 1
    assert not re.search(r"@import|url\(\s*['\"]?(?!#)", text)
    assert not [link for link in page.links if "//" in link]
    assert "default-src 'none'" in text


def test_ids_are_unique_and_links_lead_somewhere(run):
    page = structure(run)
    assert len(page.ids) == len(set(page.ids))
    assert {unquote(link[1:]) for link in page.links if link.startswith("#")} <= set(page.ids)
    assert all((run / link).exists() for link in page.links if not link.startswith("#") and link != "timings.csv")


def test_headings_are_in_order(run):
    levels = structure(run).headings
    assert levels.count(1) == 1
    main = levels[levels.index(1) :]
    assert all(after <= before + 1 for before, after in itertools.pairwise(main))


def test_claims_stand_in_order_with_both_forms_and_their_command(run):
    structure(run)
    text = (run / "report.html").read_text()
    assert re.findall(r'<article id="([^"]+)"', text) == ["doc.right", "doc.wrong", "doc.wrong.corrected", "doc.sad"]
    wrong = text.split('<article id="doc.wrong"')[1].split("</article>")[0]
    for words in ("A wrong sentence.", "The right sentence.", "as expected", "0.5 is not 0.25", "eq. (1)"):
        assert words in wrong
    assert "gumbel-harness validate --claim doc.wrong --seed 3" in wrong


def test_what_is_not_as_expected_comes_before_the_claims(run):
    structure(run)
    text = (run / "report.html").read_text()
    first = text.split('id="not-as-expected"')[1].split('id="claims"')[0]
    assert "doc.sad" in first
    assert "doc.wrong" not in first
    assert "broken" in first
    assert "no figure for an exhibit" in first


def test_a_second_writing_gives_the_same_bytes_and_clears_old_figures(run):
    reports.write(run)
    for name in ("stale.svg", "foreign.svg"):
        (run / "figures" / name).write_text("old")
    with open(run / "figures" / ".written", "a") as names:
        names.write("stale\n")
    (run / "figures" / "mine.txt").write_text("keep")
    before = {path.name: path.read_bytes() for path in run.rglob("*.*") if path.name not in ("stale.svg", ".written")}
    reports.write(run)
    assert {path.name: path.read_bytes() for path in run.rglob("*.*") if path.name != ".written"} == before
    assert {"report.html", "summary.md", "checks.csv", "claims.csv", "samplers.csv", "bad.svg"} <= before.keys()
    assert not list(run.rglob("*.part"))


def test_names_and_texts_are_escaped_everywhere(tmp_path):
    rows = [
        row(
            HOSTILE,
            [f"doc.{HOSTILE}"],
            "refuted",
            CURVES,
            unit=HOSTILE,
            reason=HOSTILE,
            why=HOSTILE,
            notes={HOSTILE: HOSTILE},
        )
    ]
    page = structure(folder(tmp_path / "run", rows, [claim(f"doc.{HOSTILE}", says=HOSTILE)]))
    text = (tmp_path / "run" / "report.html").read_text()
    assert page.scripts == 1
    assert "{{ 7*7 }}" in text
    assert "<script>" not in (tmp_path / "run" / "summary.md").read_text().replace("\\<", "")


@pytest.mark.parametrize("interrupted", [False, True])
def test_a_run_without_claims_or_checks_has_a_page(tmp_path, interrupted):
    structure(folder(tmp_path / "run", [], interrupted=interrupted))
    summary = (tmp_path / "run" / "summary.md").read_text()
    assert "Nothing was checked" in summary
    assert ("interrupted" in summary) == interrupted


def test_a_guests_command_names_its_target(tmp_path):
    options = {"tolerance": 0.05, "alpha": 1e-9, "beta": 1e-3, "seed": 0, "profile": "full"}
    path = folder(
        tmp_path / "run",
        [row("a", ["sampler.mine"])],
        [claim("sampler.mine")],
        targets=["my file.py:mine"],
        options=options,
    )
    assert load(path).command("sampler.mine") == (
        "gumbel-harness validate 'my file.py:mine' --claim sampler.mine "
        "--seed 0 --profile full --tolerance 0.05 --alpha 1e-09"
    )
    structure(path)
    assert "Validation of mine" in (path / "report.html").read_text()


def test_the_page_of_a_run_with_more_figures_than_fit_stays_below_two_and_a_half_megabytes(tmp_path):
    names = [f"document.claim-{i}" for i in range(75)]
    rows = [
        row(f"chi_square/top-down-{i}/gumbel/scale-and-shift-{i}", names[i % 75 : i % 75 + (i < 375)],
            exhibit=CURVES | {"kind": f"curves{i // 75}"})
        for i in range(1100)
    ]  # fmt: skip
    view = load(folder(tmp_path / "run", rows, [claim(name) for name in names]))
    choice = choose(view)
    one = draw(row("one", exhibit=RESIDUALS), "one", "f0")
    drawings = {check: replace(one, name=f"one-{i}", svg=one.svg * 2) for i, check in enumerate(choice.names)}
    text = page(view, choice, drawings)
    shown = text.count("<svg") // 2
    assert 100 < shown < len(drawings)
    assert text.count("Figure: <a") >= len(drawings) - shown
    assert len(text.encode()) < 2_500_000


def test_styles_become_classes_only_within_tags():
    told = '<text style="fill:red"> style="fill:red"</text>' * 4 + '<path d="M0 0" style="fill:blue" />'
    made, rules = classed({"a": told})
    assert made["a"].count('<text class="s0"> style="fill:red"</text>') == 4
    assert made["a"].endswith('<path d="M0 0" style="fill:blue" />')
    assert rules == ".s0{fill:red}\n"


def test_the_summary_of_a_wrecked_run_fits_a_ci_step(tmp_path):
    rows = [row(f"check {i}", [], "refuted", reason="x" * 5000) for i in range(1000)]
    path = folder(tmp_path / "run", rows)
    structure(path)
    assert (path / "summary.md").stat().st_size < 2**19
    assert "800 more" in (path / "summary.md").read_text()


@pytest.mark.parametrize(
    ("verdict", "claims", "deviating"),
    [
        ("verified", ["a"], False),
        ("inconclusive", ["a"], True),
        ("refuted", [], True),
        ("refuted", ["a"], True),
        ("refuted", ["wrong"], False),
        ("inconclusive", ["wrong"], True),
    ],
)
def test_a_check_deviates_by_what_its_claims_deserve(verdict, claims, deviating):
    assert deviates({"verdict": verdict, "claims": claims}, {"a": "verified", "wrong": "refuted"}) is deviating


def test_a_claims_own_figures_come_before_general_ones():
    general = [
        row(f"g{i}", ["a", "b"], exhibit={"kind": kind}) for i, kind in enumerate(["table", "ecdf", "residuals"])
    ]
    own = [row(f"o{i}", ["a"], exhibit={"kind": kind}) for i, kind in enumerate(["curves", "curves", "bars"])]
    assert [one["check"] for one in chosen([*general, *own])] == ["o0", "o2", "o1"]
    assert [one["check"] for one in chosen([*general, own[0]])] == ["o0", "g2", "g1"]


def test_what_refuted_is_drawn_before_what_was_stopped_for_it_which_is_folded(tmp_path):
    bad = row("bad", ["sampler.guest"], "refuted", RESIDUALS, p_value=1e-30)
    stopped = "drawing ended early, as bad was refuted; could have missed 0.4, the tolerance is 0.01"
    rest = [row(f"rest-{i}", ["sampler.guest"], "inconclusive", CURVES, reason=stopped) for i in range(3)]
    made = folder(tmp_path / "run", [bad, *rest], [claim("sampler.guest")])
    reports.write(made)
    text = (made / "report.html").read_text().split('id="not-as-expected"')[1].split("</section>")[0]
    before, _, folded = text.partition("<summary>3 checks stopped early")
    assert before.count("<figure") == 1 and "rest-0" not in before
    assert all(f"rest-{i}" in folded for i in range(3)) and "<figure" not in folded


def test_where_nothing_can_be_drawn_a_sentence_says_so(tmp_path):
    same = row("metamorphic/guest/same-seed", ["sampler.guest"], "refuted", p_value=None, impossible="it changed")
    rests = row("sweep/guest/points", ["sampler.guest"], "refuted", p_value=1e-30)
    broken = row("missing", ["sampler.guest"], "inconclusive", missing="needs a package")
    assert chosen([broken]) == [] and chosen([broken, same]) == [same]
    made = folder(tmp_path / "run", [same, rests, broken], [claim("sampler.guest")])
    reports.write(made)
    text = (made / "report.html").read_text()
    assert "metamorphic/guest/same-seed has no figure: one such case is enough" in text
    assert "sweep/guest/points has no figure: it rests on one probability, p = 10⁻³⁰ where α = 2.4 × 10⁻¹⁰." in text
    assert "missing has no figure" not in text
    right = draw({**same, "impossible": "", "verdict": "verified"}, "name", "f0")
    assert not right.svg and "was compared as it is" in right.words


def test_tables_of_other_commands_become_sections(run):
    with open(run / "controls.csv", "w", newline="") as lines:
        csv.writer(lines).writerows(
            [["control", "n", "verdict"], ["float32", "100", "refuted"], [HOSTILE, "", "verified"]]
        )
    page = structure(run)
    assert "selftest" in page.ids
    shutil.copy(run / "controls.csv", run / "bench.csv")
    assert "bench" in structure(run).ids
    with open(run / "verdicts.csv", "w", newline="") as lines:
        table = [
            ["control", "case", "rule", "rate", "n", "power", "seconds"],
            [HOSTILE, "die", "JAX", "0.01", "", "0.4", ""],
        ]
        csv.writer(lines).writerows(table)
    structure(run)
    page = (run / "report.html").read_text()
    assert "Draws and seconds to a verdict" in page and "not caught" in page


def stated(check, state, **more):
    """A row in a state: refuted and verified are verdicts, the others are inconclusive for a reason."""
    why = {"broken": {"broken": "it raised TypeError"}, "missing": {"missing": "needs jax"}}.get(state, {})
    reason = "drawing ended early, as a was refuted; too few" if state == "stopped early" else "too few draws"
    if state in ("refuted", "verified"):
        return row(check, ["sampler.guest"], state, **more)
    return row(check, ["sampler.guest"], "inconclusive", **{"reason": reason, "p_value": None, **why, **more})


@pytest.mark.parametrize("word", STATES)
def test_the_states_are_different_words_everywhere(tmp_path, word):
    path = folder(tmp_path / "run", [stated("one", word)], [claim("sampler.guest")])
    structure(path)
    assert state(stated("one", word)) == word
    summary, page = ((path / name).read_text() for name in ("summary.md", "report.html"))
    assert f"Checks: 1 {word}." in summary
    assert f"<span>1 {word}</span>" in page.replace('<span class="sum">', "<span>")
    assert f'data-state="{word}"' in page
    others = set(STATES) - {word, "verified", "refuted", "inconclusive"}
    assert not any(f"</span> {other}</span>" in page.split("glossary")[0] for other in others)


CELLS = {
    "kind": "groups",
    "tested": [
        {"law": "binomial", "decides": True, "name": ["odd", "category 3"], "observed": [500, 31], "expected": [499, 259],
         "error": [1, 1], "low": [400, 150], "high": [600, 350], "of": 2},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            [stated("a", "refuted", exhibit=CELLS, p_value=1e-76, case="zipf-1000"), stated("b", "stopped early")],
            "guest: refuted. Category 3 drawn 31 times where 259 are due, p = 10⁻⁷⁶, case zipf-1000.",
        ),
        ([stated("a", "refuted", exhibit=CELLS, p_value=0.0)], "due, p < 10⁻³⁰⁷, case die."),
        (
            [stated("a", "broken"), stated("b", "broken")],
            "guest: broken. Too few draws, case die. So are 2 of 2 checks",
        ),
        (
            [stated("a", "missing"), stated("b", "verified")],
            "guest: missing. Too few draws, case die. So is 1 of 2 checks",
        ),
        ([stated("a", "verified")], "All is as expected: 1 claim and 1 check."),
    ],
)
def test_the_headline_is_the_answer_with_its_most_telling_evidence(tmp_path, rows, said):
    samplers = [{"sampler": "guest", "family": "guest", "emits": ["index"], "dtype": "float64"}]
    view = load(folder(tmp_path / "run", rows, [claim("sampler.guest")], samplers=samplers))
    assert said in headline(view)


def test_refuted_claims_of_the_documents_are_named_before_all_else(run):
    structure(run)
    text = (run / "report.html").read_text()
    first = text.split('id="wrong-as-written"')[1].split('id="glance"')[0]
    assert "doc.wrong" in first and "0.5 is not 0.25" in first and "doc.sad" not in first
    assert text.index('id="glance"') < text.index('<details class="provenance">') < text.index('id="not-as-expected"')


def test_every_check_has_an_address_and_a_command(run):
    page = structure(run)
    assert {f"check:{name}" for name in ("good", "counterexample", "bad", "broken", "empty")} <= set(page.ids)
    assert load(run).command(check="a/b c") == "gumbel-harness validate --check 'a/b c' --seed 3"
    assert 'data-template="gumbel-harness validate --check CHECK --seed 3"' in (run / "report.html").read_text()


def test_rows_beyond_the_first_two_thousand_go_with_the_page_as_data(tmp_path):
    few = [row(f"check-{i}", ["doc.a" if i % 2 else "doc.b"], p_value=0.5 - i / 1e4) for i in range(2003)]
    few[-1] = row("</script><b>x", ["doc.a"], "verified", p_value=None, effect=None, n=5000, why="a reason of its own")
    made = folder(tmp_path / "run", few, [claim("doc.a"), claim("doc.b")])
    reports.write(made)
    text = (made / "report.html").read_text()
    (data,) = re.findall(r'<script type="application/json" id="more-checks-table-1">(.*?)</script>', text)
    told = json.loads(data)
    names = re.findall(r'<tr id="check:([^"]+)"', text)
    further = [one[0] for one in told["rows"]]
    assert len(names) == 2000 and len(further) == 3 and not set(names) & set(further)
    assert further[-1] == "</script><b>x"
    _, state, why, claims, cells = told["rows"][-1]
    assert told["states"][state][0] == "verified" and told["claims"][claims] == "doc.a"
    assert re.findall(r"<li>(.*?)</li>", text.split('<ol id="whys"')[1])[why] == "a reason of its own"
    assert cells[0] == ["5,000", 5000] and cells[2] == "" and cells[-1] == "total variation"


def test_a_row_tells_what_its_suite_asks_and_why_it_was_made(run):
    manifest = json.loads((run / "manifest.json").read_text())
    (run / "manifest.json").write_text(json.dumps({**manifest, "suites": {"suite": f"What is asked. {HOSTILE}"}}))
    structure(run)
    text = (run / "report.html").read_text()
    assert '<dt id="suite:suite">suite</dt>\n<dd><span class="asks">What is asked. &lt;script' in text
    assert text.count('data-why="0"') == 5 and "<li>why</li>" in text


def test_run_again_keeps_what_the_run_selected(tmp_path):
    options = {**MANIFEST["options"], "keep_going": True}
    command = "gumbel-harness validate --suite ks --workers 2 --check a --out x"
    path = folder(tmp_path / "run", [row("a")], command=command, options=options)
    assert load(path).command() == "gumbel-harness validate --suite ks --check a --seed 3 --keep-going"


def test_the_budget_adds_up(run):
    view = load(run)
    assert "alpha 10⁻⁶ for the whole run, split evenly over 4,167 places, of which 9 planned checks take" in split(view)


def test_a_claim_leads_with_its_strongest_evidence():
    support = [row(f"s{i}", ["a"], suite="support", p_value=None, n=9000) for i in range(9)]
    counts = [row(f"c{i}", ["a", "b"], suite="chi_square", n=100 * i) for i in range(3)]
    wrong = row("w", ["a"], "refuted")
    assert [one["check"] for one in strongest([*support, *counts, wrong])][:4] == ["w", "c2", "s0", "c1"]


def test_what_refuted_is_drawn_first():
    own = [row(f"o{i}", ["a"], exhibit={"kind": "curves"}) for i in range(3)]
    wrong = row("w", ["a", "b"], "refuted", {"kind": "residuals"})
    assert chosen([*own, wrong])[0] is wrong
