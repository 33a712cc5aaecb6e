"""Invert a known mark in a picture that was stored as JPEG.

Two things differ from exact pixels. Colour is stored at half the size, so that there the mark's
matte is as soft as the colours are. And inversion makes the noise of quantisation 1 / (1 - a) times
as large, of which the quantisation tables tell the size at each frequency: coefficients of 8 x 8
blocks that are no larger than that noise are taken to be 0, in blocks at many places of which the
mean is taken (Coifman and Donoho, "Translation-invariant de-noising", 1995).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.blending import MIN_TRANSMISSION
from unveil.codecs import Picture
from unveil.codecs.picture import JpegForm
from unveil.templates.registration import Drawing
from unveil.templates.template import Template

Floats = NDArray[np.floating]
Area = tuple[slice, slice]

BLOCK_PX = 8
SLIDE_PX = 2
"""Blocks lie so far apart."""
THRESHOLD = 2.5
"""Coefficients below so many standard deviations of the noise are taken to be 0."""
BEYOND = 0.5
"""Noise at frequencies that colour at half the size does not have, as a part of its finest."""
TRANSPOSED = 5
"""From this EXIF orientation on rows of the file are columns of the picture."""
CELLS_HW = {1: (1, 2), 2: (2, 2)}
"""Pillow's number of the subsampling -> rows and columns that are stored as one."""
TO_YCC = np.array([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]])
"""ITU-T T.871, less the offset of chroma."""
FREQUENCY, PLACE = np.mgrid[:BLOCK_PX, :BLOCK_PX]
COSINES = np.cos(np.pi * (PLACE + 0.5) * FREQUENCY / BLOCK_PX) * np.sqrt(
    np.where(FREQUENCY > 0, 2, 1) / BLOCK_PX
)
"""The discrete cosine transform, orthonormal, as a matrix."""


def is_quantised(form: JpegForm | None) -> bool:
    """Whether a picture was stored as luma and chroma of known quantisation."""
    return form is not None and bool(form.tables) and not form.keeps_rgb


def is_invertible(form: JpegForm | None, template: Template) -> bool:
    """Whether :func:`unblend_jpeg` is for this picture, by its JPEG's form, and template."""
    return is_quantised(form) and (template.blend, template.light) == ("normal", "srgb")


def luma(rgb: Floats) -> Floats:
    """A picture's luma as a picture, h x w x 3."""
    return np.repeat((rgb @ TO_YCC[0])[..., None], 3, axis=-1).astype(np.float32)


def unblend_jpeg(marked: Floats, drawing: Drawing, strength: float, source: Picture) -> Floats:
    """The background, h x w x 3 in [0, 1], under a drawn mark; marked: the region, h x w x 3.

    source: the JPEG that it is from, with colour as luma and chroma.
    """
    matte = np.clip(strength * drawing.matte, 0, 1)
    premultiplied = strength * drawing.premultiplied
    mixed, drawn = marked @ TO_YCC.T, premultiplied @ TO_YCC.T
    background = np.empty_like(mixed)
    for channel in range(3):
        cell_hw, noise = _stored(source, channel)
        through = np.maximum(1 - _softened(matte, cell_hw, drawing.area), MIN_TRANSMISSION)
        offset = _softened(drawn[..., channel], cell_hw, drawing.area)
        inverse = (mixed[..., channel] - offset) / through
        background[..., channel] = denoised(inverse, noise, 1 / through)
    return np.clip(background @ np.linalg.inv(TO_YCC).T, 0, 1)


def without_noise(values: Floats, source: Picture) -> Floats:
    """A part of a JPEG, h x w x 3, without the noise of quantisation."""
    mixed = values @ TO_YCC.T
    even = np.ones(values.shape[:2])
    for channel in range(3):
        mixed[..., channel] = denoised(mixed[..., channel], _stored(source, channel)[1], even)
    return np.clip(mixed @ np.linalg.inv(TO_YCC).T, 0, 1)


def quantisation_noise(source: Picture) -> float:
    """Standard deviation of the noise of quantisation in luma, where all coefficients have it."""
    return float(np.sqrt(np.mean(_stored(source, 0)[1] ** 2)))


