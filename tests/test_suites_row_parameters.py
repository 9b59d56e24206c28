"""Parameters of rows: right samplers written in several ways are verified; each control is refuted, with whose it used."""

from types import MappingProxyType

import numpy as np
import pytest

import harness
from harness.errors import UsageError
from harness.laws import truncated
from harness.samplers.per_row import for_rows, unchanging
from harness.samplers.registry import Form, Sampler, called_by
from harness.samplers.terms import terms_of
from suites.cases.truncated import TRUNCATED
from suites.controls import row_parameters as controls
from suites.controls.stages import Settings
from suites.families.row_parameters import batches, requests
from tests.judging import findings, refuted, unverified
from tests.right_truncated import ENGINES, drawn, softmax

SUITE = ("row_parameters",)


def declared(function, convention, dtype="float64"):
    terms = terms_of("rowwise", "index", function, convention, per_row=True)
    form = Form(called_by(function, terms), terms=terms)
    return Sampler("rowwise", "index", MappingProxyType({"index": form}), dtype=dtype, batch=True)


def row_by_row(name):
    """An engine's sampler of one row, called for each."""

    def draw(logits, size, *, rng, temperature, top_k, top_p, min_p):
        more = {"transformers": ("typical_p", "epsilon"), "llama.cpp": ("typical_p", "top_n_sigma")}.get(name, ())
        values = zip(temperature.tolist(), top_k.tolist(), top_p.tolist(), min_p.tolist(), strict=True)
        made = [
            ENGINES[name](row, size, rng=rng, temperature=t, top_k=k, top_p=p, min_p=m, **dict.fromkeys(more))
            for row, (t, k, p, m) in zip(logits, values, strict=True)
        ]
        return np.stack(made, axis=1)

    return draw


def together(logits, size, *, rng, temperature, top_k, top_p):
    """All rows at once, as engines do: one sort, thresholds of each row, and a race."""
    greedy = np.argmax(logits, axis=1)
    z = logits / np.where(temperature == 0, 1.0, temperature)[:, None]
    ascending = np.sort(z, axis=1)
    kth = np.take_along_axis(ascending, z.shape[1] - np.minimum(top_k, z.shape[1])[:, None], axis=1)
    z = np.where(z < kth, -np.inf, z)
    order = np.argsort(z, axis=1, kind="stable")
    p = np.stack([softmax(row) for row in z])
    cut = np.cumsum(np.take_along_axis(p, order, axis=1), axis=1) <= 1 - top_p[:, None]
    cut[:, -1] = False
    keep = np.empty_like(cut)
    np.put_along_axis(keep, order, ~cut, axis=1)
    p = np.where(keep, p, 0.0)
    raced = np.argmax(p / rng.standard_exponential((size, *p.shape)), axis=2)
    return np.where(temperature == 0, greedy, raced)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["vllm", "mlx-lm"])
def test_right_samplers_are_verified(name, seed):
    found = findings(declared(row_by_row(name), name), TRUNCATED, suites=SUITE, seed=seed, alpha=1e-4)
    assert len(found) == 4 and not unverified(found)


def chained(logits, size, *, rng, temperature, top_k, top_p, min_p):
    """A chain of stages on probabilities, the uniforms of all rows from one array, the last row first."""
    values = zip(logits, temperature, top_k, top_p, min_p, strict=True)
    laws = [controls.right(row, Settings(*given)) for row, *given in values]
    uniforms = rng.random((size, len(laws)))
    made = np.empty(uniforms.shape, np.int64)
    for row in reversed(range(len(laws))):
        made[:, row] = np.searchsorted(np.cumsum(laws[row])[:-1], uniforms[:, row], side="right")
    return made


def perturbed(logits, size, *, rng, temperature, top_k, top_p, min_p):
    """All rows at once by Gumbel noise on what the stages leave, in another order of rows, put back."""
    order = rng.permutation(len(logits))
    laws = np.stack(
        [
            controls.right(logits[row], Settings(temperature[row], int(top_k[row]), top_p[row], min_p[row]))
            for row in order
        ]
    )
    with np.errstate(divide="ignore"):
        found = np.argmax(np.log(laws) + rng.gumbel(size=(size, *laws.shape)), axis=2)
    return found[:, np.argsort(order)]


WAYS = {
    "by one": (row_by_row("vllm"), "vllm"),
    "by one, sampling last": (row_by_row("mlx-lm"), "mlx-lm"),
    "together": (together, "vllm"),
    "chained": (chained, controls.SEQUENTIAL),
    "perturbed": (perturbed, controls.SEQUENTIAL),
}


@pytest.mark.dear
@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("way", WAYS)
def test_right_ones_at_ten_seeds(way, seed):
    found = findings(declared(*WAYS[way]), TRUNCATED, suites=SUITE, seed=seed, alpha=1e-4)
    assert found and not refuted(found)


