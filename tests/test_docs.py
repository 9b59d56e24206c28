"""The examples of the documentation run."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from reports.figures import kinds

ROOT = Path(__file__).parent.parent
PAGES = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md"])


def blocks(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", page.read_text(), flags=re.S | re.M)


RUNNABLE = [
    page for page in PAGES if blocks(page) and page.name != "whats-here.md" and not page.name.startswith("add-a")
]


@pytest.mark.parametrize("page", RUNNABLE, ids=lambda page: page.name)
def test_examples_run(page: Path, tmp_path: Path) -> None:
    lines = "".join(f"    {line}\n" for line in "\n".join(blocks(page)).splitlines())
    script = tmp_path / "example.py"
    script.write_text(f"if __name__ == '__main__':\n{lines}")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=300, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / target).exists(), target


def test_the_table_of_mutants_is_what_the_list_adds_up_to() -> None:
    added = subprocess.run(
        [sys.executable, str(ROOT / "tests/mutation/table.py")], capture_output=True, text=True, check=True
    )
    assert added.stdout in (ROOT / "docs/selftest.md").read_text() + "\n"


def test_the_gallery_says_how_to_read_every_kind_of_figure() -> None:
    spec = importlib.util.spec_from_file_location("gallery", ROOT / "docs" / "gallery.py")
    assert spec is not None and spec.loader is not None
    gallery = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(gallery)
    assert {*gallery.HOW} == kinds()
