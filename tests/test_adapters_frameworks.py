"""Where frameworks are installed (nox -s field), every adapter draws what is due, and every finding can be reproduced."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from harness.draws.bind import bind
from harness.draws.sift import sift
from harness.questions.case import Case
from harness.questions.check import Scenario
from harness.samplers.registry import load_entry_points, registered

load_entry_points()
GUESTS = [one for one in registered() if one.family in ("torch", "jax", "numpyro", "pyro")]
SCRIPTS = sorted((Path(__file__).parent.parent / "docs" / "field" / "reproduce").glob("*.py"))
NEEDS = {"torch": "torch", "jax": "jax", "numpyro": "numpyro", "scipy": "scipy", "numpy": "numpy"}


@pytest.mark.parametrize("sampler", GUESTS, ids=lambda sampler: sampler.name)
def test_every_adapter_draws_possible_rows(sampler):
    for logits in ([0.0, 1.0, -np.inf, 0.5], [0.25]):
        for emits in sampler.forms:
            temperature = 1.0 if emits == "simplex" else None
            case = Case("few", "masked", lambda logits=logits: np.array(logits), (emits,), temperature)
            scenario = Scenario(sampler, emits, case)
            draws = bind(scenario)(64, np.random.default_rng(0))
            assert sift(draws, scenario)[1].impossible == 0


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_every_finding_is_reproduced(script):
    pytest.importorskip(NEEDS[script.stem.split("_")[0]])
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    assert "REPRODUCED" in done.stdout, done.stdout
