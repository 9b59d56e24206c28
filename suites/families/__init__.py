"""The suites that judge any sampler by what it declares to emit: one module each, whose ``checks`` bear its name.

``ORDER`` is a module's place in a report.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.questions.content import Suite
from suites.scan import modules

FAMILIES: Mapping[str, Suite] = {
    module.__name__.rsplit(".", 1)[-1]: module.checks for module in modules("suites.families", "checks")
}
