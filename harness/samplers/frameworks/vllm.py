"""vLLM's sampler of one step of a batch, with the metadata that its engine makes of the requests' parameters.

Where vLLM was built without device code (VLLM_TARGET_DEVICE=empty), that is its PyTorch-native implementation.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.arrays import Floats
from harness.samplers.blocks import parts
from harness.samplers.frameworks.framework import Framework
from harness.samplers.frameworks.torch import array, load, seeded, tensor

VLLM = Framework("vllm", "vllm")
VALUES = 2**18
"""Logits of one step, about: many positions of a batch stand side by side, as so many requests."""


@lru_cache(maxsize=1)
def sampler() -> Any:
    """Return vLLM's sampler; what its import says of names that others have deprecated is none of its user's business."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        from vllm.v1.sample.sampler import Sampler

    return Sampler()


def metadata(
    temperature: NDArray[Any],
    top_k: NDArray[Any],
    top_p: NDArray[Any],
    categories: int,
    processors: Sequence[Any] = (),
    device: str = "cpu",
) -> Any:
    """Return the SamplingMetadata of requests with these (B,) parameters: what no request uses is None."""
    from vllm.v1.sample.logits_processor import LogitsProcessors
    from vllm.v1.sample.metadata import SamplingMetadata

    greedy, nothing = temperature == 0, load().zeros(0)
    on = {"top_k": top_k < categories, "top_p": top_p < 1}

    def given(values: NDArray[Any], dtype: Any) -> Any:
        return load().from_numpy(values.astype(dtype)).to(device)

    return SamplingMetadata(
        temperature=None if greedy.all() else given(temperature, np.float32),
        all_greedy=bool(greedy.all()),
        all_random=not greedy.any(),
        top_p=given(top_p, np.float32) if on["top_p"].any() else None,
        top_k=given(np.minimum(top_k, categories), np.int32) if on["top_k"].any() else None,
        generators={},
        max_num_logprobs=None,
        no_penalties=True,
        prompt_token_ids=None,
        frequency_penalties=nothing,
        presence_penalties=nothing,
        repetition_penalties=nothing,
        output_token_ids=[[] for _ in temperature],
        allowed_token_ids_mask=None,
        bad_words_token_ids={},
        logitsprocs=LogitsProcessors(processors),
    )


def _min_p(values: NDArray[Any]) -> Any:
    """Return the processor of min_p for requests that all come new to the batch; those without min_p leave it as it is."""
    from vllm import SamplingParams
    from vllm.v1.sample.logits_processor import BatchUpdate, MinPLogitsProcessor

    made = {value: SamplingParams(min_p=value) for value in set(values.tolist()) if value}
    config = SimpleNamespace(scheduler_config=SimpleNamespace(max_num_seqs=values.size))
    processor = MinPLogitsProcessor(config, load().device("cpu"), False)
    added: list[Any] = [(index, made[value], None, []) for index, value in enumerate(values.tolist()) if value]
    processor.update_state(BatchUpdate(batch_size=values.size, removed=(), added=added, moved=()))
    return processor


@VLLM.sampler("vllm-sampler", emits="index", dtypes=("float32",), batch=True, per_row=True, convention="vllm")
def sample(
    logits: Floats,
    size: int,
    *,
    rng: np.random.Generator,
    temperature: NDArray[Any],
    top_k: NDArray[Any],
    top_p: NDArray[Any],
    min_p: NDArray[Any],
) -> Any:
    """Draw with Sampler.forward, a row a request, noise from torch's global generator."""
    rows, categories = logits.shape
    given, made, draw = tensor(logits, "float32"), [np.empty((0, rows), np.int32)], sampler()
    with seeded(rng):
        for part in parts(size, max(1, VALUES // max(1, logits.size))):
            steps = part.stop - part.start
            t, k, p, least = (np.tile(one, steps) for one in (temperature, top_k, top_p, min_p))
            tokens = draw(given.repeat(steps, 1), metadata(t, k, p, categories, [_min_p(least)])).sampled_token_ids
            made.append(array(tokens[:, 0]).reshape(steps, rows))
    return np.concatenate(made)
