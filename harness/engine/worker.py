"""A worker is a process that serves one guest, or trusted code alone, and ends with the process that started it."""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import BrokenExecutor
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Any

import cloudpickle

from harness.engine.limits import WORKER
from harness.interrupts import described
from harness.quiet import output_aside

LOOK = 1.0
"""Seconds after which a worker that says nothing is looked at, in case a child of it holds its end of the pipe."""
_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of prctl(2)."""

_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
_OWN_ALL = "XLA_PYTHON_CLIENT_PREALLOCATE"
"""Unless told not to, jax takes three quarters of a GPU's memory for each process, and the second worker has none left."""
_HEAP = ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_")
"""Without these, glibc gives arrays of a chunk's size back to the kernel and clears their pages for every chunk."""


class Worker:
    """A fresh process for one guest, or for trusted code if ``guest`` is empty; it does one task at a time."""

    def __init__(self, guest: str, variables: Mapping[str, str]) -> None:
        from loky.backend import get_context

        self.guest = guest
        self._lock, self._over = threading.Lock(), False
        self._pipe, theirs = multiprocessing.Pipe()
        # loky starts a process by exec, not fork, and does not import the user's main module in it.
        self._process = get_context("loky").Process(
            target=serve, args=(theirs, os.getpid()), env=dict(variables), daemon=True
        )
        with theirs, _may_have_children(), _unheard():
            self._process.start()

    @property
    def pid(self) -> int:
        """The number of the process, which leads a group of its own."""
        pid: int = self._process.pid
        return pid

    def do(self, packed: bytes) -> Any:
        """Return the result of a packed call.

        Raises BrokenExecutor, with the exit status, if the process ends before; RuntimeError if nothing could be sent back.
        """
        try:
            self._pipe.send_bytes(packed)
            while not wait([self._pipe], LOOK):
                if _ended(self.pid):
                    raise EOFError
            answered, value = pickle.loads(self._pipe.recv_bytes())
        except (EOFError, OSError) as error:
            self.end()
            raise BrokenExecutor(f"EXIT({self._process.exitcode})") from error
        if not answered:
            raise RuntimeError(value)
        return value

    def end(self) -> None:
        """End the process and all that it has started, at once."""
        with self._lock:
            if not self._over:
                self._over = True
                for kill in (os.killpg, os.kill):
                    with contextlib.suppress(OSError):  # it is not collected yet: its number is nobody else's
                        kill(self.pid, signal.SIGKILL)
                self._process.join()


@contextlib.contextmanager
def _may_have_children() -> Iterator[None]:
    """A worker of Dask is a daemon in the sense of multiprocessing, which must have no children; ours end with it."""
    settings: dict[str, Any] = multiprocessing.current_process()._config  # type: ignore[attr-defined]
    before = settings.get("daemon")
    settings["daemon"] = False
    try:
        yield
    finally:
        settings["daemon"] = before


@contextlib.contextmanager
def _unheard() -> Iterator[None]:
    """Keep Ctrl-C from a process that starts meanwhile, until ``serve`` ignores it.

    The trackers that loky needs are started before: Python 3.11 unblocks the signal in the thread that starts one
    (``multiprocessing.resource_tracker``), whoever had blocked it.
    """
    from loky.backend.resource_tracker import ensure_running

    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        ensure_running()
        resource_tracker.ensure_running()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _ended(pid: int) -> bool:
    """Tell whether a child has ended or was stopped, after which no limit reaches it; leave it to be collected."""
    if not hasattr(os, "waitid"):
        return False
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True


def serve(pipe: Connection, parent: int) -> None:
    """Do what comes through the pipe until it is closed, then end without waiting for threads of others."""
    with contextlib.suppress(OSError):
        os.setsid()  # Ctrl-C in the terminal is for who started us; and whatever we start can be ended with us
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    output_aside()
    end_with(parent)
    _bind_forks(pipe)
    settings: dict[str, Any] = multiprocessing.current_process()._config  # type: ignore[attr-defined]
    settings["daemon"] = False  # who started us does not wait for us at its end; a guest may use processes of its own
    with contextlib.suppress(EOFError, OSError):
        while True:
            pipe.send_bytes(_answer(pipe.recv_bytes()))
    os._exit(0)  # what a guest has forked comes here too, and threads of guests are not waited for


def _answer(packed: bytes) -> bytes:
    try:
        call, arguments = pickle.loads(packed)
        answer: bytes = cloudpickle.dumps((True, call(*arguments)))
    except BaseException as error:
        return pickle.dumps((False, described(error)))
    return answer


def _bind_forks(pipe: Connection) -> None:
    """A process that a guest forks answers nobody, and ends with who forked it."""
    forking = [os.getpid()]

    def bind() -> None:
        pipe.close()
        end_with(forking[0])

    os.register_at_fork(before=lambda: forking.__setitem__(0, os.getpid()), after_in_child=bind)


def end_with(parent: int) -> None:
    """Have this process end when ``parent`` does, however that ends: by the kernel where it can, else by a watch."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != parent:  # it has ended already
            os._exit(1)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1.0)
    os.killpg(0, signal.SIGKILL)


def environment() -> dict[str, str]:
    """Return the variables of a worker: one thread for every library, a heap that keeps what it has, a share of a GPU."""
    xla = f"{os.environ.get('XLA_FLAGS', '')} --xla_cpu_multi_thread_eigen=false".strip()
    own_all = os.environ.get(_OWN_ALL, "false")
    heap = dict.fromkeys(_HEAP, str(2**25))
    return {**dict.fromkeys(_THREADS, "1"), **heap, "XLA_FLAGS": xla, _OWN_ALL: own_all, WORKER: "1"}
