"""scipy.special is behind a name that imports it when a function is first asked for, and not before."""

import subprocess
import sys

import pytest
from scipy import special as theirs

from harness.laws import special

WORKER = "harness.engine.shards, harness.draws.measurements, harness.methods"
LIST = "suites.families, suites.claims, suites.controls"


def test_its_functions_are_those_of_scipy_and_what_is_none_is_said():
    assert special.betainc is theirs.betainc and special.gammaln is theirs.gammaln
    with pytest.raises(AttributeError):
        _ = special.no_such_function


def test_a_worker_and_a_list_begin_without_scipy():
    code = f"import sys, {WORKER}, {LIST}; before = 'scipy.special' in sys.modules\n"
    code += "from harness.methods.tails import binomial_at_least as tail; tail(1, 2, 0.5)\n"
    code += "print(before, 'scipy.special' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split() == ["False", "True"]
