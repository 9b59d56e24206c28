"""A hundred kinds of guests that do what no sampler should, or what few do, each with the state that its checks must end in.

A row is a function with its word: "verified" where the draws are right however odd the guest, "refuted" where they are not,
"broken" where there are none; and for broken ones a part of the sentence that must say why.
"""

import asyncio
import atexit
import builtins
import contextlib
import copy
import ctypes
import functools
import gc
import locale
import multiprocessing
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from array import array
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path
from unittest import mock

import numpy as np

from harness.interrupts import Interrupted
from harness.samplers.registry import Form, Sampler

ROGUES = {}
"""Name in this file -> (word, part of the reason)."""
GREEDY = 2**29 + 2**27
_argmax, _sleep = np.argmax, time.sleep
_kept = {}


def right(logits, size, *, rng):
    return _argmax(logits + rng.gumbel(size=(size, len(logits))), axis=1)


def soft(logits, size, rng, temperature):
    scores = (logits + rng.gumbel(size=(size, len(logits)))) / temperature
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def rogue(word, says=""):
    def known(thing, name=None):
        name = name or thing.__name__
        ROGUES[name] = (word, says)
        globals()[name] = thing
        return thing

    return known


def raises(name, says, make):
    """A guest that raises what ``make`` returns."""

    def guest(logits, size, *, rng):
        raise make()

    rogue("broken", says)(guest, f"raises_{name}")


def returns(name, word, says, change):
    """A guest that returns ``change(draws)`` of right draws."""

    def guest(logits, size, *, rng):
        return change(right(logits, size, rng=rng))

    rogue(word, says)(guest, f"returns_{name}")


def patches(name, change, word="verified", says=""):
    """A guest that changes something of its process, and draws rightly afterwards."""

    def guest(logits, size, *, rng):
        change()
        return right(logits, size, rng=rng)

    rogue(word, says)(guest, name)


# What it raises.


class Odd(BaseException):
    pass


class Mute(Exception):
    def __str__(self):
        raise RuntimeError("no words")


class MuteForGood(Exception):
    def __str__(self):
        raise SystemExit(0)


class WordsOfNoText(Exception):
    def __str__(self):
        return 7


class Nameless(type):
    @property
    def __name__(cls):
        raise KeyboardInterrupt


class OfNoName(Exception, metaclass=Nameless):
    pass


class OfNoClass(Exception):
    @property
    def __class__(self):
        raise SystemExit(0)


class Unpackable(Exception):
    def __init__(self, lock):
        super().__init__("holds a lock")
        self.lock = lock

    def __reduce__(self):
        raise TypeError("stays here")


def nested(depth):
    error = ValueError("innermost")
    for _ in range(depth):
        error = ExceptionGroup("wrapped", [error])
    return error


def circle():
    one, other = ValueError("one"), ValueError("other")
    one.__cause__, other.__cause__ = other, one
    return one


raises("value_error", "raised ValueError: no draws", lambda: ValueError("no draws"))
raises("system_exit", "raised SystemExit: 0", lambda: SystemExit(0))
raises("keyboard_interrupt", "raised KeyboardInterrupt", KeyboardInterrupt)
raises("generator_exit", "raised GeneratorExit", GeneratorExit)
raises("stop_iteration", "raised StopIteration", StopIteration)
raises("stop_async_iteration", "raised StopAsyncIteration", StopAsyncIteration)
raises("cancelled", "raised CancelledError", asyncio.CancelledError)
raises("memory_error", "raised MemoryError", MemoryError)
raises("warning", "raised UserWarning", lambda: UserWarning("odd"))
raises("odd", "raised Odd", Odd)
raises("group", "raised BaseExceptionGroup", lambda: BaseExceptionGroup("all", [SystemExit(0), KeyboardInterrupt()]))
raises("nested", "raised ExceptionGroup", lambda: nested(500))
raises("circle", "raised ValueError: one", circle)
raises("mute", "raised Mute: its message cannot be read", Mute)
raises("mute_for_good", "raised MuteForGood: its message cannot be read", MuteForGood)
raises("words_of_no_text", "raised WordsOfNoText: its message cannot be read", WordsOfNoText)
raises("of_no_name", "raised", OfNoName)
raises("of_no_class", "raised OfNoClass", OfNoClass)
raises("unpackable", "raised Unpackable: holds a lock", lambda: Unpackable(threading.Lock()))
raises("huge", "raised ValueError: xxx", lambda: ValueError("x" * 5_000_000))
raises("escapes", "raised ValueError: [2J ::error::forged", lambda: ValueError("\x1b[2J\0\n::error::forged\u202e"))
raises("surrogates", "raised ValueError", lambda: ValueError("\ud800 \udcff =1+1"))
raises("a_long_name", "raised E", lambda: type("E" * 10_000, (Exception,), {})("x"))
raises("a_name_of_escapes", "raised", lambda: type("\x1b[2J\n::error::", (Exception,), {})("x"))
raises("our_own_interruption", "Interrupted", lambda: Interrupted("forged"))


