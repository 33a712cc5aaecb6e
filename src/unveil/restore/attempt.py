"""One mark taken off as one solution says: unblended where its background shows through, filled
where it does not, then refined."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from unveil.blending import unblend
from unveil.masks import connected, dilated
from unveil.restore.inpaint import Inpaint, inpaint
from unveil.restore.matte import LIKELY, coverage
from unveil.restore.opacity import Solution
from unveil.restore.refine import Refine, evidence
from unveil.restore.seams import filled_part, seams_of, unmixed

Floats = NDArray[np.floating]
Bools = NDArray[np.bool_]
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
VISIBLE = 0.6
"""From this probability on that the mark shows, a refined pixel belongs to it."""


@dataclass(frozen=True, eq=False)
class Marked:
    """A mark in its surroundings, and what is known of it before it is solved."""

    picture: Floats
    """H x W x 3."""
    mask: Bools
    """H x W: the mark's pixels, not empty."""
    others: Bools
    """H x W: pixels of other marks."""
    clean: Bools
    """H x W: pixels certainly without any mark."""
    core: Bools
    """H x W: pixels where the mark has its full opacity."""
    probability: Floats
    """H x W: that a pixel is marked, 0 or 1 where the mask was given."""
    matte: Floats
    """H x W: the network's."""
    given: bool
    """The mask is known to be right, neither more nor less."""


@dataclass(frozen=True, eq=False)
class Attempt:
    """What a mark leaves when it is taken off."""

    background: Floats
    """H x W x 3; meaningful where the mask is True."""
    mask: Bools
    """H x W: the pixels that were restored."""
    matte: Floats
    """H x W."""
    fill: Floats
    """H x W in [0, 1]: how far a pixel was filled rather than unblended."""
    filled: float
    """The part of the mark that was filled."""


def taken_off(
    mark: Marked, solution: Solution, method: Method, fill_by: Inpaint, refine_by: Refine | None
) -> Attempt:
    """The mark taken off by a method, with what fills pixels of which nothing is left, and what
    corrects the result of the method auto, if anything."""
    mask, marked, given = mark.mask, mark.picture, mark.given
    colour = solution.colours[solution.labels]
    found = coverage(
        marked, mark.core, mark.clean, mark.probability, mark.matte, colour, solution.opacity
    )
    belief, refined = found.belief, solution.opacity * found.cover
    fill = np.zeros_like(refined)
    if method == "inpaint" or (method == "auto" and solution.opacity > OPAQUE):
        if not given and method == "auto":
            seed = mask & (belief > 0.5)
            mask = _completed(marked, seed, mark.others, mark.probability, solution, refined)
        background = fill_by(marked, mask)
        fill, filled = np.ones_like(refined), 1.0
    else:
        mask = mask if given else dilated(mask, 1) & ~mark.others
        mask = mask & (belief >= LIKELY) & (refined >= LEAST_MATTE)
        seams = seams_of(colour, mask)
        colour = unmixed(marked, solution, seams, mask & (found.cover == 1), mark.clean)
        inverse = unblend(marked, colour, refined[..., None])
        # a pixel moves only as far as it is likely marked: the least expected error
        background = marked + (belief * mask)[..., None] * (inverse - marked)
        filled = 0.0
        if method == "auto":
            fill = np.maximum(opaque_part(refined), filled_part(solution.opacity) * seams)
            background, filled = fill_in(background, fill, mask, fill_by)
    covered = np.where(mask, solution.opacity if filled == 1 else refined, 0)
    if method == "auto" and refine_by is not None:
        editable = mask if given else dilated(mask, REFINED_PX) & ~mark.others
        so_far = np.where(mask[..., None], background, marked)
        known = evidence(
            marked, so_far, colour, solution.opacity, covered, mark.probability, mask, editable
        )
        background, visible = refine_by(known)
        mask = mask if given else editable & (visible >= VISIBLE)
    return Attempt(background, mask, np.where(mask, covered, 0), fill * mask, filled)


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
    distance = np.abs(marked[..., None, :] - solution.colours).max(-1).min(-1)
    same = (distance < SAME_COLOUR) & (probability > HARDLY_CLEAN)
    joined = connected((same | seed) & ~others, seed)
    rim = dilated(joined, 1) & (matte >= LEAST_RIM)
    return (joined | rim) & ~others
