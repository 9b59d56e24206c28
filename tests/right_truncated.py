"""Right samplers of truncated laws, rankings and speculative steps, each written as its field writes it, in NumPy."""

import numpy as np

import harness


def softmax(logits):
    weights = np.exp(logits - logits.max())
    return weights / weights.sum()


def drawn(p, size, rng):
    total = np.cumsum(p)
    return np.minimum(np.searchsorted(total, rng.random(size) * total[-1], side="right"), np.flatnonzero(p > 0)[-1])


def gumbel(logits, size, rng):
    live = np.flatnonzero(np.isfinite(logits))
    return live[np.argmax(logits[live] - np.log(rng.standard_exponential((size, live.size))), axis=1)]


def greedy(logits, size):
    return np.full(size, int(np.argmax(logits)))


def transformers(logits, size, *, rng, temperature, top_k, top_p, min_p, typical_p, epsilon):
    """Warpers on scores, one after the other; top_p cuts an ascending sort."""
    if temperature == 0:
        return greedy(logits, size)
    z = logits / (temperature or 1.0)
    if top_k:
        z = np.where(z < np.sort(z)[-min(top_k, z.size)], -np.inf, z)
    if top_p is not None and top_p < 1:
        order = np.argsort(z, kind="stable")
        remove = np.cumsum(softmax(z)[order]) <= 1 - top_p
        remove[-1] = False
        z[order[remove]] = -np.inf
    if min_p is not None:
        p = softmax(z)
        z = np.where(p < min_p * p.max(), -np.inf, z)
    if typical_p is not None and typical_p < 1:
        p = softmax(z)
        with np.errstate(divide="ignore", invalid="ignore"):
            surprise = -np.log(p)
            shifted = np.abs(surprise - np.nansum(p * np.where(p > 0, surprise, 0)))
        order = np.argsort(shifted, kind="stable")
        last = min(int((np.cumsum(p[order]) < typical_p).sum()), p.size - 1)
        z = np.where(shifted > shifted[order[last]], -np.inf, z)
    if epsilon:
        p = softmax(z)
        z = np.where((p < epsilon) & (z < z.max()), -np.inf, z)
    return gumbel(z, size, rng)


def vllm(logits, size, *, rng, temperature, top_k, top_p, min_p):
    """Temperature, min_p, then one ascending sort for top_k and top_p."""
    if temperature is not None and temperature < 1e-5:
        return greedy(logits, size)
    z = logits / (temperature or 1.0)
    if min_p is not None:
        p = softmax(z)
        z[p < min_p * p.max()] = -np.inf
    order = np.argsort(z, kind="stable")
    ascending = z[order]
    if top_k is not None:
        ascending[ascending < ascending[ascending.size - min(top_k, z.size)]] = -np.inf
    if top_p is not None:
        mask = np.cumsum(softmax(ascending)) <= 1 - top_p
        mask[-1] = False
        ascending[mask] = -np.inf
    z[order] = ascending
    return drawn(softmax(z), size, rng)


def pivots(p, top_k, top_p):
    """The largest value that enough of the distribution lies above: sets by value, as rejection sampling keeps them."""
    keep = np.ones(p.size, bool)
    if top_k is not None:
        keep &= p.size - np.searchsorted(np.sort(p), p, side="right") < top_k
    if top_p is not None and top_p < 1:
        rising = np.sort(p)
        above = np.append(np.cumsum(rising[::-1])[::-1], 0.0)
        keep &= above[np.searchsorted(rising, p, side="right")] < top_p
    return keep & (p > 0)


def flashinfer(logits, size, *, rng, temperature, top_k, top_p, min_p):
    """Renormalise after top_k, then after top_p; rejection by min_p."""
    if temperature == 0:
        return greedy(logits, size)
    p = softmax(logits / (temperature or 1.0))
    p = np.where(pivots(p, top_k, None), p, 0.0)
    p /= p.sum()
    p = np.where(pivots(p, None, top_p), p, 0.0)
    p = np.where(p >= (min_p or 0.0) * p.max(), p, 0.0)
    return drawn(p, size, rng)


def flashinfer_joint(logits, size, *, rng, temperature, top_k, top_p, min_p):
    """Draw from all, and again until both sets hold what was drawn."""
    if temperature == 0:
        return greedy(logits, size)
    p = softmax(logits / (temperature or 1.0))
    keep = pivots(p, top_k, top_p) & (p >= (min_p or 0.0) * p.max())
    made = drawn(p, size, rng)
    while (again := ~keep[made]).any():
        made[again] = drawn(np.where(keep, p, 0.0) if again.sum() < 8 else p, int(again.sum()), rng)
    return made


