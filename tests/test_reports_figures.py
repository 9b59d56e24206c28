import re
from xml.etree import ElementTree

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from reports.drawing import style
from reports.drawing.lettering import Words
from reports.drawing.panel import Panel
from reports.drawing.sheet import refine, scale
from reports.drawing.svg import inline, path, standalone
from reports.figures import draw, kinds


def part(law, names, observed, expected, low, high, decides=False, **more):
    return {"law": law, "name": names, "observed": observed, "expected": expected, "low": low, "high": high,
            "decides": decides, "error": [1.0] * len(names), "of": len(names), **more}  # fmt: skip


CELLS = part(
    "binomial",
    ["0", "1", "7 rare categories together"],
    [480, 520, 9],
    [500.0, 499.9, 0.1],
    [400, 400, 0],
    [600, 600, 5],
)
TOTAL = part("chi-square", ["sum of squared scores"], [80.0], [2.0], [0.0], [40.0], True)
EXHIBITS = {
    "residuals": {"categories": 9, "units": 1000, "tested": [CELLS, TOTAL]},
    "groups": {"tested": [{**CELLS, "decides": True}, {**CELLS, "name": ["a", "b", "c"], "decides": True}]},
    "two_samples": {"units": [14, 14], "tested": [{**CELLS, "law": "hypergeometric"}, TOTAL]},
    "table": {
        "z": [0.1, -4.0, 9.0, 1.5],
        "shape": [2, 2],
        "units": 100,
        "x_label": "one",
        "y_label": "other",
        "tested": [{**CELLS, "name": ["0, 0", "0, 1", "1, 0"]}, TOTAL],
    },
    "laws": {
        "categories": 3,
        "units": 100,
        "shown": [0, 1, 2],
        "observed": [60, 39, 1],
        "laws": [
            {"name": "declared", "keeps": 2, "probability": [0.6, 0.4, 0.0], "fits": None},
            {"name": "other", "keeps": 1, "probability": [1.0, 0.0, 0.0], "fits": False},
            {"name": "third", "keeps": 3, "probability": [0.5, 0.4, 0.1], "fits": True},
        ],
        "tested": [{**CELLS, "name": ["0", "1", "2"]}, TOTAL],
    },
    "ecdf": {
        "u": [0.25, 0.5, 0.75],
        "difference": [[0.01, -0.02, 0.0], [0.0, 0.05, 0.01]],
        "n": [100, 200],
        "worst": 1,
        "peak": [0.6, 0.06],
        "tested": [part("massart", ["coordinate 1"], [0.06], [0.0], [0.0], [0.2], True)],
    },
    "tails": {
        "power": [6, 7, 8],
        "tested": [
            part("binomial", ["6", "7", "8"], seen, [15.6, 7.8, 3.9], [2, 0, 0], [40, 30, 24], True)
            for seen in ([15, 9, 0], [17, 8, 60])
        ],
    },
    "mean": {"tested": [part("bernstein", ["mean"], [0.58], [0.577], [0.5], [0.65], True)], "n": 1000},
    "curves": {
        "title": "training",
        "x_label": "step",
        "y_label": "error",
        "log_x": True,
        "log_y": True,
        "series": [
            {
                "label": "mean",
                "x": [1, 10, 100],
                "y": [0.1, 0.05, 0.01],
                "low": [0.08, 0.04, 0],
                "high": [0.2, 0.1, 0.02],
            },
            {
                "label": "seen",
                "x": [1, 10],
                "y": [0.1, None],
                "style": "points",
                "low": [0.05, 0.1],
                "high": [0.2, 0.3],
            },
            {"x": [1, 100], "y": [0.1, 0.01], "style": "steps"},
        ],
        "lines": [{"y": 0.0092, "label": "measured before"}, {"x": 10}],
    },
    "lines": {
        "lines": [
            {"label": "chain rule", "points": 60, "median": 0.0, "largest": 3e-16},
            {"label": "both factors inserted", "points": 60, "median": 1e-16, "largest": 2e-15},
        ],
        "bound": 1e-12,
    },
    "panels": {
        "panels": [
            {
                "title": title,
                "x_label": "temperature",
                "log_x": True,
                "series": [
                    {"label": "exact", "x": [0.1, 1, 10], "y": [3, 2, 1]},
                    {"label": "drawn", "x": [0.1, 1], "y": [3, 2], "low": [2, 1], "high": [4, 3], "style": "points"},
                ],
                "lines": [{"x": 1.5, "label": "least error"}],
            }
            for title in ("bias", "variance")
        ],
    },
    "bars": {
        "categories": ["a rather long name", "another long name of a bar", "c"],
        "series": [{"label": "one", "values": [1, 2], "low": [0.5, 1], "high": [2, 3]}, {"values": [3, "inf", None]}],
    },
    "ternary": {
        "panels": [
            {
                "title": "temperature 1",
                "cells": [
                    {"sector": r, "box": [[0, 0.5], [0.5, 1]], "expected": 0.3, "observed": 10, "z": 4.0 * r - 4}
                    for r in range(3)
                ],
            }
        ],
        "tested": [{**CELLS, "name": ["0, 0, 0", "1, 0, 0", "2, 0, 0"]}, TOTAL],
    },
    "square": {
        "boundary": {"label": "u1 = u2", "u1": [0, 1], "u2": [0, 1]},
        "groups": [{"label": "C1", "points": [[0.1, 0.9]]}, {"label": "C2", "points": [[0.9, 0.1]]}],
    },
    "within": {
        "x": [1, 10, 10, 100],
        "y": [0.5, 0.52, 0.9, 0.4],
        "due": [0.5] * 4,
        "low": [0.4, 0.4, 0.4, 0.3],
        "high": [0.6, 0.6, 0.6, 0.7],
        "log_x": True,
        "x_label": "draws apart",
        "what": "farthest of each stretch",
    },
    "contours": {"x": [0, 1, 2], "y": [0, 1], "z": [[0, 1, 0], [1, 2, 1]], "points": [[0.5, 0.5]]},
}
HOSTILE = "<script>alert('$\\frac{1}{0}$')</script>&\x00]]>"


