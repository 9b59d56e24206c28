"""Every command ends in a status of the contract and a sentence, whatever breaks in the middle: never in a traceback."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from harness.errors import StorageError, UsageError
from harness.interrupts import described
from harness.text import shown

if TYPE_CHECKING:
    from harness.engine.journal import Journal

DEBUG = "GUMBEL_HARNESS_TRACEBACK"
"""Set in the environment, it adds the traceback of an internal error."""
USAGE, BROKEN, INTERRUPTED = 2, 3, 130


@contextlib.contextmanager
def sentences() -> Iterator[None]:
    """Turn what a command raises into a sentence and a status: 2 for the user's, 3 for ours and the disk's, 130 for an end.

    A command's own ``sys.exit`` passes; a SystemExit from any other place (code of a user, of a library) is 3.
    """
    try:
        yield
    except (click.exceptions.ClickException, click.exceptions.Exit, click.exceptions.Abort):
        raise
    except KeyboardInterrupt:
        end("interrupted", INTERRUPTED)
    except UsageError as error:
        end(str(error), USAGE)
    except StorageError as error:
        end(str(error), BROKEN)
    except SystemExit as error:
        if _of_a_command(error):
            raise
        end(f"something that the command called ended the program (sys.exit({error.code})); {_kept()}", BROKEN)
    except OSError as error:
        if error.errno == errno.EPIPE:  # who read the output has had enough, which click knows
            raise
        end(f"{error.filename or 'output'}: {error.strerror or described(error)}", BROKEN)
    except BaseException as error:
        end(f"{described(error)} ({_place(error)}); {_kept()}", BROKEN)


@contextlib.contextmanager
def resumable(command: str, journal: Journal) -> Iterator[None]:
    """Let a user who ends a run while it is judged, saved or told know what is kept, and the command that goes on."""
    try:
        yield
    except KeyboardInterrupt:
        from harness.console.summary import resuming

        journal.close()
        assert journal.path is not None
        if not journal.path.exists():
            end(f"interrupted; the run was finished and is kept in {journal.path.parent}", INTERRUPTED)
        end(f"interrupted; what was drawn is kept, go on with: {resuming(command)}", INTERRUPTED)


def end(words: str, status: int) -> NoReturn:
    """Say a sentence on standard error, if there is any, and end the command."""
    if status == BROKEN:
        if os.environ.get(DEBUG):
            traceback.print_exc()
        _silence()
    with contextlib.suppress(OSError, ValueError):
        click.echo(f"gumbel-harness: {shown(words)}", err=True)
    sys.exit(status)


def leave(status: int) -> None:
    """End this process here if a thread of a user's file still runs, which a program waits for at its end."""
    if any(thread is not threading.main_thread() and not thread.daemon for thread in threading.enumerate()):
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(status)


def open_streams() -> None:
    """Give a process that was started without a standard stream an empty one, and let no character end a command.

    A file that is opened later would otherwise take the stream's number, and get what is written to it.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "w" if number else "r", encoding="utf-8", closefd=False))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def somewhere() -> None:
    """Raise UsageError where the working directory is gone: no worker could be started in it."""
    try:
        os.getcwd()
    except OSError as error:
        raise UsageError(f"the working directory is gone ({error.strerror}); go to one that is there") from error


def _of_a_command(error: SystemExit) -> bool:
    """Tell whether the innermost frame is one of the command line's own modules."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return bool(frames) and Path(frames[-1].f_code.co_filename).parent == Path(__file__).parent


def _place(error: BaseException) -> str:
    """Return the module and line of ours that was left last."""
    root = Path(__file__).parents[2]
    frames = [(Path(frame.f_code.co_filename), line) for frame, line in traceback.walk_tb(error.__traceback__)]
    ours = [f"{path.relative_to(root)}:{line}" for path, line in frames if path.is_relative_to(root / "harness")]
    return ours[-1] if ours else "unknown place"


def _kept() -> str:
    return "what was finished is kept: run again with --resume, and please report this"


def _silence() -> None:
    """Give up standard output, so that what could not be written is not tried again at the very end."""
    with contextlib.suppress(OSError, ValueError):
        number = sys.stdout.fileno()
        os.dup2(os.open(os.devnull, os.O_WRONLY), number)
