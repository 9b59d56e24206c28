"""A guest's shard has a time and a memory limit; what passes them is a fault of the sampler, in words."""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from harness.errors import Expired, SamplerFault

WORKER = "GUMBEL_HARNESS_WORKER"
"""Set in worker processes, which may be ended without taking the user's program along."""
HUNG = "hung"
KILLED = "killed the process that it ran in"
"""How the faults begin after which a sampler is not tried again."""
DEEP = 16
"""Exceptions that may stand between the end of the time and what a guest made of it."""
_BEFORE = tuple(BaseException.__dict__[name].__get__ for name in ("__cause__", "__context__"))
"""What Python knows an exception to have come from, whatever its class says."""
TOO_MUCH = 87
"""Exit status of a worker that grew by more."""


@dataclass(frozen=True)
class Limits:
    """Limits of one shard: ``seconds`` of wall-clock time (0 for none), and ``grace`` before a worker is ended for it.

    ``memory`` is the number of bytes by which it may make its worker grow.
    """

    seconds: float = 0.0
    grace: float = 5.0
    memory: int = 4 * 2**30


@contextlib.contextmanager
def enforced(limits: Limits) -> Iterator[None]:
    """Raise SamplerFault in this thread once the time is over; end a worker that does not react."""
    if limits.seconds <= 0:
        yield
        return

    interrupted = _by_signal if threading.current_thread() is threading.main_thread() else _by_exception
    try:
        with contextlib.ExitStack() as stack:
            stack.enter_context(interrupted(limits.seconds))
            if os.environ.get(WORKER):
                stack.enter_context(_ended_after(limits.seconds + limits.grace))
                stack.enter_context(_within_memory(limits.memory))
            yield
    except SamplerFault as fault:
        if not _expired(fault):
            raise
        raise SamplerFault(f"{HUNG}: no result within {limits.seconds:g} s for one shard") from fault


def _expired(fault: BaseException) -> bool:
    """Tell whether a fault is, or was raised because of, the end of the time: a guest's code may wrap what it catches."""
    cause: BaseException | None = fault
    for _ in range(DEEP):
        if cause is None or type(cause) is Expired:
            break
        raised, met = (get(cause) for get in _BEFORE)
        cause = met if raised is None else raised
    return type(cause) is Expired


@contextlib.contextmanager
def _by_signal(seconds: float) -> Iterator[None]:
    """Raise in the main thread, out of any call that lets signals through."""

    def expire(signum: int, frame: object) -> None:
        raise Expired

    before = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _by_exception(seconds: float) -> Iterator[None]:
    """Raise in another thread, where signals do not reach (Dask's tasks), between two steps of the interpreter."""
    thread, lock, over = ctypes.c_ulong(threading.get_ident()), threading.Lock(), False

    def expire() -> None:
        with lock:
            if not over:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, ctypes.py_object(Expired))

    timer = threading.Timer(seconds, expire)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        with lock:
            over = True
            ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, None)  # one that is on its way comes too late


@contextlib.contextmanager
def _ended_after(seconds: float) -> Iterator[None]:
    """End this process after some seconds, even if the interpreter's lock is never given back."""
    with open(os.devnull, "w") as nowhere:
        faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()


@contextlib.contextmanager
def _within_memory(most: int) -> Iterator[None]:
    """End this process if it grows by more than ``most`` bytes; it is looked at ten times a second."""
    start, done = _resident(), threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            if _resident() - start > most:
                os._exit(TOO_MUCH)

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        done.set()


def _resident() -> int:
    """Return the bytes of memory that this process holds; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm") as pages:
            return int(pages.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
