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
from unveil.codecs.picture import JpegForm

Floats = NDArray[np.floating]

BLOCK_PX = 8
SLIDE_PX = 2
"""Blocks lie so far apart."""
THRESHOLD = 2.5
"""Coefficients below so many standard deviations of the noise are taken to be 0."""
BEYOND = 0.5
"""Noise at frequencies that colour at half the size does not have, as a part of its finest."""
CHROMA_XY = {1: (2, 1), 2: (2, 2)}
"""Pillow's number of the subsampling -> pixels per stored one."""
TO_YCC = np.array([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]])
"""ITU-T T.871, less the offset of chroma."""
FREQUENCY, PLACE = np.mgrid[:BLOCK_PX, :BLOCK_PX]
COSINES = np.cos(np.pi * (PLACE + 0.5) * FREQUENCY / BLOCK_PX) * np.sqrt(
    np.where(FREQUENCY > 0, 2, 1) / BLOCK_PX
)
"""The discrete cosine transform, orthonormal, as a matrix."""


def unblend_jpeg(
    marked: Floats, premultiplied: Floats, matte: Floats, form: JpegForm, transposed: bool
) -> Floats:
    """The background, h x w x 3 in [0, 1], under a mark in normal mode.

    marked and premultiplied: h x w x 3; matte: h x w. form: of the JPEG, with colour in luma and
    chroma. transposed: rows of the file are columns of the picture.
    """
    mixed, drawn = marked @ TO_YCC.T, premultiplied @ TO_YCC.T
    background = np.empty_like(mixed)
    for channel in range(3):
        across, down = CHROMA_XY.get(form.subsampling, (1, 1)) if channel else (1, 1)
        steps = np.reshape(form.tables[min(channel, len(form.tables) - 1)], (BLOCK_PX, BLOCK_PX))
        noise = _enlarged(steps, down, across) / (255 * np.sqrt(12))
        if transposed:
            across, down, noise = down, across, noise.T
        through = np.maximum(1 - _softened(matte, across, down), MIN_TRANSMISSION)
        inverse = (mixed[..., channel] - _softened(drawn[..., channel], across, down)) / through
        background[..., channel] = denoised(inverse, noise, 1 / through)
    return np.clip(background @ np.linalg.inv(TO_YCC).T, 0, 1)


def _softened(plane: Floats, across: int, down: int) -> Floats:
    """As it is after storing each `across` x `down` pixels as one."""
    height, width = plane.shape
    if across == down == 1:
        return plane
    padded = np.pad(plane, ((0, height % down), (0, width % across)), mode="edge")
    small = cv2.resize(padded, None, fx=1 / across, fy=1 / down, interpolation=cv2.INTER_AREA)
    soft = cv2.resize(small, padded.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(soft)[:height, :width]


def _enlarged(steps: NDArray, down: int, across: int) -> Floats:
    """Steps of the quantisation at the frequencies of a plane that is stored so much smaller."""
    enlarged = np.asarray(steps, np.float64)
    for axis, factor in enumerate((down, across)):
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
