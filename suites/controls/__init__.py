"""Controls: samplers that are wrong on purpose, each with its reason and its source; one file a family of bugs.

Reading order: making (right helpers), ends, precision, forms, alias, rows, streams, inputs, shapes, sets, noise, relaxed,
posterior, between.
"""

from __future__ import annotations

from harness.questions.content import Control


def controls() -> tuple[Control, ...]:
    """Return all controls."""
    from suites.controls import (
        alias,
        between,
        ends,
        forms,
        inputs,
        noise,
        posterior,
        precision,
        relaxed,
        rows,
        sets,
        shapes,
        streams,
    )

    families = (ends, precision, forms, alias, rows, streams, inputs, shapes, sets, noise, relaxed, posterior, between)
    return tuple(control for family in families for control in family.CONTROLS)
