"""smallest.py: the simplest case as a program of a few lines, for NumPy and the user's file alone.

It draws as the case says and prints what was asked beside what is due, in standard errors where chance is involved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.exploration.script_forms import ranking_lines, speculative_lines, truncated_law
from harness.exploration.session import Smallest
from harness.space.point import Point

LISTED = 64
"""Logits up to so many are written as numbers."""
FAMILIES = {
    "flat": "np.zeros(k)",
    "zipf": "-{v} * np.log(np.arange(1.0, k + 1))",
    "normal": "{v} * rng.standard_normal(k)",
    "levels": "np.where(np.arange(k) < (k + 1) // 2, 0.0, -{v})",
    "head": "np.where(np.arange(k) == 0, 0.0, -{v} - np.log(max(k - 1, 1)))",
    "first": "np.where((np.arange(k) == 0) & (k > 1), -{v}, 0.0)",
    "last": "np.where((np.arange(k) == 0) & (k > 1), -{v}, 0.0)[::-1].copy()",
    "ties": "-{v} * rng.integers(0, 4, k).astype(float)",
    "near": "np.repeat(-{v} * rng.random(k // 2 + 1), 2)[:k] + 1e-9 * np.arange(k) / k",
    "ramp": "-{v} * np.arange(k) / max(k - 1, 1)",
    "uniform": "-{v} * rng.random(k)",
    "scores": "{v} + 1.5 * rng.standard_normal(k)",
    "weights": "np.log(rng.integers(1, int({v}) + 1, k).astype(float))",
}
ORDERS = {
    "made": "logits",
    "shuffled": "rng.permutation(logits)",
    "ascending": "np.sort(logits)",
    "descending": "np.sort(logits)[::-1].copy()",
}
MASKS = {"odd": "logits[1::2] = -np.inf", "head": "logits[: k // 2] = -np.inf"}
LAYOUTS = {
    "plain": "given = logits.copy()",
    "read-only": "given = logits.copy()\ngiven.setflags(write=False)",
    "padded": "wide = np.full((*logits.shape[:-1], logits.shape[-1] + 5), 1e3)\n"
    "wide[..., 2:-3] = logits\ngiven = wide[..., 2:-3]",
    "strided": "wide = np.full((*logits.shape[:-1], 2 * logits.shape[-1]), 1e3)\n"
    "wide[..., ::2] = logits\ngiven = wide[..., ::2]",
    "reversed": "given = np.ascontiguousarray(logits[..., ::-1])[..., ::-1]",
    "columns": "wide = np.full((logits.size, 3), 1e3)\nwide[:, 1] = logits\ngiven = wide[:, 1]",
}
QUESTIONS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "first": ("law", "the first draw of every call", ("[:, :1]",)),
    "last": ("law", "the last draw of every call", ("[:, -1:]",)),
    "neighbours": ("pairs", "neighbours in a call", ("[:, : size // 2 * 2 : 2]", "[:, 1 : size // 2 * 2 : 2]")),
    "next call": ("pairs", "the same place of the next call", ("[: calls // 2 * 2 : 2]", "[1 : calls // 2 * 2 : 2]")),
    "next row": ("pairs", "two rows of a step", ("[:, :, : rows // 2 * 2 : 2]", "[:, :, 1 : rows // 2 * 2 : 2]")),
}
LAW = """
seen = np.array([np.bincount(won{at}[:, :, r].ravel(), minlength=k)[:k] for r in range(rows)])
due = won{at}[:, :, 0].size * laws
z = (seen - due) / np.sqrt(np.maximum(due * (1 - laws), 1e-12))
pick = [np.unravel_index(i, z.shape) for i in np.argsort(-np.abs(z), axis=None)[:5]]
print("{what}:")
for r, c in pick:
    print(f"  row {{r}}, category {{c}}: {{seen[r, c]}} where {{due[r, c]:.4g}} are due, {{z[r, c]:+.1f}} standard errors")
for half in ("even", "lower"):
    group = np.arange(k) % 2 == 0 if half == "even" else np.arange(k) < k / 2
    share = laws[:, group].sum() / rows
    print(f"  {{half}} categories: {{seen[:, group].sum() / seen.sum():.4g}} of the draws, {{share:.4g}} is due")
"""
PAIRS = """
one, other = won{one}, won{other}
due = float(laws[0] @ laws[{row}])
seen, error = float((one == other).mean()), np.sqrt(due * (1 - due) / one.size)
print(f"{what} agree in {{seen:.4g}} of {{one.size}} pairs, {{due:.4g}} is due:")
print(f"  {{(seen - due) / error:+.1f}} standard errors")
"""
UNIFORMS = {
    "simplex": """