@rogue("broken", "RecursionError")
def recurses(logits, size, *, rng):
    return recurses(logits, size, rng=rng)


@rogue("broken", "TypeError")
def raises_no_exception(logits, size, *, rng):
    raise 7  # noqa: B016


# What it returns.


class Hostile:
    """An object of draws whose attributes break, one after the other."""

    def __init__(self, **broken):
        self.__dict__["broken"] = broken

    def __array__(self, dtype=None, copy=None):
        error = self.broken.get("array")
        if isinstance(error, BaseException):
            raise error
        return error


class Lazy:
    """Breaks at whatever is asked of it."""

    def __getattribute__(self, name):
        raise KeyboardInterrupt(name)


class Endless:
    def __len__(self):
        return 2**40

    def __getitem__(self, i):
        return 0


class Liar(np.ndarray):
    shape = property(lambda self: (10**9,))

    def __getitem__(self, item):
        raise SystemExit(0)


class Uncountable:
    def __index__(self):
        raise SystemExit(0)

    __int__ = __float__ = __index__


def structured(draws):
    return draws.astype([("draw", np.intp)])


def read_only(draws):
    draws.setflags(write=False)
    return draws


def masked(draws):
    return np.ma.masked_array(draws, mask=np.arange(len(draws)) % 2 == 0)


def strided(draws):
    wide = np.empty((len(draws), 3), np.intp)
    wide[:, 1] = draws
    return wide[:, 1]


def mapped(draws):
    with tempfile.TemporaryFile() as file:
        made = np.memmap(file, np.intp, "w+", shape=draws.shape)
    made[:] = draws
    return made


async def _later(draws):
    return draws


NO_DRAWS = {
    "none": (lambda draws: None, "shape ()"),
    "a_number": (lambda draws: 0, "shape ()"),
    "text": (lambda draws: "draws", "shape ()"),
    "bytes": (bytes, "shape ()"),
    "a_set": (set, "shape ()"),
    "a_dictionary": (lambda draws: dict(enumerate(draws[:9])), "shape ()"),
    "ragged": (lambda draws: [[0], [1, 2]], "list that is no array"),
    "objects": (lambda draws: draws.astype(object), "dtype object"),
    "floats": (lambda draws: draws.astype(float), "dtype float64"),
    "not_numbers": (lambda draws: np.full(len(draws), np.nan), "dtype float64"),
    "booleans": (lambda draws: draws > 0, "dtype bool"),
    "complex": (lambda draws: draws + 0j, "dtype complex128"),
    "words": (lambda draws: draws.astype(str), "dtype <U"),
    "dates": (lambda draws: draws.astype("M8[s]"), "dtype datetime64"),
    "records": (structured, "dtype [('draw'"),
    "big_integers": (lambda draws: [2**70] * len(draws), "dtype object"),
    "one_too_many": (lambda draws: np.append(draws, 0), "is due"),
    "one_too_few": (lambda draws: draws[1:], "is due"),
    "nothing": (lambda draws: draws[:0], "shape (0,)"),
    "columns": (lambda draws: draws[:, None], "is due"),
    "a_matrix": (lambda draws: np.asmatrix(draws), "is due"),
    "a_generator": (lambda draws: (draw for draw in draws), "do not yield"),
    "an_iterator": (iter, "do not yield"),
    "a_coroutine": (_later, "coroutine"),
    "a_function": (lambda draws: right, "shape ()"),
    "itself_nested": (lambda draws: functools.reduce(lambda held, _: [held], range(100), draws), "no array"),
    "what_exits_as_array": (lambda draws: Hostile(array=SystemExit(0)), "raised SystemExit: 0"),
    "what_is_no_array": (lambda draws: Hostile(array="draws"), "no array"),
    "what_breaks_at_all": (lambda draws: Lazy(), "KeyboardInterrupt"),
    "what_cannot_be_counted": (lambda draws: [Uncountable()] * len(draws), "dtype object"),
    "a_masked_array": (masked, "masked"),
    "a_mock": (lambda draws: mock.MagicMock(), ""),
}  # fmt: skip
for _name, (_change, _says) in NO_DRAWS.items():
    returns(_name, "broken", _says, _change)
