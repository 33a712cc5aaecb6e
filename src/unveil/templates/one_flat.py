"""A template from the mark on flats of one colour: what they leave open is taken from a prior."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.channels import channel_sum
from unveil.errors import UsageError
from unveil.masks import Mask
from unveil.templates.flat import VISIBLE, Flat
from unveil.templates.jpeg import TO_YCC

Floats = NDArray[np.floating]

MOST_COLOURS = 8
SAME_HUE = 0.15
"""Differences from the flat whose directions are closer than this come from one colour."""
PLATEAU = 0.9
"""A colour is at its fullest from this part of this quantile of its pixels on."""
CHROMA = 0.3
"""In a compressed flat differences of chroma, which is stored softer, count as this part of
luma's."""


def guess(
    flat: Flat, colour: Sequence[float] | None
) -> tuple[Floats, Floats, str, str, float, str]:
    """Matte, premultiplied colour, blend mode, light, error of the matte, and how it was found.

    colour: the mark's, in [0, 1]; without it the mark is taken to have one opacity, the least that
    explains it.
    """
    difference = flat.picture - flat.colour
    metric = TO_YCC * [[1], [CHROMA], [CHROMA]] if flat.compressed else np.eye(3)
    if colour is not None:
        toward = np.asarray(colour, np.float32) - flat.colour
        if toward.shape != (3,) or np.abs(toward).max() < 8 / 255:
            raise UsageError(
                f"expected a colour of three values, unlike the flat's; got {list(colour)}"
            )
        matte = _part(difference, toward, metric)
        error = flat.noise / float(np.linalg.norm(metric @ toward))
        drawn = np.asarray(colour, np.float32) * matte[..., None]
        return matte, drawn, "normal", "srgb", error, "one flat and the mark's colour as given"
    room = np.where(difference > 0, 1 - flat.colour, flat.colour)
    least = np.clip((np.abs(difference) / np.maximum(room, 1e-3)).max(-1), 0, 1)
    error = flat.noise / float(room.max())
    colours = _colours(difference, least, VISIBLE * error + 0.5 / 255)
    matte = _evenly(difference, least, colours, metric)
    premultiplied = np.clip(difference + matte[..., None] * flat.colour, 0, matte[..., None])
    count = len(colours)
    source = (
        "one flat, taken to be blended plainly and with the least opacity that explains it"
        + (f", the same for its {count} colours" if count > 1 else "")
        + "; right if a channel of the mark's colour is 0 or 255, otherwise the mark is more opaque"
    )
    return matte, premultiplied, "normal", "srgb", error, source


def _colours(difference: Floats, least: Floats, visible: float) -> list[Mask]:
    """Where each of the mark's main colours is at its fullest."""
    left = least > visible
    enough_px = 0.02 * np.count_nonzero(left)
    colours, solid = [], []
    direction = difference / np.maximum(np.linalg.norm(difference, axis=-1), 1e-6)[..., None]
    for _ in range(MOST_COLOURS):
        if not left.any():
            break
        strongest = np.unravel_index(np.where(left, least, -1).argmax(), least.shape)
        group = left & (np.linalg.norm(direction - direction[strongest], axis=-1) < SAME_HUE)
        left &= ~group
        if np.count_nonzero(group) < enough_px:
            continue
        full = group & (least >= PLATEAU * np.quantile(least[group], PLATEAU))
        colours.append(full)
        if cv2.erode(full.view(np.uint8), np.ones((3, 3), np.uint8)).any():
            solid.append(full)
    return solid or colours  # the others are where two colours meet


def _evenly(difference: Floats, least: Floats, colours: list[Mask], metric: Floats) -> Floats:
    """The matte, if all colours of the mark have one opacity: that of the colour which needs most.

    Each difference is a part of that colour's full one which explains it best.
    """
    if not colours:
        return least
    parts, misfits = [], []
    for full in colours:
        whole = np.median(difference[full], axis=0)
        parts.append(_part(difference, whole, metric))
        misfit = (difference - parts[-1][..., None] * whole) @ metric.T
        misfits.append(channel_sum(misfit**2))
    best = np.argmin(misfits, axis=0)[None]
    opacity = max(float(np.median(least[full])) for full in colours)
    return opacity * np.take_along_axis(np.array(parts), best, 0)[0]


def _part(difference: Floats, full: Floats, metric: Floats) -> Floats:
    """How much of a full difference each one is, in [0, 1]."""
    along = metric.T @ (metric @ full)
    return np.clip(difference @ along / (full @ along), 0, 1)
