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
FAMILIES = ("torch", "jax", "numpyro", "pyro", "transformers", "mlx", "mlx_lm", "tensorflow", "llama_cpp", "vllm")
GUESTS = [one for one in registered() if one.family in FAMILIES and "speculative" not in one.forms]
SCRIPTS = sorted((Path(__file__).parent.parent / "docs" / "field" / "reproduce").glob("*.py"))


@pytest.mark.parametrize("sampler", GUESTS, ids=lambda sampler: sampler.name)
def test_every_adapter_draws_possible_rows(sampler):
    for logits in ([0.0, 1.0, -np.inf, 0.5], [0.25]):
        for emits in sampler.forms:
            temperature = 1.0 if emits == "simplex" else None
            k = 1 if emits == "ranking" else None
            case = Case("few", "masked", lambda logits=logits: np.array(logits), (emits,), temperature, k=k)
            scenario = Scenario(sampler, emits, case)
            draws = bind(scenario)(64, np.random.default_rng(0))
            assert sift(draws, scenario)[1].impossible == 0


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_every_finding_is_reproduced(script):
    word = script.stem.split("_")[0]
    pytest.importorskip({"llama": "llama_cpp"}.get(word, word))
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    assert "REPRODUCED" in done.stdout, done.stdout
