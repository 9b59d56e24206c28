"""Truncated draws with one stage wrong: its set, its place, its ties, its threshold; after bugs of engines."""

from __future__ import annotations

from functools import partial

import numpy as np

from harness.arrays import Bools, Floats, Indices
from harness.laws import Convention
from harness.questions.content import Control
from suites.controls.making import OWN, control, inverse
from suites.controls.stages import (
    Draw,
    Settings,
    Stage,
    above,
    chain,
    drawing,
    first_k,
    kth,
    nucleus,
    only,
    ranks,
    share,
    tempered,
)

K_FIRST = Convention(("top_k",), top_k_ties="first")
SEQUENTIAL = Convention(("temperature", "top_k", "top_p", "min_p"), top_k_ties="any", top_p_ties="any")


def ties_kept(logits: Floats, size: int, *, rng: np.random.Generator, top_k: int | None) -> Indices:
    """Keep all that tie with the last of the k likeliest."""
    p = tempered(logits, None)
    return inverse(only(p, kth(p, top_k)), rng.random(size))


def _ties_by_path(logits: Floats, size: int, *, rng: np.random.Generator, top_k: int | None) -> Indices:
    """Whole blocks of 64 draws take a path that cuts ties, the rest one that keeps them."""
    p, whole = tempered(logits, None), size // 64 * 64
    blocks = inverse(only(p, first_k(p, top_k)), rng.random(whole))
    return np.concatenate([blocks, inverse(only(p, kth(p, top_k)), rng.random(size - whole))])


def _crossing_dropped(p: Floats, mass: float | None) -> Bools:
    kept: Bools = (above(p) + p <= (mass if mass is not None else np.inf)) | (ranks(p) == 0)
    return kept


def _one_more(p: Floats, mass: float | None) -> Bools:
    kept = nucleus(p, mass)
    more: Bools = kept | (ranks(p) == kept.sum())
    return more


def _scan_restarts(p: Floats, mass: float | None) -> Bools:
    """The running sum begins again at every fourth lane of the sort."""
    if mass is None or mass >= 1:
        return p > 0
    order = np.argsort(-p, kind="stable")
    sums = np.concatenate([np.cumsum(p[order][at : at + 2]) for at in range(0, p.size, 2)])
    kept = np.empty(p.size, bool)
    kept[order] = sums - p[order] < mass
    return kept


def _strict(p: Floats, k: int | None) -> Bools:
    if not k or k >= p.size:
        return p > 0
    kept = p > np.sort(p)[-k]
    return kept if kept.any() else kth(p, 1)


def _neighbours_swapped(p: Floats, k: int | None) -> Bools:
    """The k-th and the next change places."""
    place = ranks(p)
    return (place < k - 1) | (place == k) if k and k < p.size else p > 0


def _collapsed(p: Floats, k: int | None) -> Bools:
    """Halve between 0 and the largest probability three times, and keep the lower end."""
    low, high = 0.0, float(p.max())
    for _ in range(3):
        middle = (low + high) / 2
        low, high = (middle, high) if (p >= middle).sum() >= (k or p.size) else (low, middle)
    return p >= low


def _buckets(p: Floats, k: int | None) -> Bools:
    """Keep the likeliest of each of k strided buckets."""
    if not k or k >= p.size:
        return p > 0
    kept = np.zeros(p.size, bool)
    for bucket in range(k):
        members = np.arange(bucket, p.size, k)
        kept[members[np.argmax(p[members])]] = True
    return kept


def _p_first(logits: Floats, s: Settings) -> Floats:
    return chain(tempered(logits, s.temperature), (nucleus, s.top_p), (kth, s.top_k), (share, s.min_p))


def _swapped_min_p(logits: Floats, s: Settings) -> Floats:
    return chain(tempered(logits, s.temperature), (share, s.min_p), (kth, s.top_k), (nucleus, s.top_p))


def _joint(logits: Floats, s: Settings) -> Floats:
    p = tempered(logits, s.temperature)
    return only(p, kth(p, s.top_k) & nucleus(p, s.top_p) & share(p, s.min_p))


def _in_place(logits: Floats, s: Settings) -> Floats:
    """The threshold of min_p is a share of the largest probability before the others were cut off and the rest grew."""
    p = tempered(logits, s.temperature)
    threshold = (s.min_p or 0.0) * p.max()
    left = chain(p, (kth, s.top_k), (nucleus, s.top_p))
    return only(left, left >= threshold)


