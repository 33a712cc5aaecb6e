"""The figures a result is judged by: pure functions of pictures and masks, one equation each.

Pictures are uint8 in 0..255 or floats in [0, 1], H x W x 3, both of one size; masks are bool H x W,
True where marked. No function here rescales a picture by what it holds: the data range is always 1.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from skimage.metrics import structural_similarity

from unveil.masks import dilated

COVERED = 0.01
"""A pixel is under a mark when the true matte is larger than this."""

COLOURED = 0.1
"""Where the true matte is no larger, 8 bits leave the mark's straight colour undefined."""

RIM_PX = 2
"""The rim is what lies under a mark within this many pixels of what does not."""

SSIM_WINDOW = 7
"""Side of the uniform window of :func:`ssim` in pixels, as the published scores have it."""


def as_unit(picture: NDArray) -> NDArray[np.float64]:
    """The picture as float64 in [0, 1]: uint8 divided by 255, floats as they are.

    Raises ValueError for other dtypes, and for floats outside [0, 1] or not finite.
    """
    if picture.dtype == np.uint8:
        return picture / np.float64(255)
    if not np.issubdtype(picture.dtype, np.floating):
        raise ValueError(
            f"expected a uint8 or float picture, got {picture.dtype}: convert it first"
        )
    if picture.size and not (picture.min() >= 0 and picture.max() <= 1):
        low, high = picture.min(), picture.max()
        raise ValueError(
            f"expected floats in [0, 1], got {low:.4g} to {high:.4g}: scale or clip them"
        )
    return picture.astype(np.float64)


def psnr(result: NDArray, clean: NDArray) -> float:
    """Peak signal-to-noise ratio in dB: 10 log10(1 / mean((result - clean)^2)).

    Infinite when the pictures are equal. The score of a set is the mean of its cases' dB, as
    published (not the dB of the mean error), into which an infinite one enters as
    :data:`tally.PSNR_CEILING_DB`.
    Raises ValueError when the shapes differ.
    """
    _check_alike(result, clean)
    return _decibel((as_unit(result) - as_unit(clean)) ** 2)


def psnr_under(result: NDArray, clean: NDArray, mask: NDArray[np.bool_]) -> float:
    """:func:`psnr` over the pixels of the mask alone; NaN when the mask is empty.

    Raises ValueError when the shapes differ.
    """
    _check_alike(result, clean)
    _check_mask(mask, clean)
    if not mask.any():
        return math.nan
    return _decibel((as_unit(result[mask]) - as_unit(clean[mask])) ** 2)


def ssim(result: NDArray, clean: NDArray) -> float:
    """Structural similarity (Wang et al. 2004), at most 1, as scikit-image computes it on floats.

    A uniform 7 x 7 window, sample covariance, data range 1, mean over the three channels and over
    the windows that lie wholly inside. A window in which the pictures are equal scores 1, so only
    those around the changed pixels are computed: the same figure for a fraction of the work.
    Raises ValueError when the shapes differ or a side is under 7 pixels.
    """
    _check_alike(result, clean)
    height, width = clean.shape[:2]
    if min(height, width) < SSIM_WINDOW:
        raise ValueError(
            f"expected a picture of at least {SSIM_WINDOW} x {SSIM_WINDOW} pixels for SSIM, "
            f"got {width} x {height}: leave it out"
        )
    changed = (result != clean).any(axis=-1)
    if not changed.any():
        return 1.0
    around = _box_around(changed, margin=SSIM_WINDOW - 1)
    _, each = structural_similarity(  # pyright: ignore[reportAssignmentType]
        as_unit(result[around]),
        as_unit(clean[around]),
        win_size=SSIM_WINDOW,
        channel_axis=-1,
        data_range=1,
        full=True,
    )
    edge = SSIM_WINDOW // 2
    lost = float((1 - each[edge:-edge, edge:-edge]).sum())
    windows = (height - 2 * edge) * (width - 2 * edge) * clean.shape[2]
    return 1 - lost / windows


