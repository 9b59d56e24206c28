"""Samplers are known by name; registering is the only global state of the package."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import UsageError
from harness.laws.conventions import Convention
from harness.samplers.importing import importing
from harness.samplers.per_row import PerRow
from harness.samplers.seeded import Seeded
from harness.samplers.terms import NO_TERMS, Terms, parameters_of, stages_of, terms_of
from harness.text import NAME, shown

GROUP = "gumbel_harness.samplers"
"""The entry points under which this distribution and others register samplers."""
EMITS = ("index", "simplex", "gumbel", "ranking", "speculative")
CONTINUOUS = ("simplex", "gumbel")
DIFFERENTIABLE = ("simplex", "index")
ROWS = ("ranking", "speculative")
"""Forms whose draws are rows of integers."""
DTYPES = ("float64", "float32", "float16", "bfloat16")

Fill = Callable[[NDArray[Any], np.random.Generator], None]
"""Writes draws into every row of its first argument, in cache-sized blocks, with buffers of its own: those make it belong to
one thread at a time. A thread that draws beside it prepares its own; ``harness.draw`` does, and may be called from any."""


@dataclass(frozen=True)
class Form:
    """One way to draw: ``draw(logits, size, *, rng, ...)``, and for fast samplers ``prepare(logits, ...) -> Fill``.

    A speculative form is ``draw(drafts, draft_logits, target_logits, *, rng)``. ``jacobian(logits, size, *, temperature,
    rng)`` returns relaxed rows (size, K) and their derivatives (size, K, K), [n, i, j] that of entry i in logit j: the
    draws of the same ``rng`` are those rows (simplex), or where each is largest (index: straight-through).
    """

    draw: Callable[..., Any]
    prepare: Callable[..., Fill] | None = None
    terms: Terms = NO_TERMS
    jacobian: Callable[..., Any] | None = None

    @property
    def parameters(self) -> frozenset[str]:
        """Names of the parameters that the form understands beside logits, size and rng."""
        return parameters_of(self.prepare or self.draw) & {"temperature", "observed", "k", *self.stages}

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages of a truncated law that an index form has parameters for: it is given all of them, None where off."""
        return stages_of(self.prepare or self.draw)


@dataclass(frozen=True)
class Home:
    """The file that a guest comes from, with its text, the guest's name there, and the forms that it has there."""

    path: str
    text: bytes = field(repr=False)
    attribute: str
    forms: Mapping[str, Form] = field(repr=False)


