"""New colours in a palette picture: the pixels that did not change keep theirs exactly."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from unveil.codecs.picture import Palette

_CHUNK = 4096


@dataclass(frozen=True, eq=False)
class _Wanted:
    """The distinct new colours and where they go."""

    colours: NDArray[np.uint8]
    """K x 4, with alpha."""
    which: NDArray[np.intp]
    """For each changed pixel, the number of its colour."""
    counts: NDArray[np.intp]


def repaint(
    old: Palette,
    rgb: NDArray[np.uint8],
    alpha: NDArray[np.uint8] | None,
    changed: NDArray[np.bool_],
    *,
    exact: bool,
) -> Palette | None:
    """The palette picture with the changed pixels set to the colours of `rgb`.

    Colours that the palette lacks go into entries that no kept pixel uses. Where these do not
    suffice, the answer is None if `exact`; otherwise the new colours are grouped into the free
    entries, and each takes the nearest of all.

    rgb: H x W x 3. alpha: H x W or None. changed: bool H x W.
    """
    indices = old.indices.copy()
    if not changed.any():
        return Palette(indices, old.rgb, old.alpha)
    wanted = _wanted(rgb, alpha, changed)
    table = np.concatenate([old.rgb, old.alpha[:, None]], axis=1)
    known = {colour.tobytes(): number for number, colour in reversed(list(enumerate(table)))}
    slots = np.array([known.get(c.tobytes(), -1) for c in wanted.colours], np.intp)
    missing = np.flatnonzero(slots < 0)
    busy = set(np.unique(indices[~changed])) | set(slots[slots >= 0])
    # New entries first, so that the old ones stay what they are for as long as it works.
    free = [n for n in (*range(len(table), 256), *range(len(table))) if n not in busy]
    if len(missing) <= len(free):
        fresh = wanted.colours[missing]
    elif exact:
        return None
    else:
        fresh = _grouped(wanted, missing, len(free))
    room = np.array(free[: len(fresh)], np.intp)
    table = _placed(table, room, fresh)
    if len(missing) <= len(free):
        slots[missing] = room
    else:
        usable = np.array(sorted(busy | set(room)), np.intp)
        slots[missing] = _nearest(wanted.colours[missing], table, usable)
    indices[changed] = slots[wanted.which].astype(np.uint8)
    return Palette(indices, table[:, :3].copy(), table[:, 3].copy())


def from_scratch(rgb: NDArray[np.uint8], alpha: NDArray[np.uint8] | None) -> Palette:
    """The palette picture nearest to a true-colour one; alpha below 128 becomes transparent."""
    size = 256 if alpha is None else 255
    image = Image.fromarray(rgb).quantize(size, Image.Quantize.MEDIANCUT, kmeans=1)
    table = np.array(image.getpalette("RGB"), np.uint8).reshape(-1, 3)[:size]
    indices, clear = np.array(image), np.full(len(table), 255, np.uint8)
    if alpha is not None:
        indices[alpha < 128] = len(table)
        table = np.concatenate([table, np.zeros((1, 3), np.uint8)])
        clear = np.append(clear, np.uint8(0))
    return Palette(indices, table, clear)


def _wanted(
    rgb: NDArray[np.uint8], alpha: NDArray[np.uint8] | None, changed: NDArray[np.bool_]
) -> _Wanted:
    high, wide = changed.shape
    opaque = np.full((high, wide), 255, np.uint8) if alpha is None else alpha
    new = np.concatenate([rgb[changed], opaque[changed][:, None]], axis=1)
    packed, which, counts = np.unique(
        np.ascontiguousarray(new).view(np.uint32).ravel(), return_inverse=True, return_counts=True
    )
    return _Wanted(packed.view(np.uint8).reshape(-1, 4), which.ravel(), counts)


def _grouped(wanted: _Wanted, missing: NDArray[np.intp], number: int) -> NDArray[np.uint8]:
    """At most `number` colours that stand for the missing opaque ones, weighted by their pixels."""
    opaque = missing[wanted.colours[missing, 3] == 255]
    if number == 0 or not len(opaque):
        return np.zeros((0, 4), np.uint8)
    weights = np.maximum(1, wanted.counts[opaque] * 65536 // wanted.counts[opaque].sum())
    pixels = np.repeat(wanted.colours[opaque, :3], weights, axis=0)[None]
    grouped = Image.fromarray(pixels).quantize(number, Image.Quantize.MEDIANCUT, kmeans=1)
    table = np.array(grouped.getpalette("RGB"), np.uint8).reshape(-1, 3)[:number]
    return np.concatenate([table, np.full((len(table), 1), 255, np.uint8)], axis=1)


def _placed(
    table: NDArray[np.uint8], room: NDArray[np.intp], fresh: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    size = max(len(table), int(room.max()) + 1 if len(room) else 0)
    out = np.zeros((size, 4), np.uint8)
    out[:, 3] = 255
    out[: len(table)] = table
    out[room] = fresh
    return out


def _nearest(
    colours: NDArray[np.uint8], table: NDArray[np.uint8], usable: NDArray[np.intp]
) -> NDArray[np.intp]:
    """The usable entry nearest to each colour; a difference in alpha outweighs any in colour."""
    weight = np.array([1, 1, 1, 16], np.float32)
    entries = table[usable].astype(np.float32) * weight
    squares = (entries**2).sum(axis=1)
    found = []
    for start in range(0, len(colours), _CHUNK):
        some = colours[start : start + _CHUNK].astype(np.float32) * weight
        found.append(usable[(squares - 2 * some @ entries.T).argmin(axis=1)])
    return np.concatenate(found) if found else np.zeros(0, np.intp)
