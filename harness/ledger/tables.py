"""Tables are functions of records: the columns of the contract, the most telling rows first."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from harness.verdict import GRAVITY, Verdict, agrees, combine

Floats = NDArray[np.float64]

CHECKS = (
    *(
        "check",
        "claims",
        "suite",
        "method",
        "sampler",
        "case",
        "n",
        "statistic",
        "p_value",
        "p_holm",
        "alpha",
        "effect",
    ),
    *("detectable", "tolerance", "unit", "verdict", "reason", "seed"),
)
CLAIMS = (
    *("claim", "document", "where", "statement", "expected", "verdict", "agrees", "checks", "refuted", "inconclusive"),
    *("draws", "detectable", "unit"),
)
ERRATA = ("document", "where", "slip", "reason")
SAMPLERS = ("sampler", "family", "emits", "checks", "verified", "refuted", "inconclusive", "verdict")

_FIRST = tuple(sorted(Verdict, key=GRAVITY.__getitem__, reverse=True))


def checks_frame(records: Sequence[dict[str, Any]], planned: int) -> pd.DataFrame:
    """Return checks.csv: one row a check; ``planned`` counts the checks of the whole plan, over which Holm adjusts."""
    adjusted = holm([record["p_value"] for record in records], planned)
    rows = [
        {**{name: record.get(name) for name in CHECKS}, "claims": " ".join(record["claims"]), "p_holm": p}
        for record, p in zip(records, adjusted, strict=True)
    ]
    order = sorted(range(len(rows)), key=lambda i: (telling(records[i]), i))
    frame = pd.DataFrame([rows[i] for i in order], columns=list(CHECKS))
    numbers = ["statistic", "p_value", "p_holm", "alpha", "effect", "detectable", "tolerance"]
    return frame.astype({**dict.fromkeys(numbers, "float64"), "n": "int64"})


def telling(record: dict[str, Any]) -> tuple[int, float]:
    """Order records: refuted before inconclusive before verified; the refuted by evidence per draw, the impossible first."""
    order = _FIRST.index(Verdict(record["verdict"]))
    if record["impossible"]:
        return order, -math.inf
    if record["p_value"] is None or record["verdict"] != "refuted":
        return order, 0.0
    return order, math.log(max(record["p_value"], 1e-300)) / max(record["n"], 1)


def holm(p_values: Sequence[float | None], planned: int) -> list[float | None]:
    """Return Holm's adjusted p-values; checks of the plan that were not run count as p = 1.

    The i-th smallest of m becomes the largest of (m - j + 1) p_j, j up to i (S. Holm, A simple sequentially rejective
    multiple test procedure, Scandinavian Journal of Statistics 6 (1979), 65-70), at most 1.
    """
    return _adjusted(p_values, planned, lambda p: np.maximum.accumulate(p * np.arange(p.size, 0, -1)))


def benjamini_hochberg(p_values: Sequence[float | None], planned: int) -> list[float | None]:
    """Return the false discovery rates at which p-values would be listed, for reading.

    The i-th smallest of m becomes the smallest of m p_j / j, j from i (Y. Benjamini and Y. Hochberg, Controlling the
    false discovery rate, Journal of the Royal Statistical Society B 57 (1995), 289-300), at most 1.
    """
    return _adjusted(p_values, planned, lambda p: np.minimum.accumulate((p / _shares(p.size))[::-1])[::-1])


def _shares(m: int) -> Floats:
    return np.arange(1, m + 1) / m


def _adjusted(
    p_values: Sequence[float | None], planned: int, of_sorted: Callable[[Floats], Floats]
) -> list[float | None]:
    """Adjust; both rules are a line each here, as statsmodels, whose bytes these are, takes half a second to import."""
    given = [p for p in p_values if p is not None]
    padded = np.array([*given, *[1.0] * max(planned - len(given), 0)])
    order = np.argsort(padded, kind="stable")
    made = np.empty_like(padded)
    made[order] = np.minimum(of_sorted(padded[order]), 1.0)
    adjusted = iter(made.tolist())
    return [None if p is None else next(adjusted) for p in p_values]


def claims_frame(records: Sequence[dict[str, Any]], claims: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Return claims.csv: one row a claim, in the order of the documents."""
    rows = []
    for claim in claims:
        bearing = [record for record in records if claim["claim"] in record["claims"]]
        verdict = combine(Verdict(record["verdict"]) for record in bearing)
        if (
            verdict is Verdict.VERIFIED
            and claim["expected"] == "refuted"
            and len(bearing) < claim.get("planned", math.inf)
        ):
            verdict = Verdict.INCONCLUSIVE  # what refutes it may be among the checks that were not selected
        widest = _leading(claim["claim"], bearing)
        rows.append(
            {
                **claim,
                "verdict": verdict.value,
                "agrees": agrees(verdict, Verdict(claim["expected"])),
                "checks": len(bearing),
                "refuted": sum(record["verdict"] == "refuted" for record in bearing),
                "inconclusive": sum(record["verdict"] == "inconclusive" for record in bearing),
                "draws": _draws(bearing),
                "detectable": widest["detectable"] if widest else None,
                "unit": widest["unit"] if widest else "",
            }
        )
    return pd.DataFrame(rows, columns=list(CLAIMS))


def _draws(records: Sequence[dict[str, Any]]) -> int:
    """Count draws once for every scenario, however many checks share them; points of computations add up."""
    drawn: dict[str, int] = {}
    for record in records:
        key = record["inputs"][0]["scenario"] if record["inputs"] else record["check"]
        drawn[key] = max(drawn.get(key, 0), record["n"])
    return sum(drawn.values())


def _leading(claim: str, bearing: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the check whose number and unit stand for the claim: the coarsest for its own tolerance, its own ones first.

    A claim's own checks bear its name, with slashes for dots.
    """
    name = claim.removesuffix(".corrected").replace(".", "/")
    own = [record for record in bearing if name in record["check"] and _share(record) >= 0]
    return max(own or bearing, key=_share, default=None)


def _share(record: dict[str, Any]) -> float:
    """How coarse a check is for its own tolerance; statistical checks before computed ones."""
    detectable, tolerance = record["detectable"], record["tolerance"]
    if record["p_value"] is None or not isinstance(detectable, float):
        return -1.0
    return detectable / tolerance if tolerance else detectable


def samplers_frame(records: Sequence[dict[str, Any]], samplers: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Return samplers.csv: one row a sampler, over the checks that it answers for."""
    rows = []
    for sampler in samplers:
        judged = [record for record in records if record["sampler"] == sampler["sampler"] and record["judges"]]
        if not judged:  # drawn from for a claim alone
            continue
        counts: dict[str, int] = {word.value: sum(record["verdict"] == word for record in judged) for word in _FIRST}
        verdict = combine(Verdict(record["verdict"]) for record in judged)
        row = {
            **sampler,
            **counts,
            "emits": " ".join(sampler["emits"]),
            "checks": len(judged),
            "verdict": verdict.value,
        }
        rows.append(row)
    return pd.DataFrame(rows, columns=list(SAMPLERS))
