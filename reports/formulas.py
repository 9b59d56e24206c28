"""A formula is shown as MathML, which browsers draw themselves; where it cannot be converted its LaTeX source is shown."""

from __future__ import annotations

import html
from functools import cache
from xml.etree import ElementTree

from markupsafe import Markup

from reports.words import plain

LINKS = {"href", "style", "class", "id"}
"""Attributes by which a formula of a folder that was received could reach beyond itself."""


@cache
def mathml(latex: str) -> Markup:
    """Return a formula in LaTeX as a MathML block whose plain-text alternative is its source; empty for no formula.

    latex2mathml builds the markup as an XML tree, so that a text in it stays a text.
    """
    source = plain(latex)
    if not source:
        return Markup("")

    from latex2mathml.converter import convert_to_element

    try:
        element = convert_to_element(source, display="block")
        for part in element.iter():
            # The converter writes signs as entities; as text of a tree they are the signs themselves.
            part.text = html.unescape(part.text) if part.text else part.text
            for name in LINKS & {*part.attrib}:
                del part.attrib[name]
        element.set("alttext", source)
        return Markup(ElementTree.tostring(element, encoding="unicode"))
    except Exception:  # a converter may fail in any way on what it was not made for
        return Markup("<code>{}</code>").format(source)
