"""Every kind of figure with how to read it: drawn from a run folder, written beside the pages before they are built.

``python docs/gallery.py build/run`` writes docs/gallery.md and docs/gallery/*.svg, which are not kept in the repository. Of
samplers under a convention, which are not built in, a wrong one is judged for it.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import harness
from reports.drawing.svg import standalone
from reports.figures import draw, kinds

HERE = Path(__file__).parent
HEAD = """# Gallery

One figure of every kind, drawn from the run that this site was built with; what is drawn is what was tested. The shaded
range is what the check's alpha allows to a number, by the check's own exact test: where the number decides, the check is
refuted if and only if it lies outside. At the foot of a figure stands the size that was seen (a diamond), the size that
would have shown (a triangle) and the tolerance (a line). The words under a figure say what is seen in it, as a screen
reader hears it.
"""


HOW = {
    "bars": "Compare bars of one group; series differ by hatch as well as colour, and a thin line is an interval.",
    "contours": "Lines of equal density should follow the cloud of draws: dense where lines are heavy, none far outside.",
    "curves": "Each series against its band or the dashed line that is allowed; points are draws, lines are exact.",
    "ecdf": "A right sampler wanders about zero within the band. Leaving it on one side means draws that are too small or "
    "too large, an S too narrow or too wide a law.",
    "groups": "A stem beyond the shade refutes by itself. Which group that is names the defect: the tail, the first or last "
    "category, every second one.",
    "laws": "The first row is the convention declared. A framed cell was drawn though its row's convention cuts it; the "
    "rows without a frame and with pale cells are conventions that fit.",
    "lines": "Both marks should lie left of the dashed line, which is what is allowed; the first line beyond it is "
    "the step of the derivation that fails.",
    "mean": "The mark should lie within the shade; the dotted lines are as far off as the tolerance.",
    "panels": "As for curves, one quantity a panel over the same horizontal axis.",
    "residuals": "Stems are counts less what is due, in standard errors. No stem decides alone: the sum of their squares "
    "does, on the track below. Look for a pattern: one sign on one side, a trend, one far stem.",
    "square": "Points of each group should keep to their side of the line.",
    "table": "Cells of a right sampler are pale and without pattern; a diagonal or a corner in one colour is dependence. "
    "The sum of squares below decides.",
    "tails": "Read outwards, towards rarer draws: marks fall below the shade where noise ends too early, and rise above it "
    "where a tail is too heavy.",
    "ternary": "Left is what is due, right what was seen less that, in standard errors; colour without pattern is chance.",
    "within": "A point beyond the shade refutes by itself, and where it stands says what repeats: a distance, a size of "
    "call, a length of block. All points on one side mean draws that clump or fit too well.",
    "two_samples": "Up means more in the first sample; as for residuals, the sum below decides and a pattern tells why.",
}
"""How to read a figure of each kind."""


@harness.sampler("joint", emits="index", convention="vllm")
def joint(logits, size, *, rng, temperature, top_k, top_p):
    """Draw by filters that all see the same distribution, which vllm's do not."""
    law = harness.laws.truncated(logits, "flashinfer-joint", temperature=temperature, top_k=top_k, top_p=top_p)
    return rng.choice(len(logits), size=size, p=law)


def chosen(records: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return for each kind its most deviating record, refuted ones first, by the order of the verdicts and p-values."""
    found: dict[str, dict[str, Any]] = {}
    for record in sorted(records, key=lambda one: (one["verdict"] != "refuted", one["p_value"] or 0.0, one["check"])):
        kind = record["exhibit"].get("kind")
        if kind in kinds():
            found.setdefault(kind, record)
    return found


def main(run: Path) -> None:
    """Write the page and its figures from a run folder."""
    records = [json.loads(line) for line in (run / "ledger.jsonl").read_text().splitlines()]
    judged = harness.validate(joint, tolerance=0.1, suites=["chi_square"], engine="serial").records
    records += [one for one in judged if one["exhibit"].get("kind") == "laws"]
    folder = HERE / "gallery"
    folder.mkdir(exist_ok=True)
    parts = [HEAD]
    for kind, record in sorted(chosen(records).items()):
        drawing = draw(record, kind, f"gallery-{kind}")
        if not drawing.svg:
            continue
        (folder / f"{kind}.svg").write_text(standalone(drawing.svg))
        rule = (importlib.import_module(f"reports.figures.{kind}").__doc__ or "").splitlines()[0]
        words = f"*{record['check']}*: **{record['verdict']}**. {drawing.words}"
        parts.append(f"\n## {kind}\n\n{rule} {HOW[kind]}\n\n![{drawing.title}](gallery/{kind}.svg)\n\n{words}\n")
    (HERE / "gallery.md").write_text("".join(parts))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