def sglang(logits, size, *, rng, temperature, top_k, top_p, min_p):
    """One descending sort: ranks, sums before, and shares of the first, all of the same probabilities."""
    if temperature == 0:
        return greedy(logits, size)
    p = softmax(logits / (temperature or 1.0))
    order = np.argsort(-p, kind="stable")
    descending = p[order]
    before, first = np.cumsum(descending) - descending, descending[0]
    if top_p is not None:
        descending = np.where(before > top_p, 0.0, descending)
    if top_k is not None:
        descending[top_k:] = 0.0
    descending[descending < first * (min_p or 0.0)] = 0.0
    return order[drawn(descending, size, rng)]


def mlx_lm(logits, size, *, rng, temperature, top_k, top_p, min_p):
    """Filters of untempered log probabilities, the temperature last."""
    if temperature == 0:
        return greedy(logits, size)
    z = logits - logits.max() - np.log(np.exp(logits - logits.max()).sum())
    if top_p is not None and top_p < 1:
        order = np.argsort(z, kind="stable")
        keep = np.empty(z.size, bool)
        keep[order] = np.cumsum(np.exp(z)[order]) > 1 - top_p
        z = np.where(keep, z, -np.inf)
    if min_p:
        z = np.where(z < z.max() + np.log(min_p), -np.inf, z)
    if top_k is not None and top_k < z.size:
        z[np.argpartition(-z, top_k - 1)[top_k:]] = -np.inf
    return gumbel(z / (temperature or 1.0), size, rng)


def llama_cpp(logits, size, *, rng, temperature, top_k, top_p, min_p, typical_p, top_n_sigma):
    """A list of candidates that gets shorter; the temperature last, where 0 leaves the likeliest of what is left."""
    left = [int(i) for i in np.flatnonzero(np.isfinite(logits))]
    if top_n_sigma:
        z = logits[left]
        left = [i for i in left if logits[i] >= z.max() - top_n_sigma * z.std()]
    if top_k:
        left = sorted(left, key=lambda i: -logits[i])[:top_k]
    if typical_p is not None and typical_p < 1:
        p = dict(zip(left, softmax(logits[left]), strict=True))
        entropy = -sum(one * np.log(one) for one in p.values())
        left = until(sorted(left, key=lambda i: abs(-np.log(p[i]) - entropy)), p, typical_p)
    if top_p is not None and top_p < 1:
        p = dict(zip(left, softmax(logits[left]), strict=True))
        left = until(sorted(left, key=lambda i: -p[i]), p, top_p)
    if min_p:
        least = max(logits[i] for i in left) + np.log(min_p)
        left = [i for i in left if logits[i] >= least]
    if temperature == 0:
        return np.full(size, min(left, key=lambda i: (-logits[i], i)))
    return np.array(left)[drawn(softmax(logits[left] / (temperature or 1.0)), size, rng)]


def until(order, p, mass):
    total, kept = 0.0, []
    for i in order:
        kept.append(i)
        total += p[i]
        if total >= mass:
            break
    return kept


ENGINES = {
    "transformers": transformers,
    "vllm": vllm,
    "flashinfer": flashinfer,
    "flashinfer-joint": flashinfer_joint,
    "sglang": sglang,
    "mlx-lm": mlx_lm,
    "llama.cpp": llama_cpp,
}


def four(function, top_n_sigma=None):
    """The engine as one that takes the four parameters that all of them have."""

    def draw(logits, size, *, rng, temperature, top_k, top_p, min_p):
        given = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "min_p": min_p}
        more = {
            "transformers": {"typical_p": None, "epsilon": None},
            "llama_cpp": {"typical_p": None, "top_n_sigma": None},
        }
        return function(logits, size, rng=rng, **given, **more.get(function.__name__, {}))

    return draw


def declared(function, convention, name="engine"):
    """The function as a sampler of that convention, outside the registry."""
    from types import MappingProxyType

    from harness.samplers.registry import Form, Sampler
    from harness.samplers.terms import terms_of

    form = Form(function, terms=terms_of(name, "index", function, convention))
    return Sampler(name, "index", MappingProxyType({"index": form}))


def spec_sampler(function, rule, dtype="float64"):
    from types import MappingProxyType

    from harness.samplers.registry import Form, Sampler
    from harness.samplers.terms import terms_of

    name = function.__name__
    form = Form(function, terms=terms_of(name, "speculative", function, rule=rule))
    return Sampler(name, "speculative", MappingProxyType({"speculative": form}), dtype=dtype)


def ranking_sampler(function, ordered=True, dtype="float64"):
    from types import MappingProxyType

    from harness.samplers.registry import Form, Sampler
    from harness.samplers.terms import terms_of

    name = function.__name__
    form = Form(function, terms=terms_of(name, "ranking", function, ordered=ordered))
    return Sampler(name, "ranking", MappingProxyType({"ranking": form}), dtype=dtype)


__all__ = ["ENGINES", "declared", "four", "harness", "ranking_sampler", "spec_sampler"]
