"""The selftest from end to end, in a tiny configuration: tables, page, summary and exit status."""

from __future__ import annotations

import csv
import json
from types import MappingProxyType

import numpy as np
import pytest
from click.testing import CliRunner

from harness import cli
from harness.questions.content import Content, Control
from harness.samplers.registry import Form, Sampler
from harness.selftest import calibration, computed, deep, oracle, power, promise, runs
from harness.selftest import draws_to_verdict as verdicts
from harness.selftest import others as peers
from harness.selftest import selftest as session
from harness.selftest.promise import Promise
from suites.cases import case
from suites.families import chi_square, ks, support

FILES = {
    "controls": "control,source,why,sampler_output,refuted_by,n,verdict",
    "calibration": "check,method,nominal,observed,low,high,replicates,ok",
    "kill_matrix": "control,family,checks,refuted,n,first",
    "power": "check,method,alternative,tolerance,n,designed,observed,low,high,replicates,oracle_ratio,ok",
}


def uniform(logits, size, *, rng):
    return rng.integers(0, logits.size, size)


def exact(logits, size, *, rng):
    return rng.choice(logits.size, size, p=np.exp(logits) / np.exp(logits).sum())


def uniform_law(logits):
    return np.full(logits.size, 1 / logits.size)


def control(name, draw, **more):
    sampler = Sampler(name, "index", MappingProxyType({"index": Form(draw)}))
    return Control(sampler, "ignores its logits", "this test", **more)


@pytest.fixture
def tiny(monkeypatch):
    """One case, three families, hardly any replicates, one process."""
    for module, values in {
        calibration: {"REPLICATES": 40, "LEAST": 40, "REAL": {"quick": 2}},
        computed: {"REPLICATES": {"quick": 2}},
        deep: {"SAMPLES": {"quick": 30}, "EACH": {"quick": 1}},
        oracle: {"ORACLE_TABLES": 500, "TABLES": {"quick": 50}},
        peers: {"REPLICATES": {"quick": 2}, "TRIES": 2, "SIZES": (1000,)},
        power: {"REPLICATES": {"quick": 10}, "EACH": {"quick": 1}},
        promise: {"PROMISES": {"quick": (Promise(0.3, 0.1, 2),)}, "RIGHT": {"quick": Promise(0.3, 0.1, 2)}},
        runs: {"RUNS": {"quick": {0.2: 0, 1e-6: 1}}},
        verdicts: {"RIGHT": {"quick": 20}, "TABLES": {"quick": 5}, "SIZES": (64, 256)},
    }.items():
        for name, value in values.items():
            monkeypatch.setattr(module, name, value)
    suites = {"support": support.checks, "chi_square": chi_square.checks, "ks": ks.checks}
    wrong = (control("toy-uniform", uniform, trigger="die", law=uniform_law),)

    def use(*controls):
        content = Content((case("die"),), lambda _: (), suites, lambda: controls or wrong)
        from harness.selftest import controls as killing

        for module in (session, runs, killing):
            monkeypatch.setattr(module, "load_content", lambda options: content)
        killing._content.cache_clear()
        whole = session.selftest
        monkeypatch.setattr(session, "selftest", lambda *given, **named: whole(*given, **{**named, "engine": "serial"}))

    yield use
    from harness.selftest.controls import _content

    _content.cache_clear()


