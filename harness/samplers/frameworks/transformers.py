"""transformers' samplers: the warpers as ``generate`` chains them, ``generate`` itself, and its speculative step."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from harness.arrays import Floats, Indices
from harness.samplers.blocks import parts
from harness.samplers.frameworks.framework import Framework
from harness.samplers.frameworks.tiny_llama import tiny_llama, transformers
from harness.samplers.frameworks.torch import array, generator, load, seeded, tensor

TRANSFORMERS = Framework("transformers", "transformers")
VALUES = 2**20
"""Logits of one call of ``generate``, about."""
TOKENS = 256
"""Tokens of one assisted call, which takes one row only."""
STAGES = ("temperature", "top_k", "top_p", "min_p", "typical_p", "epsilon_cutoff")
"""What GenerationConfig calls the stages, in the order of the samplers' parameters."""


def generation(settings: dict[str, float | None], **more: Any) -> Any:
    """Return a GenerationConfig of these stages (None: off), on whose defaults nothing rests."""
    greedy = settings["temperature"] == 0
    stages = {} if greedy else {"top_k": 0, **{name: value for name, value in settings.items() if value is not None}}
    return transformers().GenerationConfig(do_sample=not greedy, pad_token_id=0, **stages, **more)


def prompt() -> Any:
    """Return a prompt of one token."""
    return load().zeros((1, 1), dtype=load().int64)


@TRANSFORMERS.sampler("transformers-warpers", emits="index", dtypes=("float32",), convention="transformers")
def warpers(
    logits: Floats,
    size: int,
    *,
    rng: np.random.Generator,
    temperature: float | None,
    top_k: int | None,
    top_p: float | None,
    min_p: float | None,
    typical_p: float | None,
    epsilon: float | None,
) -> Any:
    """Draw with torch.multinomial from the scores that the chain of processors of ``generate`` leaves."""
    torch = load()
    scores = _chain(temperature, top_k, top_p, min_p, typical_p, epsilon)(prompt(), tensor(logits, "float32")[None])
    if temperature == 0:
        return np.full(size, int(scores.argmax()))
    return array(torch.multinomial(scores.softmax(1)[0], size, replacement=True, generator=generator(rng)))


@lru_cache(maxsize=16)
def _chain(*stages: float | None) -> Any:
    """Return the processors that ``generate`` makes for these settings."""
    model, config = tiny_llama(np.zeros(1)), generation(_settings(*stages))
    model._prepare_special_tokens(config, device="cpu")
    return model._get_logits_processor(config, input_ids_seq_length=1)


@TRANSFORMERS.sampler("transformers-generate", emits="index", dtypes=("float32",), convention="transformers")
def generate(
    logits: Floats,
    size: int,
    *,
    rng: np.random.Generator,
    temperature: float | None,
    top_k: int | None,
    top_p: float | None,
    min_p: float | None,
    typical_p: float | None,
    epsilon: float | None,
) -> Any:
    """Draw with generate(num_return_sequences=...), one new token a sequence."""
    model, settings = tiny_llama(logits), _settings(temperature, top_k, top_p, min_p, typical_p, epsilon)
    made = [np.empty(0, np.int64)]
    with seeded(rng):
        for part in parts(size, max(1, VALUES // logits.size)):
            rows = part.stop - part.start
            config = generation(settings, max_new_tokens=1)
            made.append(array(model.generate(prompt().expand(rows, 1), generation_config=config)[:, 1]))
    return np.concatenate(made)


def _settings(*stages: float | None) -> dict[str, float | None]:
    return dict(zip(STAGES, stages, strict=True))


def _stream(model: Any, size: int, rng: np.random.Generator, settings: dict[str, float | None], **more: Any) -> Any:
    """Return the tokens that ``generate`` makes one after the other, from one row."""
    assistant = {name: more.pop(name) for name in ("assistant_model",) if name in more}
    made = [np.empty(0, np.int64)]
    with seeded(rng):
        for part in parts(size, TOKENS):
            config = generation(settings, max_new_tokens=part.stop - part.start, **more)
            made.append(array(model.generate(prompt(), generation_config=config, **assistant)[0, 1:]))
    return np.concatenate(made)


@TRANSFORMERS.sampler("transformers-assisted", emits="index", dtypes=("float32",), convention="transformers")
def assisted(
    logits: Floats,
    size: int,
    *,
    rng: np.random.Generator,
    temperature: float | None,
    top_k: int | None,
    top_p: float | None,
    min_p: float | None,
    typical_p: float | None,
    epsilon: float | None,
) -> Any:
    """Draw with generate(assistant_model=...), whose assistant has equal logits: a stream of tokens."""
    draft = tiny_llama(np.zeros(logits.size), np.zeros(logits.size))
    settings = _settings(temperature, top_k, top_p, min_p, typical_p, epsilon)
    return _stream(tiny_llama(logits), size, rng, settings, assistant_model=draft)


@TRANSFORMERS.sampler("transformers-early-exit", emits="index", dtypes=("float32",), convention="transformers")
def early_exit(
    logits: Floats,
    size: int,
    *,
    rng: np.random.Generator,
    temperature: float | None,
    top_k: int | None,
    top_p: float | None,
    min_p: float | None,
    typical_p: float | None,
    epsilon: float | None,
) -> Any:
    """Draw with generate(assistant_early_exit=1), whose first layer has equal logits: a stream of tokens."""
    finite = np.where(np.isfinite(logits), logits, -1e30)  # an infinite weight times a hidden value of 0 is NaN
    settings = _settings(temperature, top_k, top_p, min_p, typical_p, epsilon)
    return _stream(tiny_llama(finite, np.zeros(logits.size)), size, rng, settings, assistant_early_exit=1)


@TRANSFORMERS.sampler("transformers-prompt-lookup", emits="index", dtypes=("float32",), convention="transformers")
def prompt_lookup(
    logits: Floats,
    size: int,
    *,
    rng: np.random.Generator,
    temperature: float | None,
    top_k: int | None,
    top_p: float | None,
    min_p: float | None,
    typical_p: float | None,
    epsilon: float | None,
) -> Any:
    """Draw with generate(prompt_lookup_num_tokens=3), which drafts what followed the same tokens before: a stream."""
    settings = _settings(temperature, top_k, top_p, min_p, typical_p, epsilon)
    return _stream(tiny_llama(logits), size, rng, settings, prompt_lookup_num_tokens=3)


@TRANSFORMERS.sampler("transformers-speculative", emits="speculative", dtypes=("float32",), rule="token-wise")
def speculative(drafts: Indices, draft_logits: Floats, target_logits: Floats, *, rng: np.random.Generator) -> Any:
    """Commit with generation.utils._speculative_sampling, one call a row."""
    transformers()
    from transformers.generation.utils import _speculative_sampling

    torch = load()
    made = np.full((len(drafts), len(target_logits)), -1, np.int64)
    q, p = tensor(draft_logits, "float32")[None], tensor(target_logits, "float32")[None]
    with seeded(rng):
        for row, candidates in zip(made, torch.from_numpy(drafts.astype(np.int64)), strict=True):
            tokens, _ = _speculative_sampling(candidates[None], q, drafts.shape[1], p)
            row[: tokens.shape[1]] = array(tokens)[0]
    return made
