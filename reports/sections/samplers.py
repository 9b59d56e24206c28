"""The samplers and what the checks that they answer for say of them."""

from __future__ import annotations

from reports.sections import Section, Table, columns
from reports.view import View

ORDER = 10


def section(view: View) -> Section | None:
    """Return the table of samplers.csv."""
    if not view.samplers:
        return None
    shown = columns(
        sampler="sampler: code",
        family="family",
        emits="emits",
        checks="checks: number",
        verified="verified: number",
        refuted="refuted: number",
        inconclusive="inconclusive: number",
        verdict="verdict: verdict",
    )
    sentence = (
        "A sampler answers for the checks of its own draws; checks of a document's wording count for the claim alone."
    )
    return Section("samplers", "Samplers", [sentence], [Table("Samplers", shown, view.samplers, "samplers.csv")])