def test_a_right_harness_passes(tiny, tmp_path):
    tiny()
    done = CliRunner().invoke(cli.main, ["selftest", "--workers", "1", "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "controls: 1 of 1 refuted" in done.output
    for name, header in FILES.items():
        lines = (tmp_path / f"{name}.csv").read_text().splitlines()
        assert lines[0] == header
        assert len(lines) > 1
    (row,) = csv.DictReader((tmp_path / "controls.csv").read_text().splitlines())
    assert (row["verdict"], row["refuted_by"].split("/")[0]) == ("refuted", "chi_square")
    rates = list(csv.DictReader((tmp_path / "calibration.csv").read_text().splitlines()))
    assert {row["ok"] for row in rates} == {"True"}
    assert {"0.05", "1e-09"} <= {row["nominal"] for row in rates}
    page = (tmp_path / "selftest.html").read_text()
    assert "toy-uniform" in page.replace("<wbr>", "")
    assert "<svg" in page
    assert 'src="' not in page
    assert 'href="http' not in page
    assert "Draws and seconds to a verdict" in page
    rules = {row["rule"]: row for row in csv.DictReader((tmp_path / "verdicts.csv").read_text().splitlines())}
    assert len(rules) == 9
    assert float(rules[verdicts.PLAN]["seconds"]) > 0
    assert (tmp_path / "manifest.json").exists()


def test_a_control_that_is_spared_fails_the_selftest(tiny, tmp_path):
    tiny(control("toy-exact", exact))
    done = CliRunner().invoke(cli.main, ["selftest", "--out", str(tmp_path)])
    assert done.exit_code == 1
    assert "not refuted: toy-exact" in done.output
    assert "families that refuted no control" in done.output


def test_usage_is_two(tmp_path):
    assert CliRunner().invoke(cli.main, ["selftest", "--workers", "0", "--out", str(tmp_path)]).exit_code == 2
    assert CliRunner().invoke(cli.main, ["selftest", "--profile", "huge"]).exit_code == 2


def interrupt(*given, **named):
    raise KeyboardInterrupt


def stumble(*given, **named):
    raise RuntimeError("no\nluck")


def test_an_interruption_keeps_what_is_finished(tiny, tmp_path, monkeypatch):
    tiny()
    whole = session.selftest

    def ctrl_c(what, done, total):
        """A user, who loses patience when the control is finished, before what is cheap."""
        if "toy-uniform" in what:
            raise KeyboardInterrupt

    monkeypatch.setattr(session, "selftest", lambda *given, **named: whole(*given, **{**named, "progress": ctrl_c}))
    done = CliRunner().invoke(cli.main, ["selftest", "--out", str(tmp_path)])
    assert done.exit_code == 130, done.output
    assert "interrupted: " in done.output
    assert done.output.splitlines()[-2] == "INTERRUPTED"
    lines = (tmp_path / "controls.csv").read_text().splitlines()
    assert len(lines) == 2
    assert len((tmp_path / "peers.csv").read_text().splitlines()) == 1
    told = json.loads((tmp_path / "manifest.json").read_text())
    assert told["interrupted"]
    assert 0 < told["selftest"]["finished"] < told["selftest"]["tasks"]
    assert "Interrupted: " in (tmp_path / "selftest.html").read_text()


def test_an_interruption_before_anything_was_finished(tmp_path, monkeypatch):
    monkeypatch.setattr(session, "selftest", interrupt)
    assert CliRunner().invoke(cli.main, ["selftest", "--out", str(tmp_path)]).exit_code == 130
    assert not (tmp_path / "controls.csv").exists()


def test_a_task_that_breaks_is_told_and_the_rest_goes_on(tiny, tmp_path, monkeypatch):
    tiny()
    monkeypatch.setattr(runs, "complete", stumble)
    done = CliRunner().invoke(cli.main, ["selftest", "--out", str(tmp_path)])
    assert done.exit_code == 3, done.output
    assert "broke: run 1 at alpha 1e-06: RuntimeError: no luck" in done.output
    assert len((tmp_path / "controls.csv").read_text().splitlines()) == 2
    assert "RuntimeError: no luck" in (tmp_path / "selftest.html").read_text()


def test_what_is_wrong_weighs_more_than_what_broke(tiny, tmp_path, monkeypatch):
    tiny(control("toy-exact", exact))
    monkeypatch.setattr(runs, "complete", stumble)
    assert CliRunner().invoke(cli.main, ["selftest", "--out", str(tmp_path)]).exit_code == 1


def test_the_same_seed_gives_the_same_tables(tiny, tmp_path):
    tiny()
    for name in ("one", "two"):
        CliRunner().invoke(cli.main, ["selftest", "--seed", "5", "--out", str(tmp_path / name)])
    for name in FILES:
        assert (tmp_path / "one" / f"{name}.csv").read_bytes() == (tmp_path / "two" / f"{name}.csv").read_bytes()
