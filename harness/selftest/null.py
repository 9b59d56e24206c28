"""A method says what its statistics are under its law; one that does not say is calibrated by real draws."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from harness.methods.null import Null, Table, dyadic_masses, unit

__all__ = ["Null", "Table", "dyadic_masses", "null", "unit"]


@singledispatch
def null(method: Any, n: int) -> Null | None:
    """Return what ``method``'s statistics are for n draws of its law; None if it does not say."""
    law: Null | None = method.null(n) if hasattr(method, "null") else None
    return law
