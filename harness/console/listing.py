"""What the project holds, one line each, for ``gumbel-harness list``."""

from __future__ import annotations

from collections.abc import Iterator

from harness.options import Options
from harness.questions.content import Content, load_content
from harness.samplers.registry import load_entry_points, registered


def lines(what: str, options: Options) -> Iterator[str]:
    """Yield tab-separated lines: the name first, then what there is to say of it."""
    if what == "samplers":
        yield from _samplers()
        return
    content = load_content(options)
    yield from {"claims": _claims, "suites": _suites, "cases": _cases, "controls": _controls}[what](content)


def _claims(content: Content) -> Iterator[str]:
    for claim in content.claims:
        if not claim.id.endswith(".corrected"):
            yield f"{claim.id}\t{claim.expect.value}\t{claim.where}\t{claim.says}"


def _samplers() -> Iterator[str]:
    failed = load_entry_points()
    for sampler in registered():
        yield f"{sampler.name}\t{sampler.family}\t{' '.join(sampler.forms)}"
    for name, error in failed.items():
        yield f"{name}\tcould not be loaded\t{type(error).__name__}: {error}"


def _suites(content: Content) -> Iterator[str]:
    own = [check for claim in content.claims for check in claim.checks]
    names = dict.fromkeys([*content.suites, *(check.suite for check in own)])
    for name in names:
        module = content.suites.get(name)
        yield f"{name}\t{'any sampler' if module else 'claims only'}"


def _cases(content: Content) -> Iterator[str]:
    for case in content.cases:
        parameters = " ".join(f"{name}={value:g}" for name, value in case.parameters.items())
        runs = case.profile if case.runs == "all" else f"{case.profile}, {case.runs}"
        yield f"{case.name}\t{' '.join(case.emits)}\tK={case.logits.size} {parameters}\t{runs}\t{case.why}"


def _controls(content: Content) -> Iterator[str]:
    for control in content.controls():
        yield f"{control.sampler.name}\t{' '.join(control.sampler.forms)}\t{control.source}\t{control.why}"
