"""``draw`` gives any form that a sampler has, an index from all of them, and one sentence for what it cannot do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from harness.errors import UsageError
from harness.samplers.draw import draw
from harness.samplers.registry import Form, Sampler

DIE = np.log([0.1, 0.2, 0.3, 0.4])


@pytest.mark.parametrize(
    ("name", "parameters", "shape"),
    [
        ("direct", {}, (50,)),
        ("gumbel-max", {}, (50,)),
        ("gumbel-max", {"emits": "gumbel"}, (50, 4)),
        ("relaxed", {"temperature": 0.7}, (50, 4)),
        ("relaxed", {"temperature": 0.7, "emits": "index"}, (50,)),
        ("top-down", {}, (50, 4)),
        ("top-down", {"observed": 2}, (50, 4)),
        ("top-down", {"observed": None, "emits": "index"}, (50,)),
    ],
)
def test_draw_in_every_form(name: str, parameters: dict[str, Any], shape: tuple[int, ...]) -> None:
    draws = draw(name, DIE, 50, rng=1, **parameters)
    assert draws.shape == shape
    assert draws.dtype == (np.intp if len(shape) == 1 else np.float64)
    np.testing.assert_array_equal(draws, draw(name, DIE, 50, rng=np.random.default_rng(1), **parameters))


def test_a_derived_index_is_the_argmax() -> None:
    assert (draw("top-down", DIE, 100, rng=1, emits="index", observed=2) == 2).all()
    rows = draw("relaxed", DIE, 100_000, rng=3, temperature=1.0)
    index = draw("relaxed", DIE, 100_000, rng=3, temperature=1.0, emits="index")
    np.testing.assert_array_equal(index, rows.argmax(axis=1))


def test_a_guest_without_a_fast_path() -> None:
    def guest(logits: Any, size: int, *, rng: np.random.Generator) -> Any:
        return logits + rng.gumbel(size=(size, len(logits)))

    sampler = Sampler("guest", "gumbel", {"gumbel": Form(guest)})
    rows = draw(sampler, DIE, 20, rng=5)
    np.testing.assert_array_equal(draw(sampler, DIE, 20, rng=5, emits="index"), rows.argmax(axis=1))


@pytest.mark.parametrize(
    ("arguments", "parameters", "message"),
    [
        (("direct", [np.nan, 0], 1), {}, r"logits\[0\] is nan"),
        (("direct", [0, np.inf], 1), {}, r"logits\[1\] is inf"),
        (("direct", [-np.inf], 1), {}, "all logits are -inf"),
        (("direct", [], 1), {}, "empty"),
        (("direct", [[0.0]], 1), {}, "shape"),
        (("direct", [0.0], -1), {}, "size"),
        (("direct", [0.0], 1.5), {}, "size"),
        (("dierct", [0.0], 1), {}, "did you mean direct"),
        ((3, [0.0], 1), {}, "a sampler is"),
        (("direct", [0.0], 1), {"emits": "simplex"}, "does not emit 'simplex'"),
        (("direct", [0.0], 1), {"emits": "words"}, "does not emit 'words'"),
        (("direct", [0.0], 1), {"temperature": 1.0}, "takes no parameter 'temperature'"),
        (("top-down", [0.0], 1), {"tau": 1.0}, "takes no parameter 'tau'; it takes observed"),
        (("relaxed", [0.0], 1), {}, "needs temperature"),
        (("relaxed", [0.0], 1), {"emits": "index"}, "needs temperature"),
        (("relaxed", [0.0], 1), {"temperature": 0}, "positive"),
        (("relaxed", [0.0], 1), {"temperature": -1.0}, "positive"),
        (("relaxed", [0.0], 1), {"temperature": np.nan}, "positive"),
        (("top-down", [0.0, -np.inf], 1), {"observed": 1}, "probability zero"),
        (("top-down", [0.0], 1), {"observed": 1}, "outside"),
        (("top-down", [0.0], 1), {"observed": 0.5}, "integer"),
    ],
)
def test_what_cannot_be_used_is_refused(arguments: tuple[Any, ...], parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        draw(*arguments, rng=1, **parameters)