for _name, _change in {
    "a_list": list,
    "a_tuple": tuple,
    "a_series": lambda draws: __import__("pandas").Series(draws),
    "an_array_of_python": lambda draws: array("q", draws.tolist()),
    "a_view_of_memory": lambda draws: memoryview(draws),
    "short_integers": lambda draws: draws.astype(np.int8),
    "unsigned": lambda draws: draws.astype(np.uint64),
    "big_endian": lambda draws: draws.astype(">i8"),
    "what_cannot_be_written": read_only,
    "a_column_of_a_table": strided,
    "a_reversed_view": lambda draws: draws[::-1],
    "a_mapped_file": mapped,
    "an_array_that_lies": lambda draws: draws.view(Liar),
    "an_empty_mask": lambda draws: np.ma.masked_array(draws),
}.items():
    returns(_name, "verified", "", _change)
for _name, _change in {
    "what_is_outside": lambda draws: draws + 1000,
    "negative": lambda draws: draws - 1000,
    "wrapped": lambda draws: np.full(len(draws), 2**64 - 1, np.uint64),
    "one_for_all": lambda draws: np.broadcast_to(draws[:1], draws.shape),
    "zeros": np.zeros_like,
}.items():
    returns(_name, "refuted", "", _change)


@rogue("refuted")
def returns_not_numbers_in_rows(logits, size, *, rng, temperature):
    return soft(logits, size, rng, temperature) * np.nan


@rogue("refuted")
def returns_infinities(logits, size, *, rng, temperature):
    return np.full((size, len(logits)), np.inf)


@rogue("broken", "dtype int64")
def returns_whole_numbers_in_rows(logits, size, *, rng, temperature):
    return np.ones((size, len(logits)), int)


@rogue("verified")
def returns_its_own_buffer(logits, size, *, rng):
    buffer = _kept.setdefault(size, np.empty(size, np.intp))
    buffer[:] = right(logits, size, rng=rng)
    return buffer


# What it is.


@rogue("broken", "coroutine")
async def asynchronous(logits, size, *, rng):
    return right(logits, size, rng=rng)


@rogue("broken", "do not yield")
def yields(logits, size, *, rng):
    yield from right(logits, size, rng=rng)


@rogue("broken", "async_generator")
async def yields_later(logits, size, *, rng):
    yield right(logits, size, rng=rng)


class Callable:
    def __call__(self, logits, size, *, rng):
        return right(logits, size, rng=rng)

    method = __call__

    @classmethod
    def of_class(cls, logits, size, *, rng):
        return right(logits, size, rng=rng)


class Constructed:
    def __init__(self, logits, size, *, rng):
        self.draws = right(logits, size, rng=rng)

    def __array__(self, dtype=None, copy=None):
        return self.draws


class Unsigned(Callable):
    @property
    def __signature__(self):
        raise SystemExit(0)


class Veiled(Callable):
    @property
    def __class__(self):
        raise KeyboardInterrupt


class Holding(Callable):
    def __init__(self):
        self.lock, self.draws = threading.Lock(), (draw for draw in ())


class Faithless(Callable):
    def __getattr__(self, name):
        raise SystemExit(0)


rogue("verified")(Callable(), "an_object")
rogue("verified")(Callable().method, "a_method")
rogue("verified")(Callable.of_class, "a_method_of_a_class")
rogue("verified")(Constructed, "a_class")
rogue("verified")(functools.partial(right), "a_partial")
rogue("verified")(lambda *arguments, **more: right(*arguments, **more), "a_lambda")
unsigned, veiled, faithless = Unsigned(), Veiled(), Faithless()
REFUSED = {
    "faithless": "asked what it is, it raised SystemExit",
    "unsigned": "asked what it is, it raised SystemExit",
    "veiled": "asked what it is, it raised KeyboardInterrupt",
}
"""Objects that cannot even be asked whether they are samplers, with a part of the sentence of the usage error."""
rogue("verified")(Holding(), "an_object_with_a_lock")
rogue("broken", "")(mock.MagicMock(), "a_mock")
rogue("broken", "")(len, "a_function_of_python")
rogue("broken", "")(dict, "a_type_of_python")
rogue("broken", "TypeError")(lambda: None, "takes_nothing")
rogue("broken", "TypeError")(lambda logits, size: None, "takes_no_rng")
rogue("broken", "TypeError")(lambda logits, size, more, *, rng: None, "takes_more")
rogue("broken", "TypeError")(lambda rng, size, logits, /: None, "takes_by_position")


