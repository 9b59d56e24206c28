"""The benchmark writes what the contract says, and calls slower only what is slower by more than its own noise."""

import csv
import dataclasses
import itertools
import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.bench import compare, goals, medians, pyperf_json
from harness.bench.command import numbers, subjects_of
from harness.bench.subjects import AGAIN, Subject
from harness.bench.timing import Series, race
from harness.bench.to_verdict import to_verdict
from harness.errors import UsageError
from harness.ledger.files import write_table
from harness.options import Options
from harness.questions.content import load_content
from harness.selftest import draws_to_verdict
from reports.bench import write
from reports.bench.figure import spread
from suites.peers import rules

COLUMNS = (
    "sampler,library,output,dtype,K,size,threads,ns_per_draw,low,high,"
    "ns_per_draw_category,ratio_to_numpy,ratio_to_uniforms,peak_mib"
)


def bench(folder, *more):
    code = "from harness.cli import main; main()"
    command = [sys.executable, "-c", code, "bench", "gumbel-max", "relaxed", "--categories", "2,16", "--seconds", "0.1"]
    return subprocess.run([*command, "--out", str(folder), *more], capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench")
    result = bench(folder)
    assert result.returncode == 0, result.stderr
    return folder, result


def test_the_table_has_the_columns_of_the_contract_and_its_controls(done):
    folder, _ = done
    assert (folder / "bench.csv").read_text().splitlines()[0] == COLUMNS
    with open(folder / "bench.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["K"] for row in rows} == {"2", "16"}
    assert {row["output"] for row in rows} == {"index", "simplex", "gumbel", "ranking", "truncated", "uniforms"}
    assert {row["sampler"] for row in rows} >= {"gumbel-max", "gumbel-max" + AGAIN, "relaxed", "relaxed" + AGAIN}
    for row in rows:
        assert 0 < float(row["low"]) <= float(row["ns_per_draw"]) <= float(row["high"])
        assert float(row["ns_per_draw_category"]) == pytest.approx(float(row["ns_per_draw"]) / int(row["K"]))
    idioms = [row for row in rows if row["sampler"] == "argmax(logits + gumbel)"]
    assert idioms and all(float(row["ratio_to_numpy"]) == 1 for row in idioms)


def test_threads_are_pinned_and_printed_and_the_noise_is_stated(done):
    _, result = done
    assert "threads: 1" in result.stderr and "pools: " in result.stderr
    assert "its twin (A/A)" in result.stdout


def test_the_page_is_one_file(done):
    folder, _ = done
    page = (folder / "bench.html").read_text()
    assert "<svg" in page and "src=" not in page and (folder / "figures" / "bench-index.svg").exists()


def test_pyperf_reads_the_json(done):
    pyperf = pytest.importorskip("pyperf")
    suite = pyperf.BenchmarkSuite.load(str(done[0] / "bench.json"))
    assert "gumbel-harness/gumbel-max/index/float64/K=16" in suite.get_benchmark_names()
    assert all(one.get_unit() == "second" and one.mean() > 0 for one in suite)


def test_a_run_compared_with_a_twice_as_fast_one_is_slower_in_words(done, tmp_path):
    folder, _ = done
    old = json.loads((folder / "bench.json").read_text())
    for one in old["benchmarks"]:
        if "/relaxed" in one["metadata"]["name"]:
            one["runs"][0]["values"] = [value / 1000 for value in one["runs"][0]["values"]]
    (tmp_path / "old.json").write_text(json.dumps(old))
    result = bench(tmp_path / "new", "--compare", str(tmp_path / "old.json"))
    assert result.returncode == 1, result.stdout
    assert "slower: gumbel-harness/relaxed/simplex/float64/K=2 takes " in result.stdout


def test_what_is_no_earlier_run_is_refused_before_anything_is_measured(tmp_path):
    (tmp_path / "bad.json").write_text("{}")
    result = bench(tmp_path / "new", "--compare", str(tmp_path / "bad.json"))
    assert result.returncode == 2 and "cannot be read as the bench.json" in result.stderr


def fake(factor=1.0, *, machine=1.0, seed=0):
    """A run of made-up times with 1 % of noise; the sampler takes ``factor`` times what it should."""
    rng = np.random.default_rng(seed)
    times = {
        "limit/uniforms, K a draw/uniforms": 2e-9,
        "ours/a/index": factor * 5e-9,
        f"ours/a{AGAIN}/index": 5e-9 * factor,
    }
    times["numpy/idiom/index"] = 4e-8
    return {
        f"{name}/float64/K={k}": list(machine * k * time * rng.normal(1, 0.01, 40))
        for name, time in times.items()
        for k in (2, 1000)
    }


def test_a_planted_slowdown_of_two_is_found_and_nothing_else():
    found = compare.compare(fake(), fake(2.0, seed=1))
    assert {change.name for change in found.slower} == {"ours/a/index/float64/K=2", "ours/a/index/float64/K=1000"}
    assert all(change.factor == pytest.approx(2, rel=0.05) for change in found.slower)
    assert not found.faster
    assert "takes 2.0" in str(found)


def test_the_same_again_and_a_slower_machine_are_no_slower_samplers():
    assert not compare.compare(fake(), fake(seed=2)).slower
    assert not compare.compare(fake(), fake(seed=3, machine=3.0)).slower


def test_what_the_controls_differ_by_is_called_noise():
    noisy = fake()
    for name in noisy:
        if AGAIN in name:
            noisy[name] = [2.5 * value for value in noisy[name]]
    assert compare.compare(noisy, fake(2.0, seed=1)).slower == ()


def test_the_first_call_is_apart_and_turns_are_shuffled():
    calls = []

    def prepare(word):
        return lambda logits, size: lambda: calls.append(word)

    subjects = [Subject(word, "x", "index", prepare(word)) for word in "abc"]
    series = race(subjects, 2, 0.0)
    assert [one.subject.name for one in series] == list("abc")
    assert calls[:6] == list("aabbcc")
    assert calls[6::2] == calls[7::2], "who is timed has just been called"
    rounds = [tuple(calls[i : i + 6 : 2]) for i in range(6, len(calls), 6)]
    assert all(sorted(turn) == list("abc") for turn in rounds) and len(set(rounds)) > 1


def test_who_cannot_run_takes_no_part_and_is_named():
    def prepare(logits, size):
        raise RuntimeError("no")

    failed = []
    series = race(
        [Subject("x", "x", "index", prepare)], 2, 0.0, failed=lambda subject, error: failed.append(subject.name)
    )
    assert series == [] and failed == ["x"]


def test_every_registered_form_takes_part():
    names = {(subject.name, subject.output) for subject in subjects_of(())}
    assert {("direct", "index"), ("gumbel-max", "index"), ("gumbel-max", "gumbel"), ("relaxed", "simplex")} <= names
    assert {("top-down", "gumbel"), ("direct, table included", "index"), ("choice(K, p=p)", "index")} <= names
    assert {name for name, _ in names if "temperature" in name} == {f"relaxed, temperature {one}" for one in (0.5, 0.7)}


def test_ratios_are_to_the_idiom_and_the_limit_of_the_same_categories():
    def series(name, kind, per, seconds):
        return Series(Subject(name, "x", "index", None, per=per, kind=kind), 16, 8, 0.0, [seconds] * 3)

    rows = medians.rows([
        series("idiom", "idiom", "categories", 4.0), series("many", "limit", "categories", 1.0),
        series("one", "limit", "draw", 0.5), series("mine", "", "categories", 2.0), series("alias", "", "draw", 2.0),
    ])  # fmt: skip
    assert [(row["ratio_to_numpy"], row["ratio_to_uniforms"]) for row in rows[-2:]] == [(0.5, 2.0), (0.5, 4.0)]


def test_a_missed_goal_is_said_to_be_missed():
    row = {"dtype": "float64", "K": 1000}
    rows = [
        {**row, "sampler": "gumbel-max", "output": "index", "ns_per_draw": 3.0},
        {**row, "sampler": "uniforms, K a draw", "output": "uniforms", "ns_per_draw": 1.0},
        {**row, "sampler": "argmax(logits + gumbel)", "output": "index", "ns_per_draw": 30.0},
    ]
    found = {one["what"]: (one["found"], one["met"]) for one in goals.outcomes(rows)}
    assert found["gumbel-max (index) / uniforms, K a draw"] == (3.0, False)
    assert found["gumbel-max (index) / argmax(logits + gumbel)"] == (0.1, True)


@pytest.mark.parametrize("text", ["1", "a", "2,,3", "-4"])
def test_categories_that_are_none_are_refused(text):
    with pytest.raises(UsageError, match="--categories"):
        numbers(text)


def test_a_file_that_is_no_suite_is_refused(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        pyperf_json.read(tmp_path / "missing.json")


@pytest.fixture
def caught(monkeypatch):
    """Rows of draws to a verdict for two controls, one of which counts cannot show."""
    monkeypatch.setattr(draws_to_verdict, "SIZES", (64, 256))
    whole = load_content(Options())
    chosen = [one for one in whole.controls() if one.sampler.name in ("gumbel_wrong_sign", "sticky_draws")]
    return to_verdict(rules()[:1], dataclasses.replace(whole, controls=lambda: tuple(chosen)))


def test_the_rules_of_others_stand_beside_ours_with_draws_and_seconds(caught):
    found = {(row["control"], row["rule"]): row for row in caught}
    assert {rule for _, rule in found} == {draws_to_verdict.PLAN, "gumbel-harness", "goftests"}
    assert found["gumbel_wrong_sign", "goftests"]["n"] and found["gumbel_wrong_sign", "gumbel-harness"]["seconds"] > 0
    assert found["sticky_draws", draws_to_verdict.PLAN]["n"] and found["sticky_draws", "goftests"]["n"] is None


def test_without_rules_there_is_nothing_to_compare():
    assert to_verdict(()) == []


def test_the_page_shows_goals_and_verdicts_of_the_folder(done, caught, tmp_path):
    shutil.copytree(done[0], tmp_path / "bench")
    write_table(tmp_path / "bench" / "verdicts.csv", draws_to_verdict.COLUMNS, caught)
    (tmp_path / "bench" / "figures" / "of-a-run.svg").write_text("<svg/>")
    write(tmp_path / "bench")
    assert "sticky_draws" not in (tmp_path / "bench" / "bench.html").read_text(), "a selftest may have left the file"
    made = json.loads((tmp_path / "bench" / "bench.json").read_text())
    made["metadata"]["verdicts"] = True
    (tmp_path / "bench" / "bench.json").write_text(json.dumps(made))
    write_table(
        tmp_path / "bench" / "goals.csv",
        goals.COLUMNS,
        [{"what": "a <b>", "K": 2, "found": 3.0, "most": 1.5, "met": False}],
    )
    write(tmp_path / "bench")
    page = (tmp_path / "bench" / "bench.html").read_text()
    assert (tmp_path / "bench" / "figures" / "of-a-run.svg").exists()
    assert "a &lt;b&gt;" in page and "missed" in page and "sticky_draws" in page and "not caught" in page


def test_a_folder_that_is_no_benchmark_is_refused_in_words(tmp_path):
    with pytest.raises(UsageError, match="is no folder of a benchmark"):
        write(tmp_path)


@given(st.lists(st.floats(0, 100), max_size=9))
def test_names_are_apart_and_in_order_and_inside_where_they_fit(wanted):
    placed = spread(sorted(wanted), 10.0, 0.0, 100.0)
    assert all(after - before >= 10 - 1e-9 for before, after in itertools.pairwise(placed))
    assert all(-1e-9 <= place <= 100 + 1e-9 for place in placed)


def test_rankings_truncated_draws_and_speculative_steps_take_part():
    from harness.bench.rivals import rivals
    from harness.bench.subjects import ITEMS, ROW_DRAWS, of_samplers, with_controls
    from harness.samplers.registry import get
    from tests.right_truncated import ENGINES, declared, spec_sampler
    from tests.test_suites_rows import tokenwise

    known = [get("gumbel-top-k"), declared(ENGINES["vllm"], "vllm"), spec_sampler(tokenwise, "token-wise")]
    made = with_controls([*of_samplers(known), *(one for one in rivals() if one.output in ("ranking", "truncated"))])
    assert {(one.name, one.output, one.kind) for one in made} >= {
        ("gumbel-top-k", "ranking", ""),
        ("gumbel-top-k (again)", "ranking", ""),
        ("engine, truncated", "truncated", ""),
        ("tokenwise", "speculative", ""),
        ("sort, cut, choice", "truncated", "idiom"),
    }
    logits = np.arange(12.0)
    for subject in made:
        drawn = subject.prepare(logits, 5)()
        width = {"ranking": (ITEMS,), "speculative": (4,)}.get(subject.output, ())
        assert drawn.shape == (5, *width)
        assert drawn.max() <= 11
        assert subject.output != "truncated" or drawn.min() >= 6  # half of them stay, and fewer
    assert {one.size(10**6) for one in made if one.output == "ranking"} == {ROW_DRAWS}
