"""A plan fixes levels and sizes before anything is drawn; neither selecting nor adding moves one of an old check."""

from dataclasses import replace
from functools import partial

import pytest

from harness.errors import UsageError
from harness.options import LOOKS, PROFILES, Options
from harness.questions.case import Case
from harness.questions.check import Check, Claim
from harness.questions.content import Content
from harness.questions.plan import documents_plan, guests_plan, make, select, tolerance_of
from harness.samplers.registry import get
from harness.samplers.targets import resolve
from harness.verdict import Verdict
from suites.cases import CASES, case, weights
from suites.evidence.chance import Rates
from suites.families import FAMILIES

DIE = case("die")
COARSE = Case("coarse", "coarser than the run", weights(1, 2), tolerance=0.3)
CLAIMS = (
    Claim("doc.first", "1", "says", evidence=("chi_square/direct/*",)),
    Claim("doc.second", "2", "says", Verdict.REFUTED, evidence=("ks/*",)),
    Claim("doc.second.corrected", "2", "says", evidence=("ks/*",)),
)
CONTENT = Content((DIE, COARSE, case("three@1")), lambda options: CLAIMS, FAMILIES, tuple)
BUILT_IN = ("direct", "gumbel-max", "relaxed")


def mine(logits, size, *, rng):
    raise NotImplementedError


def other(logits, size, *, rng):
    raise NotImplementedError


@pytest.fixture(scope="module")
def plan():
    return documents_plan([get(name) for name in BUILT_IN], CONTENT, Options())


def sizes(plan):
    return {name: design.n for name, design in plan.designs.items()}


def test_alpha_is_split_over_the_capacity(plan):
    assert plan.alpha == 1e-6 / 4096 and plan.planned == len(plan.checks) < 4096


def test_shares_of_looks_add_up_and_draws_grow():
    assert sum(share for _, share in LOOKS) == 1
    assert [upto for upto, _ in LOOKS] == sorted({upto for upto, _ in LOOKS}) and LOOKS[-1][0] == 1


def test_the_capacity_doubles_until_all_checks_have_room():
    small = documents_plan([get(name) for name in BUILT_IN], CONTENT, Options(capacity=2))
    assert small.options.capacity >= len(small.checks) > small.options.capacity / 2
    assert small.alpha == small.options.level


def designed(level, rng):
    raise NotImplementedError


def many(sampler, emits, cases, options):
    """More checks than a plan has room for at first, each designed for the level that it is handed."""
    for i in range(4097):
        yield Check(f"many/{i}", "many", "why", compute=partial(designed, Rates.of(options).level))


def one(options):
    return (
        Claim("doc.one", "1", "says", checks=(Check("one", "one", "why", compute=partial(designed, options.level)),)),
    )


def test_checks_of_a_plan_beyond_its_capacity_are_designed_for_the_smaller_level():
    content = replace(CONTENT, claims=one, suites={"chi_square": FAMILIES["chi_square"], "many": many})
    plan = make([get("direct")], (), content, Options())
    assert {check.compute.args[0] for check in plan.checks if check.compute} == {plan.alpha} == {1e-6 / 8192}
    assert plan.planned > 4096
    before = documents_plan([get("direct")], CONTENT, Options())
    assert plan.designs["direct/index/die"].n > before.designs["direct/index/die"].n


def test_the_die_is_drawn_as_often_as_chi_square_asks(plan):
    assert plan.designs["direct/index/die"].n == pytest.approx(2.6e5, rel=0.03)


def test_a_design_suffices_for_every_check_that_it_serves(plan):
    for check in plan.checks:
        if check.method is not None:
            n = min(plan.designs[scenario.name].n for scenario in check.scenarios)
            alpha = plan.alpha * LOOKS[-1][1]
            assert check.method.detectable(n, alpha, plan.options.beta) <= plan.tolerance(check) * (1 + 1e-12), (
                check.name
            )


def test_a_scenario_has_each_measurement_once(plan):
    for design in plan.designs.values():
        names = [measurement.name for measurement in design.measurements]
        assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "words",
    [
        {"suites": ["ks"]},
        {"claims": ["doc.first"]},
        {"samplers": ["direct"]},
        {"suites": ["ks"], "claims": ["doc.second"]},
    ],
    ids=str,
)
def test_selecting_moves_no_threshold_and_no_size(plan, words):
    part = select(plan, **words)
    assert 0 < len(part.checks) < len(plan.checks)
    assert (part.alpha, part.planned) == (plan.alpha, plan.planned)
    assert all(check in plan.checks for check in part.checks)
    assert sizes(part).items() <= sizes(plan).items()


