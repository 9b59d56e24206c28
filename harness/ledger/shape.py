"""What stands in a manifest and in a record, by name and type: a folder that was received may hold anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.errors import UsageError
from harness.verdict import Verdict

NUMBER = (int, float)
MAYBE = (int, float, str, type(None))
"""A number, infinite ones as text, missing ones as null."""
MANIFEST: Mapping[str, Any] = {
    "schema": int,
    "seed": int,
    "options": dict,
    "engine": dict,
    "command": str,
    "targets": list,
    "interrupted": bool,
    "budget": dict,
    "versions": dict,
    "machine": dict,
    "commit": str,
    "start": str,
    "end": str,
    "seconds": NUMBER,
    "claims": list,
    "samplers": list,
}
OPTIONS = {"tolerance": NUMBER, "alpha": NUMBER, "beta": NUMBER, "seed": int, "profile": str}
BUDGET = {"alpha": NUMBER, "alpha_per_check": NUMBER, "planned": int, "looks": list}
LOOK = {"share_of_draws": NUMBER, "share_of_alpha": NUMBER}
CLAIM = {"claim": str, "document": str, "where": str, "statement": str, "expected": str}
ERRATUM = {"document": str, "where": str, "slip": str, "reason": str}
SAMPLER = {"sampler": str, "family": str, "emits": list}
RECORD: Mapping[str, Any] = {
    "check": str,
    "claims": list,
    "suite": str,
    "method": str,
    "sampler": str,
    "case": str,
    "n": int,
    "statistic": MAYBE,
    "p_value": (int, float, type(None)),
    "alpha": NUMBER,
    "effect": MAYBE,
    "detectable": MAYBE,
    "tolerance": NUMBER,
    "unit": str,
    "verdict": str,
    "reason": str,
    "seed": int,
    "why": str,
    "judges": bool,
    "impossible": str,
    "broken": str,
    "missing": str,
    "notes": dict,
    "exhibit": dict,
    "inputs": list,
    "statistics": list,
}
INPUT = {"scenario": str, "measurement": str, "why": str}
MOST = 10**6
"""Checks that a plan may have: beyond, a number is no plan's but damaged."""
VERDICTS = {verdict.value for verdict in Verdict}


def check_manifest(manifest: Mapping[str, Any]) -> None:
    """Raise UsageError unless a manifest holds what a report needs."""
    _check(manifest, MANIFEST, "manifest.json")
    _check(manifest["options"], OPTIONS, "manifest.json, options")
    _check(manifest["budget"], BUDGET, "manifest.json, budget")
    if not 0 <= manifest["budget"]["planned"] <= MOST:
        raise UsageError(f"manifest.json, budget: planned is {manifest['budget']['planned']}")
    _check(manifest["engine"], {"name": str, "workers": int}, "manifest.json, engine")
    _check(manifest["machine"], {"system": str, "processor": str, "cores": (int, type(None))}, "manifest.json, machine")
    for name, keys in (("claims", CLAIM), ("samplers", SAMPLER)):
        for i, item in enumerate(manifest[name]):
            _check(item, keys, f"manifest.json, {name}[{i}]")
            _check(item, {"planned": int} if "planned" in item else {}, f"manifest.json, {name}[{i}]")
    for i, item in enumerate(manifest.get("errata", [])):
        _check(item, ERRATUM, f"manifest.json, errata[{i}]")
    _texts([claim.get("formula", "") for claim in manifest["claims"]], "manifest.json, formula")
    for look in manifest["budget"]["looks"]:
        _check(look, LOOK, "manifest.json, looks")
    _check(manifest, {"suites": dict} if "suites" in manifest else {}, "manifest.json")
    told = [*manifest["versions"].values(), *manifest.get("suites", {}).values()]
    _texts([*manifest["targets"], *told], "manifest.json")
    _one_of([claim["expected"] for claim in manifest["claims"]], VERDICTS, "manifest.json, expected")


def check_records(records: list[Any]) -> None:
    """Raise UsageError unless every record of a ledger holds what a report needs, and no check stands twice."""
    for i, record in enumerate(records, 1):
        where = f"ledger.jsonl, line {i}"
        _check(record, RECORD, where)
        for item in record["inputs"]:
            _check(item, INPUT, where)
        _texts(record["claims"], where)
        _one_of([record["verdict"]], VERDICTS, f"{where}, verdict")
    names = [record["check"] for record in records]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UsageError(f"ledger.jsonl holds {twice!r} twice")


def _check(found: Any, keys: Mapping[str, Any], where: str) -> None:
    if not isinstance(found, dict):
        raise UsageError(f"{where} is a {type(found).__name__}, an object is due")
    for key, kind in keys.items():
        if key not in found:
            raise UsageError(f"{where} lacks {key!r}")
        value = found[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise UsageError(f"{where}: {key!r} is a {type(value).__name__}")


def _texts(values: list[Any], where: str) -> None:
    if not all(isinstance(value, str) for value in values):
        raise UsageError(f"{where}: a text is due in every place of a list of names")


def _one_of(values: list[str], known: set[str], where: str) -> None:
    for value in values:
        if value not in known:
            raise UsageError(f"{where} is {value!r}, due is one of {', '.join(sorted(known))}")
