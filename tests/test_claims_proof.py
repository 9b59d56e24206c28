"""Claims of the proof: each verdict is reached by its own checks, a broken line is caught by the claim that owns it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from harness.options import Options
from harness.questions.check import Claim
from harness.questions.content import Content
from harness.questions.plan import select
from harness.validation import execute, make_plan
from suites.claims import proof
from suites.claims.proof import gumbel as proof_gumbel
from suites.claims.proof import largest as proof_largest
from suites.claims.proof import relaxation as proof_relaxation
from suites.claims.proof import softmax as proof_softmax

COMPUTED = ("identity", "quadrature")
IDS = [claim.id for claim in proof.claims(Options())]
REFUTED = {"proof.softmax-of-logits", "proof.largest-is-pdf-times-product"}


def run(wanted: Sequence[str] = (), suites: Sequence[str] = (), seed: int = 0) -> list[dict[str, Any]]:
    """Do the claims' own checks at a coarse tolerance and return their records, without what other suites add."""
    options = Options(tolerance=0.05, seed=seed)
    plan = make_plan([], options, Content((), proof.claims, {}, tuple))
    return execute(select(plan, claims=wanted, suites=suites), engine="serial").records


def refuted(records: Sequence[dict[str, Any]]) -> set[str]:
    return {claim for record in records if record["verdict"] == "refuted" for claim in record["claims"]}


@pytest.mark.parametrize(
    "claim", [claim for claim in proof.claims(Options()) if "." in claim.id], ids=lambda claim: claim.id
)
def test_own_checks_reach_the_verdict(claim: Claim) -> None:
    records = [record for record in run([claim.id]) if claim.id in record["claims"]]
    assert records
    assert {record["verdict"] for record in records} == {claim.expect.value}, [record["reason"] for record in records]


def test_ids_and_order() -> None:
    assert IDS == [
        "proof.equivalence",
        "proof.softmax-of-logits",
        "proof.softmax-of-logits.corrected",
        "proof.relaxation-differentiable",
        "proof.gumbel-pdf",
        "proof.gumbel-cdf",
        "proof.location-shift",
        "proof.others-below",
        "proof.largest-is-pdf-times-product",
        "proof.largest-is-pdf-times-product.corrected",
    ]


def without_scale(x: Any, mu: float, beta: float) -> Any:
    z = (x - mu) / beta
    return np.exp(-z - np.exp(-z))


def with_itself(z: Any, x: Any, k: int) -> Any:
    return np.prod(np.exp(-np.exp(-(np.asarray(z)[..., None] - x))), axis=-1)


def tail_instead(x: Any, mu: float, beta: float) -> Any:
    return 1 - np.exp(-np.exp(-(x - mu) / beta))


BROKEN: list[tuple[Any, str, Callable[..., Any], set[str]]] = [
    (proof_gumbel, "density", without_scale, {"proof.gumbel-pdf", "proof.gumbel-cdf"}),
    (proof_gumbel, "distribution", tail_instead, {"proof.gumbel-pdf", "proof.gumbel-cdf"}),
    (proof_largest, "others_below", with_itself, {"proof.others-below", "proof.largest-is-pdf-times-product.corrected"}),
    (proof_relaxation, "closed_jacobian", lambda b, tau: b[:, :, None] * (np.eye(8) - b[:, None, :]),
     {"proof.relaxation-differentiable"}),
    (proof_softmax, "softmax", lambda x: np.exp(-x) / np.exp(-x).sum(), {"proof.softmax-of-logits.corrected"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("module", "name", "broken", "owners"), BROKEN, ids=[f"{m.__name__}.{n}" for m, n, _, _ in BROKEN]
)
def test_a_broken_line_is_caught_by_its_owner(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, broken: Callable[..., Any], owners: set[str]
) -> None:
    monkeypatch.setattr(module, name, broken)
    assert refuted(run(suites=COMPUTED)) - REFUTED == owners


def test_a_broken_product_is_caught_by_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof_largest, "others_below", with_itself)
    assert refuted(run(suites=["calibration"])) == {"proof.others-below"}


def test_the_counterexample_can_be_redone_by_hand() -> None:
    (record,) = [record for record in run(["proof.softmax-of-logits"]) if "counterexample" in record["check"]]
    assert "logits (0, log 3)" in record["reason"]
    assert "0 where 0.25 is due" in record["reason"]


def test_no_point_gives_the_probability() -> None:
    made = proof_largest.at_no_point(np.random.default_rng(0))
    assert made.notes["largest value over P(k is largest)"] == pytest.approx(np.exp(-1), rel=1e-3)
    assert float(made.notes["largest value at scale 0.1, logits (0, 0)"]) > 1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_computed_checks_hold_for_other_seeds(seed: int) -> None:
    records = run(suites=COMPUTED, seed=seed)
    assert refuted(records) == REFUTED
    assert {record["verdict"] for record in records} == {"verified", "refuted"}


def test_the_same_seed_gives_the_same_records() -> None:
    assert run(["proof.relaxation-differentiable", "proof.others-below"]) == run(
        ["proof.relaxation-differentiable", "proof.others-below"]
    )
