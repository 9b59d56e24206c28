"""llama.cpp's samplers, by llama-cpp-python's bindings of its C API: the default chain of common/sampling, without a model.

``llama_sampler_apply`` is given a fresh array of candidates for each draw, as ``llama_sampler_sample`` gives it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.samplers.frameworks.framework import Framework

LLAMA_CPP = Framework("llama_cpp", "llama-cpp")
SEEDS = 2**32 - 1
"""Seeds are below this, which stands for a random one."""
CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])
"""llama_token_data."""


@lru_cache(maxsize=1)
def load() -> Any:
    """Return the bindings."""
    import llama_cpp

    return llama_cpp


@contextmanager
def chain(seed: int, settings: dict[str, float | None]) -> Iterator[Any]:
    """Make the default chain of these stages (None: off), ended by a draw, and free it."""
    llama = load()
    made = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
    try:
        for stage in _stages(llama, settings):
            llama.llama_sampler_chain_add(made, stage)
        llama.llama_sampler_chain_add(made, llama.llama_sampler_init_dist(seed))
        yield made
    finally:
        llama.llama_sampler_free(made)


def _stages(llama: Any, settings: dict[str, float | None]) -> Iterator[Any]:
    on = {name: value for name, value in settings.items() if value is not None}
    if "top_n_sigma" in on:
        yield llama.llama_sampler_init_top_n_sigma(on["top_n_sigma"])
    if "top_k" in on:
        yield llama.llama_sampler_init_top_k(int(on["top_k"]))
    for name, init in (
        ("typical_p", llama.llama_sampler_init_typical),
        ("top_p", llama.llama_sampler_init_top_p),
        ("min_p", llama.llama_sampler_init_min_p),
    ):
        if name in on:
            yield init(on[name], 1)
    if "temperature" in on:
        yield llama.llama_sampler_init_temp(on["temperature"])


@LLAMA_CPP.sampler("llama-cpp-chain", emits="index", dtypes=("float32",), convention="llama.cpp")
def default_chain(
    logits: Floats,
    size: int,
    *,
    rng: np.random.Generator,
    temperature: float | None,
    top_k: int | None,
    top_p: float | None,
    min_p: float | None,
    typical_p: float | None,
    top_n_sigma: float | None,
) -> Any:
    """Draw with llama_sampler_apply, one call a draw."""
    llama = load()
    settings = {
        "temperature": temperature,
        "top_k": top_k,
        "top_p": top_p,
        "min_p": min_p,
        "typical_p": typical_p,
        "top_n_sigma": top_n_sigma,
    }
    fresh = np.zeros(logits.size, CANDIDATE)
    fresh["id"], fresh["logit"] = np.arange(logits.size), logits
    given, made = fresh.copy(), np.empty(size, np.int32)
    candidates = given.ctypes.data_as(ctypes.POINTER(llama.llama_token_data))
    array = llama.llama_token_data_array(candidates, logits.size, -1, False)
    with chain(int(rng.integers(SEEDS)), settings) as sampler:
        for row in range(size):
            given[:] = fresh
            array.size, array.selected, array.sorted = logits.size, -1, False
            llama.llama_sampler_apply(sampler, ctypes.byref(array))
            made[row] = given["id"][array.selected]
    return made