def record(kind, exhibit, **more):
    more = {"check": f"suite/{kind}", "n": 1000, "seed": 7, "alpha": 1e-9, "verdict": "verified", "inputs": [], **more}
    return {**more, "exhibit": {"kind": kind, **exhibit}}


def hostile(value):
    """The same exhibit with every list emptied, every number missing, or every text an attack."""
    yield {key: [] if isinstance(item, list) else item for key, item in value.items()}
    yield {key: item[:1] if isinstance(item, list) else item for key, item in value.items()}
    for bad in ("inf", None, "nan", HOSTILE):
        yield {key: [bad] * len(item) if isinstance(item, list) else item for key, item in value.items()}
        yield dict.fromkeys(value, bad)
    yield {}


def test_every_kind_has_an_example_here():
    assert set(EXHIBITS) == kinds()


@pytest.mark.parametrize("kind", EXHIBITS)
def test_a_figure_says_what_it_shows(kind):
    drawing = draw(record(kind, EXHIBITS[kind]), "name", "f1")
    root = ElementTree.fromstring(drawing.svg)
    assert root.get("role") == "img"
    title, description = root[0], root[1]
    assert (title.tag, description.tag) == ("{http://www.w3.org/2000/svg}title", "{http://www.w3.org/2000/svg}desc")
    assert title.text == drawing.title
    assert description.text == drawing.words
    assert root.get("aria-labelledby").split() == [title.get("id"), description.get("id")]
    assert re.search(r"n = 1,000\W+seed 7\W+verdict: verified", drawing.words)
    seen = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert any("seed 7" in text and "verified" in text for text in seen)


@pytest.mark.parametrize("kind", EXHIBITS)
def test_ids_begin_with_the_prefix_and_all_references_are_met(kind):
    svg = draw(record(kind, EXHIBITS[kind]), "name", "f12").svg
    ids = re.findall(r' id="([^"]+)"', svg)
    assert len(ids) == len(set(ids))
    assert all(name.startswith("f12-") for name in ids)
    assert {*re.findall(r"url\(#([^)]+)\)", svg), *re.findall(r'href="#([^"]+)"', svg)} <= set(ids)
    assert "<style" not in svg
    assert "<image" not in svg


