"""A template from the mark on evenly coloured pictures: two of different colour give it exactly.

On a flat of colour G the forward model is linear in the matte a and the premultiplied colour a * W:
J - G = a * u(G) + (a * W) * v(G), with u and v by blend mode. Flats and channels together give each
pixel its least-squares solution, and the residual tells the blend modes apart.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.blending import BLEND_MODES, blend, change_of, least_opaque, to_linear, to_srgb
from unveil.boxes import around, within
from unveil.errors import TemplateError, UsageError
from unveil.templates.flat import ROUNDING, VISIBLE, Flat, grouped
from unveil.templates.one_flat import guess
from unveil.templates.template import LIGHTS, Place, Template

Floats = NDArray[np.floating]

CLEARLY_BETTER = 0.7
"""Another blend mode than the plain one must bring the residual down to this part."""


def from_flats(flats: Iterable[Any], *, colour: Sequence[float] | None = None) -> Template:
    """Solve a template from the mark on one or more evenly coloured pictures of one size.

    flats: paths, bytes or uint8 H x W x 3 RGB arrays. Two colours or more give matte, colour, blend
    mode and light by least squares. One leaves them open: then colour is the mark's, three values
    in [0, 1]; without it the mark is taken to have one opacity, the least that explains it, which
    is right for white, black, and every colour with a channel at 0 or 1. Raises TemplateError where
    sizes differ or nothing is marked, UsageError for a colour with several flats.
    """
    groups, name = grouped(flats)
    if len(groups) > 1:
        if colour is not None:
            raise UsageError("expected a colour with flats of one colour only; leave it out")
        found = _solve(groups)
    else:
        found = guess(groups[0], colour)
    matte, premultiplied, mode, light, error, source = found
    marked = matte > max(VISIBLE * error, 0.5 / 255)
    if any(flat.compressed for flat in groups):  # it leaves specks
        marked = cv2.medianBlur(marked.view(np.uint8), 3).view(np.bool_)
    if not marked.any():
        raise TemplateError(f"{name}: expected a mark on an even colour; nothing differs from it")
    matte = np.where(marked, matte, 0)
    drawn = np.where(marked[..., None], premultiplied / np.maximum(matte, 1e-6)[..., None], 0)
    box = around(marked)
    (left, top), area = box[:2], within(box)
    height, width = matte.shape
    return Template(
        matte=np.asarray(matte[area], np.float32),
        colour=np.asarray(np.clip(drawn[area], 0, 1), np.float32),
        blend=mode,
        light=light,
        place=Place(left, top, width, height),
        source=source,
        error=round(error, 5),
    )


def _solve(flats: list[Flat]) -> tuple[Floats, Floats, str, str, float, str]:
    """Matte, premultiplied colour, blend mode, light, error of the matte, and how it was found."""
    best, least = None, {}
    for light in LIGHTS:
        for mode in BLEND_MODES:
            matte, premultiplied, design = _least_squares(flats, mode, light)
            residual = _residual(flats, matte, premultiplied, mode, light)
            least[light] = min(residual, least.get(light, residual))
            if best is None or residual < CLEARLY_BETTER * best[0] - ROUNDING / 10:
                best = residual, matte, premultiplied, mode, light, design
    assert best is not None
    residual, matte, premultiplied, mode, light, design = best
    noise = max(flat.noise for flat in flats)
    error = max(noise, residual) * float(np.linalg.norm(np.linalg.pinv(design)[0]))
    source = (
        f"{len(flats)} flats of different colour; the forward model leaves"
        f" {255 * residual:.2f} of 255 levels"
    )
    if light == "srgb" and least["linear"] <= residual / CLEARLY_BETTER + ROUNDING:
        source += "; blending in linear light is as likely: add a flat of middle grey to tell"
    return matte, premultiplied, mode, light, error, source


def _least_squares(flats: list[Flat], mode: str, light: str) -> tuple[Floats, Floats, Floats]:
    """Matte, H x W, premultiplied colour, H x W x 3, and the design matrix, 3 K x 4."""
    convert = to_linear if light == "linear" else np.asarray
    rows, differences = [], []
    for flat in flats:
        ground = convert(flat.colour)
        drawn_black = blend(np.zeros(3), ground, mode)  # u + G
        factor = blend(np.ones(3), ground, mode) - drawn_black  # v
        for channel in range(3):
            row = np.zeros(4)
            row[0] = drawn_black[channel] - ground[channel]
            row[1 + channel] = factor[channel]
            rows.append(row)
            differences.append(convert(flat.picture[..., channel]) - ground[channel])
    design = np.array(rows)
    solution = np.tensordot(np.linalg.pinv(design), np.array(differences), 1)
    matte, premultiplied = solution[0], np.moveaxis(solution[1:], 0, -1)
    if mode != "normal":
        matte, premultiplied = least_opaque(change_of(premultiplied, matte[..., None], mode), mode)
    matte = np.clip(matte, 0, 1)
    return matte, np.clip(premultiplied, 0, matte[..., None]), design


def _residual(
    flats: list[Flat], matte: Floats, premultiplied: Floats, mode: str, light: str
) -> float:
    """Root mean square of what the forward model leaves unexplained, where something is marked."""
    convert, back = (to_linear, to_srgb) if light == "linear" else (np.asarray, np.asarray)
    colour = premultiplied / np.maximum(matte, 1e-6)[..., None]
    errors, differs = [], np.zeros(matte.shape, np.bool_)
    for flat in flats:
        ground = convert(flat.colour)
        opacity = matte[..., None]
        drawn = opacity * blend(colour, ground, mode) + (1 - opacity) * ground
        errors.append(back(drawn) - flat.picture)
        differs |= (np.abs(flat.picture - flat.colour) > VISIBLE * flat.noise + 1 / 255).any(-1)
    if not differs.any():
        return 0.0
    return float(np.sqrt(np.mean([error[differs] ** 2 for error in errors])))
