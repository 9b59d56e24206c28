"""Right samplers of truncated laws, rankings and speculative steps, in several ways each: none refuted at ten seeds."""

import pytest

import harness
from suites.cases.rows import RANKINGS, SPECULATIVE
from suites.cases.truncated import TRUNCATED
from tests.judging import findings, refuted
from tests.right_truncated import ENGINES, declared, ranking_sampler, spec_sampler
from tests.test_suites_rows import (
    again,
    block,
    clocks,
    equality,
    perturbed,
    sets,
    tokenwise,
    without_draft_probabilities,
)

ALPHA = 1e-4
"""180 plans: together they refute a right harness with probability 2 % at most."""
RULES = (
    *((tokenwise, rule) for rule in ("token-wise", "lossless")),
    *((function, "lossless") for function in (equality, without_draft_probabilities, block)),
)


def spared(sampler, cases, seed):
    found = findings(sampler, cases, tolerance=0.2, seed=seed, alpha=ALPHA)
    assert not refuted(found)


@pytest.mark.dear
@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("name", ENGINES)
def test_truncated_draws(name, seed):
    spared(declared(ENGINES[name], name), TRUNCATED, seed)


@pytest.mark.dear
@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("function", [perturbed, clocks, again, sets])
def test_rankings(function, seed):
    cases = [case for case in RANKINGS if function in (perturbed, clocks) or case.name != "rank-zipf"]
    spared(ranking_sampler(function, ordered=function is not sets), cases, seed)


@pytest.mark.dear
@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("name", ["gumbel-top-k", "one-by-one"])
def test_built_in_rankings(name, seed):
    spared(harness.get(name), RANKINGS, seed)


@pytest.mark.dear
@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(("function", "rule"), RULES)
def test_speculative_steps(function, rule, seed):
    spared(spec_sampler(function, rule), SPECULATIVE, seed)
