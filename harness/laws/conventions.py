"""A convention is what a truncated law needs beside its numbers: the order of the stages, what each one sees, and ties.

Where an engine's releases or backends differ, the entry says which one it is. Stages of an order that are switched off
(None) do nothing. Read in the sources named, in 2025 and 2026; conventions move from release to release.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.errors import UsageError

STAGES = ("temperature", "top_k", "top_p", "min_p", "typical_p", "epsilon", "top_n_sigma")
"""The parameters of truncated laws; any subset, in any order, is a convention's order."""
TOP_K_TIES = ("all", "first", "order", "any")
TOP_P_TIES = ("order", "value", "any")


@dataclass(frozen=True)
class Convention:
    """How the stages of a truncated law work together; raises UsageError for what is none.

    ``order`` names the stages as they are applied. A stage sees what the stages before it left, renormalised; with
    ``joint`` consecutive filters all see the same distribution, and what all of them keep is kept.
    ``top_k_ties``, for categories as likely as the k-th: "all" of them stay, the "first" by index fill up k, those fill up
    k that a sort happens to put first ("order"), or "any" of these. ``top_p_ties``, for categories as likely as the last one
    that the mass needs: as many stay as the mass needs, whichever a sort puts first ("order"), all stay ("value"),
    or "any" of both.
    """

    order: tuple[str, ...]
    joint: bool = False
    top_k_ties: str = "any"
    top_p_ties: str = "any"

    def __post_init__(self) -> None:
        object.__setattr__(self, "order", tuple(self.order))
        for stage in self.order:
            _among("a stage of order", stage, STAGES)
        if len(set(self.order)) < len(self.order):
            raise UsageError(f"a convention's order names each stage once, got {self.order!r}")
        _among("top_k_ties", self.top_k_ties, TOP_K_TIES)
        _among("top_p_ties", self.top_p_ties, TOP_P_TIES)

    def __str__(self) -> str:
        seen = "joint" if self.joint else "sequential"
        ties = f"top_k ties: {self.top_k_ties}, top_p ties: {self.top_p_ties}"
        return f"{', '.join(self.order)}; {seen}; {ties}"


def _among(what: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise UsageError(f"{what} must be one of {', '.join(known)}, got {value!r}")


NAMED: Mapping[str, Convention] = {
    "transformers": Convention(
        ("temperature", "top_k", "top_p", "min_p", "typical_p", "epsilon"), top_k_ties="all", top_p_ties="order"
    ),
    "vllm": Convention(("temperature", "min_p", "top_k", "top_p"), top_k_ties="all", top_p_ties="order"),
    "flashinfer": Convention(("temperature", "top_k", "top_p", "min_p"), top_k_ties="all", top_p_ties="value"),
    "flashinfer-joint": Convention(
        ("temperature", "top_k", "top_p", "min_p"), joint=True, top_k_ties="all", top_p_ties="value"
    ),
    "sglang": Convention(
        ("temperature", "top_k", "top_p", "min_p"), joint=True, top_k_ties="order", top_p_ties="order"
    ),
    "mlx-lm": Convention(("top_p", "min_p", "top_k", "temperature"), top_k_ties="order", top_p_ties="any"),
    "llama.cpp": Convention(
        ("top_n_sigma", "top_k", "typical_p", "top_p", "min_p", "temperature"), top_k_ties="order", top_p_ties="order"
    ),
}
"""The conventions known by name."""

SOURCES: Mapping[str, str] = {
    "transformers": "generation/utils.py `_get_logits_processor`, logits_process.py: ties of the k-th score stay, top_p cuts"
    " an ascending sort",
    "vllm": "v1/sample/sampler.py `sample`: temperature, then min_p among the argmax-invariant processors, then"
    " ops/topk_topp_sampler.py `apply_top_k_top_p` (PyTorch)",
    "flashinfer": "top_k_top_p_sampling_from_logits, filter_apply_order='top_k_first'; sets by value, documented as"
    " the inclusive nucleus",
    "flashinfer-joint": "top_k_top_p_sampling_from_probs, filter_apply_order='joint': both sets from the same probabilities",
    "sglang": "srt/layers/sampler.py `top_k_top_p_min_p_sampling_from_probs_torch` (sampling backend pytorch): ranks and"
    " running sums of one sort; its flashinfer backend without min_p is flashinfer-joint",
    "mlx-lm": "sample_utils.py `make_sampler`: top_p, min_p, top_k on untempered log probabilities, temperature last;"
    " releases differ in ties of top_p",
    "llama.cpp": "common/sampling: default chain top_n_sigma, top_k, typ_p, top_p, min_p, temperature; partial sorts; the"
    " deviation of top_n_sigma is that of the population",
}
"""Where each named convention was read."""


def convention_of(given: str | Convention) -> Convention:
    """Return the convention that a name stands for, or the one given; raises UsageError with the names known."""
    if isinstance(given, Convention):
        return given
    if isinstance(given, str) and given in NAMED:
        return NAMED[given]
    raise UsageError(
        f"no convention is called {given!r}; known are {', '.join(NAMED)}, or give a harness.Convention(order=...)"
    )
