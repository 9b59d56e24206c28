"""A figure leaves as SVG that is small, the same at every writing, safe beside others on a page, and readable aloud."""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree

from matplotlib.figure import Figure

from reports.drawing.style import PAPER, THEMED
from reports.words import plain

_SVG = "{http://www.w3.org/2000/svg}"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_NOTHING = {"Date": None, "Creator": None, "Format": None, "Type": None}
_DEFAULTS = {"stroke-linejoin": "round", "opacity": "1", "fill-opacity": "1", "stroke-opacity": "1"}

ElementTree.register_namespace("", _SVG[1:-1])


def export(figure: Figure, prefix: str, title: str, description: str) -> str:
    """Return the figure as an SVG element; every id in it begins with ``prefix``."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata=_NOTHING)
    root = ElementTree.fromstring(buffer.getvalue())
    _drop(root)
    _rename(root, prefix)
    for element in root.iter():
        _tidy(element)
    _flatten(root)
    _speak(root, prefix, title, description)
    return ElementTree.tostring(root, encoding="unicode")


def standalone(svg: str) -> str:
    """Return the SVG as a file of its own, on white ground."""
    head, mark, body = svg.partition("</desc>")
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n{head}{mark}<rect width="100%" height="100%" fill="{PAPER}"/>{body}\n'
    )


def inline(svg: str) -> str:
    """Return the SVG with its colours as custom properties of the page, so that a dark page can have its own."""
    return re.sub(r"#[0-9a-f]{6}\b", lambda found: _themed(found[0]), svg)


def _themed(color: str) -> str:
    return f"var({THEMED[color]})" if color in THEMED else color


def _drop(root: ElementTree.Element) -> None:
    """Remove metadata, the style sheet that would leak into a page, and the white ground behind the figure."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in {f"{_SVG}metadata", f"{_SVG}style"}:
                parent.remove(child)
    for figure in root.iter(f"{_SVG}g"):
        if figure.get("id") == "patch_1":
            figure.clear()
            return


def _rename(root: ElementTree.Element, prefix: str) -> None:
    """Keep the ids that something refers to, with the prefix."""
    values = "\n".join(value for element in root.iter() for value in element.attrib.values() if "#" in value)
    used = {*re.findall(r"url\(#([^)]+)\)", values), *re.findall(r"^#(.+)$", values, re.MULTILINE)}
    short = {name: f"{prefix}-{i}" for i, name in enumerate(sorted(used))}
    for element in root.iter():
        if _XLINK in element.attrib:
            element.set("href", "#" + short[element.attrib.pop(_XLINK)[1:]])
        if "id" in element.attrib:
            name = element.attrib.pop("id")
            if name in short:
                element.set("id", short[name])
        for key, value in element.attrib.items():
            if "url(#" in value:
                element.set(key, re.sub(r"url\(#([^)]+)\)", lambda found: f"url(#{short[found[1]]})", value))


def _tidy(element: ElementTree.Element) -> None:
    """Round coordinates, shorten paths and styles, drop what says nothing."""
    if element.tag != f"{_SVG}text":
        element.text = None
    element.tail = None
    for key in ("x", "y"):
        if key in element.attrib:
            element.set(key, _short(float(element.attrib[key])))
    if "d" in element.attrib:
        element.set("d", path(element.attrib["d"]))
    if "style" in element.attrib:
        element.set("style", _style(element.attrib["style"]))
    turn = element.get("transform", "")
    if turn.startswith("rotate(-0 "):
        del element.attrib["transform"]
    elif turn:
        element.set("transform", re.sub(r"-?\d+\.\d+", lambda found: _short(float(found[0])), turn))


def _style(style: str) -> str:
    """Return a style without defaults, and without the list of fonts: the root names a generic family."""
    pairs = [pair.split(":", 1) for pair in style.split(";") if ":" in pair]
    kept = {key.strip(): value.strip() for key, value in pairs}
    kept.pop("font-family", None)
    return ";".join(f"{key}:{value}" for key, value in kept.items() if _DEFAULTS.get(key) != value)


def _flatten(element: ElementTree.Element) -> None:
    """Replace groups without attributes by what is in them; markers of one style say it once, in their group."""
    children: list[ElementTree.Element] = []
    for child in element:
        _flatten(child)
        if child.tag == f"{_SVG}g" and not child.attrib:
            children.extend(child)
        elif child.tag != f"{_SVG}defs" or len(child):
            children.append(child)
    element[:] = children
    uses = [child for child in element if child.tag == f"{_SVG}use"]
    styles = {child.get("style") for child in uses}
    if len(uses) > 1 and len(uses) == len(children) and len(styles) == 1 and "style" not in element.attrib:
        element.set("style", uses[0].attrib.get("style", ""))
        for child in uses:
            child.attrib.pop("style", None)


def _speak(root: ElementTree.Element, prefix: str, title: str, description: str) -> None:
    _, _, width, height = root.attrib["viewBox"].split()
    root.attrib.clear()
    root.attrib.update(
        {
            "viewBox": f"0 0 {width} {height}",
            "width": width,
            "height": height,
            "role": "img",
            "aria-labelledby": f"{prefix}-title {prefix}-desc",
            "font-family": "system-ui, sans-serif",
            "stroke-linejoin": "round",
        }
    )
    for i, (tag, text) in enumerate((("title", title), ("desc", description))):
        spoken = ElementTree.Element(f"{_SVG}{tag}", {"id": f"{prefix}-{tag}"})
        spoken.text = plain(text)
        root.insert(i, spoken)


def path(commands: str) -> str:
    """Return path data in tenths of a point, straight lines as relative steps; curves keep absolute coordinates."""
    out: list[str] = []
    at = (0, 0)
    for command, numbers in re.findall(r"([MLCQz])([^MLCQz]*)", commands):
        tenths = [round(float(value) * 10) for value in numbers.split()]
        if command == "L":
            step = (tenths[0] - at[0], tenths[1] - at[1])
            if step == (0, 0) and out and out[-1].startswith("l"):
                continue
            out.append("l" + _joined(step))
        elif command != "z":
            out.append(command + _joined(tenths))
        else:
            out.append("z")
        at = (tenths[-2], tenths[-1]) if tenths else at
    return "".join(out)


def _joined(tenths: list[int] | tuple[int, ...]) -> str:
    words = [_short(value / 10) for value in tenths]
    return "".join(word if i == 0 or word.startswith("-") else " " + word for i, word in enumerate(words))


def _short(value: float) -> str:
    text = f"{value:.1f}".removesuffix(".0").replace("-0.", "-.")
    return text.removeprefix("0") if text.startswith("0.") else "0" if text == "-0" else text