def _stored(source: Picture, channel: int) -> tuple[tuple[int, int], Floats]:
    """Rows and columns of the picture that are stored as one, and the standard deviation of the
    quantisation noise per coefficient, 8 x 8."""
    form = source.jpeg
    assert form is not None
    cell_hw = CELLS_HW.get(form.subsampling, (1, 1)) if channel else (1, 1)
    steps = np.reshape(form.tables[min(channel, len(form.tables) - 1)], (BLOCK_PX, BLOCK_PX))
    noise = _enlarged(steps, cell_hw) / (255 * np.sqrt(12))
    if source.orientation >= TRANSPOSED:
        cell_hw, noise = (cell_hw[1], cell_hw[0]), noise.T
    return cell_hw, noise


def _softened(plane: Floats, cell_hw: tuple[int, int], area: Area) -> Floats:
    """As it is after storing cells of the picture as one pixel each; area: the plane's place."""
    if cell_hw == (1, 1):
        return plane
    before = [span.start % side for span, side in zip(area, cell_hw, strict=True)]
    sizes = [size + more for size, more in zip(plane.shape, before, strict=True)]
    margins = [
        (more, -size % side) for more, size, side in zip(before, sizes, cell_hw, strict=True)
    ]
    padded = np.pad(plane, margins, "edge")
    height, width = (size // side for size, side in zip(padded.shape, cell_hw, strict=True))
    small = cv2.resize(padded, (width, height), interpolation=cv2.INTER_AREA)
    soft = cv2.resize(small, padded.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(soft, np.float64)[before[0] : sizes[0], before[1] : sizes[1]]


def _enlarged(steps: NDArray, cell_hw: tuple[int, int]) -> Floats:
    """Steps of the quantisation at the frequencies of a plane that is stored so much smaller."""
    enlarged = np.asarray(steps, np.float64)
    for axis, factor in enumerate(cell_hw):
        frequencies = np.arange(BLOCK_PX) * factor
        enlarged = enlarged.take(np.minimum(frequencies, BLOCK_PX - 1), axis)
        beyond = np.where(frequencies < BLOCK_PX, 1, BEYOND)
        enlarged *= np.expand_dims(beyond, 1 - axis)
    return enlarged


def denoised(plane: Floats, noise: Floats, gain: Floats) -> Floats:
    """A plane, h x w, without noise of this standard deviation per coefficient, 8 x 8, times a
    gain per pixel, h x w."""
    height, width = plane.shape
    margin = [(BLOCK_PX, BLOCK_PX + -side % BLOCK_PX) for side in plane.shape]
    padded, power = np.pad(plane, margin, "symmetric"), np.pad(gain**2, margin, "symmetric")
    total, weights = np.zeros_like(padded), np.full_like(padded, 1e-12)
    for top in range(0, BLOCK_PX, SLIDE_PX):
        for left in range(0, BLOCK_PX, SLIDE_PX):
            rows, columns = (slice(start, start - BLOCK_PX) for start in (top, left))
            area = np.s_[rows, columns]
            coefficients = COSINES @ _blocks(padded[area]) @ COSINES.T
            variance = noise**2 * _blocks(power[area]).mean((2, 3), keepdims=True)
            kept = coefficients**2 > THRESHOLD**2 * variance
            kept[..., 0, 0] = True
            left_over = (kept * variance).sum((2, 3), keepdims=True)
            weight = 1 / (left_over + variance.mean((2, 3), keepdims=True))
            values = COSINES.T @ (coefficients * kept) @ COSINES
            total[area] += _joined(weight * values)
            weights[area] += _joined(np.broadcast_to(weight, values.shape))
    middle = np.s_[BLOCK_PX : BLOCK_PX + height, BLOCK_PX : BLOCK_PX + width]
    return total[middle] / weights[middle]


def _blocks(plane: Floats) -> Floats:
    rows, columns = (side // BLOCK_PX for side in plane.shape)
    return plane.reshape(rows, BLOCK_PX, columns, BLOCK_PX).swapaxes(1, 2)


def _joined(blocks: Floats) -> Floats:
    rows, columns = blocks.shape[:2]
    return blocks.swapaxes(1, 2).reshape(rows * BLOCK_PX, columns * BLOCK_PX)
