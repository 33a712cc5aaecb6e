"""Quality place by place: PSNR and SSIM of the window around each pixel."""

import cv2
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from skimage.metrics import structural_similarity

from unveil.lab.evaluation.metrics import SSIM_WINDOW, as_unit, psnr, ssim
from unveil.lab.figures.style import QUALITY_MAP, picture_panels, show, show_map, styled

CEILING_DB = 60.0
"""A map shows at most this: a window without error would be infinite."""
FLOOR_DB = 10.0


def local_psnr(restored: NDArray, clean: NDArray, window_px: int = 15) -> NDArray[np.float64]:
    """PSNR in dB of the square window around each pixel, H x W, at most CEILING_DB.

    Pictures: H x W x 3, uint8 or floats in [0, 1]. 10 log10(1 / mean over the window and the
    channels of (restored - clean)^2); windows at the rim see the picture mirrored.
    """
    squared = ((as_unit(restored) - as_unit(clean)) ** 2).mean(axis=-1)
    mean = cv2.blur(squared, (window_px, window_px))
    return -10 * np.log10(np.maximum(mean, 10 ** (-CEILING_DB / 10)))


def local_ssim(restored: NDArray, clean: NDArray) -> NDArray[np.float64]:
    """SSIM of the window around each pixel, H x W: what :func:`metrics.ssim` is the mean of."""
    _, each = structural_similarity(  # pyright: ignore[reportAssignmentType]
        as_unit(restored),
        as_unit(clean),
        win_size=SSIM_WINDOW,
        channel_axis=-1,
        data_range=1,
        full=True,
    )
    return each.mean(axis=-1)


@styled
def local_quality(restored: NDArray, clean: NDArray, window_px: int = 15) -> Figure:
    """The restored picture and its local PSNR and SSIM; bright is good.

    Pictures: H x W x 3, uint8 or floats in [0, 1].
    """
    figure, axes = picture_panels(1, 3, clean.shape, scales=True)
    show(axes[0, 0], as_unit(restored), "restored")
    show_map(
        axes[0, 1],
        local_psnr(restored, clean, window_px),
        f"local PSNR; of the whole {psnr(restored, clean):.2f} dB",
        f"PSNR of {window_px} x {window_px} pixels (dB)",
        (FLOOR_DB, CEILING_DB),
        QUALITY_MAP,
    )
    similar = local_ssim(restored, clean)
    show_map(
        axes[0, 2],
        similar,
        f"local SSIM; of the whole {ssim(restored, clean):.4f}",
        f"SSIM of {SSIM_WINDOW} x {SSIM_WINDOW} pixels",
        (min(0.0, float(similar.min())), 1),
        QUALITY_MAP,
    )
    return figure
