"""Pages are made from templates in one strict environment: what comes from a run is escaped, what is missing is an error."""

from __future__ import annotations

import contextlib
import sys
from functools import cache
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, FileSystemBytecodeCache, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup, escape

from reports.words import number, probability

CACHE = "__pycache__"


class _Compiled(FileSystemBytecodeCache):
    """Keeps compiled templates beside them, as Python does modules, with a checksum; what cannot be kept is not."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Write a template's code, if its folder may be written."""
        if not sys.dont_write_bytecode:
            with contextlib.suppress(OSError):
                Path(self.directory).mkdir(exist_ok=True)
                super().dump_bytecode(bucket)


@cache
def environment() -> Environment:
    """Return the environment of the project's templates, with its filters."""
    made = Environment(
        loader=PackageLoader("reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=_Compiled(str(Path(__file__).with_name("templates") / CACHE)),
    )
    made.filters |= {"number": number, "probability": probability, "breakable": breakable}
    return made


def asset(name: str) -> str:
    """Return the text of a style sheet or script that pages carry within."""
    return files("reports").joinpath("templates", name).read_text(encoding="utf-8")


def breakable(name: str) -> Markup:
    """Return a check's name as code that may break after its slashes."""
    return Markup("<code>{}</code>").format(Markup(str(escape(name)).replace("/", "/<wbr>")))
