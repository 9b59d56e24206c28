"""Pages are made from templates in one strict environment: what comes from a run is escaped, what is missing is an error."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from reports.words import number, probability


@cache
def environment() -> Environment:
    """Return the environment of the project's templates, with its filters."""
    made = Environment(
        loader=PackageLoader("reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"number": number, "probability": probability, "breakable": breakable}
    return made


def asset(name: str) -> str:
    """Return the text of a style sheet or script that pages carry within."""
    return files("reports").joinpath("templates", name).read_text(encoding="utf-8")


def breakable(name: str) -> Markup:
    """Return a check's name as code that may break after its slashes."""
    return Markup("<code>{}</code>").format(Markup(str(escape(name)).replace("/", "/<wbr>")))
