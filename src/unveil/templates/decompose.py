"""Matte and colour of a mark from many pictures that share it, all in register.

With the premultiplied colour P = a * W, the strength m of one picture and its background B, the
difference of two neighbouring pixels is

    dJ = m * (dP - b * da) + (1 - m * a) * dB,    b = mean of B over the two pixels,

where the last term is the texture of the picture: of either sign, and small in most pictures. So
each pair of neighbours has a robust linear regression over pictures and channels with the unknowns
(da, dP). All pairs together are one least-squares problem in a and P, which are 0 around the mark:
Poisson's equation with a 4 x 4 weight for each pair, which is how well that pair is known. The
pictures are then unblended for better b and m, and it is solved again, from coarse to fine. The
alternation is that of Dekel et al., "On the effectiveness of visible watermarks" (CVPR 2017);
the weighted joint solution and the weights by local texture are not.

Marks of other blend modes have one unknown per channel, dJ = m * g(b) * dX + ... with g = b, 1 - b
or the smaller of both (:func:`unveil.blending.change_of`). They, and linear light, are tried last,
from what was found, and taken where they explain the mark's edges better.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from unveil.masks import Mask, connected, dilated
from unveil.templates.estimate import FAINT, SUPPORT_PX, Estimate, resized
from unveil.templates.members import Member

Floats = NDArray[np.floating]

COARSEST_PX = 64
"""Shorter side of the region on the coarsest level, at least."""
STEPS_COARSE = (4, 8)
"""Solutions on the coarsest level: the first weigh texture by its size, the others, nearer to the
truth, by its square, with the priors; the number of the first, and of all."""
STEPS_FINE = (1, 4)
"""The same on each finer level."""
OTHERS = (("multiply", "srgb"), ("screen", "srgb"), ("overlay", "srgb"), ("normal", "linear"))
"""Blend modes and lights that are tried on the finest level beside normal and sRGB,"""
CLEARLY_BETTER = 0.97
"""and taken where they leave no more than this part of what normal and sRGB leave at the edges."""
VISIBLE = 1.5
"""Matte below so many standard errors is noise, not the mark,"""
LEAST_VISIBLE = 0.006
"""and so it is below this,"""
MOST_ERROR = 0.02
"""with errors above this counted as this,"""
CLEAR = 3.0
"""and where none near it has so much more,"""
SURE = 0.2
"""and where no pixel that it is connected with has this part of the highest matte."""


class Mark(NamedTuple):
    """What :func:`decompose` finds."""

    matte: Floats
    """h x w."""
    premultiplied: Floats
    """h x w x 3."""
    strengths: Floats
    """N; their median over the kept pictures is 1."""
    kept: NDArray[np.bool_]
    """N: the pictures that agree."""
    error: float
    """Standard error of the matte where it is not 0, from two halves of the pictures."""
    blend: str
    light: str

    def visible(self) -> Mask:
        """Where the matte is more than noise."""
        level = max(LEAST_VISIBLE, VISIBLE * min(self.error, MOST_ERROR))
        clear = np.asarray(self.matte > CLEAR * level)
        some = (self.matte > level) & dilated(clear, SUPPORT_PX)
        return connected(some, clear & (self.matte > SURE * float(self.matte.max())))


def decompose(
    pictures: Sequence[NDArray[np.uint8]],
    inside: Mask,
    *,
    subpixel: bool,
    told_apart: bool = False,
) -> Mark:
    """Separate the mark that N pictures share from their backgrounds.

    pictures: the same region of each, h x w x 3. inside: h x w, where the mark may be. subpixel:
    the pictures were resized, so the mark may be off by a fraction of a pixel; otherwise they are
    moved by whole pixels only. told_apart: whether other blend modes and lights are tried.
    """
    height, width = inside.shape
    levels = max(0, int(np.log2(max(1, min(height, width) / COARSEST_PX))))
    members = [Member(picture) for picture in pictures]
    unknowns, estimate = None, None
    for level in range(levels, -1, -1):
        reduction = 2**level
        size_hw = round(height / reduction), round(width / reduction)
        support = resized(inside.astype(np.float32), size_hw) > 0.5
        robust, steps = STEPS_COARSE
        if unknowns is not None:
            robust, steps = STEPS_FINE
            unknowns = resized(unknowns, size_hw)
            support &= dilated(unknowns[..., 0] > FAINT, SUPPORT_PX)
        estimate = Estimate(members, support, unknowns, reduction, subpixel)
        for step in range(steps):
            estimate.improve(robust=step < robust)
        unknowns = estimate.everywhere()
    assert estimate is not None
    if told_apart:
        estimate = _likeliest(estimate)
    unknowns, members = estimate.everywhere(), estimate.members
    return Mark(
        unknowns[..., 0],
        unknowns[..., 1:],
        np.array([member.strength for member in members]),
        np.array([member.agrees for member in members]),
        estimate.error(),
        estimate.mode,
        estimate.light,
    )


def _likeliest(plain: Estimate) -> Estimate:
    """The estimate in that blend mode and light which explains the pictures best."""
    edges = plain.edges()
    best, least = plain, CLEARLY_BETTER * plain.residual(edges)
    for mode, light in OTHERS:
        other = plain.supposing(mode, light)
        robust, steps = STEPS_FINE
        for step in range(steps):
            other.improve(robust=step < robust)
        residual = other.residual(edges)
        if residual < least:
            best, least = other, residual
    return best
