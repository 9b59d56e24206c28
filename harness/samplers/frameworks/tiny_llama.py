"""A Llama of two layers and four hidden values whose logits are the same after any prefix: given ones, to the bit.

Embeddings are 2 e_0, the second layer moves that to 2 e_1, and the head reads the logits from there; a model that stops
after the first layer (early exit) reads the draft's logits.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from harness.arrays import Floats
from harness.samplers.frameworks.torch import load, tensor

LONGEST = 2**20
"""Positions of the model, of which no weight depends on the number."""


@lru_cache(maxsize=1)
def transformers() -> Any:
    """Return transformers, without its words on standard error."""
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    return transformers


def tiny_llama(logits: Floats, draft: Floats | None = None) -> Any:
    """Return a LlamaForCausalLM in float32 with these logits (K,) and, after its first layer, those of the draft.

    It is the same object for the same logits.
    """
    return _made(logits.size, logits.tobytes(), None if draft is None else draft.tobytes())


@lru_cache(maxsize=4)
def _made(categories: int, logits: bytes, draft: bytes | None) -> Any:
    torch = load()
    config = transformers().LlamaConfig(
        vocab_size=categories,
        hidden_size=4,
        intermediate_size=4,
        num_hidden_layers=2,
        num_attention_heads=1,
        num_key_value_heads=1,
        mlp_bias=True,
        rms_norm_eps=1e-30,
        max_position_embeddings=LONGEST,
        bos_token_id=None,
        eos_token_id=None,
        pad_token_id=None,
        tie_word_embeddings=False,
    )
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        model = transformers().LlamaForCausalLM(config).eval()
        for name, weight in model.named_parameters():
            weight.fill_(1.0 if "norm" in name else 0.0)
        model.model.embed_tokens.weight[:, 0] = 2.0
        model.model.layers[1].mlp.down_proj.bias[:] = torch.tensor([-2.0, 2.0, 0.0, 0.0])
        model.lm_head.weight[:, 1] = tensor(np.frombuffer(logits), "float32") / 2
        if draft is not None:
            model.lm_head.weight[:, 0] = tensor(np.frombuffer(draft), "float32") / 2
    return model