# What it does to what it is given.


@rogue("broken", "changed the logits")
def writes_into_logits(logits, size, *, rng):
    drawn = right(logits, size, rng=rng)
    logits -= 1.0
    return drawn


@rogue("broken", "changed the logits")
def reshapes_logits(logits, size, *, rng):
    drawn = right(logits, size, rng=rng)
    with warnings.catch_warnings(action="ignore"):
        logits.shape = (1, -1)
    return drawn


@rogue("verified")
def locks_logits(logits, size, *, rng):
    logits.setflags(write=False)
    return right(logits, size, rng=rng)


@rogue("verified")
def writes_into_the_logits_of_the_last_call(logits, size, *, rng):
    _kept.get("logits", np.empty(1)).fill(7)
    _kept["logits"] = logits
    return right(logits, size, rng=rng)


@rogue("verified")
def keeps_the_first_rng(logits, size, *, rng):
    return right(logits, size, rng=_kept.setdefault("rng", rng))


@rogue("verified")
def takes_an_rng_of_its_own(logits, size, *, rng):
    return right(logits, size, rng=np.random.default_rng())


@rogue("verified")
def copies_the_rng(logits, size, *, rng):
    return right(logits, size, rng=copy.deepcopy(rng))


@rogue("refuted")
def starts_the_same_for_every_row(logits, size, *, rng):
    state = rng.bit_generator.state
    rows = []
    for _ in range(size):
        rng.bit_generator.state = state
        rows.append(_argmax(logits + rng.gumbel(size=len(logits))))
    return rows


@rogue("verified")
def keeps_the_lock_of_the_rng(logits, size, *, rng):
    rng.bit_generator.lock.acquire()
    return right(logits, size, rng=rng)


@rogue("broken", "raised KeyError")
def breaks_the_state_of_the_rng(logits, size, *, rng):
    rng.bit_generator.state = {"bit_generator": "SFC64", "state": {"state": [0]}}


# What it changes in its process.


def _close_all():
    os.closerange(3, 256)


def _interval():
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    _sleep(0.1)


def _no_modules():
    for name in [name for name in sys.modules if name.startswith(("harness", "numpy"))]:
        del sys.modules[name]


def _trace(*_):
    raise SystemExit(0)


def _threads():
    for _ in range(20):
        threading.Thread(target=_sleep, args=(600,)).start()
    threading.Thread(target=lambda: 1 / 0).start()
    _kept["pool"] = ThreadPoolExecutor(4)
    _kept["pool"].submit(_sleep, 600)


def _escapes():
    text = "\x1b[2J\x1b]0;title\x07::error::forged\n##vso[task.complete]\0"
    print(text)
    os.write(1, text.encode())
    os.write(2, text.encode())


def _flood():
    print("noise " * 10_000)


def _home():
    shutil.rmtree(tempfile.mkdtemp(), ignore_errors=True)
    os.chdir(tempfile.mkdtemp())
    os.rmdir(os.getcwd())


