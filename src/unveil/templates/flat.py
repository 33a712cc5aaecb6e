"""Pictures of one colour with a mark on them: read, told apart by colour, averaged."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from unveil.codecs import Picture, from_array, read
from unveil.errors import TemplateError, UsageError
from unveil.templates.jpeg import is_quantised, quantisation_noise, without_noise

Floats = NDArray[np.floating]

SAME_FLAT = 3 / 255
"""Flats whose colours differ by no more than this are averaged."""
MOST_NOISE = 8 / 255
"""What differs more from a flat's colour is the mark."""
ROUNDING = 0.29 / 255
"""Standard error of a value that was rounded to 8 bits."""
VISIBLE = 3.0
"""A pixel is marked where it differs by so many standard errors."""
LEFT = 0.5
"""This much of the noise of quantisation is left around a mark, measured."""
NEAR_PX = 16
"""Compression errors lie no further from the mark."""


class Flat(NamedTuple):
    picture: Floats
    """H x W x 3 in [0, 1], the mean of the flats of this colour."""
    colour: Floats
    """3."""
    noise: float
    """Standard error of a value."""
    compressed: bool


def _read(flat: Any) -> Picture:
    if isinstance(flat, Picture):
        return flat
    return from_array(flat) if isinstance(flat, np.ndarray) else read(flat)


def grouped(sources: Iterable[Any]) -> tuple[list[Flat], str]:
    """Flats of the same colour averaged; the first one's name."""
    pictures = [_read(source) for source in sources]
    if not pictures:
        raise UsageError("expected at least one flat; got none")
    first = pictures[0]
    groups: list[tuple[Floats, list[Floats], list[float]]] = []
    for picture in pictures:
        if picture.size_hw != first.size_hw:
            raise TemplateError(
                f"{picture.name}: expected a flat of {first.size_hw} (height, width) like"
                f" {first.name}; got {picture.size_hw}; make all flats of one size"
            )
        values, noise = _denoised(picture)
        colour = _flat_colour(values)
        for known, members, noises in groups:
            if np.abs(known - colour).max() <= SAME_FLAT:
                members.append(values)
                noises.append(noise)
                break
        else:
            groups.append((colour, [values], [noise]))
    flats = []
    for colour, members, noises in groups:
        mean = np.mean(members, axis=0)
        error = np.abs(mean - colour)
        spread = float(np.median(error[error <= MOST_NOISE])) / 0.6745
        compressed = spread > 2 * ROUNDING or max(noises) > ROUNDING
        noise = max(spread, float(np.mean(noises)) / np.sqrt(len(members)))
        flats.append(Flat(mean, colour, noise, compressed))
    return flats, first.name


def _denoised(picture: Picture) -> tuple[Floats, float]:
    """A flat, H x W x 3 in [0, 1], with less of the noise of its compression around the mark, and
    the standard error of its values."""
    values = picture.rgb.astype(np.float32) / 255
    if not is_quantised(picture.jpeg):
        return values, ROUNDING
    differs = np.abs(values - _flat_colour(values)).max(-1) > SAME_FLAT
    if differs.any():
        rows, columns = np.nonzero(differs)
        top, left = (max(0, int(marked.min()) - NEAR_PX) for marked in (rows, columns))
        bottom, right = (int(marked.max()) + 1 + NEAR_PX for marked in (rows, columns))
        area = np.s_[top:bottom, left:right]
        values[area] = without_noise(values[area], picture)
    return values, max(ROUNDING, LEFT * quantisation_noise(picture))


def _flat_colour(values: Floats) -> Floats:
    """The commonest value of each channel, and the mean of what lies next to it: on the picture's
    frame where that is of one colour, for a mark may cover most of the rest."""
    framed = np.ones(values.shape[:2], np.bool_)
    framed[1:-1, 1:-1] = False
    colour = np.zeros(3, np.float32)
    for channel in range(3):
        levels = np.rint(values[..., channel] * 255).astype(np.intp)
        for pixels in (levels[framed], levels.ravel()):
            near = np.abs(pixels - np.bincount(pixels, minlength=256).argmax()) <= 2
            colour[channel] = pixels[near].mean() / 255
            if near.mean() > 0.5:
                break
    return colour
