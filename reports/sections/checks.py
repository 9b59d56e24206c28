"""All checks, the most telling first, to be searched and sorted."""

from __future__ import annotations

from reports.sections import Section, Table, columns
from reports.view import View

ORDER = 30
COLUMNS = columns(
    verdict="state: state",
    check="check: check",
    n="n: number",
    statistic="statistic: number",
    p_value="p: probability",
    p_holm="p (Holm): probability",
    p_fdr="p (Benjamini-Hochberg): probability",
    alpha="alpha: number",
    effect="effect: number",
    detectable="detectable: number",
    tolerance="tolerance: number",
    unit="unit",
)


def section(view: View) -> Section | None:
    """Return the table of checks.csv with fewer columns."""
    if not view.rows:
        return None
    sentence = (
        "By verdict, then by evidence per draw. The CSV file has the reason of each verdict and the seed. Each check's name "
        "is a link to its row, and search, state and order of the table are in the page's address."
    )
    return Section("checks", "All checks", [sentence], [Table("All checks", COLUMNS, view.rows, "checks.csv", True)])
