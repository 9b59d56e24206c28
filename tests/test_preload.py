"""Imports that are made beforehand are made once, and one that fails disturbs nobody."""

import sys

from harness.cli.validate import LATER
from harness.console.preload import preload


def test_modules_are_imported_by_a_thread_and_those_that_cannot_be_are_passed_over():
    sys.modules.pop("colorsys", None)
    thread = preload(["no_such_module_anywhere", "colorsys"])
    thread.join(timeout=30)
    assert thread.daemon and "colorsys" in sys.modules


def test_what_the_end_of_a_run_needs_exists():
    preload(LATER).join(timeout=60)
    assert {*LATER} <= {*sys.modules}
