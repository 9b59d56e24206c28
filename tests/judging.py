"""One sampler, some cases, the suites of counts: findings by check, in this process."""

from harness.engine.executors import SerialExecutor
from harness.engine.journal import Journal
from harness.engine.run import run
from harness.options import Options
from harness.questions.content import Content
from harness.questions.plan import guests_plan
from harness.verdict import Verdict
from suites.families import FAMILIES

SUITES = ("support", "thresholds", "chi_square")


def findings(sampler, cases, *, tolerance=0.1, seed=0, alpha=1e-6, suites=SUITES):
    content = Content(tuple(cases), (), {name: FAMILIES[name] for name in suites}, lambda: ())
    plan = guests_plan([sampler], content, Options(tolerance=tolerance, seed=seed, alpha=alpha))
    outcome = run(plan, SerialExecutor, 1, Journal(), lambda *told: None)
    assert outcome.findings
    return {found.check.name: found for found in outcome.findings}


def refuted(found):
    return [name for name, one in found.items() if one.verdict is Verdict.REFUTED]


def unverified(found):
    return {name: one.reason for name, one in found.items() if one.verdict is not Verdict.VERIFIED}
