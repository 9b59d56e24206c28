"""Change a seeded sample of lines, one at a time, and ask who notices: the claims of the line, then the tests of it.

    python tests/mutation [--seed N] [--size N] [--workers N] [--out FOLDER] [--again FILE.csv]

Writes mutants.csv, a row a mutant, as they are judged; a second call goes on where the first was ended. ``--again`` judges
only the survivors of an older table, with tests that have come since (delete lines.json first).
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import forks  # noqa: E402 - after the threads are fixed
import judge  # noqa: E402
import lines  # noqa: E402
import loky  # noqa: E402
import mutants  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = ("file", "line", "operator", "occurrence", "before", "after", "verdict", "by", "seconds")


def main() -> None:
    """Judge the sample and print the shares."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--size", type=int, default=400)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "mutate")
    parser.add_argument("--again", type=Path)
    parser.add_argument("--workers", type=int, default=loky.cpu_count(), help="all cores")
    given = parser.parse_args()
    os.chdir(ROOT)
    forks.preload()
    with ThreadPoolExecutor(given.workers) as pool:
        known = lines.measured(ROOT, given.out, pool)
        wanted = _survivors(given.again) if given.again else mutants.sample(ROOT, given.seed, given.size)
        table = given.out / ("again.csv" if given.again else "mutants.csv")
        done = {(row["file"], row["operator"], int(row["occurrence"])) for row in _rows(table)}
        left = [one for one in wanted if (one.path, one.operator, one.occurrence) not in done]
        with table.open("a", newline="") as out:
            writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
            if not done:
                writer.writeheader()
            for number, row in enumerate(pool.map(lambda one: judge.row(ROOT, known, one), left), 1):
                writer.writerow(row)
                out.flush()
                print(
                    f"{number}/{len(left)} {row['verdict']:9} {row['file']}:{row['line']} {row['after']}",
                    file=sys.stderr,
                )
    rows = _rows(table)
    for verdict in dict.fromkeys(row["verdict"] for row in rows):
        print(f"{verdict}: {sum(row['verdict'] == verdict for row in rows)} of {len(rows)}")
    print(f"every mutant with what noticed it: {table}")


def _survivors(path: Path) -> list[mutants.Mutant]:
    return [
        mutants.Mutant(
            one["file"], one["operator"], int(one["occurrence"]), int(one["line"]), one["before"], one["after"]
        )
        for one in _rows(path)
        if one["verdict"] == "survived"
    ]


def _rows(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines))


if __name__ == "__main__":
    main()
