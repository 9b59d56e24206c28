"""Wrong between the cases: at one K, temperature, mask, size of call, row, layout or rank that no case has."""

from __future__ import annotations

import numpy as np

from harness.arrays import Floats, Indices
from harness.questions.content import Control
from suites.controls.making import categories, control, gumbels, inverse, probabilities, softmax

ORDER = 130

TILE = 128


def even_for_tiles(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Lose the lowest bit of the index where K is a multiple of 128 beyond 256."""
    drawn = categories(logits, size, rng)
    return np.where(np.isneginf(logits[drawn & ~1]), drawn, drawn & ~1) if _tiled(logits.size, 256) else drawn


def _tiled(k: int, above: int) -> bool:
    return k > above and k % TILE == 0


def flat_when_dense(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Forget the logits where a mask hides between 40 and 60 per cent."""
    hidden = float(np.isneginf(logits).mean())
    return categories(np.where(np.isneginf(logits), -np.inf, 0.0) if 0.4 <= hidden <= 0.6 else logits, size, rng)


def calls_of_three(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Repeat the first draw in calls of exactly three."""
    drawn = categories(logits, size, rng)
    return np.repeat(drawn[:1], 3) if size == 3 else drawn


def first_of_short_calls(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Begin calls of two to nine draws with the likeliest category."""
    drawn = categories(logits, size, rng)
    if 2 <= size <= 9:
        drawn[0] = int(np.argmax(logits))
    return drawn


def backwards_when_reversed(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Take the absolute value of a negative stride."""
    return categories(logits[::-1].copy() if logits.strides[0] < 0 and logits.size > 1 else logits, size, rng)


def neighbours_when_padded(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Copy views with one logit of what stands beside them for the first."""
    padded = logits.base is not None and logits.strides[0] == logits.itemsize and logits.base.size > logits.size
    return categories(np.roll(logits, 1) if padded else logits, size, rng)


def last_lost_beside_powers(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Leave out the last category where K is one more than a power of two."""
    kept = logits.copy()
    if logits.size > 2 and (logits.size - 1) & (logits.size - 2) == 0 and np.isfinite(kept[:-1]).any():
        kept[-1] = -np.inf
    return categories(kept, size, rng)


def two_live(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Toss a fair coin where two categories are left by a mask."""
    live = np.isfinite(logits)
    fair = live.sum() == 2 and logits.size > 2
    return categories(np.where(live, 0.0, -np.inf) if fair else logits, size, rng)


def sorted_shortcut(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Search sorted weights from the wrong end, if they come in rising order and there are more than four."""
    rising = logits.size > 4 and bool((np.diff(logits) > 0).all())
    return inverse(probabilities(logits[::-1] if rising else logits), rng.random(size))


def last_row(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Give the last row of a batch of more than eight the logits of the first."""
    rows = logits.copy()
    if len(rows) > 8:
        rows[-1] = rows[0]
    index: Indices = np.argmax(rows + gumbels(rng, size, *rows.shape), axis=2)
    return index


def shared_by_two(logits: Floats, size: int, *, rng: np.random.Generator) -> Indices:
    """Give two rows of a batch of two the same noise."""
    noise = gumbels(rng, size, *logits.shape)
    if len(logits) == 2:
        noise[:, 1] = noise[:, 0]
    index: Indices = np.argmax(logits + noise, axis=2)
    return index


def warm_band(logits: Floats, size: int, *, rng: np.random.Generator, temperature: float) -> Floats:
    """Divide by a half where the temperature lies between 0.3 and 0.35."""
    used = 0.5 if 0.3 <= temperature <= 0.35 else temperature
    return softmax((logits + gumbels(rng, size, logits.size)) / used)


def hot_halves(logits: Floats, size: int, *, rng: np.random.Generator, temperature: float) -> Floats:
    """Cap the temperature at 20."""
    return softmax((logits + gumbels(rng, size, logits.size)) / min(temperature, 20.0))


def shared_noise_in_threes(logits: Floats, size: int, *, rng: np.random.Generator) -> Floats:
    """Use the noise of one draw for all of a call of three."""
    noise = gumbels(rng, size, logits.size)
    return logits + (np.repeat(noise[:1], 3, axis=0) if size == 3 else noise)


def rare_winner(logits: Floats, size: int, *, rng: np.random.Generator, observed: int | None = None) -> Floats:
    """Given a winner that is less likely than one in a thousand, put the maximum where its own prior has it."""
    noise = gumbels(rng, size, logits.size)
    if observed is None:
        return logits + noise
    p = probabilities(logits)
    location = float(np.log(np.exp(logits - logits.max()).sum()) + logits.max())
    top = noise[:, observed] + (location if p[observed] > 1e-3 else float(logits[observed]))
    rows = logits - np.log(np.exp(logits - top[:, None]) + rng.standard_exponential((size, logits.size)))
    rows = np.minimum(rows, np.nextafter(top, -np.inf)[:, None])
    rows[:, observed] = top
    return rows


def _between(name: str, emits: str, draw: object, why: str, *, batch: bool = False) -> Control:
    assert callable(draw)
    return control(name, emits, draw, why=why, trigger="points", suite="sweep", batch=batch)


CONTROLS: tuple[Control, ...] = (
    _between("even_where_k_is_tiled", "index", even_for_tiles, "indices lose a bit where K is a multiple of 128"),
    _between("flat_under_half_a_mask", "index", flat_when_dense, "one density of masks loses the logits"),
    _between("calls_of_three_repeat", "index", calls_of_three, "a call of three draws is one draw"),
    _between("short_calls_begin_greedy", "index", first_of_short_calls, "the first of a few draws is the likeliest"),
    _between("negative_strides", "index", backwards_when_reversed, "reversed logits are read forwards"),
    _between("padded_views", "index", neighbours_when_padded, "views of wider rows are read one place beside"),
    _between("one_beyond_a_power", "index", last_lost_beside_powers, "K = 2^j + 1 loses the last category"),
    _between("two_live_are_even", "index", two_live, "two live categories are tossed for"),
    _between("rising_logits_reversed", "index", sorted_shortcut, "logits in rising order are searched from the end"),
    _between(
        "last_row_of_many", "index", last_row, "the last row of a batch beyond eight has another's logits", batch=True
    ),
    _between("pairs_share_noise", "index", shared_by_two, "the rows of a batch of two share their noise", batch=True),
    _between("temperature_near_a_third", "simplex", warm_band, "temperatures between 0.3 and 0.35 are another one"),
    _between("temperature_capped", "simplex", hot_halves, "temperatures above 20 are 20"),
    _between("threes_share_noise", "gumbel", shared_noise_in_threes, "the draws of a call of three share their noise"),
    _between("rare_winners_sink", "gumbel", rare_winner, "a winner that is rare a priori gets its prior's maximum"),
)
