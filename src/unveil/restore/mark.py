"""Give back what was under one mark: solve, unblend what shows through, fill what does not."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.blending import unblend
from unveil.masks import connected, dilated, eroded
from unveil.odds import log_odds
from unveil.pairs import sure_of
from unveil.restore.aliased import aliased_border
from unveil.restore.colours import cores_of
from unveil.restore.figures import FindFigures
from unveil.restore.holes import holes_of, marked_holes
from unveil.restore.inpaint import Inpaint, inpaint
from unveil.restore.matte import LIKELY, coverage
from unveil.restore.opacity import Solution, solve
from unveil.restore.parts import with_parts
from unveil.restore.refine import Refine, evidence
from unveil.restore.seams import filled_part, seams_of, unmixed

Floats = NDArray[np.floating]
Method = Literal["auto", "unblend", "inpaint"]

OPAQUE = 0.9
"""From this opacity on nothing of the background is left, not at the rim either: it is filled."""
FILL_FROM, FILL_TO = 0.80, 0.92
"""Below that, the result goes over from unblending to filling between these mattes."""
LEAST_MATTE = 0.02
"""Pixels that the mark hardly touches are left alone."""
SAME_COLOUR = 0.05
"""Pixels next to an opaque mark that differ from its colour by no more than this belong to it."""
HARDLY_CLEAN = 0.03
"""But not where the network puts the probability below this."""
LEAST_RIM = 0.05
"""Nor do other pixels next to it that it covers by less than this."""
REFINED_PX = 8
"""Refinement may also change unmarked pixels up to this far from the mark: a forgotten rim."""
SEEN = 0.4
"""Whether the mark shows at a refined pixel: so much of the log odds are refinement's, the others
what was known before;"""
VISIBLE = 0.6
"""from this probability on it does."""
LEAST_LIKELY = 0.003
"""No probability is taken to be below this, or above 1 less this."""
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
    find_figures: FindFigures | None = None,
) -> Restored:
    """Restore one mark in its surroundings.

    marked: H x W x 3. mask: the mark's pixels, not empty. others: pixels of other marks, not to be
    learnt from. probability, matte, colour: the network's, H x W, H x W and H x W x 3; trust: in
    (0, 1], how far to go by them. given: the mask is known to be right, neither more nor less.
    fill_by: what fills pixels of which nothing is left. refine_by: what corrects the result of the
    method auto, if anything. find_figures: what sees parts of other colours, if anything.
    """
    holes = np.zeros_like(mask) if given else holes_of(mask) & ~others
    clean = ~dilated(mask | others, 1)
    sure = mask if given else sure_of(mask, probability)
    if holes.any():
        plate, _ = _solved(marked, sure, clean & ~holes, matte, colour, trust, find_figures)
        part, own = marked_holes(marked, mask, others, holes, probability, plate)
        mask, sure, clean = mask | part, sure | part, clean & ~dilated(part, 1)
        probability = np.where(part, 1, probability)
        matte = np.where(part, plate.opacity, matte)
        colour = np.where(part[..., None], own, colour)
    solution, core = _solved(marked, sure, clean, matte, colour, trust, find_figures)
    colour = solution.colour
    prior = mask.astype(np.float32) if given else probability
    found = coverage(marked, core, clean, prior, matte, colour, solution.opacity)
    belief, refined = found.belief, solution.opacity * found.cover
    fill = np.zeros_like(refined)
    if method == "inpaint" or (method == "auto" and solution.opacity > OPAQUE):
        if not given and method == "auto":
            seed = mask & (belief > 0.5)
            mask = _completed(marked, seed, others, probability, solution, refined)
        background = fill_by(marked, mask)
        fill, filled = np.ones_like(refined), 1.0
    else:
        mask = mask if given else dilated(mask, 1) & ~others
        mask = mask & (belief >= LIKELY) & (refined >= LEAST_MATTE)
        seams = seams_of(colour, mask)
        colour = unmixed(marked, solution, seams, mask & (found.cover == 1), clean)
        inverse = unblend(marked, colour, refined[..., None])
        # a pixel moves only as far as it is likely marked: the least expected error
        background = marked + (belief * mask)[..., None] * (inverse - marked)
        filled = 0.0
        if method == "auto":
            fill = np.maximum(opaque_part(refined), filled_part(solution.opacity) * seams)
            background, filled = fill_in(background, fill, mask, fill_by)
    covered = np.where(mask, solution.opacity if filled == 1 else refined, 0)
    if method == "auto" and refine_by is not None:
        editable = mask if given else dilated(mask, REFINED_PX) & ~others
        so_far = np.where(mask[..., None], background, marked)
        known = evidence(marked, so_far, colour, solution.opacity, covered, prior, mask, editable)
        background, visible = refine_by(known)
        if not given:
            now, before = (log_odds(likely, LEAST_LIKELY) for likely in (visible, prior))
            mask = editable & (SEEN * now + (1 - SEEN) * before >= log_odds(VISIBLE))
    if not given:
        border = aliased_border(marked, background, mask, others, colour, solution.opacity)
        mask = mask & ~border.uncovered
        if filled < 1 and solution.opacity < FILL_FROM:  # what is covered fully, the inverse knows
            whole = border.covered[..., None]
            inverse = unblend(marked, colour, solution.opacity * whole)
            background = background + (1 - solution.opacity) * whole * (inverse - background)
    background = np.where(mask[..., None], background, marked)
    covered = np.where(mask, covered, 0)
    return Restored(
        background=background,
        mask=mask,
        matte=covered,
        confidence=(1 - covered) * (1 - fill * mask),
        opacity=solution.opacity,
        colours=solution.colours,
        method=method_of(filled),
        step=remaining_step(marked, background, core, clean),
    )


def _solved(
    marked: Floats,
    sure: NDArray[np.bool_],
    clean: NDArray[np.bool_],
    matte: Floats,
    colour: Floats,
    trust: float,
    find_figures: FindFigures | None,
) -> tuple[Solution, NDArray[np.bool_]]:
    """What a mark is made of, solved from pixels that are surely marked and surely not, and those
    of the former that it covers fully."""
    core = cores_of(sure, matte, colour)
    solution = solve(marked, core, clean, matte, colour, trust)
    if find_figures is not None:
        solution = with_parts(marked, eroded(sure, 1), clean, solution, find_figures)
    return solution, core


def opaque_part(matte: Floats) -> Floats:
    """How far a pixel under this matte is to be filled rather than unblended, in [0, 1]."""
    return np.clip((matte - FILL_FROM) / (FILL_TO - FILL_FROM), 0, 1)


def fill_in(
    background: Floats, fill: Floats, mask: NDArray[np.bool_], fill_by: Inpaint = inpaint
) -> tuple[Floats, float]:
    """An unblended mark filled as far as `fill` says, and the part of the mask that was filled."""
    fill = fill * mask
    content = fill_by(background, dilated(fill > 0, 1) & mask)
    filled = float(fill[mask].mean()) if mask.any() else 0.0
    return background + fill[..., None] * (content - background), filled


def method_of(filled: float) -> Literal["unblend", "inpaint", "both"]:
    """What was done, by the part of a mark that was filled."""
    return "unblend" if filled < 0.02 else "inpaint" if filled > 0.98 else "both"


def _completed(
    marked: Floats,
    seed: NDArray[np.bool_],
    others: NDArray[np.bool_],
    probability: Floats,
    solution: Solution,
    matte: Floats,
) -> NDArray[np.bool_]:
    """An opaque mark with the neighbouring pixels of its very colours, and its rim: the pixels
    beside it that it covers in part."""
    colours = [solution.drawn(index) for index in range(len(solution.colours))]
    distance = np.min([np.abs(marked - colour).max(-1) for colour in colours], 0)
    same = (distance < SAME_COLOUR) & (probability > HARDLY_CLEAN)
    joined = connected((same | seed) & ~others, seed)
    rim = dilated(joined, 1) & (matte >= LEAST_RIM)
    return (joined | rim) & ~others


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
