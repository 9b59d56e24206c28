"""The documentation as a site: ``nox -s docs`` builds it from the pages beside this file and from the docstrings."""

from __future__ import annotations

from importlib.metadata import version as installed
from typing import Any

project = "gumbel-harness"
author = "the gumbel-harness developers"
version = release = installed("gumbel-harness")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.viewcode"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "field/reproduce", "gallery"]
myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "gumbel-harness"
html_static_path: list[str] = []
autodoc_typehints = "description"
autodoc_member_order = "bysource"
suppress_warnings = [
    "myst.xref_missing"
]  # links out of docs/, to files of the repository, are tested by tests/test_docs.py
nitpicky = False


def setup(app: Any) -> None:
    """Docstrings are plain prose: a bar means an absolute value, not a substitution."""
    app.connect("autodoc-process-docstring", _bars)


def _bars(app: Any, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    lines[:] = [line.replace("|", "\\|") for line in lines]