live = np.flatnonzero(np.isfinite(logits))
u_ = temperature * (np.log(flat[:, live]) - np.log(flat[:, live[-1:]]))
w = np.exp((logits[live] - logits[live[-1]] - u_)[:, :-1])
total = 1 + np.cumsum(w, axis=1)
u = ((total - w) / total) ** np.arange(1, live.size)  # Rosenblatt's transform: independent uniforms, if all is right
""",
    "gumbel": """
live = np.flatnonzero(np.isfinite(logits))
u = np.exp(-np.exp(logits[live] - flat[:, live]))  # the distribution function of each value
""",
    "observed": """
live = np.array([i for i in np.flatnonzero(np.isfinite(logits)) if i != observed], dtype=int)
top = flat[:, [observed]]
whole = np.exp(-np.exp(np.logaddexp.reduce(logits) - top))
below = np.exp(np.exp(logits[live] - top) - np.exp(logits[live] - flat[:, live]))
u = np.hstack([whole, below])  # of the maximum, and of the others given that they lie below it
""",
}
SHOWN = """
print(f"uniforms of {u.shape[0]} draws in {u.shape[1]} coordinates:")
error = 1 / np.sqrt(12 * u.size)
print(f"  mean {u.mean():.4g}, 0.5 is due: {(u.mean() - 0.5) / error:+.1f} standard errors")
each = (u.mean(axis=0) - 0.5) * np.sqrt(12 * len(u))
print(f"  coordinate {np.argmax(np.abs(each))} alone: {each[np.argmax(np.abs(each))]:+.1f} standard errors")
print(f"  variance {u.var():.4g}, {1 / 12:.4g} is due: {(12 * u.var() - 1) * np.sqrt(u.size / 0.8):+.1f} standard errors")
v = (u - 0.5) * np.sqrt(12)
half = v[: len(v) // 2 * 2]
print(f"  draws agree with the next ones: {(half[::2] * half[1::2]).sum() / np.sqrt(half[::2].size):+.1f} standard errors")
"""


def script(found: Smallest, target: str) -> str:
    """Return the program for a target: a file and a name in it, a module and a name, or a registered sampler."""
    point, question = found.answer.point, found.answer.question
    observed = found.emits == "gumbel" and point.observed >= 0
    parts = [f'"""Wrong at {point.name}: {_said(found)}."""', _imported(target), logits_code(point), _batch(point)]
    if found.emits == "speculative":
        return _joined([*parts, speculative_lines(point, _calls(found), _layout(point))])
    parts += [_layout(point), _drawn(found)]
    if found.emits == "ranking":
        lines, shown = ranking_lines(point, found.terms)
        return _joined([*parts, f"flat = draws.reshape(-1, {point.m})", lines, SHOWN if shown else ""])
    parts.append(_law(found, observed))
    kind, what, at = QUESTIONS.get(question, ("law", "all draws", ("",)))
    counted = found.emits == "index" or question in {"law", "row", *QUESTIONS}
    parts.append(_asked(kind, what, at) if counted else UNIFORMS["observed" if observed else found.emits] + SHOWN)
    return _joined(parts)


def _joined(parts: Sequence[str]) -> str:
    return "\n".join(part.strip("\n") for part in parts if part) + "\n"


def _layout(point: Point) -> str:
    tables = point.rows or point.drafts
    return "given = np.asfortranarray(logits)" if tables and point.layout == "columns" else LAYOUTS[point.layout]


def _calls(found: Smallest) -> int:
    point = found.answer.point
    return max(1, round(found.answer.n / max(point.call * max(point.rows, 1), 1)))


def _asked(kind: str, what: str, at: tuple[str, ...]) -> str:
    if kind == "pairs":
        return PAIRS.format(one=at[0], other=at[1], what=what, row=1 if what.startswith("two rows") else 0)
    return LAW.format(at=at[0], what=what)


def _said(found: Smallest) -> str:
    if found.answer.impossible:
        return found.answer.impossible
    return f"{found.answer.question}, {found.answer.n} draws, p = {found.answer.p_value:.2g}"


def _imported(target: str) -> str:
    place, _, name = target.rpartition(":")
    head = "import sys\n\nimport numpy as np\n"
    if place.endswith(".py"):
        return (
            f"import importlib.util\n{head}\nspec = importlib.util.spec_from_file_location('target', {place!r})\n"
            "module = importlib.util.module_from_spec(spec)\nsys.modules['target'] = module\n"
            f"spec.loader.exec_module(module)\nsampler = module.{name}\n"
        )
    if place:
        return f"import importlib\n{head}\nsampler = importlib.import_module({place!r}).{name}\n"
    return f"import harness\n{head}\nsampler = harness.get({target!r})\n"


def logits_code(point: Point) -> str:
    """Return lines that make ``k`` and ``logits``, the same to the bit as the point's."""
    if point.k <= LISTED:
        values = ", ".join("-np.inf" if value == float("-inf") else repr(value) for value in point.logits.tolist())
        return f"k = {point.k}\nlogits = np.array([{values}])"
    family, _, number = point.family.partition("-")
    lines = [f"k, rng = {point.k}, np.random.default_rng([{point.seed}, 0])"]
    lines += [f"logits = {FAMILIES[family].format(v=float(number or 0))}"]
    lines += [f"logits = {ORDERS[point.order]}"] if point.order != "made" else []
    return "\n".join([*lines, _mask(point)])


def _mask(point: Point) -> str:
    kind, _, number = point.mask.partition("-")
    if kind in {"live", "share"}:
        live = int(number) if kind == "live" else point.k - round(float(number) * point.k)
        live = min(max(live, 1), point.k)
        return f"logits[np.random.default_rng([{point.seed}, 1]).permutation(k)[{live}:]] = -np.inf"
    if kind in {"first", "last"}:
        return f"logits[{0 if kind == 'first' else -1}] = -np.inf"
    return MASKS.get(kind, "")


def _batch(point: Point) -> str:
    if not point.rows:
        return ""
    return f"logits = np.stack([np.roll(logits, row) for row in range({point.rows})])"


def _drawn(found: Smallest) -> str:
    """Return lines that make ``draws``, (calls, size, rows) or (calls, size, rows, K)."""
    point, emits = found.answer.point, found.emits
    size, rows = point.call, max(point.rows, 1)
    calls = _calls(found)
    given = f", temperature={point.temperature!r}" if emits == "simplex" else ""
    given += f", k={point.m}" if emits == "ranking" else ""
    if emits == "index":
        given += "".join(f", {stage}={dict(point.settings).get(stage)!r}" for stage in found.stages)
    given += f", observed={point.observed}" if emits == "gumbel" and point.observed >= 0 else ""
    call = f"sampler(given, size, rng=rng{given})"
    if not point.rows and emits != "ranking":
        call = f"np.asarray({call})[:, None]"
    lines = [f"calls, size, rows = {calls}, {size}, {rows}", "rng = np.random.default_rng(0)"]
    if point.door == "prepared":
        shape = "(size,), int" if emits == "index" else "(size, k)"
        lines += [
            f"fill = sampler.forms[{emits!r}].prepare(logits.copy(){given})",
            f"draws = np.empty((calls, size, 1{'), int' if emits == 'index' else ', k)'})",
            f"for out in draws:\n    one = np.empty({shape})\n    fill(one, rng)\n    out[:, 0] = one",
        ]
    else:
        lines.append(f"draws = np.stack([{call} for _ in range(calls)])")
    lines.append("assert np.array_equal(given, logits), 'a call changed the logits that it was given'")
    return "\n".join(lines)


def _law(found: Smallest, observed: bool) -> str:
    """Return lines that make ``laws`` (rows, K), ``won`` (calls, size, rows) and, of floats, ``flat`` (draws, K)."""
    point = found.answer.point
    lines = ["laws = np.exp(logits - logits.max(axis=-1, keepdims=True)).reshape(-1, k)"]
    if point.settings and found.emits == "index":
        lines = truncated_law(point, found.terms)
    if observed:
        lines += [f"observed = {point.observed}", "laws[:, observed] = 0.0  # the best of the others is counted"]
    lines.append("laws /= np.maximum(laws.sum(axis=1, keepdims=True), 1e-300)")
    if found.emits == "index":
        lines.append("won = draws.astype(int)")
        lines.append("print('smallest and largest index:', won.min(), won.max(), 'of', k)")
        return "\n".join(lines)
    if found.emits == "simplex":
        lines.append(f"temperature = {point.temperature!r}")
        lines.append("print('sums from', draws.sum(axis=-1).min(), 'to', draws.sum(axis=-1).max())")
    if point.rows:
        lines.append("logits, flat = logits[0], draws[:, :, 0].reshape(-1, k)")
    else:
        lines.append("flat = draws.reshape(-1, k)")
    lines.append(
        f"scores = np.where(np.arange(k) == {point.observed}, -np.inf, draws)" if observed else "scores = draws"
    )
    return "\n".join([*lines, "won = scores.argmax(axis=-1)", "print('not finite:', int(np.isnan(draws).sum()))"])
