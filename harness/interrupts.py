"""Only the user ends a run, by Ctrl-C or a signal that means the same; whatever code of others raises is its fault."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator, Sequence
from typing import NoReturn

from harness.errors import SamplerFault
from harness.text import described

TERMINAL = ("SIGINT",)
ENDS = ("SIGINT", "SIGTERM", "SIGHUP")
"""Signals that end a command as Ctrl-C does."""


class Interrupted(KeyboardInterrupt):
    """The user's own interruption, which is told from a KeyboardInterrupt that a sampler raises."""


@contextlib.contextmanager
def interruptible(names: Sequence[str] = TERMINAL) -> Iterator[None]:
    """Raise Interrupted for these signals meanwhile; one that the program has a use for, or ignores, is left to it.

    Nothing happens outside the main thread, where signals do not arrive.
    """
    before = {}
    if threading.current_thread() is threading.main_thread():
        numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
        before = {number: signal.getsignal(number) for number in numbers}
        before = {number: was for number, was in before.items() if was in (signal.SIG_DFL, signal.default_int_handler)}
    try:
        for number in before:
            signal.signal(number, _interrupt)
        yield
    finally:
        for number, was in before.items():
            signal.signal(number, was)


def _interrupt(number: int, frame: object) -> NoReturn:
    raise Interrupted(signal.Signals(number).name)


def users(error: BaseException) -> bool:
    """Tell whether it is the user's: raised by our handler or, where that is not there, perhaps by Python's own."""
    if isinstance(error, Interrupted) or not isinstance(error, KeyboardInterrupt):
        return isinstance(error, Interrupted)
    here = threading.current_thread() is threading.main_thread()
    return here and signal.getsignal(signal.SIGINT) is signal.default_int_handler


@contextlib.contextmanager
def contained() -> Iterator[None]:
    """Turn whatever code of others raises, SystemExit and GeneratorExit included, into a SamplerFault in words."""
    try:
        yield
    except SamplerFault:
        raise
    except BaseException as error:
        if users(error):
            raise
        raise SamplerFault(f"raised {described(error)}") from error
