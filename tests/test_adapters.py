"""Adapters are known without their frameworks, say what is missing, and are right where the framework is here."""

import pickle
import subprocess
import sys

import cloudpickle
import numpy as np
import pytest

from harness.errors import UsageError
from harness.methods import DyadicTails
from harness.options import Options
from harness.questions.case import Case
from harness.questions.content import Content
from harness.questions.plan import guests_plan
from harness.questions.precision import COARSEST, in_precision, precision, rounded, tail_bits, underflow
from harness.samplers import registry
from harness.samplers.frameworks.framework import Framework
from harness.samplers.registry import get
from harness.statistics import UniformBins
from harness.validation import execute
from harness.verdict import Verdict
from suites.cases import CASES, case
from suites.families import FAMILIES

FRAMEWORKS = ("torch", "jax", "numpyro", "pyro")
CORE = (
    *("numpy-choice", "numpy-multinomial", "numpy-gumbel", "numpy-relaxed"),
    *("scipy-rv-discrete", "scipy-alias-urn", "scipy-guide-table", "scipy-gumbel"),
)


@pytest.mark.parametrize("name", CORE)
def test_numpy_and_scipy_are_right(name):
    few = tuple(case for case in CASES if case.logits.size <= 64)
    options = Options(tolerance=0.05)
    plan = guests_plan([get(name)], Content(few, lambda _: (), FAMILIES, tuple), options)
    assert plan.checks
    validation = execute(plan, engine="serial", workers=1)
    assert validation.verdict is Verdict.VERIFIED, str(validation)


def test_listing_the_samplers_imports_no_framework():
    code = (
        "import sys, harness.samplers.frameworks.torch, harness.samplers.frameworks.jax\n"
        "from harness.console.listing import rows\n"
        "names = [row['sampler'] for row in rows('samplers', None)]\n"
        f"print(*names, *['IMPORTED' for name in {FRAMEWORKS!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert "IMPORTED" not in done.stdout
    assert set(CORE) <= set(done.stdout.split())


def test_a_missing_framework_is_named_with_what_installs_it(monkeypatch):
    monkeypatch.setattr(registry, "_ABSENT", dict(registry._ABSENT))
    ghost = Framework("no_such_package", "ghost")

    @ghost.sampler("ghost-draw", emits="index", dtypes=("float32", "float64"))
    def draw(logits, size, *, rng, dtype):
        raise AssertionError

    for name in ("ghost-draw", "ghost-draw-float64"):
        with pytest.raises(UsageError, match=rf"'{name}' needs no_such_package; pip install gumbel-harness\[ghost\]"):
            get(name)


def test_a_machine_without_what_a_package_needs_is_told_what(monkeypatch):
    monkeypatch.setattr(registry, "_ABSENT", dict(registry._ABSENT))
    lame = Framework("numpy", "", "a device that is not there")

    @lame.sampler("ghost-kernel", emits="index")
    def draw(logits, size, *, rng):
        raise AssertionError

    with pytest.raises(UsageError, match="'ghost-kernel' needs a device that is not there"):
        get("ghost-kernel")


def test_an_adapter_travels_by_name():
    sampler = get("numpy-choice")
    sent = cloudpickle.dumps(sampler)
    assert b"harness.samplers.frameworks.numpy" in sent
    assert len(sent) < 1000
    back = pickle.loads(sent)
    assert (back.name, back.family, back.dtype, back.cost) == ("numpy-choice", "numpy", "float64", "draw")


def test_seeds_come_from_our_generator():
    sampler, logits = get("scipy-alias-urn"), np.zeros(100)
    one, same, other = (sampler(logits, 50, rng=np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("name", CORE)
def test_masked_and_single_categories(name):
    logits = np.array([-np.inf, 0.0, -np.inf, 1.0])
    for emits, form in get(name).forms.items():
        more = {"temperature": 1.0} if emits == "simplex" else {}
        rows = np.asarray(form.draw(logits, 200, rng=np.random.default_rng(0), **more))
        index = rows if rows.ndim == 1 else rows.argmax(axis=1)
        assert set(index.tolist()) == {1, 3}
        assert len(form.draw(np.array([0.3]), 5, rng=np.random.default_rng(0), **more)) == 5


def test_float64_is_asked_everything_and_coarse_types_what_they_can_hold():
    assert all(in_precision(known, "float64") is known for known in CASES)
    assert in_precision(case("shift-1e6"), "float32") is None
    assert in_precision(case("shift-1e3"), "float32") is not None
    assert in_precision(case("shift-1e3"), "float16") is None
    held = in_precision(case("flat-100"), "bfloat16")
    assert held is not None
    assert held.tolerance == 4 * 2.0**-7
    for dtype in ("float32", "float16", "bfloat16"):
        for known in CASES:
            held = in_precision(known, dtype)
            if held is not None:
                assert np.isfinite(rounded(held.logits, dtype)[np.isfinite(held.logits)]).all()
                assert (known.tolerance or 0) <= held.tolerance <= max(COARSEST, known.tolerance or 0)


def test_a_logit_beyond_the_type_is_not_asked():
    far = Case("far", "beyond float16", lambda: np.array([0.0, -1e5]))
    assert in_precision(far, "float16") is None


def test_underflow_is_bounded():
    soft = case("l8@0.1")
    assert underflow(soft, "float64") < 1e-20
    draws = get("relaxed")(soft.logits, 100_000, temperature=0.1, rng=np.random.default_rng(0))
    seen = (draws < precision("float32").tiny).any(axis=1).mean()
    assert 0.001 < seen <= underflow(soft, "float32")
    assert underflow(case("three@0.3"), "float32") < 1e-9


def test_tails_are_judged_no_deeper_than_the_type():
    assert [tail_bits(dtype) for dtype in ("float64", "float32", "float16", "bfloat16")] == [63, 23, 10, 7]
    due = np.round(1e5 * 0.5 ** np.arange(1, 65)).astype(np.int64)[np.newaxis]
    tails = due.copy()
    tails[0, 40] += 1  # one value of probability 2^-40 in 1e5: an atom at the end, where float32 has its last one
    bins = UniformBins(100_000, np.zeros((1, 16), np.int64), tails, due, np.zeros(1, np.int64))
    deep, shallow = (DyadicTails(16, (1,), deepest) for deepest in (63, 23))
    rng = np.random.default_rng(0)
    assert deep.evidence((bins,), rng).notes["log2 of the cell"] == -40
    assert shallow.evidence((bins,), rng).notes["log2 of the cell"] >= -23
    assert len(shallow.evidence((bins,), rng).exhibit["power"]) == 20