def test_one_that_draws_all_rows_at_once_is_verified_and_so_are_its_equal_rows():
    suites = ("support", "thresholds", "chi_square", "independence", *SUITE)
    found = findings(declared(together, "vllm"), TRUNCATED, suites=suites)
    assert not unverified(found)
    assert {name.split("/")[-1] for name in found if name.startswith(SUITE)} == {
        "mixed", "reversed", "beside-off", "beside-greedy",
    }  # fmt: skip


def test_another_convention_is_refuted():
    assert refuted(findings(declared(row_by_row("sglang"), "vllm"), TRUNCATED, suites=SUITE))


def test_a_right_chain_is_verified():
    found = findings(declared(controls.drawing(controls.own), controls.SEQUENTIAL), TRUNCATED, suites=SUITE)
    assert not unverified(found)


@pytest.mark.parametrize("control", controls.CONTROLS, ids=lambda one: one.sampler.name)
def test_each_control_is_refuted(control):
    found = findings(control.sampler, TRUNCATED, suites=SUITE)
    assert refuted(found)
    assert not any(one.evidence.broken for one in found.values())


def test_a_refutation_says_whose_parameters_were_used():
    control = next(one for one in controls.CONTROLS if one.sampler.name == "rowwise_neighbour")
    words = [one.reason for one in findings(control.sampler, TRUNCATED, suites=SUITE).values()]
    assert any("the counts fit the parameters of row" in one for one in words)


def test_a_value_that_is_off_changes_no_law():
    logits = np.array([0.3, -np.inf, 2.0, -35.0, 0.3, 1e3])
    for stage, value in unchanging(logits.size).items():
        name = "llama.cpp" if stage == "top_n_sigma" else "transformers"
        assert np.allclose(truncated(logits, name, **{stage: value or None}), truncated(logits, name), atol=1e-15)
    assert for_rows("top_k", [None, 2], 6).tolist() == [6, 2]
    assert for_rows("top_k", [None, 2], 6).dtype == np.int64


def test_rows_of_a_batch_are_many_and_differ():
    every = tuple(requests(with_terms(), "float64"))
    assert len(every) > 20 and len({one.law.tobytes() for one in every}) > 12
    assert all(len(batch) >= len(every) for batch in batches(every).values())
    assert batches(every[:1]) == {}


def with_terms():
    from dataclasses import replace

    terms = terms_of("rowwise", "index", row_by_row("vllm"), "vllm", per_row=True)
    known = {"temperature", "top_k", "top_p", "min_p"}
    return [replace(case, terms=terms) for case in TRUNCATED if {name for name, _ in case.settings} <= known]


def test_it_is_called_with_a_value_for_all_rows_or_one_for_each():
    sampler = declared(row_by_row("vllm"), "vllm")
    logits, given = np.tile([0.0, 1.0, 2.0], (3, 1)), {"temperature": None, "top_p": None, "min_p": None}
    rng = np.random.default_rng(0)
    assert (sampler(logits, 9, rng=rng, top_k=1, **given) == 2).all()
    made = sampler(logits, 99, rng=rng, top_k=np.array([1, 3, 3]), **given)
    assert made.shape == (99, 3) and (made[:, 0] == 2).all() and (made[:, 1] != 2).any()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [({"convention": "vllm"}, "add batch=True"), ({"batch": True}, "takes any of temperature")],
)
def test_what_can_have_no_parameters_for_rows_is_refused(arguments, words):
    def bare(logits, size, *, rng):
        return None

    def cut(logits, size, *, rng, top_k):
        return None

    with pytest.raises(UsageError, match=words):
        harness.sampler("no-rows", emits="index", per_row=True, **arguments)(cut if "convention" in arguments else bare)


def test_one_row_that_is_off_by_the_tolerance_is_refuted_and_right_rows_are_not():
    """Size and power: mass moved from the likeliest category to the next, in one of the rows, in 20 runs of each."""
    from functools import partial

    from harness.questions.check import Scenario
    from suites.families.row_parameters import REQUESTS, TOLERANCE, evidence

    laws = [one for one in requests(with_terms(), "float64") if (one.law > 0.1).sum() > 1][:6]

    def moved(logits, size, *, rng, temperature, top_k, top_p, min_p, by):
        made = []
        for row, one in enumerate(laws):
            p = one.law.copy()
            if row == 4:
                first, second = np.argsort(-p)[:2]
                p[first], p[second] = p[first] - by, p[second] + by
            made.append(drawn(p, size, rng))
        return np.stack(made, axis=1)

    alpha, refutations = 1e-4, {}
    for by in (0.0, TOLERANCE):
        scenario = Scenario(declared(partial(moved, by=by), "vllm"), "index", REQUESTS)
        found = [evidence(scenario, laws, alpha / len(laws), 1e-3, np.random.default_rng(seed)) for seed in range(20)]
        refutations[by] = sum(one.p_value <= alpha for one in found)
        assert all(one.notes["row"].startswith("row 4") for one in found if one.p_value <= alpha)
    assert refutations == {0.0: 0, TOLERANCE: 20}
