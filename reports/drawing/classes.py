"""What figures of one page say in the same words is said once: a style that many elements have is a class of the page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

_STYLED = re.compile(r'(<[^<>]*) style="([^"<>]*)"')
"""A tag with a style; text within a figure has no bare angle bracket, so that its words are never taken for one."""
_OFTEN = 4


def classed(figures: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """Return the figures with a class in place of each style that they often have, and the rules of these classes."""
    counts = Counter(style for svg in figures.values() for _, style in _STYLED.findall(svg))
    names = {style: f"s{i}" for i, style in enumerate(sorted(style for style in counts if counts[style] >= _OFTEN))}

    def named(found: re.Match[str]) -> str:
        tag, style = found.groups()
        return f'{tag} class="{names[style]}"' if style in names else found[0]

    rules = "".join(f".{name}{{{style}}}\n" for style, name in names.items())
    return {key: _STYLED.sub(named, svg) for key, svg in figures.items()}, rules
