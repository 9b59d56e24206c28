"""Controls of the sweep: each is refuted at a point where it is wrong; whole sweeps are in `test_controls.py`."""

from __future__ import annotations

import pytest

from harness.exploration.trial import tried
from harness.space.point import point_from
from harness.streams import stream
from suites.controls import between, places

CONTROLS = {control.sampler.name: control for control in (*between.CONTROLS, *places.CONTROLS)}
WHERE = {
    "even_where_k_is_tiled": "k=384,family=last-3,seed=1954388283,call=218,layout=columns",
    "flat_under_half_a_mask": "k=5,family=ramp-12,order=descending,mask=share-0.52,seed=1373152988,call=4",
    "calls_of_three_repeat": "k=6,family=ties-0.7,order=shuffled,seed=1946417634,call=3",
    "short_calls_begin_greedy": "k=10,order=shuffled,seed=283889888,call=3",
    "negative_strides": "k=10,family=scores-30,order=ascending,seed=161748728,call=6,layout=reversed",
    "padded_views": "k=13,family=last-3,order=shuffled,mask=share-0.14,seed=359707639,call=129,layout=padded",
    "one_beyond_a_power": "k=3,family=normal-0.1,order=shuffled,seed=2749912,call=65,layout=reversed",
    "two_live_are_even": "k=13,family=normal-3,mask=share-0.85,seed=1240903261,call=223,layout=read-only",
    "rising_logits_reversed": "k=5,family=scores-700,order=ascending,mask=first,seed=586550310,call=1",
    "last_row_of_many": "k=11,family=ramp-12,call=12,rows=9",
    "pairs_share_noise": "k=5,family=normal-1,call=100,rows=2",
    "temperature_near_a_third": "k=5,family=normal-1,call=100,temperature=0.33",
    "temperature_capped": "k=5,family=normal-1,call=100,temperature=50.0",
    "threes_share_noise": "k=5,family=normal-1,call=3",
    "rare_winners_sink": "k=5,family=ramp-12,call=100,observed=4",
    "one_below_a_power": "k=31,family=normal-0.1,seed=1446027129,call=17,layout=read-only",
    "primes_move": "k=17,family=ties-2,seed=1287947614,call=900",
    "top_of_ties": "k=127,family=last-3,order=descending,seed=1085275703,call=225",
    "scores_in_base_two": "k=56,family=scores--30,order=descending,seed=8075813,call=223",
    "sixteens_and_one_sorted": "k=10,family=weights-2,order=ascending,seed=1484584386,call=225,layout=columns",
    "columns_read_twice": "k=4,family=weights-10,order=descending,seed=1907766791,call=9,layout=columns",
    "read_only_is_hot": "k=7,family=normal-10,order=descending,mask=head,seed=237565416,call=220,layout=read-only",
    "gaps_closed": "k=10,family=head-1,mask=live-8,seed=385126219,call=220",
    "second_has_firsts_noise": "k=9,family=ties-0.7,mask=last,seed=687849486,call=6,layout=strided",
    "shortcut_at_temperature_1": "k=47,family=zipf-1.5,order=ascending,seed=1330256907,temperature=1.0,call=225",
    "top_k_capped": "k=40,family=uniform-1,seed=1,call=900,top_k=30",
    "cold_min_p": "k=44,family=ramp-3,order=ascending,seed=990952329,temperature=0.25,call=225,min_p=0.1",
    "top_p_095_is_1": "k=15,family=first-3,seed=1196448985,call=224,layout=columns,top_p=0.99",
    "third_by_index": "k=13,family=weights-2,mask=last,seed=1889931081,call=101,layout=columns,m=6",
    "bonus_after_three": "k=6,family=zipf-1.5,call=129,drafts=3",
    "recovery_beyond_32": "k=33,family=levels-1,order=shuffled,seed=526266737,call=225,drafts=2,draft=holes",
    "coarse_loses_half": "k=65,mask=share-0.5,seed=103583064,call=397",
    "coarse_pairs_are_sorted": "k=20,call=300,m=2",
    "coarse_drafts_stay": "k=6,family=levels-0.5,call=300,drafts=2,draft=other",
}
"""A point of each: where a sweep found it, or a plain one beside that."""
SWEPT = ("calls_of_three_repeat", "columns_read_twice", "top_k_capped", "recovery_beyond_32", "coarse_loses_half")
"""Those whose whole sweep is done in `test_controls.py` in every run of the tests; of the others it is dear."""


def test_every_control_has_a_point():
    assert set(WHERE) == set(CONTROLS) and len(WHERE) >= 30
    assert all(control.suite == "sweep" for control in CONTROLS.values())


@pytest.mark.parametrize("name", CONTROLS)
def test_it_is_refuted_at_its_point(name):
    sampler, point = CONTROLS[name].sampler, point_from(WHERE[name])
    answer = tried(sampler, sampler.emits, point, 900, stream(0, "draw", name), stream(0, "spread", name))
    assert not answer.fault
    assert answer.impossible or answer.p_value < 1e-10, answer
