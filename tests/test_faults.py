"""Whatever a sampler returns or does ends in a record: never in a traceback, a hang, or a pass."""

import json
from functools import partial

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from harness.engine.executors import SerialExecutor
from harness.engine.journal import Journal
from harness.engine.run import run
from harness.ledger.record import record
from harness.options import Options
from harness.questions.case import Case
from harness.questions.content import Content
from harness.questions.plan import guests_plan
from harness.samplers.registry import Form, Sampler
from harness.verdict import Verdict, combine
from suites.families import chi_square, ks, support

CASES = (
    Case("pair", "odds", partial(np.log, [0.75, 0.25]), ("index", "gumbel")),
    Case("masked@1", "an impossible category", partial(np.array, [0.0, -np.inf, 1.0]), ("simplex",), temperature=1.0),
)
CONTENT = Content(
    CASES, lambda _: (), {"support": support.checks, "chi_square": chi_square.checks, "ks": ks.checks}, tuple
)
EXCEPTIONS = (
    ValueError,
    MemoryError,
    RecursionError,
    StopIteration,
    SystemExit,
    GeneratorExit,
    AssertionError,
    OSError,
)

dtypes = st.one_of(
    arrays.integer_dtypes(), arrays.unsigned_integer_dtypes(), arrays.floating_dtypes(), arrays.boolean_dtypes(),
    arrays.complex_number_dtypes(), arrays.unicode_string_dtypes(), arrays.datetime64_dtypes(),
)  # fmt: skip
anything = st.one_of(
    st.none(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    st.lists(st.integers()),
    st.dictionaries(st.text(), st.none()),
)


@st.composite
def returns(draw):
    """A value of some type in one of the due shapes or another: the same for every call."""
    shape = draw(st.sampled_from(["m", "mk", "m1", "scalar", "m+1", "km"]))
    dtype, value = (
        draw(dtypes),
        draw(st.one_of(st.integers(-3, 300), st.sampled_from([np.nan, np.inf, -np.inf, 0.5, 1e308]))),
    )

    def act(logits, size, rng):
        k = len(logits)
        due = {"m": (size,), "mk": (size, k), "m1": (size, 1), "scalar": (), "m+1": (size + 1,), "km": (k, size)}[shape]
        with np.errstate(all="ignore"):
            return np.full(due, value).astype(dtype)

    return act


def of_anything(value):
    return lambda logits, size, rng: value


def raising(kind, text):
    def act(logits, size, rng):
        raise kind(text)

    return act


def meddling(act):
    """Change the logits on the way, then do something else."""

    def meddled(logits, size, rng):
        logits[0] = 7.0
        return act(logits, size, rng)

    return meddled


behaviours = st.one_of(
    returns(), st.builds(of_anything, anything), st.builds(raising, st.sampled_from(EXCEPTIONS), st.text()),
    st.builds(meddling, returns()),
)  # fmt: skip


@settings(max_examples=1000, deadline=None, derandomize=True)
@given(act=behaviours, emits=st.sampled_from(["index", "simplex", "gumbel"]))
def test_a_thousand_faults_end_in_records(act, emits):
    def draw(logits, size, *, rng, temperature=None):
        return act(logits, size, rng)

    plan = guests_plan([Sampler("faulty", emits, {emits: Form(draw)})], CONTENT, Options(tolerance=0.3))
    outcome = run(plan, SerialExecutor, 1, Journal(), lambda *told: None)
    assert len(outcome.findings) == len(plan.checks) > 0
    assert combine(finding.verdict for finding in outcome.findings) is not Verdict.VERIFIED
    for finding in outcome.findings:
        assert finding.reason
        json.dumps(record(finding, 0), allow_nan=False)
