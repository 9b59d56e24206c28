"""The page is one file that needs no network: counts and provenance, what is not as expected, claims, tables, glossary."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from markupsafe import Markup

from harness.ledger.states import MARKS, MEANINGS, STATES, state, tallied, tally
from reports.choice import Choice
from reports.drawing.classes import classed
from reports.drawing.svg import inline
from reports.figures import Drawing
from reports.files import FIGURES
from reports.formulas import mathml
from reports.further import further
from reports.sections import sections
from reports.sections.checks import COLUMNS
from reports.summary import headline, passing, split, tone
from reports.telling import telling
from reports.templating import asset, environment
from reports.view import CORRECTED, Row, View, anchor
from reports.words import counted, number

EVIDENCE = 8
"""Rows of evidence that stand beside a claim; the table of all checks has the others."""
INLINE_BUDGET = 950_000
"""Characters of figures within the page; those that do not fit are linked."""
HERE = "CHECK"
"""Stands for a check's name in the command that runs one check."""
NAMED = 12
"""Checks of a suite that are named at a glance."""
WORDS = ("verified", "refuted", "inconclusive")


@dataclass(frozen=True)
class Shown:
    """A figure at one place of the page: drawn here, shown elsewhere (``at``), or only linked as a file."""

    drawing: Drawing
    svg: Markup
    at: str


@dataclass(frozen=True)
class Article:
    """A claim with what stands beside it: its evidence, its figures, the command, and its other form if it has one."""

    claim: Row
    other: Row | None
    rows: Sequence[Row]
    more: int
    figures: Sequence[Shown]
    command: str
    formula: Markup


class Gallery:
    """Places each figure once: where it is first asked for, if it is among those that fit the budget.

    ``css`` are the rules of what the figures have in common.
    """

    def __init__(self, choice: Choice, drawings: Mapping[str, Drawing]) -> None:
        self._drawings = drawings
        self._placed: set[str] = set()
        self._fitting: dict[str, str] = {}
        room = INLINE_BUDGET
        inlined, self.css = classed({row["check"]: inline(drawings[row["check"]].svg) for row in choice.in_order})
        for check, svg in inlined.items():
            if len(svg) <= room:
                self._fitting[check] = svg
                room -= len(svg)

    def show(self, rows: Iterable[Row]) -> list[Shown]:
        """Return the figures of these rows for the next place of the page."""
        return [self._one(row["check"]) for row in rows]

    def _one(self, check: str) -> Shown:
        drawing = self._drawings[check]
        if check in self._placed:
            return Shown(drawing, Markup(""), f"figure-{drawing.name}")
        if check not in self._fitting:
            return Shown(drawing, Markup(""), "")
        self._placed.add(check)
        return Shown(drawing, Markup(self._fitting[check]), "")


def page(view: View, choice: Choice, drawings: Mapping[str, Drawing]) -> str:
    """Return report.html."""
    gallery = Gallery(choice, drawings)
    deviating = gallery.show(choice.deviating)
    articles = [_article(view, claim, gallery.show(choice.claims[claim["claim"]])) for claim in view.claims]
    script, css = asset("report.js"), asset("report.css")
    whys = {why: i for i, why in enumerate(dict.fromkeys(row["why"] for row in view.rows))}
    text = (
        environment()
        .get_template("report.html.j2")
        .render(
            view=view,
            title=_title(view),
            headline=headline(view),
            passing=passing(view),
            glance=_glance(view),
            wrong=[claim for claim in view.claims if claim["verdict"] == "refuted" and claim["agrees"]],
            evidence_of=lambda claim: telling(view.bearing(claim["claim"])[0]),
            counts_of_states=tally(view.rows),
            states={word: (MARKS[word], MEANINGS[word]) for word in STATES},
            state=state,
            order={word: i for i, word in enumerate(STATES)},
            anchor=anchor,
            check_columns=COLUMNS,
            shown={row["check"] for row in view.rows},
            row_command=view.command(check=HERE),
            whys=whys,
            more_rows=lambda table: further(table, whys),
            here=HERE,
            tone=tone(view),
            counts=[_counts("claims", view.claims), _counts("checks", view.rows), _counts("samplers", view.samplers)],
            provenance=_provenance(view),
            deviating=deviating,
            documents=[
                (name, list(group)) for name, group in groupby(articles, lambda article: article.claim["document"])
            ],
            sections=sections(view),
            folder=FIGURES,
            css=Markup(css + gallery.css),
            script=Markup(script),
            script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        )
    )
    return text + "\n"


