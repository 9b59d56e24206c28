"""The k largest perturbed logits are a draw without replacement; with other noise of the same winner they are not."""

import numpy as np
import pytest

from harness.draws.chunk import Chunk
from harness.laws import Ranking
from harness.methods import ChiSquare
from harness.options import Options
from harness.samplers.draw import draw
from harness.verdict import Verdict
from suites.cases import case
from suites.claims.trick import top_k
from suites.claims.trick.property import claims

N = 40_000


def p_value(name, k, perturbed):
    law = Ranking(case(name).logits, k)
    counts = top_k._ranked(law, Chunk(perturbed, "gumbel", None))
    return ChiSquare(law.mass).evidence((counts,), np.random.default_rng(0)).p_value


@pytest.mark.parametrize(("name", "k"), top_k.DRAWN)
def test_gumbel_noise_has_the_law_and_normal_noise_has_not(name, k):
    logits, rng = case(name).logits, np.random.default_rng(3)
    assert p_value(name, k, draw("gumbel-max", logits, N, rng=rng, emits="gumbel")) > 1e-4
    assert p_value(name, k, logits + rng.normal(scale=np.pi / np.sqrt(6), size=(N, logits.size))) < 1e-9


def test_a_right_winner_is_not_enough():
    """The winner has its law, and the others come in any order."""
    logits, rng = case("die").logits, np.random.default_rng(4)
    perturbed = logits + rng.gumbel(size=(N, 6))
    winner = perturbed.argmax(axis=1)
    noise = rng.random((N, 6))
    noise[np.arange(N), winner] = 2.0
    assert p_value("die", 1, noise) > 1e-4
    assert p_value("die", 2, noise) < 1e-9


def test_the_integral_is_that_of_two_largest_and_no_other(monkeypatch):
    rng = np.random.default_rng(0)
    assert not top_k.two_largest(rng).impossible
    right = top_k.first_two
    monkeypatch.setattr(top_k, "first_two", lambda x, i, j, z: right(x, j, i, z))
    assert "P(i is largest and j second)" in top_k.two_largest(rng).impossible


def test_the_claim_has_them_and_the_built_in_sampler():
    (claim,) = (one for one in claims(Options()) if one.id == "trick.property-2")
    assert claim.expect is Verdict.VERIFIED
    assert {f"chi_square/trick/property-2/top-{k}/{name}" for name, k in top_k.DRAWN} <= {
        one.name for one in claim.checks
    }
    assert set(top_k.PATTERNS) <= set(claim.evidence)
