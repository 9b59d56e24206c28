"""One call of millions of draws: what a counter, a tile or a buffer does at its end shows in no shorter one."""

from __future__ import annotations

from collections.abc import Iterable

from harness.options import Options
from harness.questions.case import Case
from harness.questions.check import Check, Scenario
from harness.samplers.registry import Sampler
from suites.calling.bits import fine
from suites.calling.one_call import OneCall
from suites.cases import flat

ORDER = 105
COINS: tuple[Case, ...] = (
    Case("coin", "two equal categories: as many draws as fit in memory", flat(2), ("index", "gumbel")),
    Case("coin@1", "two equal relaxed categories", flat(2), ("simplex",), temperature=1.0),
    Case("coin|0", "two equal categories, one of which won", flat(2), ("gumbel",), observed=0, profile="full"),
)
"""Cases for one call alone, of as few categories as there can be."""
MILLIONS = 3 * 2**21
"""Noise values of a call in the quick profile: three million draws, which take an FFT of a tenth of a second."""
FEWER = 2**19
"""Noise values of a call of what takes a minute for a million."""
VALUES = 2**26
"""Noise values of a call in the full profile: counters of 24 bits, the whole numbers of a float32, come round in it."""
TOLERANCE = {"millions": 0.05, "values": 0.02}
SECONDS = {"millions": 0.15, "values": 6.0}


def checks(sampler: Sampler, emits: str, cases: tuple[Case, ...], options: Options) -> Iterable[Check]:
    """Yield a call of three million draws and, in the full profile, one of 2^26 values; none of half precision."""
    form = sampler.form(emits)
    for case in COINS:
        scenario = Scenario(sampler, emits, case)
        if not (case.fits(emits, form.parameters, form.terms) and fine(scenario)):
            continue
        if case.belongs("quick", options.tolerance):
            why = (
                "a call of three million draws repeats none at any distance (of the first coordinate), no run, and "
                f"begins and ends by the law; what comes round after more is asked of {VALUES:,} values in the full profile"
            )
            yield _check("millions", "quick", why, OneCall(scenario, (MILLIONS, FEWER), 1, options.level, options.beta))
        why = f"a call of {VALUES:,} values repeats none at any distance, no run, and begins and ends by the law"
        width = 2 if emits == "gumbel" else 1
        yield _check("values", "full", why, OneCall(scenario, (VALUES, MILLIONS), width, options.level, options.beta))


def _check(name: str, profile: str, why: str, call: OneCall) -> Check:
    return Check(
        name=f"millions/{call.scenario.name}/{name}",
        suite="millions",
        why=why,
        compute=call,
        computed_method="agreements at all distances",
        computed_unit="share of draws repeated",
        subject=call.scenario,
        seconds=SECONDS[name],
        tolerance=TOLERANCE[name],
        profile=profile,
    )