@dataclass(frozen=True)
class Sampler:
    """A named sampler with one or more forms; calling it calls its first form.

    ``emits`` is "index" ((size,) integers), "simplex" ((size, K) rows on the simplex), "gumbel" ((size, K)
    perturbed logits), "ranking" ((size, k) integers) or "speculative" ((size, g + 1) integers, -1 after the last).
    ``dtype`` is the precision that it computes in: it is judged against the law of its logits
    as rounded to that type. ``cost`` says whether a draw costs time in proportion to "categories" or to nothing but
    the "draw". A ``batch`` sampler takes logits (B, K) and returns ``size`` steps of B draws, (size, B) or (size, B, K).
    One that may be called from several ``threads`` at once says so, and is.
    """

    name: str
    emits: str
    forms: Mapping[str, Form] = field(repr=False)
    family: str = "guest"
    dtype: str = "float64"
    cost: str = "categories"
    batch: bool = False
    threads: bool = False
    home: Home | None = field(default=None, repr=False, compare=False)

    @property
    def trusted(self) -> bool:
        """Whether the sampler is one of ours: it needs no process of its own, and fills the memory that it is given."""
        return self.family == "built-in"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function that was decorated."""
        return self.forms[self.emits].draw(*args, **kwargs)

    def __reduce__(self) -> tuple[Any, ...]:
        if self.trusted:
            return get, (self.name,)
        if self.home is not None and self.home.forms is self.forms:
            kept = {item.name: getattr(self, item.name) for item in fields(self) if item.name not in ("forms", "home")}
            return _from_home, (self.home.path, self.home.text, self.home.attribute, kept)
        told = (self.family, self.dtype, self.cost, self.batch, self.threads)
        return Sampler, (self.name, self.emits, dict(self.forms), *told)

    def form(self, emits: str) -> Form:
        """Return the form that emits ``emits``; raises UsageError if the sampler has none."""
        try:
            return self.forms[emits]
        except KeyError:
            raise UsageError(
                f"sampler {self.name!r} does not emit {emits!r}; it emits {', '.join(self.forms)}"
            ) from None


def _from_home(path: str, text: bytes, attribute: str, kept: Mapping[str, Any]) -> Sampler:
    """Return a guest in another process, from the text of its file."""
    from harness.samplers.importing import execute

    found: Any = execute(path, text)
    for part in attribute.split("."):
        found = getattr(found, part)
    forms = found.forms if isinstance(found, Sampler) else {kept["emits"]: Form(found)}
    return Sampler(forms=forms, **kept)


_REGISTRY: dict[str, Sampler] = {}
_ABSENT: dict[str, str] = {}


def sampler(
    name: str,
    *,
    emits: str,
    prepare: Callable[..., Fill] | None = None,
    family: str = "guest",
    dtype: str = "float64",
    cost: str = "categories",
    batch: bool = False,
    threads: bool = False,
    convention: str | Convention | None = None,
    ordered: bool = True,
    rule: str = "",
    seeded: bool = False,
    per_row: bool = False,
    jacobian: Callable[..., Any] | None = None,
) -> Callable[[Callable[..., Any]], Sampler]:
    """Register the decorated function as ``name``; a second ``emits`` under the same name adds a form.

    With ``batch=True`` the function takes logits (B, K) and returns ``size`` steps of B draws: (size, B) integers, or
    (size, B, K) floats. ``threads=True`` says that it may be called from several threads at once.
    ``convention`` belongs to an index that takes temperature, top_k, top_p, ...; ``ordered=False`` to a
    "ranking" that is a set; ``rule`` to "speculative"; a ``seeded`` batch takes (B, K) logits, (B,) seeds and (B,) positions
    and returns (B,) tokens; a ``per_row`` batch takes its temperature, top_k, ... as arrays (B,), a seeded one, too.
    ``jacobian`` offers derivatives (`Form`). Raises UsageError for an unknown ``emits``, for terms that are missing or out
    of place, or for a name and form that another function holds.
    """
    if emits not in EMITS:
        raise UsageError(f"emits must be one of {', '.join(EMITS)}, got {emits!r}")
    check_name(name)
    if dtype not in DTYPES:
        raise UsageError(f"dtype must be one of {', '.join(DTYPES)}, got {dtype!r}")
    if batch and prepare is not None:
        raise UsageError(f"sampler {name!r}: a batch sampler is called as it is and takes no prepare=")
    if seeded and not batch:
        raise UsageError(f"sampler {name!r}: a seeded sampler takes batches; add batch=True")
    if per_row and not batch:
        raise UsageError(f"sampler {name!r}: a sampler with parameters for each row takes batches; add batch=True")
    if batch and emits in ROWS:
        raise UsageError(f"sampler {name!r}: a sampler that emits {emits} takes one row of logits, batch=False")
    if jacobian is not None and (batch or emits not in DIFFERENTIABLE):
        raise UsageError(
            f"sampler {name!r}: jacobian= belongs to a sampler of one row that emits {' or '.join(DIFFERENTIABLE)}"
        )

    def register(function: Callable[..., Any]) -> Sampler:
        terms = terms_of(name, emits, prepare or function, convention, ordered, rule, seeded, per_row)
        form = Form(called_by(function, terms), prepare, terms, jacobian)
        known = _REGISTRY.get(name)
        if known is None:
            made = Sampler(name, emits, MappingProxyType({emits: form}), family, dtype, cost, batch, threads)
        elif known.family != family:
            raise UsageError(f"{name!r} is the name of a {known.family} sampler; choose another name")
        elif known.batch != batch:
            raise UsageError(f"all forms of sampler {name!r} take batches, or none does")
        elif emits in known.forms and not _same(known.forms[emits].draw, function):
            raise UsageError(f"a sampler {name!r} that emits {emits!r} is registered already; choose another name")
        else:
            all_of_them = known.threads and threads
            made = replace(known, forms=MappingProxyType({**known.forms, emits: form}), threads=all_of_them)
        _REGISTRY[name] = made
        return made

    return register


def called_by(function: Callable[..., Any], terms: Terms) -> Callable[..., Any]:
    """Return what the harness calls as it calls all others: the function itself, or what stands between."""
    seeded = Seeded(function) if terms.seeded else function
    return PerRow(seeded) if terms.per_row else seeded


def check_name(name: Any) -> str:
    """Return a sampler's name; raises UsageError for one that could not stand in a table, a file name or a command."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise UsageError(
            "a sampler's name is a word of at most 64 letters, digits and _.+-, the first a letter or a digit, "
            f"got {shown(repr(name), 100)}"
        )
    return name


def _same(one: Callable[..., Any], other: Callable[..., Any]) -> bool:
    """A module that is imported again defines the same function again."""
    here = (getattr(one, "__module__", None), getattr(one, "__qualname__", None))
    return here == (getattr(other, "__module__", None), getattr(other, "__qualname__", None))


@lru_cache(maxsize=1)
def _load_builtin() -> None:
    from importlib.metadata import entry_points

    for point in entry_points(group=GROUP, name="builtin"):
        point.load()


def absent(name: str, words: str) -> None:
    """Note a sampler that would be known if a package were installed, with the sentence that says which."""
    _ABSENT[name] = words


def load_entry_points() -> Mapping[str, UsageError]:
    """Import what this distribution (frameworks) and others registered as samplers; return what failed, by name."""
    from importlib.metadata import entry_points

    failed: dict[str, UsageError] = {}
    for point in entry_points(group=GROUP):
        try:
            with importing(point.value):
                point.load()
        except UsageError as error:
            failed[point.name] = error
    return failed


def registered() -> Iterator[Sampler]:
    """Yield the registered samplers in the order of their names, the built-in ones first."""
    _load_builtin()
    yield from sorted(_REGISTRY.values(), key=lambda known: (not known.trusted, known.name))


def get(name: str) -> Sampler:
    """Return the sampler ``name``; raises UsageError with the nearest names if there is none."""
    _load_builtin()
    if name not in _REGISTRY:
        load_entry_points()
    if name in _ABSENT and name not in _REGISTRY:
        raise UsageError(_ABSENT[name])
    try:
        return _REGISTRY[name]
    except KeyError:
        near = difflib.get_close_matches(name, _REGISTRY)
        hint = f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(sorted(_REGISTRY))}"
        raise UsageError(f"no sampler is called {name!r}; {hint}") from None
