"""Where two colours of a mark meet: there they mix, in an unknown proportion.

The proportion is the place of the pixel on the line between what the one and the other colour would
make of the background around it; that leaves the detail of the background in all directions but
this one. An error of the mixture is multiplied by a / (1 - a) in the background, while filling the
seam from its surroundings is as good under every opacity a. So a seam is filled by
a^2 / (a^2 + (1 - a)^2), as two estimates with such errors are averaged.
"""

import numpy as np
from numpy.typing import NDArray

from unveil.blending import unblend
from unveil.channels import channel_sum
from unveil.masks import dilated, nearest
from unveil.restore.matte import RIM_REACH_PX, surroundings
from unveil.restore.opacity import Solution

Floats = NDArray[np.floating]
Bools = NDArray[np.bool_]

DIFFERENT = 0.15
"""Colours of a mark that differ by more leave a seam where they meet."""
SEAM_PX = 1
"""It is so much wider on both sides."""


def seams_of(colour: Floats, mask: Bools) -> Bools:
    """The seams of a mark. colour: H x W x 3, the mark's at every pixel. mask: H x W."""
    seams = np.zeros(mask.shape, np.bool_)
    down = (np.abs(np.diff(colour, axis=0)).max(-1) > DIFFERENT) & mask[1:] & mask[:-1]
    across = (np.abs(np.diff(colour, axis=1)).max(-1) > DIFFERENT) & mask[:, 1:] & mask[:, :-1]
    seams[1:] |= down
    seams[:-1] |= down
    seams[:, 1:] |= across
    seams[:, :-1] |= across
    return dilated(seams, SEAM_PX) & mask


def unmixed(
    marked: Floats, solution: Solution, seams: Bools, inside: Bools, clean: Bools
) -> Floats:
    """The mark's colour at every pixel, H x W x 3, at the seams the mixture of the two nearest.

    marked: H x W x 3. inside: H x W, pixels that the mark covers fully. clean: pixels without it.
    """
    opacity, colour = solution.opacity, solution.colour
    if not seams.any():
        return colour
    inside = inside & ~seams
    labels = solution.labels
    parts = [nearest(inside & (labels == index)) for index in np.unique(labels[inside])]
    if len(parts) < 2:
        return colour
    distances, neighbours = (np.array(each) for each in zip(*parts, strict=True))
    closest = np.take_along_axis(neighbours, np.argsort(distances, axis=0)[:2], axis=0)
    one, other = colour.reshape(-1, 3)[closest]
    below = unblend(marked, colour, np.float32(opacity) * inside[..., None])
    background, _, is_known = surroundings(below, inside | clean, RIM_REACH_PX)
    step = opacity * (other - one)
    beyond = marked - opacity * one - (1 - opacity) * background
    share = channel_sum(beyond * step) / np.maximum(channel_sum(step**2), 1e-6)
    mixture = one + share.clip(0, 1)[..., None] * (other - one)
    return np.where((seams & is_known)[..., None], mixture, colour)


def filled_part(opacity: float) -> float:
    """How far a seam is filled, in [0, 1]."""
    return opacity**2 / (opacity**2 + (1 - opacity) ** 2)