def test_what_no_selected_check_needs_is_not_measured(plan):
    part = select(plan, suites=["ks"])
    needed = {(one.name, item.name) for check in part.checks for one, item in check.inputs}
    measured = {(name, item.name) for name, design in part.designs.items() for item in design.measurements}
    assert measured == needed
    assert len(plan.designs["relaxed/simplex/three@1"].measurements) > len(
        part.designs["relaxed/simplex/three@1"].measurements
    )


def test_a_claim_brings_its_corrected_twin(plan):
    assert [claim.id for claim in select(plan, claims=["doc.second"]).claims] == ["doc.second", "doc.second.corrected"]


def test_adding_a_sampler_changes_no_old_check(plan):
    fewer = documents_plan([get("direct")], CONTENT, Options())
    kept = [check for check in plan.checks if check.sampler == "direct"]
    assert [check.name for check in kept] == [check.name for check in fewer.checks]
    assert fewer.alpha == plan.alpha
    assert sizes(fewer).items() <= sizes(plan).items()


def test_guests_beside_each_other_are_planned_as_if_alone():
    alone, both = (guests_plan([resolve(one) for one in ones], CONTENT, Options()) for ones in ((mine,), (mine, other)))
    assert sizes(alone).items() <= sizes(both).items() and alone.alpha == both.alpha
    assert [check.name for check in both.checks if check.sampler == "mine"] == [check.name for check in alone.checks]
    assert [claim.id for claim in both.claims] == ["sampler.mine", "sampler.other"]


def test_guests_beside_the_documents_leave_them_as_they_are(plan):
    both = make([get(name) for name in BUILT_IN], [resolve(mine)], CONTENT, Options())
    guests = guests_plan([resolve(mine)], CONTENT, Options())
    assert {check.name for check in both.checks} == {check.name for check in (*plan.checks, *guests.checks)}
    assert both.alpha == plan.alpha and sizes(plan).items() <= sizes(both).items()
    assert {check.name: check.claims for check in plan.checks}.items() <= {
        c.name: c.claims for c in both.checks
    }.items()


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ({"suites": ["chisquare"]}, "no suite is called 'chisquare' in this plan; did you mean chi_square"),
        ({"claims": ["doc.frist"]}, "did you mean doc.first"),
        ({"suites": ["zzz"]}, "see: gumbel-harness list suites"),
    ],
)
def test_unknown_names_are_usage_errors_with_a_hint(plan, words, hint):
    with pytest.raises(UsageError) as error:
        select(plan, **words)
    assert hint in str(error.value)


def test_the_coarser_tolerance_of_run_and_case_counts_unless_the_check_has_its_own(plan):
    check = next(check for check in plan.checks if check.name == "chi_square/direct/index/coarse")
    assert tolerance_of(check, Options()) == 0.3
    assert tolerance_of(check, Options(tolerance=0.4)) == 0.4
    assert tolerance_of(replace(check, tolerance=0.05), Options(tolerance=0.4)) == 0.05
    assert plan.designs["direct/index/coarse"].n < plan.designs["direct/index/die"].n / 20


def test_every_case_of_a_profile_is_planned_in_the_wider_one_too():
    quick, full = (
        documents_plan([get("direct")], replace(CONTENT, cases=CASES), Options(PROFILES[profile], profile=profile))
        for profile in ("quick", "full")
    )
    assert {check.name for check in quick.checks} <= {check.name for check in full.checks}


@pytest.mark.parametrize(
    "wrong",
    [
        {"tolerance": 0.0},
        {"tolerance": 0.6},
        {"tolerance": True},
        {"alpha": 1.0},
        {"alpha": float("nan")},
        {"beta": 0},
        {"seed": -1},
        {"seed": 1.5},
        {"profile": "slow"},
    ],
    ids=str,
)
def test_options_that_make_no_sense_are_usage_errors(wrong):
    with pytest.raises(UsageError, match=next(iter(wrong))):
        Options(**wrong)
