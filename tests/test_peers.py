"""Today's rules have the faults that were measured in them, and ours has not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from harness.selftest import others as session
from suites import peers

RNG = np.random.default_rng(0)
FLAT = np.full(10, 0.1)


def test_goftests_tail_is_right_below_a_hundred_and_one_far_out():
    assert peers.goftests_tail(50, 9) == pytest.approx(special.chdtrc(9, 50), abs=1e-12)
    assert peers.goftests_tail(250, 9) == pytest.approx(0.97, abs=0.01)
    assert peers.goftests_tail(1500, 9) == pytest.approx(1.0)


def test_goftests_passes_what_is_grossly_wrong():
    p = np.full(8, 1 / 8)
    q = p.copy()
    q[0], q[1] = q[0] + 0.1, q[1] - 0.1
    counts = np.round(q * 5000).astype(np.int64)
    assert not peers.goftests(counts, p, RNG)
    assert peers.goftests_right_tail(counts, p, RNG)
    assert session.ours(1e-10).rejects(counts, p, RNG)


def test_pytorch_misses_a_category_that_never_comes():
    p = np.array([0.3, 0.3, 0.22, 0.18])
    counts = RNG.multinomial(10_000, np.array([0.3, 0.3, 0.22, 0.0]) / 0.82)
    assert not peers.pytorch(counts, p, RNG)
    for rule in (peers.jax, peers.tfp, peers.vllm, session.ours(1e-10).rejects):
        assert rule(counts, p, RNG)


def test_cosine_misses_a_temperature():
    logits = -np.log(np.arange(1, 11))
    p, q = (np.exp(one) / np.exp(one).sum() for one in (logits, logits / 1.1))
    counts = RNG.multinomial(1_000_000, q)
    assert not peers.flashinfer(counts, p, RNG)
    assert session.ours(1e-10).rejects(counts, p, RNG)


def test_a_table_of_peers():
    broken = [("drop", FLAT, np.r_[0.0, np.full(9, 1 / 9)]), ("none", FLAT, FLAT)]
    rules = (*peers.rules(), session.ours(1e-10))
    rows = {rule.name: session.row(rule, 10_000, [("flat", FLAT)], broken, 200, 0) for rule in rules}
    assert all(tuple(row) == session.COLUMNS for row in rows.values())
    assert rows["gumbel-harness"]["false_alarms"] == 0
    assert rows["gumbel-harness"]["missed"] == "none"
    assert "drop" in rows["PyTorch discrete"]["missed"]
    assert rows["JAX chi-square"]["caught"] == 1


def test_what_raises_is_no_answer():
    def raises(counts, p, rng):
        raise ValueError

    row = session.row(session.Rule("r", "s", None, raises), 100, [("flat", FLAT)], [], 5, 0)
    assert (row["right"], row["no_answer"], row["observed"]) == (0, 5, None)