@dataclass(frozen=True)
class MaskCounts:
    """Pixels of a returned mask against the true one. Counts add up exactly over pictures."""

    hit: int = 0
    """True positives: marked, and in the returned mask."""
    false: int = 0
    """False positives: in the returned mask, and not marked."""
    missed: int = 0
    """False negatives: marked, and not in the returned mask."""

    def __add__(self, other: "MaskCounts") -> "MaskCounts":
        return MaskCounts(
            self.hit + other.hit, self.false + other.false, self.missed + other.missed
        )

    @property
    def f1(self) -> float:
        """2 tp / (2 tp + fp + fn); 1 when both masks are empty, for nothing was to be found."""
        total = 2 * self.hit + self.false + self.missed
        return 2 * self.hit / total if total else 1.0

    @property
    def iou(self) -> float:
        """tp / (tp + fp + fn); 1 when both masks are empty."""
        total = self.hit + self.false + self.missed
        return self.hit / total if total else 1.0


def mask_counts(found: NDArray[np.bool_], true: NDArray[np.bool_]) -> MaskCounts:
    """Compare two bool masks pixel by pixel. Raises ValueError when dtype or shape differ."""
    _check_mask(true, true)
    _check_mask(found, true)
    hit = int(np.count_nonzero(found & true))
    return MaskCounts(hit, int(np.count_nonzero(found)) - hit, int(np.count_nonzero(true)) - hit)


def matte_error(found: NDArray, true: NDArray) -> float:
    """Mean |found - true| of two mattes in [0, 1] over the pixels under the mark, missed ones too.

    NaN when nothing lies under it. Raises ValueError when the shapes differ.
    """
    return _mean_over(_matte_difference(found, true), true > COVERED)


def rim_error(found: NDArray, true: NDArray) -> float:
    """:func:`matte_error` over the rim alone: no further than RIM_PX from what is not covered."""
    covered = true > COVERED
    return _mean_over(_matte_difference(found, true), covered & dilated(~covered, RIM_PX))


def colour_error(colours: NDArray, true: NDArray, where: NDArray[np.bool_]) -> float:
    """Mean distance from a mark's true colour to the nearest of the colours found, in 1/255.

    colours: K x 3, true: H x W x 3, all in [0, 1]; where: H x W. The distance of two colours is the
    mean of |difference| over the channels. NaN for no colour and for no pixel.
    """
    if not len(colours) or not where.any():
        return math.nan
    distances = np.abs(true[where][:, None, :] - colours[None]).mean(axis=-1)
    return float(distances.min(axis=1).mean() * 255)


def change_outside(result: NDArray, marked: NDArray, mask: NDArray[np.bool_]) -> float:
    """max |result - marked| over the pixels outside the mask, in steps of 1/255.

    0 if there are none. Measured against the *marked* picture, which a remover must not touch
    there: 0 is the only good score. Raises ValueError when the shapes differ.
    """
    _check_alike(result, marked)
    _check_mask(mask, marked)
    if mask.all():
        return 0.0
    if result.dtype == marked.dtype == np.uint8:
        change = np.abs(result[~mask].astype(np.int16) - marked[~mask])
        return float(change.max())
    return float(np.abs(as_unit(result[~mask]) - as_unit(marked[~mask])).max() * 255)


def _matte_difference(found: NDArray, true: NDArray) -> NDArray[np.floating]:
    if found.shape != true.shape or found.ndim != 2:
        raise ValueError(
            f"expected two mattes H x W of one size, got {found.shape} and {true.shape}"
        )
    return np.abs(found - true)


def _mean_over(values: NDArray[np.floating], where: NDArray[np.bool_]) -> float:
    return float(values[where].mean()) if where.any() else math.nan


def _decibel(squared_error: NDArray[np.float64]) -> float:
    mean = float(squared_error.mean())
    return -10 * math.log10(mean) if mean > 0 else math.inf


def _box_around(marked: NDArray[np.bool_], margin: int) -> tuple[slice, slice]:
    """Rows and columns of the True pixels, wider by the margin on each side."""
    spans = []
    for axis in (1, 0):
        places = np.flatnonzero(marked.any(axis=axis))
        spans.append(slice(max(int(places[0]) - margin, 0), int(places[-1]) + margin + 1))
    return spans[0], spans[1]


def _check_alike(result: NDArray, reference: NDArray) -> None:
    if result.shape != reference.shape or result.ndim != 3:
        raise ValueError(
            f"expected two pictures H x W x 3 of one size, got {result.shape} and {reference.shape}"
        )


def _check_mask(mask: NDArray, picture: NDArray) -> None:
    if mask.dtype != np.bool_ or mask.shape != picture.shape[:2] or mask.ndim != 2:
        raise ValueError(
            f"expected a bool mask of {picture.shape[:2]}, got {mask.dtype} of {mask.shape}"
        )