for _name, _change in {
    "patches_numpy": lambda: (setattr(np, "argmax", None), setattr(np, "bincount", lambda *a, **k: None)),
    "patches_random": lambda: (setattr(np.random, "default_rng", None), setattr(random, "random", None)),
    "patches_scipy": lambda: setattr(__import__("scipy.stats").stats.chi2, "sf", lambda *a: 0.0),
    "patches_os": lambda: (setattr(os, "getcwd", None), setattr(os, "kill", None), os.environ.clear()),
    "patches_time": lambda: (setattr(time, "sleep", None), setattr(time, "time", lambda: 0.0)),
    "patches_sys": lambda: (sys.path.clear(), setattr(sys, "argv", None), setattr(sys, "displayhook", None)),
    "patches_the_harness": lambda: setattr(__import__("harness.judge").judge, "judge", None),
    "raises_for_warnings": lambda: warnings.simplefilter("error"),
    "warns": lambda: warnings.warn("\x1b[2J", stacklevel=1),
    "raises_for_floats": lambda: np.seterr(all="raise"),
    "prints_arrays_otherwise": lambda: np.set_printoptions(formatter={"all": lambda x: 1 / 0}),
    "speaks_another_language": lambda: locale.setlocale(locale.LC_ALL, "C.UTF-8"),
    "goes_elsewhere": lambda: os.chdir("/"),
    "stands_in_a_folder_that_is_gone": _home,
    "masks_files": lambda: os.umask(0o777),
    "is_nice": lambda: os.nice(5),
    "ignores_signals": lambda: [
        signal.signal(n, signal.SIG_IGN) for n in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    ],
    "takes_the_alarm": lambda: signal.signal(signal.SIGALRM, signal.SIG_IGN),
    "closes_standard_streams": lambda: (
        [os.close(number) for number in _kept.pop("open", (0, 1, 2)) if "closed" not in _kept]
        and _kept.update(closed=1)
    ),
    "loses_standard_streams": lambda: (setattr(sys, "stdout", None), setattr(sys, "stderr", None)),
    "redirects_output": lambda: os.dup2(os.open(os.devnull, os.O_WRONLY), 1),
    "recurses_little": lambda: sys.setrecursionlimit(len(__import__("inspect").stack()) + 30),
    "recurses_much": lambda: sys.setrecursionlimit(10**8),
    "collects_no_garbage": lambda: (gc.disable(), gc.freeze()),
    "starts_threads": _threads,
    "switches_often": lambda: sys.setswitchinterval(1e-6),
    "hooks_the_end": lambda: atexit.register(_sleep, 600),
    "prints_escapes": _escapes,
    "prints_much": _flood,
    "opens_many_files": lambda: _kept.setdefault("files", [open(os.devnull) for _ in range(100)]),  # noqa: SIM115
    "allows_no_large_file": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1)),
}.items():
    patches(_name, _change)
for _name, _change, _says in (
    ("allows_few_files", lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3)), "Too many open files"),
    ("has_no_hook", lambda: setattr(sys, "excepthook", None), "excepthook is None"),
    ("forgets_modules", _no_modules, "ImportError"),
    ("patches_builtins", lambda: [setattr(builtins, name, None) for name in ("len", "isinstance", "min")], ""),
    ("patches_the_clock", lambda: setattr(time, "perf_counter", lambda: None), "TypeError"),
    ("traces", lambda: (sys.settrace(_trace), sys.setprofile(_trace)), "SystemExit"),
    ("closes_all_files", _close_all, "killed the process"),
    ("sets_the_alarm", _interval, "hung"),
    ("allows_no_memory", lambda: resource.setrlimit(resource.RLIMIT_AS, (1, 1)), ""),
    (
        "allows_no_time",
        lambda: (resource.setrlimit(resource.RLIMIT_CPU, (0, 0)), sum(range(2**26))),
        "killed the process",
    ),
):
    patches(_name, _change, "broken", _says)


# What it starts, and how it ends.


def _daemon():
    """Fork twice and lead a session: the usual way to be nobody's child."""
    if not os.fork():
        os.setsid()
        if not os.fork():
            _sleep(600)
        os._exit(0)


def _fork_and_return():
    if "forked" not in _kept:
        _kept["forked"] = os.fork()


def _child_of_multiprocessing():
    multiprocessing.get_context("fork").Process(target=_sleep, args=(600,)).start()


def _program(**more):
    return lambda: subprocess.Popen(["sleep", "600"], **more)


for _name, _change in {
    "forks_and_returns": _fork_and_return,
    "becomes_a_daemon": _daemon,
    "starts_processes": _child_of_multiprocessing,
    "starts_a_program": _program(),
    "starts_a_program_in_a_session": _program(start_new_session=True),
    "starts_a_program_by_a_shell": lambda: os.system("sleep 600 &"),
    "starts_a_program_that_hears_nothing": lambda: os.system("trap '' TERM HUP INT; setsid sleep 600 &"),
}.items():
    patches(_name, _change)