@pytest.mark.parametrize("kind", EXHIBITS)
def test_a_figure_is_the_same_to_the_byte_whatever_the_users_settings(kind):
    first = draw(record(kind, EXHIBITS[kind]), "name", "f1").svg
    with mpl.rc_context({"font.size": 30, "svg.fonttype": "path", "svg.hashsalt": None}):
        assert draw(record(kind, EXHIBITS[kind]), "name", "f1").svg == first


@pytest.mark.parametrize("kind", EXHIBITS)
def test_hostile_exhibits_become_figures_or_sentences(kind):
    for exhibit in hostile(EXHIBITS[kind]):
        drawing = draw(record(kind, exhibit, check=HOSTILE, verdict=HOSTILE, n=0, alpha=None), "name", "f1")
        assert drawing.words
        assert "\x00" not in drawing.words
        if drawing.svg:
            assert "<script" not in drawing.svg
            ElementTree.fromstring(standalone(drawing.svg))
            ElementTree.fromstring(inline(drawing.svg))


def test_conventions_are_told_with_what_they_keep_and_what_was_drawn_of_what_they_cut():
    drawing = draw(record("laws", EXHIBITS["laws"]), "name", "f1")
    assert (
        "declared: keeps 2; other, does not fit: keeps 1; third, fits: keeps 3. Under the declared one:"
        in drawing.words
    )
    assert ">drawn<" in drawing.svg and ">not all<" in drawing.svg
    whole = {**EXHIBITS["laws"], "laws": EXHIBITS["laws"]["laws"][2:]}
    assert ">drawn<" not in draw(record("laws", whole), "name", "f1").svg


def test_an_unknown_kind_is_a_sentence():
    drawing = draw(record("../../evil", {}), "name", "f1")
    assert drawing.svg == ""
    assert "no figure" in drawing.words


def test_one_point_is_enough():
    one = part("binomial", ["0"], [9], [9.0], [0], [9])
    assert draw(record("curves", {"series": [{"x": [1], "y": [2]}]}), "name", "f1").svg
    assert draw(record("residuals", {"tested": [one, TOTAL]}), "name", "f1").svg
    few = {**EXHIBITS["ecdf"], "u": [0.5], "difference": [[0.0]], "n": [9], "worst": 0}
    assert draw(record("ecdf", few), "name", "f1").svg


@pytest.mark.parametrize(
    "kind", ["residuals", "groups", "two_samples", "table", "laws", "ecdf", "tails", "mean", "ternary"]
)
def test_evidence_of_an_older_version_is_a_sentence(kind):
    old = {key: value for key, value in EXHIBITS[kind].items() if key != "tested"}
    drawing = draw(record(kind, old), "name", "f1")
    assert drawing.svg == ""
    assert "does not tell what was tested" in drawing.words


@pytest.mark.parametrize("kind", ["residuals", "groups", "two_samples", "tails"])
def test_what_lies_outside_is_marked_and_said(kind):
    drawing = draw(record(kind, EXHIBITS[kind]), "name", "f1")
    assert re.search(r"[12] of \d+ .* lie outside", drawing.words)
    assert ">outside<" in drawing.svg
    calm = [{**one, "high": [1e9] * len(one["high"])} for one in EXHIBITS[kind]["tested"]]
    drawing = draw(record(kind, {**EXHIBITS[kind], "tested": calm}), "name", "f1")
    assert re.search(r"0 of \d+ .* lie outside", drawing.words)
    assert ">outside<" not in drawing.svg


