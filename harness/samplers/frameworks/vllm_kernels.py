"""vLLM's samplers that are written in Triton: they need a device, or Triton's interpreter, which takes 10 to 100 ms a row.

Its second model runner, which the engine takes where it can, draws by Gumbel noise hashed from a request's seed and verifies
drafts by ``rejection_sample``; the first verifies them by ``RejectionSampler``. The interpreter is the user's choice, by the
environment: a process in which vLLM has found Triton no longer runs the sampler that it has without.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats, Indices
from harness.samplers.blocks import parts
from harness.samplers.frameworks.framework import Framework, seed_from
from harness.samplers.frameworks.torch import array, load, tensor
from harness.samplers.frameworks.vllm import metadata, sampler

INTERPRETED = os.environ.get("TRITON_INTERPRET") == "1" and os.environ.get("CUDA_VISIBLE_DEVICES") == ""
"""Whether kernels are interpreted on the CPU: without a device vLLM takes Triton up only if none is to be visible."""
VALUES = 2**22
"""Logits of one step, about."""


def lacking() -> str:
    """Return what this machine lacks for Triton's kernels, if anything: the driver's library is opened, no device is."""
    with contextlib.suppress(OSError):
        if not INTERPRETED:
            ctypes.CDLL("libcuda.so.1")
        return ""
    return "an NVIDIA GPU; without one, set TRITON_INTERPRET=1 CUDA_VISIBLE_DEVICES= for Triton's interpreter"


KERNELS = Framework("vllm", "vllm", lacking())


@lru_cache(maxsize=1)
def device() -> str:
    """Return where kernels run; raises RuntimeError where there is a driver, but no device or no Triton."""
    sampler()
    from vllm.triton_utils import HAS_TRITON

    if not HAS_TRITON or not (INTERPRETED or load().cuda.is_available()):
        raise RuntimeError("vLLM's kernels need a CUDA device that torch can use, and Triton")
    if INTERPRETED:
        _give_log1p()
    return "cpu" if INTERPRETED else "cuda"


def _give_log1p() -> None:
    """Give the interpreter the one function of the device's library that the kernels call, of which it has none."""
    import triton.language as tl
    from triton.language.extra import libdevice

    libdevice.log1p = lambda x: tl.log(1.0 + x)


def _there(values: Any) -> Any:
    """Return an array as a tensor where kernels run."""
    return load().from_numpy(np.ascontiguousarray(values)).to(device())


def _back(made: Any) -> NDArray[np.int64]:
    tokens: NDArray[np.int64] = array(made.cpu()).astype(np.int64)
    return tokens


@KERNELS.sampler("vllm-gumbel", emits="index", dtypes=("float32",), batch=True, seeded=True)
def gumbel(logits: Floats, seeds: NDArray[np.int64], positions: NDArray[np.int64]) -> Any:
    """Draw with gumbel_sample, a row a request."""
    located = tensor(logits, "float32").to(device())
    from vllm.v1.worker.gpu.sample.gumbel import gumbel_sample

    rows = np.arange(len(logits), dtype=np.int32)
    ones = _there(np.ones(len(logits), np.float32))
    given = (_there(rows), ones, _there(seeds), _there(positions))
    with np.errstate(all="ignore"):
        return _back(gumbel_sample(located, *given, apply_temperature=False, is_drafting=False))