def _logit_share(logits: Floats, s: Settings) -> Floats:
    left = chain(tempered(logits, s.temperature), (kth, s.top_k), (nucleus, s.top_p))
    kept = logits >= np.log(s.min_p) if s.min_p else left > 0
    return only(left, kept) if kept.any() else left


def _temperature_last(logits: Floats, s: Settings) -> Floats:
    left = chain(tempered(logits, None), (kth, s.top_k), (nucleus, s.top_p), (share, s.min_p))
    with np.errstate(divide="ignore"):
        return tempered(np.log(left), s.temperature)


def _inverse_temperature(logits: Floats, s: Settings) -> Floats:
    p = tempered(logits, 1 / s.temperature if s.temperature else s.temperature)
    return chain(p, (kth, s.top_k), (nucleus, s.top_p), (share, s.min_p))


def _not_renormalised(logits: Floats, s: Settings) -> Floats:
    """What top_k left is not renormalised: if it has less than 1 - top_p, all is cut off, and the first index is drawn."""
    p = tempered(logits, s.temperature)
    left = np.where(kth(p, s.top_k), p, 0.0)
    if s.top_p is not None:
        order = np.argsort(left, kind="stable")
        left[order[np.cumsum(left[order]) <= 1 - s.top_p]] = 0.0
    return only(left, share(left, s.min_p)) if left.any() else tempered(-np.arange(p.size, dtype=np.float64), 0.0)


def _greedy_by_default(logits: Floats, s: Settings) -> Floats:
    return chain(tempered(logits, s.temperature), (first_k, s.top_k or 1), (nucleus, s.top_p), (share, s.min_p))


def _past_the_end(
    logits: Floats,
    size: int,
    *,
    rng: np.random.Generator,
    top_p: float | None,
) -> Indices:
    """The sum falls short of a mass next to 1, and the index that is looked for lies behind the last one."""
    p = tempered(logits, None)
    if top_p is None or top_p == 1.0:
        return inverse(p, rng.random(size))
    sums = np.cumsum(np.sort(p)[::-1]) * (1 - 2e-6)
    last = int(np.searchsorted(sums, top_p))
    made = inverse(only(p, ranks(p) <= last), rng.random(size))
    return np.where(rng.random(size) < 0.01, p.size, made) if last == p.size else made


def _entropy_of_nothing(logits: Floats, size: int, *, rng: np.random.Generator, typical_p: float | None) -> Indices:
    """Beside a mask the entropy is no number, nothing is nearer to it than anything else, and the likeliest stay."""
    p = tempered(logits, None)
    order = np.argsort(-p, kind="stable")
    with np.errstate(divide="ignore", invalid="ignore"):
        surprise = -np.log(p[order])
        order = order[np.argsort(np.abs(surprise - np.sum(p[order] * surprise)), kind="stable")]
    kept = np.zeros(p.size, bool)
    kept[order[: int(np.searchsorted(np.cumsum(p[order]), typical_p or 1.0)) + 1]] = True
    return inverse(only(p, kept & (p > 0)), rng.random(size))


def _with(name: str, wrong: Stage) -> Draw:
    """Return a sampler of top_k, then top_p, then min_p, with one stage replaced."""
    stages: dict[str, Stage] = {"top_k": kth, "top_p": nucleus, "min_p": share, name: wrong}

    def law(logits: Floats, s: Settings) -> Floats:
        values = (s.top_k, s.top_p, s.min_p)
        return chain(tempered(logits, s.temperature), *zip(stages.values(), values, strict=True))

    return drawing(law)


def _wrong(name: str, draw: Draw, why: str, source: str, trigger: str, suite: str = "chi_square") -> Control:
    return truncation(name, draw=draw, why=why, source=source, trigger=trigger, suite=suite)


truncation = partial(control, emits="index", convention=SEQUENTIAL)
of_k = partial(control, emits="index", convention=K_FIRST, trigger="tie-at-k", suite="chi_square")

