"""The pytest plugin adds the numbers of a check to its test's report; it imports nothing, as it loads in every run."""

from __future__ import annotations

from typing import Any


def pytest_runtest_teardown(item: Any) -> None:
    """Record verdict, draws, p-value and detectable effect as properties, which reach JUnit files and xdist controllers."""
    callspec: Any = getattr(item, "callspec", None)
    check: Any = callspec.params.get("check") if callspec else None
    if type(check).__name__ != "PytestCheck":
        return
    finding = check.session.findings.get(check.check.name)
    if finding is not None:
        item.user_properties += [
            ("verdict", finding.verdict.value),
            ("n", finding.evidence.n),
            ("p_value", finding.evidence.p_value),
            ("detectable", finding.detectable),
        ]