@np.errstate(all="ignore")  # Triton's interpreter computes with NumPy, lanes that are masked, too
def _verified(
    drafts: Indices, draft_logits: Floats | None, target_logits: Floats, rng: np.random.Generator, **more: Any
) -> Any:
    """Return what rejection_sample commits, a row a request of temperature 1 with a seed of its own."""
    stages = len(target_logits)
    made = [np.empty((0, stages), np.int64)]
    p = tensor(target_logits, "float32").to(device())
    q = None if draft_logits is None else tensor(draft_logits, "float32").to(device())
    from vllm.v1.worker.gpu.spec_decode.rejection_sampler_utils import rejection_sample

    for part in parts(len(drafts), max(1, VALUES // target_logits.size)):
        rows = part.stop - part.start
        each, places = np.arange(rows, dtype=np.int32), np.arange(stages)
        tokens, counts = rejection_sample(
            target_logits=p.repeat(rows, 1),
            draft_logits=None if q is None else q.repeat(rows, 1, 1),
            draft_sampled=_there(np.pad(drafts[part].astype(np.int32), ((0, 0), (1, 0))).ravel()),
            cu_num_logits=_there(np.arange(rows + 1, dtype=np.int32) * stages),
            pos=_there(np.tile(places, rows)),
            idx_mapping=_there(each),
            expanded_idx_mapping=_there(np.repeat(each, stages)),
            expanded_local_pos=_there(np.tile(places.astype(np.int32), rows)),
            temperature=_there(np.ones(rows, np.float32)),
            seed=_there(rng.integers(-(2**63), 2**63, rows)),
            num_speculative_steps=stages - 1,
            **more,
        )
        made.append(np.where(places < _back(counts)[:, None], _back(tokens), -1))
    return np.concatenate(made)


@KERNELS.sampler("vllm-rejection", emits="speculative", dtypes=("float32",), rule="token-wise")
def rejection(drafts: Indices, draft_logits: Floats, target_logits: Floats, *, rng: np.random.Generator) -> Any:
    """Commit with the second runner's rejection_sample."""
    return _verified(drafts, draft_logits, target_logits, rng)


@KERNELS.sampler("vllm-rejection-block", emits="speculative", dtypes=("float32",), rule="lossless")
def rejection_block(drafts: Indices, draft_logits: Floats, target_logits: Floats, *, rng: np.random.Generator) -> Any:
    """Commit with the second runner's rejection_sample, by block verification."""
    return _verified(drafts, draft_logits, target_logits, rng, use_block_verification=True)


@KERNELS.sampler("vllm-rejection-unknown", emits="speculative", dtypes=("float32",), rule="lossless")
def rejection_unknown(drafts: Indices, draft_logits: Floats, target_logits: Floats, *, rng: np.random.Generator) -> Any:
    """Commit with the second runner's rejection_sample, which is not given the drafts' logits, as after n-grams."""
    return _verified(drafts, None, target_logits, rng)


@contextlib.contextmanager
def _seeded(rng: np.random.Generator) -> Iterator[None]:
    """Seed torch's generators of the CPU and of the device, and put back their states afterwards."""
    torch = load()
    with torch.random.fork_rng(devices=[] if INTERPRETED else [torch.cuda.current_device()]):
        torch.manual_seed(seed_from(rng))
        yield


def _requests(drafts: NDArray[np.int32]) -> Any:
    """Return the SpecDecodeMetadata of requests with (B, g) drafts, whose logits stand side by side, the bonus last."""
    from vllm.v1.spec_decode.metadata import SpecDecodeMetadata

    rows, g = drafts.shape
    at, ends = np.arange(rows * (g + 1), dtype=np.int32).reshape(rows, g + 1), np.arange(1, rows + 1, dtype=np.int32)
    return SpecDecodeMetadata(
        draft_token_ids=_there(drafts.ravel()),
        num_draft_tokens=[g] * rows,
        cu_num_draft_tokens=_there(ends * g),
        cu_num_sampled_tokens=_there(ends * (g + 1)),
        target_logits_indices=_there(at[:, :g].ravel()),
        bonus_logits_indices=_there(at[:, g]),
        logits_indices=_there(at.ravel()),
    )


@lru_cache(maxsize=1)
def verifier() -> Any:
    """Return the first runner's rejection sampler."""
    from vllm.v1.sample.rejection_sampler import RejectionSampler

    return RejectionSampler(sampler(), device=load().device(device()))


@np.errstate(all="ignore")
def _committed(drafts: Indices, draft_logits: Floats | None, target_logits: Floats, rng: np.random.Generator) -> Any:
    """Return what RejectionSampler.forward commits, a row a request of temperature 1."""
    (stages, categories), where, verify = target_logits.shape, device(), verifier()
    made = [np.empty((0, stages), np.int64)]
    p = tensor(target_logits, "float32").to(where)
    q = None if draft_logits is None else tensor(draft_logits, "float32").to(where).softmax(1)
    with _seeded(rng):
        for part in parts(len(drafts), max(1, VALUES // target_logits.size)):
            rows = part.stop - part.start
            plain = metadata(np.ones(rows), np.full(rows, categories), np.ones(rows), categories, device=where)
            tables = None if q is None else q.repeat(rows, 1)
            done = verify(_requests(drafts[part].astype(np.int32)), tables, p.repeat(rows, 1), plain)
            made.append(_back(done.sampled_token_ids))
    return np.concatenate(made)


@KERNELS.sampler("vllm-rejection-v1", emits="speculative", dtypes=("float32",), rule="token-wise")
def rejection_v1(drafts: Indices, draft_logits: Floats, target_logits: Floats, *, rng: np.random.Generator) -> Any:
    """Commit with the first runner's RejectionSampler, which is given the drafts' probabilities."""
    return _committed(drafts, draft_logits, target_logits, rng)


@KERNELS.sampler("vllm-rejection-v1-unknown", emits="speculative", dtypes=("float32",), rule="lossless")
def rejection_v1_unknown(
    drafts: Indices, draft_logits: Floats, target_logits: Floats, *, rng: np.random.Generator
) -> Any:
    """Commit with the first runner's RejectionSampler, which is not given the drafts' probabilities."""
    return _committed(drafts, None, target_logits, rng)
