"""The command's door: where a file of the user's hides a package of this project, it says which one to rename."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Run the command line, or end with status 2 and a sentence if a package of ours is hidden."""
    for name in ("harness", "suites", "reports"):
        spec = find_spec(name)
        found = (spec.origin or str(next(iter(spec.submodule_search_locations or ()), ""))) if spec else "nothing"
        if Path(found).resolve().parents[:2][-1] != HERE:
            words = f"its package {name!r} is hidden by {found!a}; rename that, or take its folder from PYTHONPATH"
            print(f"gumbel-harness: {words}", file=sys.stderr)
            sys.exit(2)
    from harness.cli import main as command

    command()


if __name__ == "__main__":
    main()
