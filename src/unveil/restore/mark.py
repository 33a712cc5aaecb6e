"""Give back what was under one mark: solve, unblend what shows through, fill what does not."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.masks import dilated, eroded
from unveil.pairs import core_of, sure_of
from unveil.restore.attempt import Marked, Method, taken_off
from unveil.restore.holes import holes_of, marked_holes
from unveil.restore.inpaint import Inpaint, inpaint
from unveil.restore.opacity import Solution, solve
from unveil.restore.parts import colour_left, with_parts
from unveil.restore.refine import Refine

Floats = NDArray[np.floating]

LEAST_GAIN = 0.9
"""A result must bring the step across the mark's border down to this part of it, or is refused."""


@dataclass(frozen=True, eq=False)
class Restored:
    """What was under a mark."""

    background: Floats
    """H x W x 3; equal to the input where the mask is False."""
    mask: NDArray[np.bool_]
    """H x W: the pixels that were restored."""
    matte: Floats
    """H x W."""
    confidence: Floats
    """H x W in [0, 1]: how much of the background showed through. 1 where there is no mark, 1 - a
    where it was unblended, 0 where it was filled or a network restored it without saying."""
    opacity: float | None
    """None where a network restored the picture without saying."""
    colours: Floats
    """K x 3."""
    method: Literal["unblend", "inpaint", "both", "network"]
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
    probability: Floats,
    matte: Floats,
    colour: Floats,
    *,
    trust: float = 1.0,
    given: bool = False,
    method: Method = "auto",
    fill_by: Inpaint = inpaint,
    refine_by: Refine | None = None,
) -> Restored:
    """Restore one mark in its surroundings.

    marked: H x W x 3. mask: the mark's pixels, not empty. others: pixels of other marks, not to be
    learnt from. probability, matte, colour: the network's, H x W, H x W and H x W x 3; trust: in
    (0, 1], how far to go by them. given: the mask is known to be right, neither more nor less.
    fill_by: what fills pixels of which nothing is left. refine_by: what corrects the result of the
    method auto, if anything.
    """
    holes = np.zeros_like(mask) if given else holes_of(mask) & ~others
    clean = ~dilated(mask | others, 1)
    sure = mask if given else sure_of(mask, probability)
    if holes.any():
        plate, _ = _solved(marked, sure, clean & ~holes, matte, colour, trust)
        part, own = marked_holes(marked, mask, others, holes, probability, plate)
        mask, sure, clean = mask | part, sure | part, clean & ~dilated(part, 1)
        probability = np.where(part, 1, probability)
        matte = np.where(part, plate.opacity, matte)
        colour = np.where(part[..., None], own, colour)
    solution, core = _solved(marked, sure, clean, matte, colour, trust)
    prior = mask.astype(np.float32) if given else probability
    mark = Marked(marked, mask, others, clean, core, prior, matte, given)
    attempt = taken_off(mark, solution, method, fill_by, refine_by)
    if method == "auto" and refine_by is not None and attempt.filled < 1:
        # the network that refines sees parts of other colours that the solver could not tell
        inside = eroded(sure, 1)
        left = colour_left(marked, attempt.background, inside, solution.opacity)
        corrected = with_parts(marked, inside, clean, solution, left)
        if corrected is not solution:
            solution = corrected
            attempt = taken_off(mark, solution, method, fill_by, refine_by)
    background = np.where(attempt.mask[..., None], attempt.background, marked)
    return Restored(
        background=background,
        mask=attempt.mask,
        matte=attempt.matte,
        confidence=(1 - attempt.matte) * (1 - attempt.fill),
        opacity=solution.opacity,
        colours=solution.colours,
        method=method_of(attempt.filled),
        step=remaining_step(marked, background, core, clean),
    )


def _solved(
    marked: Floats,
    sure: NDArray[np.bool_],
    clean: NDArray[np.bool_],
    matte: Floats,
    colour: Floats,
    trust: float,
) -> tuple[Solution, NDArray[np.bool_]]:
    """What a mark is made of, solved from pixels that are surely marked and surely not, and those
    of the former that it covers fully."""
    core = core_of(sure, matte)
    solution = solve(marked, core, clean, matte, colour, trust)
    return with_parts(marked, eroded(sure, 1), clean, solution), core


def method_of(filled: float) -> Literal["unblend", "inpaint", "both"]:
    """What was done, by the part of a mark that was filled."""
    return "unblend" if filled < 0.02 else "inpaint" if filled > 0.98 else "both"


def remaining_step(
    marked: Floats, background: Floats, core: NDArray[np.bool_], clean: NDArray[np.bool_]
) -> float:
    """Step of the colours across a mark's border that is left, as a part of what it was."""
    return _step(background, core, clean) / max(_step(marked, core, clean), 1e-6)


def _step(picture: Floats, core: NDArray[np.bool_], clean: NDArray[np.bool_]) -> float:
    """Mean difference between the mark's pixels and the clean pixels around them, both smoothed."""
    inside, _ = _smoothed(picture, core)
    outside, clean_share = _smoothed(picture, clean)
    both = core & (clean_share > 0.02)
    if not both.any():
        return 0.0
    return float(np.abs(inside - outside)[both].mean())


def _smoothed(picture: Floats, where: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    weight = where.astype(np.float32)
    share = np.asarray(cv2.boxFilter(weight, -1, (11, 11)), np.float32)
    mean = np.asarray(cv2.boxFilter(picture * weight[..., None], -1, (11, 11)), np.float32)
    return mean / np.maximum(share, 1e-3)[..., None], share
