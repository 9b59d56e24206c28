"""bench.html is one self-contained file: figures of time a draw against K on logarithmic axes, goals, and the table."""

from __future__ import annotations

import html
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.bench.table import COLUMNS

TITLES = {"index": "Indices", "simplex": "Points of the simplex", "gumbel": "Perturbed logits", "uniforms": "Uniforms"}
STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}td,th{padding:.1rem .6rem;text-align:right}
td:first-child,th:first-child{text-align:left}tr:nth-child(even){background:#f4f4f4}svg{max-width:100%;height:auto}
.missed{color:#a02020;font-weight:600}"""


def write_page(
    folder: Path, table: Sequence[Mapping[str, Any]], goals: Sequence[Mapping[str, Any]], facts: Sequence[str]
) -> None:
    """Write bench.html and figures/bench-*.svg."""
    (folder / "figures").mkdir(exist_ok=True)
    pieces = [f"<p>{html.escape(fact)}</p>" for fact in facts]
    if goals:
        pieces.append("<h2>Goals</h2>" + _table(("what", "K", "found", "most", "met"), goals))
    for output in dict.fromkeys(row["output"] for row in table):
        drawn = [row for row in table if row["output"] == output]
        figure = _figure(drawn)
        (folder / "figures" / f"bench-{output}.svg").write_text(figure)
        inline = figure[figure.index("<svg") :]
        pieces.append(f"<h2>{TITLES.get(output, output)}</h2>{inline}{_table(COLUMNS, drawn)}")
    head = f"<!doctype html><html lang=en><meta charset=utf-8><title>Throughput</title><style>{STYLE}</style>"
    (folder / "bench.html").write_text(f"{head}<h1>Throughput</h1>{''.join(pieces)}\n")


def _figure(drawn: Sequence[Mapping[str, Any]]) -> str:
    """Return nanoseconds a draw against K, a line a sampler; rivals are dashed."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context({"svg.hashsalt": "bench", "svg.fonttype": "none"}):
        figure = Figure(figsize=(9, 5), layout="constrained")
        axes = figure.subplots()
        for label, points in _lines(drawn).items():
            style = "-o" if "gumbel-harness" in label else "--."
            axes.loglog([k for k, _ in points], [ns for _, ns in points], style, label=label, linewidth=1, markersize=3)
        axes.set_xlabel("categories K")
        axes.set_ylabel("nanoseconds a draw")
        axes.grid(visible=True, which="both", linewidth=0.3)
        figure.legend(loc="outside right upper", fontsize=7, frameon=False)
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


def _lines(drawn: Iterable[Mapping[str, Any]]) -> dict[str, list[tuple[int, float]]]:
    lines: dict[str, list[tuple[int, float]]] = {}
    for row in drawn:
        label = f"{row['library']}: {row['sampler']}" + ("" if row["dtype"] == "float64" else f" {row['dtype']}")
        lines.setdefault(label, []).append((row["K"], row["ns_per_draw"]))
    return lines


def _table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    head = "".join(f"<th>{name}</th>" for name in columns)
    body = "".join("<tr>" + "".join(_cell(row[name]) for name in columns) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "<td>met</td>" if value else '<td class="missed">missed</td>'
    shown = "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
    return f"<td>{html.escape(shown)}</td>"
