"""The pytest driver: the verdicts of the command, a test a check, on any number of workers."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from harness.judge import judge
from harness.pytest_checks import unbroken
from harness.questions.check import Evidence, Finding

HERE = Path(__file__).parent

MODULE = """
import harness, guests, numpy as np

@harness.sampler("warmer", emits="index")
def warmer(logits, size, *, rng):
    temperature = 1.06 if len(logits) == 1000 else 1.0
    return np.argmax(logits / temperature + rng.gumbel(size=(size, len(logits))), axis=1)

@harness.parametrize_with_checks([guests.right, warmer], tolerance=0.04, suites=["chi_square", "support"],
    expected_failures={"chi_square/warmer/index/zipf-1000/cells": "temperature 1.06"})
def test_sampler(check):
    check()
"""


def run(folder, *words):
    (folder / "test_mine.py").write_text(MODULE)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml=j.xml", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, env=_environment())
    properties = re.findall(
        r'name="(test_sampler\[[^"]*\])"|<property name="(\w+)" value="([^"]*)"', (folder / "j.xml").read_text()
    )
    return done, sorted(_by_test(properties).items())


def _environment():
    return {**os.environ, "PYTHONPATH": str(HERE)}


def _by_test(found):
    tests, name = {}, ""
    for test, key, value in found:
        name = test or name
        if key:
            tests.setdefault(name, []).append((key, value))
    return tests


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    return run(tmp_path_factory.mktemp("alone"))


@pytest.mark.parametrize("dist", ["load", "loadgroup", "worksteal"])
def test_workers_and_distribution_change_nothing(alone, tmp_path, dist):
    _, properties = run(tmp_path, "-n", "2", "--dist", dist)
    assert [(re.sub(r"@[^\]]*\]", "]", name), seen) for name, seen in properties] == alone[1]


def test_a_failure_says_all_that_a_reader_needs(alone):
    text = alone[0].stdout
    for word in ("claimed:", "seen:", "level:", "detectable:", "again:       gumbel-harness validate "):
        assert word in text
    assert "chi_square/warmer/index/zipf-1000" in text


def test_right_samplers_pass_and_expected_failures_are_expected(alone):
    failed = re.findall(r"^FAILED .*\[(\S+)\]", alone[0].stdout, flags=re.M)
    assert failed
    assert all("/warmer/" in name for name in failed)
    assert not any("/cells" in name for name in failed)


BROKEN = """
import harness
import numpy as np

@harness.sampler("raises", emits="index")
def raises(logits, size, *, rng):
    raise RuntimeError("no draws today")

@harness.sampler("absent", emits="index")
def absent(logits, size, *, rng):
    import a_package_that_is_not_installed

@harness.sampler("short", emits="index")
def short(logits, size, *, rng):
    return np.zeros(size - 1, int)

@harness.parametrize_with_checks([raises, absent, short], tolerance=0.3, suites=["support", "chi_square"])
def test_sampler(check):
    check()
"""


def test_a_broken_sampler_fails_every_one_of_its_tests(tmp_path):
    (tmp_path / "test_broken.py").write_text(BROKEN)
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rA", "."]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    passed, skipped, failed = (
        re.findall(rf"^{word} .*", done.stdout, re.M) for word in ("PASSED", "SKIPPED", "FAILED")
    )
    assert done.returncode == 1 and not passed and not skipped
    assert {name for name in ("raises", "absent", "short") if any(f"/{name}/" in line for line in failed)} == {
        "raises", "absent", "short"
    }  # fmt: skip
    assert "RuntimeError: no draws today" in done.stdout


def finding(evidence, detectable=0.1):
    verdict, reason = judge(evidence, alpha=1e-9, tolerance=0.2, detectable=detectable)
    return Finding(None, evidence, 1e-9, 0.2, detectable, verdict, reason, ())


def test_only_what_is_not_installed_or_too_coarse_is_skipped():
    assert unbroken(finding(Evidence(missing="needs torch")))
    assert unbroken(finding(Evidence(n=10, p_value=0.5), detectable=0.3))
    assert not unbroken(finding(Evidence(broken="raised ValueError: no")))
    assert not unbroken(finding(Evidence(n=10, p_value=0.5, broken="lost"), detectable=0.3))
    assert not unbroken(finding(Evidence(n=10, p_value=float("nan"))))
    assert not unbroken(finding(Evidence(n=0), detectable=float("inf")))


def test_the_plugin_imports_nothing():
    code = "import sys; before = set(sys.modules); import gumbel_harness_pytest; print(set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "numpy" not in done.stdout
    assert "scipy" not in done.stdout
