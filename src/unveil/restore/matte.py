"""The matte of a mark of known opacity and colours: full inside, fractional at the rim.

Inside, every pixel has the solved opacity. At the rim the network says how much of the pixel the
mark covers, and the pixel itself says it too: on the line from the colour of the clean surroundings
to the colour of the mark, how far along does it lie? The two are weighed by their errors; the
second is sharp where mark and surroundings differ much and the surroundings are smooth.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

SOLID = 0.85
"""From this part of the mark's opacity on, a pixel away from the border is taken as fully
covered."""
RIM_ERROR = 0.12
"""Standard error of the network's coverage at the rim, as a part of the opacity."""
REACH_PX = 7
"""Width of the window from which the colour of the clean surroundings is taken."""


def coverage(matte: Floats, core: NDArray[np.bool_]) -> Floats:
    """How much of each pixel the mark covers, H x W in [0, 1], from the network's matte alone."""
    plateau = float(np.median(matte[core]))
    return np.clip(matte / max(plateau, 1e-3), 0, 1).astype(np.float32)


def core_of(mask: NDArray[np.bool_], matte: Floats) -> NDArray[np.bool_]:
    """The pixels of a mark that it covers fully: away from its border where it is thick enough."""
    inner = cv2.erode(mask.view(np.uint8), np.ones((3, 3), np.uint8), borderValue=1).view(np.bool_)
    if np.count_nonzero(inner) >= 0.1 * np.count_nonzero(mask):
        plateau = np.median(matte[inner])
        solid = inner & (matte > SOLID * plateau)
        return solid if solid.any() else inner
    return mask & (matte >= np.quantile(matte[mask], 0.7))


def refine(
    marked: Floats,
    mask: NDArray[np.bool_],
    core: NDArray[np.bool_],
    clean: NDArray[np.bool_],
    cover: Floats,
    colour: Floats,
    opacity: float,
) -> Floats:
    """The matte, H x W float32: opacity times coverage, the coverage of the rim refined.

    marked: H x W x 3. mask, core, clean: the mark's pixels, its fully covered ones, the unmarked
    ones. cover: the network's coverage. colour: H x W x 3, the mark's colour at every pixel.
    """
    rim = mask & ~core
    around, spread = _surroundings(marked, clean)
    direction = colour - around
    contrast = (direction**2).sum(-1)
    along = ((marked - around) * direction).sum(-1) / np.maximum(contrast, 1e-4)
    projected = np.clip(along / opacity, 0, 1)
    variance = spread / np.maximum(contrast, 1e-4) / opacity**2 + 1e-4
    weight = 1 / variance
    weight_network = 1 / RIM_ERROR**2
    mixed = (weight * projected + weight_network * cover) / (weight + weight_network)
    refined = np.where(rim, mixed, np.where(core, 1.0, 0.0))
    return (opacity * refined * mask).astype(np.float32)


def _surroundings(marked: Floats, clean: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Mean colour of the clean pixels nearby, H x W x 3, and the variance around it, H x W."""
    weight = clean.astype(np.float32)
    size = (REACH_PX, REACH_PX)
    count = cv2.boxFilter(weight, -1, size, normalize=False)
    total = cv2.boxFilter(marked * weight[..., None], -1, size, normalize=False)
    squares = cv2.boxFilter(marked**2 * weight[..., None], -1, size, normalize=False)
    known = np.maximum(count, 1)[..., None]
    mean = total / known
    variance = np.maximum(squares / known - mean**2, 0).sum(-1) / 3
    variance = np.where(count >= 3, variance + 1e-4, 1e3)  # too few to tell: no weight
    return mean, variance.astype(np.float32)
