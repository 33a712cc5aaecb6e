"""Give back what was under one mark: solve, unblend what shows through, fill what does not."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.blending import unblend
from unveil.restore.inpaint import inpaint
from unveil.restore.matte import core_of, coverage, refine
from unveil.restore.opacity import solve

Floats = NDArray[np.floating]
Method = Literal["auto", "unblend", "inpaint"]

FILL_FROM, FILL_TO = 0.80, 0.92
"""Between these mattes the result goes over from unblending to filling."""
LEAST_GAIN = 0.9
"""A result must bring the step across the mark's border down to this part of it, or is refused."""


@dataclass(frozen=True)
class Restored:
    """What was under a mark."""

    background: Floats
    """H x W x 3; equal to the input where the mask is False."""
    matte: Floats
    """H x W."""
    opacity: float
    colours: Floats
    """K x 3."""
    method: Literal["unblend", "inpaint", "both"]
    step: float
    """Step of the colours across the mark's border that is left, as a part of what it was."""

    @property
    def is_better(self) -> bool:
        """Whether the mark shows clearly less than before."""
        return self.step <= LEAST_GAIN


def restore(
    marked: Floats,
    mask: NDArray[np.bool_],
    others: NDArray[np.bool_],
    matte: Floats,
    colour: Floats,
    trust: float = 1.0,
    method: Method = "auto",
) -> Restored:
    """Restore one mark in its surroundings.

    marked: H x W x 3. mask: the mark's pixels, not empty. others: pixels of other marks, not to be
    learnt from. matte, colour: the network's, H x W and H x W x 3; trust: in (0, 1], how far to go by
    them.
    """
    clean = ~_dilated(mask | others, 2)
    core = core_of(mask, matte)
    solution = solve(marked, core, clean, matte, colour, trust)
    colour = solution.colours[solution.labels]
    cover = coverage(matte, core)
    refined = refine(marked, mask, core, clean, cover, colour, solution.opacity)
    if method == "inpaint":
        filled = mask.astype(np.float32)
    elif method == "unblend":
        filled = np.zeros_like(refined)
    else:
        filled = np.clip((refined - FILL_FROM) / (FILL_TO - FILL_FROM), 0, 1)
        # an opaque mark leaves nothing at its rim either: what is fractional there is a guess
        filled[mask & (solution.opacity > FILL_TO)] = 1
    inverse = unblend(marked, colour, refined[..., None])
    hole = mask & (filled > 0)
    base = np.where(mask[..., None], inverse, marked)
    content = inpaint(base, _dilated(hole, 1) & (mask | others)) if hole.any() else base
    background = filled[..., None] * content + (1 - filled[..., None]) * base
    background = np.where(mask[..., None], background, marked).astype(np.float32)
    share = float(filled[mask].mean())
    return Restored(
        background=background,
        matte=refined if method != "inpaint" else mask.astype(np.float32),
        opacity=solution.opacity,
        colours=solution.colours,
        method="unblend" if share < 0.02 else "inpaint" if share > 0.98 else "both",
        step=_step(background, core, clean) / max(_step(marked, core, clean), 1e-6),
    )


def _step(picture: Floats, core: NDArray[np.bool_], clean: NDArray[np.bool_]) -> float:
    """Mean difference between the mark's pixels and the clean pixels around them, both smoothed."""
    inside, inside_count = _smoothed(picture, core)
    outside, outside_count = _smoothed(picture, clean)
    both = core & (outside_count > 0.02) & (inside_count > 0)
    if not both.any():
        return 0.0
    return float(np.abs(inside - outside)[both].mean())


def _smoothed(picture: Floats, where: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    weight = where.astype(np.float32)
    share = np.asarray(cv2.boxFilter(weight, -1, (11, 11)))
    mean = np.asarray(cv2.boxFilter(picture * weight[..., None], -1, (11, 11)))
    return mean / np.maximum(share, 1e-3)[..., None], share


def _dilated(mask: NDArray[np.bool_], radius_px: int) -> NDArray[np.bool_]:
    size = 2 * radius_px + 1
    return cv2.dilate(mask.view(np.uint8), np.ones((size, size), np.uint8)).view(np.bool_)
