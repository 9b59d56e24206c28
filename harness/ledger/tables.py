"""Tables are functions of records: the columns of the contract, the most telling rows first."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from harness.verdict import GRAVITY, Verdict, agrees, combine

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
    """Return Holm's adjusted p-values; checks of the plan that were not run count as p = 1."""
    return _adjusted(p_values, planned, "holm")


def benjamini_hochberg(p_values: Sequence[float | None], planned: int) -> list[float | None]:
    """Return the false discovery rates at which p-values would be listed (Benjamini and Hochberg 1995), for reading."""
    return _adjusted(p_values, planned, "fdr_bh")


def _adjusted(p_values: Sequence[float | None], planned: int, method: str) -> list[float | None]:
    given = [p for p in p_values if p is not None]
    if not given:
        return [None] * len(p_values)
    from statsmodels.stats.multitest import multipletests

    padded = [*given, *[1.0] * max(planned - len(given), 0)]
    adjusted = iter(multipletests(padded, method=method)[1].tolist())
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
