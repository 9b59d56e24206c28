"""Each page "Add a ..." is followed to the letter in a copy of the tree, and touches one file (an adapter: two)."""

import filecmp
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TREE = ("harness", "suites", "reports", "gumbel_harness.py", "pyproject.toml")
PAGES = sorted((ROOT / "docs").glob("add-a*.md"))
BLOCK = re.compile(r"^```(python|sh|toml|text)\n(.*?)^```", flags=re.S | re.M)
WRITE, BELOW = re.compile(r"Write\s`([^`]+)`:\Z"), re.compile(r"Add to `([^`]+)`, below the line `([^`]+)`:\Z")
TOUCHED = {"add-an-adapter": 2}


def copied(place: Path) -> Path:
    """Copy the tree with the entry points of its own pyproject.toml."""
    for name in TREE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, place / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, place / name)
    return place


def installed(place: Path) -> None:
    """Write what an installation would: the entry points that pyproject.toml names."""
    project = tomllib.loads((place / "pyproject.toml").read_text())["project"]
    info = place / f"gumbel_harness-{project['version']}.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: gumbel-harness\nVersion: {project['version']}\n")
    lines = []
    for group, points in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {target}" for name, target in points.items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")


def followed(page: Path, place: Path) -> None:
    """Do what the page says, block by block: write a file, add lines to one, or run."""
    text = page.read_text()
    for block in BLOCK.finditer(text):
        before, (language, code) = text[: block.start()].rstrip(), block.groups()
        if written := WRITE.search(before):
            (place / written[1]).write_text(code)
        elif below := BELOW.search(before):
            old = (place / below[1]).read_text()
            assert old.count(below[2] + "\n") == 1, f"{below[1]} has no one line {below[2]!r}"
            (place / below[1]).write_text(old.replace(below[2] + "\n", below[2] + "\n" + code))
        else:
            installed(place)
            for words in code.splitlines() if language == "sh" else [code]:
                run(words, place, shell=language == "sh")


def run(words: str, place: Path, *, shell: bool) -> None:
    if shell:
        name, *arguments = words.split()
        assert name == "gumbel-harness"
        command = [sys.executable, "-c", "from harness.cli import main; main()", *arguments]
    else:
        command = [sys.executable, "-c", words]
    environment = {**os.environ, "PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, words + "\n" + done.stdout[-2000:] + done.stderr[-2000:]
    if shell and "--check" in words:
        assert arguments[arguments.index("--check") + 1] in (place / arguments[-1] / "checks.csv").read_text()


def files(place: Path) -> set[Path]:
    made = ("build", ".dist-info")
    return {
        path.relative_to(place)
        for path in place.rglob("*")
        if path.is_file() and not any(part.endswith(made) for part in path.relative_to(place).parts)
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_is_true_to_the_letter_and_touches_one_file(page, tmp_path):
    old, new = (copied(tmp_path / name) if (tmp_path / name).mkdir() is None else None for name in ("old", "new"))
    followed(page, new)
    touched = {
        path for path in files(new) | files(old)
        if not ((old / path).exists() and (new / path).exists() and filecmp.cmp(old / path, new / path, shallow=False))
    }  # fmt: skip
    assert len(touched) == TOUCHED.get(page.stem, 1), touched


def test_there_is_a_page_for_everything_that_can_be_added():
    wanted = ("a-sampler", "a-case", "a-claim", "a-check", "a-method", "a-figure", "a-control", "an-adapter")
    assert {page.stem.removeprefix("add-") for page in PAGES} == {*wanted}
