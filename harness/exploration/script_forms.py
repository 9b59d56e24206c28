"""smallest.py for forms with parameters: truncated laws, rankings and speculative steps, in NumPy alone."""

from __future__ import annotations

import numpy as np

from harness.arrays import Floats
from harness.laws import Ranking
from harness.laws.ranking import rankings
from harness.questions.case import Case
from harness.samplers.terms import Terms
from harness.space.point import Point

LISTED = 64
"""Probabilities, kept categories or rankings up to so many are written as numbers."""
DRAFTS = {
    "same": "targets[:-1].copy()",
    "warm": "targets[:-1] * 0.5",
    "cold": "targets[:-1] * 2.0",
    "flat": "np.zeros((g, k))",
    "near": "targets[:-1] + 0.3 * np.random.default_rng([{seed}, 2]).standard_normal((g, k))",
    "other": "targets[:-1, ::-1].copy()",
    "holes": "np.where(live & (np.cumsum(live, axis=1) % 2 == 0), -np.inf, targets[:-1])",
    "point": "np.where(np.arange(k) == targets[:-1].argmax(axis=1)[:, None], 0.0, -np.inf)",
    "apart": "np.where(live.all(axis=1, keepdims=True) | ~live, 0.0, -np.inf)",
}
STEPS = """
p, q = (np.exp(table - table.max(axis=1, keepdims=True)) for table in (targets, drafts))
p, q = p / p.sum(axis=1, keepdims=True), q / q.sum(axis=1, keepdims=True)
calls, size, rng = {calls}, {size}, np.random.default_rng(0)
x = np.stack([rng.choice(k, calls * size, p=row) for row in q], axis=1).reshape(calls, size, g)
draws = np.stack([np.asarray(sampler(one.copy(), laid(drafts), laid(targets), rng=rng)) for one in x])
tokens = draws.reshape(-1, g + 1)
for j in range(g + 1):
    here = tokens[tokens[:, j] >= 0]
    n, seen = max(len(here), 1), np.bincount(here[:, j], minlength=k)[:k]
    z = (seen - n * p[j]) / np.sqrt(np.maximum(n * p[j] * (1 - p[j]), 1e-12))
    c = int(np.argmax(np.abs(z)))
    print(f"place {{j}}, token {{c}}: {{seen[c]}} of {{n}} where {{n * p[j, c]:.4g}} are due, {{z[c]:+.1f}} standard errors")
    if j < g:
        due, kept = np.minimum(p[j], q[j]).sum(), (here[:, j + 1] >= 0).sum()
        z = (kept - n * due) / np.sqrt(max(n * due * (1 - due), 1e-12))
        print(f"  goes on after {{kept}} of {{n}}; token by token {{n * due:.4g}} are due, {{z:+.1f}} standard errors")
"""
STAGES = """
left, at = np.tile(logits, (len(flat), 1)), np.arange(len(flat))
u = np.empty(flat.shape)
for j, item in enumerate(flat.T):  # where each item lies among those that are left: independent uniforms, if all is right
    w = np.exp(left - left.max(axis=1, keepdims=True))
    below = np.cumsum(w, axis=1)
    u[:, j] = (below[at, item] - rng.random(len(flat)) * w[at, item]) / below[:, -1]
    left[at, item] = -np.inf
"""
LISTING = """
due = dict({table})
rows = [tuple(int(i) for i in {row}) for row in flat]
for one in sorted(due, key=lambda one: -abs(rows.count(one) - len(rows) * due[one]))[:5]:
    seen, mean = rows.count(one), len(rows) * due[one]
    z = (seen - mean) / max(mean * (1 - due[one]), 1e-12) ** 0.5
    print(f"{{one}}: {{seen}} of {{len(rows)}} where {{mean:.4g}} are due, {{z:+.1f}} standard errors")
"""


def truncated_law(point: Point, terms: Terms) -> list[str]:
    """Return lines that make ``laws``: the numbers of one of the laws, or what it keeps."""
    case = point.case("index", terms)
    law, more = case.laws[0], " (one of several that ties leave)" if case.open else ""
    if point.k <= LISTED:
        return [
            f"laws = np.array([[{', '.join(f'{value:.6g}' for value in law)}]], float)  # under its convention{more}"
        ]
    scale = dict(case.settings).get("temperature") or 1.0
    return [
        f"kept = {_kept(case, law)}  # under its convention{more}",
        f"laws = np.where(kept, np.exp((logits - logits.max()) / {scale!r}), 0.0).reshape(1, k)",
    ]


def _kept(case: Case, law: Floats) -> str:
    kept = law > 0
    least = float(case.logits[kept].min())
    if np.array_equal(case.logits >= least, kept):
        return f"logits >= {least!r}"
    few = kept if kept.sum() <= (~kept).sum() else ~kept
    return f"{'' if few is kept else '~'}np.isin(np.arange(k), {np.flatnonzero(few).tolist()})"


def ranking_lines(point: Point, terms: Terms) -> tuple[str, bool]:
    """Return lines about ``flat``, (draws, m) rankings, and whether they make uniforms ``u`` to be shown."""
    few = rankings(point.k, point.m) <= LISTED
    if few or not terms.ordered:
        if not few:
            return (
                "won = np.sort(draws, axis=2)[:, :, :1]\nprint('smallest items of sets:', np.bincount(won.ravel())[:20])",
                False,
            )
        law = Ranking(point.logits, point.m, terms.ordered)
        table = [(tuple(int(i) for i in cell), float(f"{p:.6g}")) for cell, p in zip(law.cells, law.mass, strict=True)]
        return LISTING.format(table=table, row="row" if terms.ordered else "sorted(row)"), False
    return STAGES, True


def speculative_lines(point: Point, calls: int, layout: str) -> str:
    """Return lines that make tables, draw steps and print what is due; ``layout`` makes ``given`` of ``logits``."""
    inside = "\n".join(f"    {line}" for line in layout.split("\n"))
    tables = [
        f"def laid(logits):\n{inside}\n    return given\n",
        f"g = {point.drafts}",
        "targets = np.stack([np.roll(logits, row) for row in range(g + 1)])",
        "live = np.isfinite(targets[:-1])",
        f"drafts = {DRAFTS[point.draft].format(seed=point.seed)}",
    ]
    return "\n".join(tables) + STEPS.format(calls=calls, size=point.call)
