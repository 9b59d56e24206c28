"""What the proof sets out to prove: the argmax of perturbed logits is a draw from their softmax, not from x / sum x."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.draws import measurements
from harness.draws.chunk import Chunk
from harness.laws import Categorical
from harness.methods import Homogeneity, PooledCells
from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Claim, Evidence, Measurement, Scenario
from harness.samplers.registry import get
from harness.statistics import Counts
from harness.verdict import Verdict
from suites.cases import case, logits, weights
from suites.evidence.identities import deviation, identity
from suites.families.chi_square import of_counts

ORDER = 10
VOCABULARY = case("zipf-128256")
LOGITS = Case(
    "logits-123", "logits that are positive, so that x / sum x is at least a distribution", logits(1.0, 2.0, 3.0)
)
WEIGHTS = Case("weights-123", "the same numbers as weights: their logarithms are perturbed", weights(1.0, 2.0, 3.0))


def share_of_sum(x: Floats) -> Floats:
    """Return x_k / sum x, which the document writes down for logits x."""
    return np.asarray(x / x.sum())


def softmax(x: Floats) -> Floats:
    """Return e^x_k / sum e^x, which it names."""
    return np.asarray(np.exp(x) / np.exp(x).sum())


def counterexample(rng: np.random.Generator) -> Evidence:
    """Evaluate both sides at logits (0, log 3): a sum of 1 + 3 by hand."""
    x = np.log([1.0, 3.0])
    what = "at logits (0, log 3), x_1 / (x_1 + x_2) for softmax(x)_1 = 1 / (1 + 3)"
    return deviation(share_of_sum(x), softmax(x), bound=1e-12, what=what, scale=1e-300)


def exponentials(rng: np.random.Generator) -> Evidence:
    """Hold the softmax of random logits to the law that draws are judged by, and to e^(x_k) over the sum."""
    found, due = [], []
    for k in (2, 3, 10, 1000):
        x = rng.normal(0, 3, k)
        found.append(softmax(x))
        due.append(Categorical(x).mass)
    return deviation(np.concatenate(found), np.concatenate(due), bound=1e-12, what="e^x_k / sum e^x")


def of_weights(rng: np.random.Generator) -> Evidence:
    """Hold softmax(log w) to w / sum w for positive weights."""
    w = np.exp(rng.uniform(-20, 20, (50, 10)))
    found = np.stack([softmax(np.log(row)) for row in w])
    due = np.stack([share_of_sum(row) for row in w])
    return deviation(found, due, bound=1e-12, what="softmax(log w)")


def vocabulary_checks(options: Options) -> Iterator[Check]:
    """Yield chi-square, groups and two-sample checks at K = 128256."""
    law = Categorical(VOCABULARY.logits).mass
    counted = measurements.category_counts(law.size)
    scenarios = [Scenario(get(name), "index", VOCABULARY) for name in ("gumbel-max", "direct")]
    for scenario in scenarios:
        name = f"chi_square/proof/equivalence/{scenario.name}"
        yield of_counts(name, scenario, law, judges=False)
        yield Check(
            name=f"{name}/cells",
            suite="chi_square",
            why=VOCABULARY.why,
            inputs=((scenario, counted),),
            method=PooledCells(law),
            tolerance=max(options.tolerance, VOCABULARY.pooled or 0.0),
            judges=False,
        )
    groups = ranks(law.size)
    yield Check(
        name="homogeneity/proof/equivalence/zipf-128256",
        suite="homogeneity",
        why="Gumbel-max and direct draws agree over a vocabulary, whatever the law; rare words are taken in groups",
        inputs=tuple((scenario, Measurement("counts-by-rank", partial(_grouped, groups))) for scenario in scenarios),
        method=Homogeneity(np.asarray(np.bincount(groups, weights=law), np.float64)),
        tolerance=VOCABULARY.tolerance_for(options.tolerance),
        judges=False,
    )


def ranks(categories: int) -> NDArray[np.intp]:
    """Return the group of each category: the first hundred alone, then eight groups a decade."""
    rank = np.arange(1, categories + 1)
    return np.where(rank <= 100, rank - 1, 100 + (8 * np.log10(rank / 100)).astype(np.intp))


def _grouped(groups: NDArray[np.intp], chunk: Chunk) -> Counts:
    return Counts.of(groups[chunk.index], (int(groups.max()) + 1,))


def claims(options: Options) -> tuple[Claim, ...]:
    """Return the claim of the proof, and what its displayed equation says."""
    equivalence = Claim(
        "proof.equivalence",
        where="Background",
        says="Adding independent standard Gumbel noise to logits and taking the argmax is drawing from their softmax.",
        evidence=("*/gumbel-max/*",),
        checks=tuple(vocabulary_checks(options)),
    )
    return equivalence, _as_written(), _corrected()


def _drawn(one: Case) -> Scenario:
    return Scenario(get("gumbel-max"), "index", one)


def _as_written() -> Claim:
    x = np.arange(1.0, 4.0)
    return Claim(
        "proof.softmax-of-logits",
        where="Claim, right-hand equality",
        says="For logits x, category k is selected with probability x_k / sum x, which is softmax(x)_k.",
        expect=Verdict.REFUTED,
        checks=(
            identity(
                "identity/proof/softmax-of-logits/counterexample", "two logits suffice to tell the sides apart",
                counterexample, bound=1e-12,
            ),
            of_counts(
                "chi_square/proof/softmax-of-logits/share-of-sum", _drawn(LOGITS), share_of_sum(x),
                judges=False, why="draws decide between x / sum x and softmax(x)",
            ),
        ),
    )  # fmt: skip


def _corrected() -> Claim:
    x = np.arange(1.0, 4.0)
    return Claim(
        "proof.softmax-of-logits.corrected",
        where="Claim, right-hand equality",
        says="softmax(x)_k is e^(x_k) / sum e^x; x_k / sum x belongs to positive weights x whose logarithms are perturbed.",
        checks=(
            of_counts(
                "chi_square/proof/softmax-of-logits/softmax", _drawn(LOGITS), softmax(x),
                judges=False, why="the draws that refute x / sum x agree with softmax(x)",
            ),
            of_counts(
                "chi_square/proof/softmax-of-logits/weights", _drawn(WEIGHTS), share_of_sum(x),
                judges=False, why="x / sum x is right where log x is perturbed",
            ),
            of_counts(
                "chi_square/proof/softmax-of-logits/die", _drawn(case("die")),
                softmax(case("die").logits), judges=False, why="the formula as evaluated here is what the die follows",
            ),
            identity("identity/proof/softmax-of-logits/softmax", "the formula and the law agree", exponentials, bound=1e-11),
            identity("identity/proof/softmax-of-logits/weights", "softmax undoes the logarithm", of_weights, bound=1e-11),
        ),
    )  # fmt: skip
