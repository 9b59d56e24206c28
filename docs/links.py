"""Every link within a built site leads to a page that is there and to a place on it: ``python docs/links.py build/docs``."""

from __future__ import annotations

import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class _Page(HTMLParser):
    """Collects the addresses that a page links to or loads, and the places that it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a tag's addresses and its id."""
        for name, value in attrs:
            if name in ("href", "src") and value is not None:
                self.links.append(value)
            if name == "id" and value:
                self.places.add(value)


@cache
def _page(path: Path) -> _Page:
    return _Page(path.read_text(encoding="utf-8"))


def dead(site: Path) -> list[str]:
    """Return a line for each link within the site that leads nowhere."""
    pages = sorted(site.rglob("*.html"))
    return [f"{page.relative_to(site)}: {link}" for page in pages for link in _page(page).links if _is_dead(page, link)]


def _is_dead(page: Path, link: str) -> bool:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return False
    target = page.parent / unquote(parts.path) if parts.path else page
    if not target.is_file():
        return True
    place = unquote(parts.fragment)
    return bool(place) and target.suffix == ".html" and place not in _page(target.resolve()).places


if __name__ == "__main__":
    sys.exit("\n".join(dead(Path(sys.argv[1]))) or 0)
