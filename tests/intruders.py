"""Guests that reach beyond their own draws: what ends programs, what others share, threads and processes of their own."""

import _thread
import contextlib
import os
import sys
import threading
import time

import numpy as np

import harness


def right(logits, size, *, rng):
    return np.argmax(logits + rng.gumbel(size=(size, logits.size)), axis=1)


ENDINGS = (SystemExit, KeyboardInterrupt, GeneratorExit)


class Ending:
    """Draws whose conversion to an array ends the program."""

    def __init__(self, error):
        self.error = error

    def __array__(self, dtype=None, copy=None):
        raise self.error


class Speechless(BaseException):
    def __str__(self):
        raise RuntimeError("no words")


def speechless(logits, size, *, rng):
    raise Speechless


def raised_in_call(logits, size, *, rng):
    raise KeyboardInterrupt


def raised_in_array(logits, size, *, rng):
    return Ending(SystemExit(0))


def _prepare_ends(logits):
    raise SystemExit(0)


def _fill_ends(logits):
    def fill(out, rng):
        raise GeneratorExit

    return fill


harness.sampler("raised_in_prepare", emits="index", prepare=_prepare_ends)(right)
harness.sampler("raised_in_fill", emits="index", prepare=_fill_ends)(right)
raised_in_prepare, raised_in_fill = (harness.sampler(f"again_{name}", emits="index", prepare=one)(right)
                                     for name, one in (("prepare", _prepare_ends), ("fill", _fill_ends)))  # fmt: skip


def interrupts_main(logits, size, *, rng):
    _thread.interrupt_main()
    time.sleep(0.01)
    return right(logits, size, rng=rng)


_argmax = np.argmax


def rough_argmax(values, axis=None):
    return _argmax(np.asarray(values, np.float16), axis=axis)


def patches_numpy(logits, size, *, rng):
    np.argmax = rough_argmax
    np.bincount = None
    return _argmax(logits + rng.gumbel(size=(size, logits.size)), axis=1)


def innocent(logits, size, *, rng):
    return np.argmax(logits + rng.gumbel(size=(size, logits.size)), axis=1)


def swallows_everything(logits, size, *, rng):
    while True:
        with contextlib.suppress(BaseException):
            while True:
                time.sleep(0.01)


def leaves_a_thread(logits, size, *, rng):
    threading.Thread(target=time.sleep, args=(600,)).start()
    return right(logits, size, rng=rng)


def forks_and_returns(logits, size, *, rng):
    if size == 1:
        os.fork()
    return right(logits, size, rng=rng)


def forks_and_sleeps(logits, size, *, rng):
    if size == 1 and not os.fork():
        time.sleep(600)
        os._exit(0)
    return right(logits, size, rng=rng)


def slow_in_c(logits, size, *, rng):
    """Add for minutes in one call, with the interpreter's lock held."""
    if size > 1:
        sum(range(2**36))
    return right(logits, size, rng=rng)


def slow(logits, size, *, rng):
    time.sleep(0.01)
    return right(logits, size, rng=rng)


if "LEAVE_A_THREAD_AT_IMPORT" in os.environ and os.environ.get("GUMBEL_HARNESS_WORKER") is None:
    threading.Thread(target=time.sleep, args=(600,)).start()
    print("a thread at import", file=sys.stderr)
