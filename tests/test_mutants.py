"""Lines of harness that could once be changed unseen: each test here tells the right line from a wrong one."""

from __future__ import annotations

import inspect
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import harness
from harness.errors import UsageError
from harness.laws import Categorical, Posterior, Ranking, RankingUniforms, Speculative
from harness.laws.conventions import Convention
from harness.laws.speculative import padded
from harness.methods import Homogeneity, PairTables, PooledCells, Tables, design
from harness.methods.cells import reaches, standard_groups
from harness.methods.dyadic import factor_for
from harness.methods.score_loss import kept, share_kept, share_kept_of_two
from harness.samplers import fingerprints
from harness.samplers.builtin.rankings import _drawn
from harness.samplers.builtin.uniforms import fill_logarithms
from harness.samplers.frameworks.framework import seed_from
from harness.samplers.frameworks.numpy import relaxed_slopes
from harness.samplers.importing import import_module
from harness.samplers.registry import get
from harness.samplers.targets import resolve_all
from harness.samplers.terms import terms_of
from harness.statistics import Counts


@pytest.mark.parametrize(("samples", "share"), [(1, share_kept), (2, share_kept_of_two)])
def test_what_scores_keep_is_that_of_one_sample_or_of_two(samples, share):
    for expected in (0.5, 5.0):
        assert kept(np.array([expected]), samples=samples)[0] == pytest.approx(share(expected), abs=2e-3)
    assert share_kept(0.5) - share_kept_of_two(0.5) > 0.02 or share_kept_of_two(0.5) - share_kept(0.5) > 0.02


def test_the_odd_categories_are_a_group():
    assert standard_groups(np.full(6, 1 / 6))["odd"].tolist() == [False, True] * 3


def test_a_shift_reaches_the_count_that_is_refused_in_its_own_direction():
    n, p, level, beta = 100, 0.3, 0.01, 0.05
    up, down = reaches(n, p, level, beta)
    high = int(stats.binom.isf(level / 2, n, p)) + 1
    low = int(stats.binom.ppf(level / 2, n, p)) - 1
    assert stats.binom.sf(high - 1, n, p) <= level / 2 < stats.binom.sf(high - 2, n, p)
    assert stats.binom.cdf(low, n, p) <= level / 2 < stats.binom.cdf(low + 1, n, p)
    assert stats.binom.sf(high - 1, n, p + up) == pytest.approx(1 - beta, rel=1e-9)
    assert stats.binom.cdf(low, n, p - down) == pytest.approx(1 - beta, rel=1e-9)


def test_where_no_count_is_refused_the_whole_span_is_returned():
    assert reaches(3, 0.3, 1e-6, 1e-3) == (pytest.approx(0.7), pytest.approx(0.3))


@pytest.mark.parametrize(("counts", "refuted"), [([600, 300, 96, 2, 2], False), ([300, 600, 96, 2, 2], True)])
def test_tables_with_rare_cells_pooled_are_still_those_tables(counts, refuted):
    method = Tables(np.array([0.6, 0.3, 0.096, 0.002, 0.002]), ("one", "other"))
    right = [600, 300, 96, 2, 2]
    found = method.evidence((Counts(1000, np.array([right, counts])),), np.random.default_rng(0))
    assert (found.p_value < 1e-6) is refuted
    assert refuted or found.p_value > 0.01


def test_terms_have_the_stages_that_a_sampler_takes():
    assert terms_of("one", "index", lambda logits, size, *, rng, temperature: None).convention == Convention(
        ("temperature",)
    )
    assert terms_of("one", "index", lambda logits, size, *, rng: None).convention is None


def test_what_is_installed_is_told_by_its_folder():
    assert fingerprints._installed(Path("/anywhere/lib/python3/site-packages/one"))
    assert fingerprints._installed(Path("/anywhere/dist-packages/one"))
    assert fingerprints._installed(Path(sys.base_prefix) / "lib" / "one")
    assert not fingerprints._installed(Path("/anywhere/project/one"))


def test_a_sampler_takes_one_row_unless_it_says_otherwise():
    assert harness.sampler("takes-one-row", emits="index")(lambda logits, size, *, rng: None).batch is False


def test_laws_are_told_apart_by_who_they_are():
    one, same = (Posterior(np.zeros(3), 1) for _ in range(2))
    assert len({one, same}) == 2 and one != same and one == one