def test_gauges_tell_evidence_size_and_tolerance():
    more = {"effect": 0.02, "detectable": 0.009, "tolerance": 0.01, "unit": "total variation", "p_value": 0.0}
    words = draw(record("curves", EXHIBITS["curves"], **more), "n", "f1").svg
    assert "p &lt; 10⁻³⁰⁷" in words and "α = 10⁻⁹ allowed" in words
    assert "seen ◆ 0.02" in words and "would have shown ▲ 0.009" in words and "tolerance ❘ 0.01" in words
    words = draw(record("residuals", EXHIBITS["residuals"], **more), "n", "f1").svg
    assert "sum of squared scores ◆ 80; about 2 due, up to 40 allowed" in words and "evidence ◆" not in words


def test_what_needs_no_p_value_is_said_in_the_figure():
    calm = [{**one, "high": [1e9] * len(one["high"])} for one in EXHIBITS["groups"]["tested"]]
    why = "a category of probability zero was drawn"
    drawing = draw(
        record("groups", {**EXHIBITS["groups"], "tested": calm}, verdict="refuted", impossible=why), "n", "f1"
    )
    assert f"no p-value needed: {why}" in drawing.svg and f"No p-value is needed: {why}." in drawing.words


def test_many_points_of_two_series_differ_without_colour():
    x = [float(i) for i in range(100)]
    series = [{"label": label, "x": x, "y": x, "style": "points"} for label in ("one", "other")]
    svg = draw(record("curves", {"series": series}), "n", "f1").svg
    groups = re.findall(r'<g clip-path[^>]*style="([^"]*)"><use[^>]*href="#(f1-\d+)"', svg)
    assert len({shape for _, shape in groups}) == len(groups) == 2
    assert ["fill-opacity:0" in style for style, _ in groups] == [False, True]


def test_labels_of_lines_are_whole_in_the_words():
    label = "a line of a derivation whose label is longer than there is room for in its figure"
    exhibit = {"lines": [{"label": label, "points": 3, "median": 0.0, "largest": 1e-16}], "bound": 1e-12}
    assert label in draw(record("lines", exhibit), "n", "f1").words


def test_long_curves_are_thinned_but_keep_their_peak():
    u = [i / 5000 for i in range(1, 5000)]
    curve = [0.001] * len(u)
    curve[1234] = 0.4
    svg = draw(
        record("ecdf", {**EXHIBITS["ecdf"], "u": u, "difference": [curve, [0.0] * len(u)], "n": [10, 10]}), "n", "f1"
    ).svg
    assert len(svg) < 60_000


def test_paths_are_exact_to_a_twentieth_of_a_point():
    assert path("M 0 216 \nL 460.8 216 \nL 460.82 0.04 \nz") == "M0 216l460.8 0l0-216z"
    assert path("M 1.04 1 C 1 2 3 4 5.52 6 L 5.52 7") == "M1 1C1 2 3 4 5.5 6l0 1"


@pytest.mark.parametrize(
    ("low", "high", "log"), [(0.0, 1.0, False), (-7.3, 1e5, False), (1e-31, 2e-3, True), (3, 8, True)]
)
def test_ticks_lie_within_their_panel_and_are_few(low, high, log):
    with style.applied():
        figure = Figure(figsize=(4, 3))
        panel = Panel(figure, 50, 20, 200, 100)
        scale(panel, "x", "label", log=log, ticks=4, grid=True)
        scale(panel, "y", "")
        panel.set_xlim(low, high)
        refine(panel)
        places = [at for at, _ in panel._ticks("x")]
    assert 1 <= len(places) <= 8
    assert all(49.4 <= at <= 250.6 for at in places)
    assert any(isinstance(one, Words) and one.get_text() == "label" for one in figure.artists)


def test_an_axes_of_another_matplotlib_is_slower_and_draws_the_same(monkeypatch):
    exhibit = EXHIBITS["tails"]
    quick = draw(record("tails", exhibit), "name", "f1").svg
    monkeypatch.delattr(Panel, "_init_axis")
    assert draw(record("tails", exhibit), "name", "f1").svg == quick


def test_the_inlined_figure_takes_the_pages_colours():
    svg = draw(record("mean", EXHIBITS["mean"]), "n", "f1").svg
    assert "var(--ink)" in inline(svg)
    assert "var(" not in svg