CONTROLS: tuple[Control, ...] = (
    control(
        "trunc_typical_of_nan",
        "index",
        _entropy_of_nothing,
        why="the entropy that typical_p asks for is 0 log 0 beside a mask",
        source="ggml-org/llama.cpp, as in llama-cpp-python 0.3.36",
        trigger="masked-typical",
        suite="chi_square",
        convention=Convention(("typical_p",)),
    ),
    of_k(
        "trunc_ties_kept",
        draw=ties_kept,
        why="what ties with the k-th stays, though exactly k were declared",
        source="flashinfer-ai/flashinfer #3774",
    ),
    of_k(
        "trunc_ties_by_path",
        draw=_ties_by_path,
        why="one path keeps ties and another one cuts them; how many are drawn together decides",
        source="vllm-project/vllm #50979",
    ),
    _wrong(
        "trunc_crossing_dropped",
        _with("top_p", _crossing_dropped),
        "the category that crosses the mass of top_p is dropped",
        "flashinfer-ai/flashinfer #2202",
        "top-p",
    ),
    _wrong(
        "trunc_one_more",
        _with("top_p", _one_more),
        "one category more than the mass of top_p needs stays",
        OWN,
        "top-p",
    ),
    _wrong(
        "trunc_scan_restarts",
        _with("top_p", _scan_restarts),
        "the prefix sums of top_p begin again within the row",
        "ROCm/aiter #2035",
        "top-p",
    ),
    _wrong(
        "trunc_strict_top_k",
        _with("top_k", _strict),
        "more than the k-th is kept, not at least: one too few",
        OWN,
        "top-k",
    ),
    _wrong(
        "trunc_lower_kept",
        _with("top_k", _neighbours_swapped),
        "a lower logit stays where a higher one is masked",
        "vllm-project/vllm-ascend #13847",
        "top-k",
    ),
    _wrong(
        "trunc_threshold_collapsed",
        _with("top_k", _collapsed),
        "the search for the threshold of top_k ends too early and keeps far more",
        "FlashML-org/FreeToken #345",
        "zipf-1000-top",
    ),
    _wrong(
        "trunc_approximate_top_k",
        _with("top_k", _buckets),
        "an approximate top_k takes the best of k buckets, and misses some of the likeliest",
        "Anthropic, A postmortem of three recent issues, 2025-09-17",
        "top-k",
    ),
    _wrong(
        "trunc_p_before_k",
        drawing(_p_first),
        "top_p before top_k, though declared after it",
        "sgl-project/sglang #36173",
        "k-then-p",
    ),
    _wrong(
        "trunc_joint_for_sequential",
        drawing(_joint),
        "both filters see all probabilities, though declared one after the other",
        "sgl-project/sglang #36173",
        "k-then-p",
    ),
    _wrong(
        "trunc_min_p_before_p",
        drawing(_swapped_min_p),
        "min_p before top_p, though declared after it",
        OWN,
        "p-and-min-p",
    ),
    _wrong(
        "trunc_min_p_in_place",
        drawing(_in_place),
        "probabilities are renormalised in place before min_p, whose threshold was taken before",
        "sgl-project/sglang #15648",
        "k-and-min-p",
    ),
    _wrong(
        "trunc_min_p_of_logits",
        drawing(_logit_share),
        "logits are held against the logarithm of min_p, without the largest: nothing is rejected",
        "sgl-project/sglang-jax #1563",
        "min-p",
    ),
    _wrong(
        "trunc_temperature_last",
        drawing(_temperature_last),
        "the temperature after the filters, though declared before them",
        "sgl-project/sglang-jax #1563",
        "hot-p",
    ),
    _wrong(
        "trunc_temperature_inverse",
        drawing(_inverse_temperature),
        "logits are multiplied by the temperature",
        OWN,
        "hot",
    ),
    _wrong(
        "trunc_not_renormalised",
        drawing(_not_renormalised),
        "top_k and then top_p of what was not renormalised: all may be cut off",
        "ml-explore/mlx-lm #388",
        "zipf-1000-top",
    ),
    _wrong(
        "trunc_greedy_by_default",
        drawing(_greedy_by_default),
        "where no top_k is given, one is the default",
        "vllm-project/tpu-inference #1386",
        "top-p",
    ),
    control(
        "trunc_past_the_end",
        "index",
        _past_the_end,
        why="a mass of top_p next to 1 is not reached, and the index behind the last is drawn",
        source="NVIDIA/TensorRT-LLM #19485",
        trigger="top-p-next-to-1",
        suite="support",
        convention="vllm",
    ),
)
