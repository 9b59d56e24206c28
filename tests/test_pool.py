"""The one loop over tasks: what raises, dies or is interrupted costs its own result, on every engine."""

import os
import threading

import pandas as pd
import pytest
from click.testing import CliRunner

from harness.cli import main
from harness.engine.executors import SerialExecutor, open_engine
from harness.engine.pool import Lost, Task, results


def die():
    os._exit(7)


def interrupt():
    raise KeyboardInterrupt


def gathered(tasks, executor, workers=1):
    return {task.key: result for task, result in results(tasks, executor, workers)}


SQUARES = [Task(str(i), pow, (i, 2)) for i in range(4)]


def test_the_dearest_come_first_and_progress_counts():
    told = []
    tasks = [Task("cheap", pow, (1, 2), 1.0), Task("dear", pow, (2, 2), 3.0)]
    done = list(results(tasks, SerialExecutor, 1, lambda *words: told.append(words)))
    assert [task.key for task, _ in done] == ["dear", "cheap"] and told == [("dear", 1, 2), ("cheap", 2, 2)]


@pytest.mark.parametrize("name", ["serial", "loky"])
def test_what_raises_or_cannot_be_sent_is_lost_and_the_rest_goes_on(name):
    tasks = [Task("bad", divmod, (1, 0), 2.0), Task("lock", id, (threading.Lock(),), 1.0), *SQUARES]
    with open_engine(name, 1) as executor:
        done = gathered(tasks, executor)
    assert done["bad"] == Lost("ZeroDivisionError: integer division or modulo by zero")
    assert isinstance(done["lock"], Lost) and "cannot be sent to a worker" in done["lock"].words
    assert [done[str(i)] for i in range(4)] == [0, 1, 4, 9]


def test_what_kills_its_worker_is_lost_and_the_rest_goes_on():
    with open_engine("loky", 2) as executor:
        done = gathered([Task("deadly", die, (), 2.0), *SQUARES], executor, 2)
    assert done["deadly"] == Lost("killed the process that it ran in", killed=True)
    assert [done[str(i)] for i in range(4)] == [0, 1, 4, 9]


DEADLY = """
import os
def deadly(logits, size, *, rng):
    os._exit(3)
"""


def test_envelope_of_a_guest_that_kills_its_worker_ends_in_rows_and_a_sentence(tmp_path):
    """Ended in a traceback with status 1 before there was one pool."""
    (tmp_path / "deadly.py").write_text(DEADLY)
    words = [f"{tmp_path}/deadly.py:deadly", "--workers", "1", "--budget", "1024", "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(main, ["envelope", *words])
    assert done.exit_code == 3 and isinstance(done.exception, SystemExit)
    assert "gumbel-harness: deadly, largest shift up: killed the process that it ran in" in done.stderr
    rows = pd.read_csv(tmp_path / "out" / "envelope.csv")
    shifts = rows[rows["quantity"].str.startswith("largest shift")]
    assert len(shifts) == 2 and shifts["how"].str.startswith("broken: killed the process").all()
