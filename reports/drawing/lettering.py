"""Words are put at a point that is known beforehand: the reader brings the font, so that to measure ours is idle."""

from __future__ import annotations

from typing import Any

from matplotlib.text import Text
from matplotlib.transforms import IdentityTransform

_NARROW, _WIDE = frozenset("iljtfrI.,:;'|!()[]/ ·⁻¹"), frozenset("mwMW@%—−→×≤≥")
_SHARES = {"narrow": 0.36, "wide": 0.9, "capital": 0.7, "other": 0.6}


class Words(Text):
    """One line of words whose baseline begins, has its middle or ends at (x, y), in points; no layout is computed."""

    def __init__(self, x: float, y: float, words: str, **style: Any) -> None:
        super().__init__(x, y, words, transform=IdentityTransform(), rotation_mode="anchor", **style)

    def draw(self, renderer: Any) -> None:
        """Write the words."""
        context = renderer.new_gc()
        context.set_foreground(self.get_color())
        x, y = self.get_position()
        prop, turn = self.get_fontproperties(), float(self.get_rotation())
        renderer.draw_text(context, x, renderer.height - y, self.get_text(), prop, turn, mtext=self)
        context.restore()


def width(words: str, size: float) -> float:
    """Return about how wide words are in a wide face, in points, at a size of letters in points."""
    return size * sum(_SHARES[_class(letter)] for letter in words)


def _class(letter: str) -> str:
    if letter in _NARROW:
        return "narrow"
    return "wide" if letter in _WIDE else "capital" if letter.isupper() else "other"
