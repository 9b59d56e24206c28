"""A finding becomes one JSON record that carries its evidence, so that every table and figure can be remade from it."""

from __future__ import annotations

from typing import Any

from harness.ledger.files import plain
from harness.questions.check import Claim, Finding
from harness.questions.plan import Plan
from harness.samplers.registry import Sampler
from harness.statistics import encode
from harness.text import inert


def record(finding: Finding, seed: int) -> dict[str, Any]:
    """Return the ledger's record of a finding."""
    check, evidence = finding.check, finding.evidence
    made = {
        "check": check.name,
        "claims": list(check.claims),
        "suite": check.suite,
        "method": check.method_name,
        "sampler": check.sampler,
        "case": check.case,
        "n": evidence.n,
        "statistic": _number(evidence.statistic),
        "p_value": _number(evidence.p_value),
        "alpha": finding.alpha,
        "effect": _number(evidence.effect),
        "detectable": _number(finding.detectable),
        "tolerance": finding.tolerance,
        "unit": finding.unit,
        "verdict": finding.verdict.value,
        "reason": finding.reason,
        "seed": seed,
        "why": check.why,
        "judges": check.judges,
        "impossible": evidence.impossible,
        "broken": evidence.broken,
        "missing": evidence.missing,
        "seen": evidence.seen,
        "notes": {name: _number(value) for name, value in evidence.notes.items()},
        "exhibit": plain(evidence.exhibit),
        "inputs": [
            {"scenario": scenario.name, "measurement": measurement.name, "why": scenario.case.why}
            for scenario, measurement in check.inputs
        ],
        "statistics": [encode(statistic) for statistic in finding.statistics],
    }
    found: dict[str, Any] = inert(made)
    return found


def claim_record(claim: Claim, bearing: int) -> dict[str, Any]:
    """Return the manifest's record of a claim that ``bearing`` checks of the whole plan bear on."""
    return {
        "planned": bearing,
        "claim": claim.id,
        "document": claim.document,
        "where": claim.where,
        "statement": claim.says,
        "formula": claim.formula,
        "expected": claim.expect.value,
    }


def sampler_records(plan: Plan) -> list[dict[str, Any]]:
    """Return the manifest's records of the samplers that the plan's checks judge, by name."""
    found: dict[str, Sampler] = {
        scenario.sampler.name: scenario.sampler for check in plan.checks for scenario in check.scenarios
    }
    return [
        {"sampler": name, "family": found[name].family, "emits": list(found[name].forms), "dtype": found[name].dtype}
        for name in sorted(found)
    ]


def _number(value: Any) -> Any:
    """Return a number as a float that JSON can hold; texts stay, and what is missing."""
    return value if isinstance(value, str) or value is None else plain(float(value))
