"""What is wrong in a share of the space that the sweep does not promise to find is found by `explore` within a minute."""

from __future__ import annotations

import pytest

from harness.exploration.explore import explore
from harness.exploration.trial import tried
from harness.space.draw import Space, random_point
from harness.space.point import point_from
from harness.streams import stream
from harness.verdict import Verdict
from tests.rare import RARE, share, touched

AT = {
    "sixes_of_masked_powers": "k=8,family=zipf-1,mask=first,call=6",
    "masked_read_only_tiles": "k=256,family=zipf-1,mask=first,call=109,layout=read-only",
    "long_and_odd": "k=3071,family=zipf-1,call=127",
    "masked_calls_of_33": "k=5,family=zipf-1,mask=first,call=33",
    "read_only_tiles": "k=128,family=zipf-1,call=90,layout=read-only",
    "fours_of_powers": "k=8,family=zipf-1,call=4",
    "three_and_a_bit": "k=4,temperature=3.1,call=110",
    "rare_and_late": "k=101,family=ramp-25,call=360,observed=100",
}


@pytest.mark.parametrize("name", RARE)
def test_it_is_wrong_where_it_says_and_right_elsewhere(name):
    sampler, point = RARE[name], point_from(AT[name])
    space = Space(sampler, sampler.emits)
    other = next(one for i in range(99) if not touched(name, one := random_point(space, stream(2, name, i))))
    assert touched(name, point)
    wrong, right = (
        tried(sampler, sampler.emits, at, 720, stream(0, "draw", name), stream(0, "spread", name))
        for at in (point, other)
    )
    assert wrong.p_value < 1e-9 and right.p_value > 1e-6


@pytest.mark.dear
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", RARE)
def test_explore_finds_it_in_a_minute(name, seed):
    found = explore(RARE[name], budget=60, engine="serial", workers=1, seed=seed)
    assert found.verdict is Verdict.REFUTED
    assert touched(name, point_from(found.smallest["case"]))


@pytest.mark.dear
@pytest.mark.parametrize("name", RARE)
def test_its_share_is_below_the_sweeps(name):
    assert 0.001 < share(name) < 0.02