def _article(view: View, claim: Row, figures: Sequence[Shown]) -> Article:
    name = claim["claim"]
    twin = name.removesuffix(CORRECTED) if name.endswith(CORRECTED) else name + CORRECTED
    other = next((row for row in view.claims if row["claim"] == twin), None)
    rows = strongest(view.bearing(name))
    formula = next((str(one.get("formula", "")) for one in view.manifest["claims"] if one["claim"] == name), "")
    return Article(
        claim, other, rows[:EVIDENCE], max(len(rows) - EVIDENCE, 0), figures, view.command(name), mathml(formula)
    )


def strongest(rows: Sequence[Row]) -> list[Row]:
    """Return rows, what is not verified first; of the verified those with a p-value, made for the claim and of most draws,
    one of each suite in turn.
    """
    open_ = [row for row in rows if row["verdict"] != "verified"]
    rest = sorted(
        (row for row in rows if row["verdict"] == "verified"),
        key=lambda row: (row["p_value"] is None, len(row["claims"]), -row["n"]),
    )
    turn: dict[str, int] = {}
    ranked = []
    for i, row in enumerate(rest):
        turn[row["suite"]] = turn.get(row["suite"], -1) + 1
        ranked.append((turn[row["suite"]], i, row))
    return [*open_, *(row for _, _, row in sorted(ranked, key=lambda item: item[:2]))]


def _glance(view: View) -> list[dict[str, Any]]:
    """Return for each suite its checks as runs of marks, by case, and the names of those that are refuted or broken."""
    suites: dict[str, list[Row]] = {}
    for row in view.rows:
        suites.setdefault(row["suite"], []).append(row)
    asks = view.manifest.get("suites", {})
    return [
        {"suite": name, "asks": asks.get(name, ""), **_row_of_marks(view, rows)}
        for name, rows in sorted(suites.items())
    ]


def _row_of_marks(view: View, rows: Sequence[Row]) -> dict[str, Any]:
    ordered = sorted(rows, key=lambda row: (row["case"], row["sampler"], row["check"]))
    runs = [(word, MARKS[word] * len(list(group))) for word, group in groupby(ordered, key=state)]
    named = [row for word in ("refuted", "broken") for row in rows if state(row) == word]
    return {"words": tallied(rows), "runs": runs, "named": named[:NAMED], "more": max(len(named) - NAMED, 0)}


def _title(view: View) -> str:
    documents = sorted({claim["document"] for claim in view.claims})
    if documents == ["sampler"]:
        return "Validation of " + ", ".join(claim["claim"].removeprefix("sampler.") for claim in view.claims)
    return f"Validation of {counted(len(view.claims) or len(view.samplers), 'claim' if view.claims else 'sampler')}"


def _counts(name: str, rows: Sequence[Row]) -> dict[str, Any]:
    counts = {word: sum(row["verdict"] == word for row in rows) for word in WORDS}
    return {"name": name, "all": len(rows), **counts}


def _provenance(view: View) -> list[tuple[str, str]]:
    """Return what a reader needs to trust and to repeat the run, in words."""
    manifest = view.manifest
    options, budget, machine = manifest["options"], manifest["budget"], manifest["machine"]
    looks = "; ".join(
        f"at {number(100 * look['share_of_draws'])} % of the draws {number(100 * look['share_of_alpha'])} % of alpha"
        for look in budget["looks"]
    )
    said = [
        ("Seed", str(manifest["seed"])),
        (
            "Tolerance",
            f"{number(options['tolerance'])} (profile {options['profile']}), unless a case declares a coarser one",
        ),
        (
            "Error budget",
            f"{split(view)}; beta {number(options['beta'])} for each check",
        ),
        ("Looks", looks),
        ("Draws", f"{number(sum(_draws(view.rows).values()))} in {counted(len(_draws(view.rows)), 'scenario')}"),
        ("Run", f"{_moment(manifest['start'])} to {_moment(manifest['end'])}, {number(manifest['seconds'])} s"),
        ("Engine", f"{manifest['engine']['name']}, {counted(manifest['engine']['workers'], 'worker')}"),
        ("Machine", f"{machine['processor']}, {counted(machine['cores'] or 0, 'core')}, {machine['system']}"),
        ("Versions", ", ".join(f"{name} {version}" for name, version in manifest["versions"].items())),
        ("Commit", manifest["commit"]),
        ("Command", manifest["command"]),
    ]
    return [(name, words) for name, words in said if words]


def _moment(stamp: str) -> str:
    return stamp.replace("T", " ").replace("+00:00", " UTC")


def _draws(rows: Iterable[Row]) -> dict[str, int]:
    """Return the draws of each scenario: checks share them, so the greatest n of any check counts."""
    found: dict[str, int] = {}
    for row in rows:
        for part in row["inputs"]:
            found[part["scenario"]] = max(found.get(part["scenario"], 0), row["n"])
    return found