def test_the_factor_of_a_tail_is_three_at_least():
    assert [factor_for(tolerance) for tolerance in (1e-3, 0.01, 0.02)] == [2.0, 2.0, 4.0]


def test_names_among_targets_are_names():
    assert [one.name for one in resolve_all(["direct", "relaxed"])] == ["direct", "relaxed"]


def test_logarithms_none_of_which_is_small_are_told_as_such():
    class Halves:
        def random(self, size=None, out=None):
            out[...] = 0.5

    out = np.zeros(4)
    assert fill_logarithms(out, Halves()) is False
    assert out.tolist() == [-np.log(2)] * 4


def test_rankings_are_known_by_name():
    assert {get(name).emits for name in ("gumbel-top-k", "one-by-one")} == {"ranking"}


def test_a_law_is_not_changed_by_accident_and_noise_is_named_where_it_is_given():
    with pytest.raises(FrozenInstanceError):
        Posterior(np.zeros(3), 1).observed = 2
    assert inspect.signature(harness.draw).parameters["rng"].kind is inspect.Parameter.KEYWORD_ONLY


@pytest.mark.parametrize(
    "method", [PairTables(4, (3, 2)), Tables(np.full(2, 0.5), ("one",)), PooledCells(np.full(6, 1 / 6))]
)
def test_a_replicate_takes_time(method):
    assert 0 < method.cost(1000) < 1


def test_a_table_of_two_pairs_speaks_of_their_mean():
    units = [PairTables(4, pairs).unit for pairs in ((1, 0), (2, 1))]
    assert units == ["total variation", "total variation of the mean of 2 pairs"]


def test_rows_that_end_early_count_among_those_of_a_speculative_step():
    """Each place holds a token or nothing: 3^11 rows, where 2^11 would fit."""
    with pytest.raises(UsageError, match="11 tokens of 2"):
        Speculative(np.zeros((10, 2)), np.zeros((11, 2)))


def test_a_module_of_a_package_is_imported_unless_a_file_here_is_meant(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert import_module("json.decoder").__name__ == "json.decoder"
    (tmp_path / "json.py").write_text("")
    with pytest.raises(UsageError, match="'json' is the installed package"):
        import_module("json.decoder")


@pytest.mark.parametrize("law", [Categorical, Posterior, Ranking, RankingUniforms])
def test_a_law_is_itself_alone_so_that_it_may_be_a_key(law):
    one, other = (law(np.zeros(3)) if law is Categorical else law(np.zeros(3), 1) for _ in range(2))
    assert one in {one} and one != other


def test_a_frameworks_seed_is_one_of_very_many():
    rng = np.random.default_rng(0)
    assert len({seed_from(rng) for _ in range(1000)}) == 1000


def test_the_slopes_of_numpys_relaxation_are_those_of_a_softmax():
    y, slopes = relaxed_slopes(np.array([0.0, 1.0, -2.0]), 5, temperature=0.7, rng=np.random.default_rng(0))
    due = (y[:, :, None] * np.eye(3) - y[:, :, None] * y[:, None, :]) / 0.7
    np.testing.assert_allclose(slopes, due, atol=1e-14)


def test_a_built_in_sampler_has_no_files():
    assert fingerprints.fingerprints(["direct"]) == {"direct": {}}


def test_a_row_with_a_gap_is_not_padded():
    rows = np.array([[0, -1, -1, 1], [0, 1, -1, 0], [-1, 0, 0, 0], [0, 1, -1, -1], [0, 1, 1, 0]])
    assert padded(rows, 2).tolist() == [False, False, False, True, True]


def test_what_two_samples_expose_counts_what_their_rare_cells_lose():
    p, n, level, beta = np.array([0.5, 0.45, *[0.005] * 10]), 2000, 1e-6, 1e-3
    unhindered = design.chi_square_detectable(p.size - 1, n // 2, level, beta)
    assert 1 < Homogeneity(p).detectable(n, level, beta) / unhindered < 1.1


def test_an_item_that_is_drawn_again_has_its_own_chance():
    drawn = _drawn(np.log(np.tile([0.1, 0.9], (20_000, 1))), np.random.default_rng(0))
    assert drawn.shape == (20_000,) and drawn.mean() == pytest.approx(0.9, abs=0.02)