for _name, _end in {
    "exits_at_once": lambda: os._exit(0),
    "aborts": os.abort,
    "kills_itself": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "kills_its_group": lambda: os.killpg(0, signal.SIGKILL),
    "ends_itself": lambda: (signal.signal(signal.SIGTERM, signal.SIG_DFL), os.kill(os.getpid(), signal.SIGTERM)),
    "stops_itself": lambda: os.kill(os.getpid(), signal.SIGSTOP),
    "reads_address_zero": lambda: ctypes.string_at(0),
    "divides_in_the_stack": lambda: signal.raise_signal(signal.SIGFPE),
    "becomes_another_program": lambda: os.execv("/bin/true", ["true"]),
    "writes_beyond_its_memory": lambda: ctypes.memset(ctypes.addressof(ctypes.c_char()), 0, 2**34),
}.items():
    patches(_name, _end, "broken", "killed the process")


@rogue("broken", "killed the process")
def exits_late(logits, size, *, rng):
    if size > 100:
        os._exit(0)
    return right(logits, size, rng=rng)


@rogue("broken", "GiB")
def hoards(logits, size, *, rng):
    held = []
    while sum(map(len, held)) < 4 * GREEDY:
        held.append(bytearray(2**26))
        for i in range(0, 2**26, 4096):
            held[-1][i] = 1
        _sleep(0.02)


@rogue("broken", "MemoryError")
def asks_for_all_memory(logits, size, *, rng):
    return np.empty(2**60, np.int8)


@rogue("broken", "hung")
def sleeps(logits, size, *, rng):
    _sleep(10**6)


@rogue("broken", "hung")
def spins(logits, size, *, rng):
    while True:
        pass


@rogue("broken", "killed the process")
def spins_and_swallows(logits, size, *, rng):
    while True:
        with contextlib.suppress(BaseException):
            while True:
                pass


@rogue("broken", "killed the process")
def holds_the_interpreter(logits, size, *, rng):
    deque(repeat(0), maxlen=0)


@rogue("broken", "hung")
def waits_for_itself(logits, size, *, rng):
    lock = threading.Lock()
    with lock, lock:
        pass


@rogue("broken", "hung")
def waits_for_input(logits, size, *, rng):
    reading, _ = os.pipe()
    return os.read(reading, 1)


def _slow_preparation(logits):
    _sleep(10**6)


def _broken_preparation(logits):
    raise SystemExit(0)


def _fill_of_nothing(logits):
    return None


def _fill_that_dies(logits):
    return lambda out, rng: os._exit(0)


def _fill_that_changes_the_shape(logits):
    def fill(out, rng):
        drawn = right(logits, len(out), rng=rng)
        out[:] = drawn
        out.shape = (1, -1)

    return fill


def _fill_that_keeps(logits):
    """Writes into what it filled before, as one who thinks that it was copied."""

    def fill(out, rng):
        _kept.get("out", np.empty(1))[:] = 0
        out[:] = right(logits, len(out), rng=rng)

    return fill


for _name, _prepare, _word, _says in (
    ("prepares_for_ever", _slow_preparation, "broken", "hung"),
    ("prepares_no_more", _broken_preparation, "broken", "raised SystemExit: 0"),
    ("prepares_nothing", _fill_of_nothing, "broken", "raised TypeError"),
    ("fills_and_dies", _fill_that_dies, "broken", "killed the process"),
    ("fills_and_keeps", _fill_that_keeps, "verified", ""),
):
    rogue(_word, _says)(Sampler(_name, "index", {"index": Form(right, _prepare)}), _name)


# What it does to files.


def _run_folder():
    return Path(os.environ["ROGUES_OUT"])


def _scribble():
    for name in ("manifest.json", "ledger.jsonl", "checks.csv", "claims.csv", "report.html", "own.txt"):
        (_run_folder() / name).write_text("scribbled")


def _tear():
    for name in ("manifest.json", "ledger.jsonl", "checks.csv", "samplers.csv"):
        (_run_folder() / name).unlink(missing_ok=True)


def _own_file():
    own = Path(os.environ["ROGUES_OUT"]).parent / "gone.py"
    own.unlink(missing_ok=True)


patches("scribbles_in_the_run_folder", _scribble)
patches("tears_up_the_run_folder", _tear)
patches("deletes_files_of_others", _own_file)


@rogue("verified")
def innocent(logits, size, *, rng):
    return right(logits, size, rng=rng)


del _name, _change, _says, _prepare, _word, _end
