"""Every form of every built-in sampler draws what it claims, whatever the logits and whatever the generator gives."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2

from harness.errors import UsageError
from harness.samplers import registry
from harness.samplers.builtin import direct, gumbel_max, relaxed, top_down
from harness.samplers.builtin.uniforms import fill_exponentials

DIE = np.log([0.05, 0.1, 0.15, 0.2, 0.22, 0.28])
INF = np.inf

INDEX = {"direct": direct.prepare, "gumbel-max": gumbel_max.prepare_index}
ROWS: dict[str, Callable[..., Any]] = {
    "gumbel-max": gumbel_max.prepare_gumbel,
    "relaxed": lambda logits: relaxed.prepare(logits, temperature=0.5),
    "top-down": top_down.prepare,
    "top-down-observed": lambda logits: top_down.prepare(logits, observed=int(np.argmax(logits))),
}
FORMS = {**{f"{name}-index": prepare for name, prepare in INDEX.items()}, **ROWS}


def stream(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.SFC64(seed))


def drawn(form: str, logits: Any, size: int, rng: np.random.Generator) -> np.ndarray:
    fill = FORMS[form](logits)
    out = np.full(size, -1) if form.endswith("index") else np.full((size, len(logits)), np.nan)
    fill(out, rng)
    return out


def winners(draws: np.ndarray) -> np.ndarray:
    return draws if draws.ndim == 1 else np.asarray(np.argmax(draws, axis=1))


class Constant(np.random.Generator):
    """Every uniform is the same."""

    def __init__(self, value: float) -> None:
        super().__init__(np.random.PCG64(0))
        self.value = value

    def random(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
        if out is None:
            return np.full(size, self.value)
        out[...] = self.value
        return out

    def integers(self, low: Any, high: Any = None, size: Any = None, dtype: Any = int, endpoint: bool = False) -> Any:
        assert (low, high, endpoint) == (0, np.iinfo(dtype).max, True)
        return np.full(size, int(self.value * 2.0**64), dtype)


def repeated(logits: np.ndarray, times: int) -> np.ndarray:
    return np.asarray(np.repeat(logits, times) - np.log(times))


UNOBSERVED = [form for form in FORMS if form != "top-down-observed"]


@pytest.mark.parametrize("times", [1, 30], ids=["narrow", "wide"])
@pytest.mark.parametrize("form", UNOBSERVED)
def test_the_winner_has_the_softmax_distribution(form: str, times: int) -> None:
    n = 200_000
    logits = repeated(DIE, times)
    counts = np.bincount(winners(drawn(form, logits, n, stream(11))), minlength=logits.size)
    expected = n * np.exp(logits)
    assert chi2.sf(((counts - expected) ** 2 / expected).sum(), logits.size - 1) > 1e-9


MASKED = [np.r_[-INF, DIE, -INF, -INF], np.r_[np.full(200, -INF), repeated(DIE, 20), -INF], np.array([-INF, 3.0, -INF])]


@pytest.mark.parametrize("value", [0.0, float(np.nextafter(1, 0)), 0.5, None])
@pytest.mark.parametrize("logits", [*MASKED, np.zeros(1), DIE, np.linspace(-1000, 0, 150)], ids=lambda x: f"K={len(x)}")
@pytest.mark.parametrize("form", FORMS)
def test_draws_are_valid_for_any_generator(form: str, logits: np.ndarray, value: float | None) -> None:
    with np.errstate(all="raise", under="ignore"):
        draws = drawn(form, logits, 500, stream(1) if value is None else Constant(value))
    possible = np.isfinite(logits)
    assert possible[winners(draws)].all()
    if form == "relaxed":
        assert (draws >= 0).all()
        assert not draws[:, ~possible].any()
        np.testing.assert_allclose(draws.sum(axis=1), 1, rtol=1e-13)
    elif draws.ndim == 2:
        assert np.isfinite(draws[:, possible]).all()
        assert (draws[:, ~possible] == -INF).all()


@pytest.mark.parametrize("shift", [2.0**10, -(2.0**20), 1000.0, 1e6])
@pytest.mark.parametrize("form", ["direct-index", "gumbel-max-index", "relaxed"])
@pytest.mark.parametrize("size", [6, 200])
def test_a_shift_of_the_logits_changes_nothing(form: str, shift: float, size: int) -> None:
    logits = np.round(stream(3).normal(size=size) * 1024) / 1024
    np.testing.assert_array_equal(
        drawn(form, logits, 2000, stream(4)), drawn(form, logits + shift, 2000, stream(4)), strict=True
    )


@pytest.mark.parametrize("size", [1, 6, 200])
def test_the_noise_does_not_depend_on_the_logits(size: int) -> None:
    noise = drawn("gumbel-max", np.zeros(size), 3000, stream(5))
    logits = stream(6).normal(size=size) * 100
    np.testing.assert_array_equal(drawn("gumbel-max", logits, 3000, stream(5)), logits + noise)


@pytest.mark.parametrize("temperature", [5e-324, 1e-3, 1.0, 1e3, 1.7e308])
@pytest.mark.parametrize("logits", [DIE, np.linspace(0, 1000, 200), np.array([-1.7e308, 1.7e308, -INF])], ids=len)
def test_relaxed_stays_on_the_simplex_at_any_temperature(temperature: float, logits: np.ndarray) -> None:
    out = np.empty((1000, logits.size))
    with np.errstate(all="raise", under="ignore"):
        relaxed.prepare(logits, temperature=temperature)(out, stream(8))
    assert ((out >= 0) & (out <= 1)).all()
    np.testing.assert_allclose(out.sum(axis=1), 1, rtol=1e-13)


@pytest.mark.parametrize(
    "logits",
    [DIE, repeated(DIE, 30), np.array([0.0, np.log(1e-30)]), np.linspace(-1000, 0, 150), 1e6 + DIE, np.zeros(1)],
    ids=["die", "wide", "rare", "spread", "shifted", "one"],
)
@pytest.mark.parametrize("last", [False, True])
def test_the_observed_category_is_the_strict_argmax_of_every_row(logits: np.ndarray, last: bool) -> None:
    observed = logits.size - 1 if last else 0
    out = np.empty((5000, logits.size))
    top_down.prepare(logits, observed=observed)(out, stream(9))
    others = np.delete(out, observed, axis=1)
    assert np.isfinite(out).all()
    assert (others < out[:, [observed]]).all()


def test_top_down_agrees_with_rejection() -> None:
    """The posterior given a category is what remains of iid perturbed logits when its rows are selected."""
    observed, n = 1, 200_000
    out = np.empty((n, DIE.size))
    top_down.prepare(DIE, observed=observed)(out, stream(12))
    rows = drawn("gumbel-max", DIE, 10 * n, stream(13))
    chosen = rows[rows.argmax(axis=1) == observed]
    for one, other in zip(out.T, chosen.T, strict=True):
        cells = np.quantile(one, np.linspace(0, 1, 21)[1:-1])
        a, b = (np.bincount(np.searchsorted(cells, values), minlength=20) for values in (one, other))
        share = (a + b) / (len(one) + len(other))
        statistic = sum(((c - share * c.sum()) ** 2 / (share * c.sum())).sum() for c in (a, b))
        assert chi2.sf(statistic, 19) > 1e-9


class Counting(Constant):
    """Counts the uniforms that are drawn."""

    drawn = 0

    def random(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
        self.drawn += size if out is None else out.size
        return super().random(size, dtype, out)


@pytest.mark.parametrize("logits", [DIE, repeated(DIE, 30)], ids=len)
def test_top_down_takes_one_uniform_a_category(logits: np.ndarray) -> None:
    rng = Counting(0.5)
    top_down.prepare(logits, observed=2)(np.empty((1001, logits.size)), rng)
    assert rng.drawn == 1001 * logits.size


class FirstWord(Constant):
    """The first uniform of all and what refines it are given; the others are 0.5."""

    def __init__(self, first: float, refinement: float, zeros: int = 1) -> None:
        super().__init__(0.5)
        self.words = [first, refinement, 0.5]
        self.zeros = zeros

    def random(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
        if out is None:
            self.value = self.words.pop(0)
            return super().random(size)
        super().random(out=out)
        out.reshape(-1)[0] = self.words.pop(0)
        return out

    def integers(self, *arguments: Any, **parameters: Any) -> Any:
        """The first word of sixteen bits is 0, or the first two; the others are SIXTEEN."""
        words = np.full(np.empty(parameters["size"], parameters["dtype"]).nbytes // 2, SIXTEEN, "<u2")
        words[: self.zeros] = 0
        return words.view(parameters["dtype"])


SIXTEEN = 100


@pytest.mark.parametrize(("factor", "wins"), [(0.999, True), (1.001, False)])
@pytest.mark.parametrize("form", ["direct-index", "gumbel-max-index", "gumbel-max", "relaxed"])
@pytest.mark.parametrize("size", [2, 100])
def test_a_rare_category_wins_exactly_when_its_noise_says_so(form: str, size: int, factor: float, wins: bool) -> None:
    """At p = 1e-25 the bits that decide are those after the 53 of the first word."""
    rare = 1e-25
    logits = np.zeros(size)
    logits[0] = np.log(rare) + np.log(size - 1)
    screened = form == "gumbel-max-index" and size > gumbel_max.FEW
    # An alias table compares a uniform with p, a race -log(1 - v) or -log(u) with p times the exponential of a rival.
    rival = -np.log1p(-SIXTEEN / 2**16) * 2**16 if screened else np.log(2)
    if form == "direct-index":
        rng = FirstWord(factor * rare * 2.0**31, 0.0, zeros=2)  # in the first unit of the first cell; how far in it?
    else:
        rng = FirstWord(0.0 if screened else 1 - 2.0**-53, factor * rare * rival * (size - 1) / 2.0**-53)
    assert (winners(drawn(form, logits, 1, rng))[0] == 0) == wins


def test_fill_writes_to_any_layout_and_type() -> None:
    wide = np.full((100, 12), np.nan)
    gumbel_max.prepare_gumbel(DIE)(wide[:, ::2], stream(2))
    np.testing.assert_array_equal(wide[:, ::2], drawn("gumbel-max", DIE, 100, stream(2)))
    assert np.isnan(wide[:, 1::2]).all()
    for form in ("direct-index", "gumbel-max-index"):
        small = np.empty(1000, np.int8)
        FORMS[form](DIE)(small, stream(2))
        np.testing.assert_array_equal(small, drawn(form, DIE, 1000, stream(2)))


@pytest.mark.parametrize("form", FORMS)
def test_many_blocks_and_none(form: str) -> None:
    assert len(drawn(form, DIE, 0, stream(1))) == 0
    draws = drawn(form, DIE, 50_000, stream(1))
    assert not (draws == -1).any() if draws.ndim == 1 else not np.isnan(draws).any()


def test_numpy_settings_are_left_as_they_were() -> None:
    before = np.getbufsize()
    drawn("relaxed", DIE, 10, stream(1))
    with pytest.raises(ValueError, match="broadcast"):
        gumbel_max.prepare_gumbel(DIE)(np.empty((5, 3)), stream(1))
    assert np.getbufsize() == before


def test_built_in_samplers_are_registered() -> None:
    known = {one.name: one for one in registry.registered() if one.family == "built-in"}
    assert {name: sorted(one.forms) for name, one in known.items()} == {
        "direct": ["index"],
        "gumbel-max": ["gumbel", "index"],
        "gumbel-top-k": ["ranking"],
        "one-by-one": ["ranking"],
        "relaxed": ["simplex"],
        "top-down": ["gumbel"],
    }
    assert known["gumbel-max"].emits == "index"
    assert known["direct"].cost == "draw"
    assert known["relaxed"].form("simplex").parameters == {"temperature"}
    assert known["top-down"].form("gumbel").parameters == {"observed"}
    assert all(pickle.loads(pickle.dumps(one)) == one for one in known.values())
    assert direct.direct(DIE, 3, rng=1).shape == (3,)


@pytest.mark.parametrize("form", UNOBSERVED)
@pytest.mark.parametrize("logits", [[], [np.nan, 0], [INF, 0], [-INF, -INF], [[0.0, 1.0]], "logits"], ids=str)
def test_unusable_logits_are_refused(form: str, logits: Any) -> None:
    with pytest.raises(UsageError, match="logit"):
        FORMS[form](logits)


def test_exponential_helper_is_what_the_column_race_uses() -> None:
    """The narrow race is the minimum of E / p over the exponentials of its stream."""
    out = np.empty(100, np.intp)
    gumbel_max.prepare_index(DIE)(out, stream(21))
    noise = np.empty((DIE.size, 100))
    fill_exponentials(noise, stream(21))
    np.testing.assert_array_equal(out, np.argmin(noise / np.exp(DIE)[:, np.newaxis], axis=0))


@pytest.mark.parametrize(("name", "emits"), [("direct", "index"), ("gumbel-max", "gumbel"), ("top-down", "gumbel")])
def test_what_a_call_keeps_for_the_next_is_never_that_of_other_logits(name: str, emits: str) -> None:
    draw = registry.get(name).form(emits).draw
    given, first = DIE.copy(), draw(DIE, 50, rng=1)
    draw(given, 50, rng=1)
    given[:] = given[::-1]  # what was kept came from this array
    assert np.array_equal(draw(DIE.copy(), 50, rng=1), first)
    assert np.array_equal(draw(given, 50, rng=1), draw(DIE[::-1], 50, rng=1))
    assert np.array_equal(draw(DIE, 50, rng=1), first)


def test_a_kept_parameter_is_the_same_in_type_too() -> None:
    draw = registry.get("top-down").form("gumbel").draw
    assert not np.array_equal(draw(DIE, 9, rng=1), draw(DIE, 9, rng=1, observed=1))
    with pytest.raises(UsageError, match="observed"):
        draw(DIE, 9, rng=1, observed=True)
