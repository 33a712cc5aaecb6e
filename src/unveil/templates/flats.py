"""A template from the mark on evenly coloured pictures: two of different colour give it exactly.

On a flat of colour G the forward model is linear in the matte a and the premultiplied colour a * W:
J - G = a * u(G) + (a * W) * v(G), with u and v by blend mode. Flats and channels together give each
pixel its least-squares solution, and the residual tells the blend modes apart.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.blending import BLEND_MODES, blend, change_of, least_opaque, to_linear, to_srgb
from unveil.codecs import Picture, from_array, read
from unveil.errors import TemplateError, UsageError
from unveil.masks import Mask
from unveil.templates.jpeg import TO_YCC, is_quantised, quantisation_noise, without_noise
from unveil.templates.template import LIGHTS, Place, Template

Floats = NDArray[np.floating]

SAME_FLAT = 3 / 255
"""Flats whose colours differ by no more than this are averaged."""
MOST_NOISE = 8 / 255
"""What differs more from a flat's colour is the mark."""
ROUNDING = 0.29 / 255
"""Standard error of a value that was rounded to 8 bits."""
CLEARLY_BETTER = 0.7
"""Another blend mode than the plain one must bring the residual down to this part."""
VISIBLE = 3.0
"""A pixel is marked where it differs by so many standard errors."""
MOST_COLOURS = 8
SAME_HUE = 0.15
"""One flat: differences from it whose directions are closer than this come from one colour."""
PLATEAU = 0.9
"""One flat: a colour is at its fullest from this part of this quantile of its pixels on."""
CHROMA = 0.3
"""One compressed flat: differences of chroma, which is stored softer, count as this part of
luma's."""
LEFT = 0.5
"""This much of the noise of quantisation is left around a mark, measured."""
NEAR_PX = 16
"""Compression errors lie no further from the mark."""


class _Flat(NamedTuple):
    picture: Floats
    """H x W x 3 in [0, 1], the mean of the flats of this colour."""
    colour: Floats
    """3."""
    noise: float
    """Standard error of a value."""
    compressed: bool


def from_flats(flats: Iterable[Any], *, colour: Sequence[float] | None = None) -> Template:
    """Solve a template from the mark on one or more evenly coloured pictures of one size.

    flats: paths, bytes or uint8 H x W x 3 RGB arrays. Two colours or more give matte, colour, blend
    mode and light by least squares. One leaves them open: then colour is the mark's, three values
    in [0, 1]; without it the mark is taken to have one opacity, the least that explains it, which
    is right for white, black, and every colour with a channel at 0 or 1. Raises TemplateError where
    sizes differ or nothing is marked, UsageError for a colour with several flats.
    """
    groups, name = _grouped([_read(flat) for flat in flats])
    if len(groups) > 1:
        if colour is not None:
            raise UsageError("expected a colour with flats of one colour only; leave it out")
        found = _solve(groups)
    else:
        found = _guess(groups[0], colour)
    matte, premultiplied, mode, light, error, source = found
    marked = matte > max(VISIBLE * error, 0.5 / 255)
    if any(flat.compressed for flat in groups):  # it leaves specks
        marked = cv2.medianBlur(marked.view(np.uint8), 3).view(np.bool_)
    if not marked.any():
        raise TemplateError(f"{name}: expected a mark on an even colour; nothing differs from it")
    matte = np.where(marked, matte, 0)
    drawn = np.where(marked[..., None], premultiplied / np.maximum(matte, 1e-6)[..., None], 0)
    rows, columns = np.flatnonzero(marked.any(1)), np.flatnonzero(marked.any(0))
    area = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = matte.shape
    return Template(
        matte=np.asarray(matte[area], np.float32),
        colour=np.asarray(np.clip(drawn[area], 0, 1), np.float32),
        blend=mode,
        light=light,
        place=Place(int(columns[0]), int(rows[0]), width, height),
        source=source,
        error=round(error, 5),
    )


def _read(flat: Any) -> Picture:
    if isinstance(flat, Picture):
        return flat
    return from_array(flat) if isinstance(flat, np.ndarray) else read(flat)


def _grouped(pictures: list[Picture]) -> tuple[list[_Flat], str]:
    """Flats of the same colour averaged; the first one's name."""
    if not pictures:
        raise UsageError("expected at least one flat; got none")
    first = pictures[0]
    groups: list[tuple[Floats, list[Floats], list[float]]] = []
    for picture in pictures:
        if picture.size_hw != first.size_hw:
            raise TemplateError(
                f"{picture.name}: expected a flat of {first.size_hw} (height, width) like"
                f" {first.name}; got {picture.size_hw}; make all flats of one size"
            )
        values, noise = _denoised(picture)
        colour = _flat_colour(values)
        for known, members, noises in groups:
            if np.abs(known - colour).max() <= SAME_FLAT:
                members.append(values)
                noises.append(noise)
                break
        else:
            groups.append((colour, [values], [noise]))
    flats = []
    for colour, members, noises in groups:
        mean = np.mean(members, axis=0)
        error = np.abs(mean - colour)
        spread = float(np.median(error[error <= MOST_NOISE])) / 0.6745
        compressed = spread > 2 * ROUNDING or max(noises) > ROUNDING
        noise = max(spread, float(np.mean(noises)) / np.sqrt(len(members)))
        flats.append(_Flat(mean, colour, noise, compressed))
    return flats, first.name


def _denoised(picture: Picture) -> tuple[Floats, float]:
    """A flat, H x W x 3 in [0, 1], with less of the noise of its compression around the mark, and
    the standard error of its values."""
    values = picture.rgb.astype(np.float32) / 255
    if not is_quantised(picture.jpeg):
        return values, ROUNDING
    differs = (np.abs(values - _flat_colour(values)) > SAME_FLAT).any(-1)
    if differs.any():
        rows, columns = (np.flatnonzero(differs.any(axis)) for axis in (1, 0))
        spans = [slice(max(0, s[0] - NEAR_PX), s[-1] + 1 + NEAR_PX) for s in (rows, columns)]
        area = spans[0], spans[1]
        values[area] = without_noise(values[area], picture)
    return values, max(ROUNDING, LEFT * quantisation_noise(picture))


def _flat_colour(values: Floats) -> Floats:
    """The commonest value of each channel, and the mean of what lies next to it: on the picture's
    frame where that is of one colour, for a mark may cover most of the rest."""
    framed = np.ones(values.shape[:2], np.bool_)
    framed[1:-1, 1:-1] = False
    colour = np.zeros(3, np.float32)
    for channel in range(3):
        levels = np.rint(values[..., channel] * 255).astype(np.intp)
        for pixels in (levels[framed], levels.ravel()):
            near = np.abs(pixels - np.bincount(pixels, minlength=256).argmax()) <= 2
            colour[channel] = pixels[near].mean() / 255
            if near.mean() > 0.5:
                break
    return colour


def _solve(flats: list[_Flat]) -> tuple[Floats, Floats, str, str, float, str]:
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


def _least_squares(flats: list[_Flat], mode: str, light: str) -> tuple[Floats, Floats, Floats]:
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
    flats: list[_Flat], matte: Floats, premultiplied: Floats, mode: str, light: str
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


def _guess(
    flat: _Flat, colour: Sequence[float] | None
) -> tuple[Floats, Floats, str, str, float, str]:
    """What :func:`_solve` returns, from one colour of flats and a prior."""
    difference = flat.picture - flat.colour
    metric = TO_YCC * [[1], [CHROMA], [CHROMA]] if flat.compressed else np.eye(3)
    if colour is not None:
        toward = np.asarray(colour, np.float32) - flat.colour
        if toward.shape != (3,) or np.abs(toward).max() < 8 / 255:
            raise UsageError(
                f"expected a colour of three values, unlike the flat's; got {list(colour)}"
            )
        matte = _part(difference, toward, metric)
        error = flat.noise / float(np.linalg.norm(metric @ toward))
        drawn = np.asarray(colour, np.float32) * matte[..., None]
        return matte, drawn, "normal", "srgb", error, "one flat and the mark's colour as given"
    room = np.where(difference > 0, 1 - flat.colour, flat.colour)
    least = np.clip((np.abs(difference) / np.maximum(room, 1e-3)).max(-1), 0, 1)
    error = flat.noise / float(room.max())
    colours = _colours(difference, least, VISIBLE * error + 0.5 / 255)
    matte = _evenly(difference, least, colours, metric)
    premultiplied = np.clip(difference + matte[..., None] * flat.colour, 0, matte[..., None])
    count = len(colours)
    source = (
        "one flat, taken to be blended plainly and with the least opacity that explains it"
        + (f", the same for its {count} colours" if count > 1 else "")
        + "; right if a channel of the mark's colour is 0 or 255, otherwise the mark is more opaque"
    )
    return matte, premultiplied, "normal", "srgb", error, source


def _colours(difference: Floats, least: Floats, visible: float) -> list[Mask]:
    """Where each of the mark's main colours is at its fullest."""
    left = least > visible
    enough_px = 0.02 * np.count_nonzero(left)
    colours, solid = [], []
    direction = difference / np.maximum(np.linalg.norm(difference, axis=-1), 1e-6)[..., None]
    for _ in range(MOST_COLOURS):
        if not left.any():
            break
        strongest = np.unravel_index(np.where(left, least, -1).argmax(), least.shape)
        group = left & (np.linalg.norm(direction - direction[strongest], axis=-1) < SAME_HUE)
        left &= ~group
        if np.count_nonzero(group) < enough_px:
            continue
        full = group & (least >= PLATEAU * np.quantile(least[group], PLATEAU))
        colours.append(full)
        if cv2.erode(full.view(np.uint8), np.ones((3, 3), np.uint8)).any():
            solid.append(full)
    return solid or colours  # the others are where two colours meet


def _evenly(difference: Floats, least: Floats, colours: list[Mask], metric: Floats) -> Floats:
    """The matte, if all colours of the mark have one opacity: that of the colour which needs most.

    Each difference is a part of that colour's full one which explains it best.
    """
    if not colours:
        return least
    parts, misfits = [], []
    for full in colours:
        whole = np.median(difference[full], axis=0)
        parts.append(_part(difference, whole, metric))
        misfit = (difference - parts[-1][..., None] * whole) @ metric.T
        misfits.append((misfit**2).sum(-1))
    best = np.argmin(misfits, axis=0)[None]
    opacity = max(float(np.median(least[full])) for full in colours)
    return opacity * np.take_along_axis(np.array(parts), best, 0)[0]


def _part(difference: Floats, full: Floats, metric: Floats) -> Floats:
    """How much of a full difference each one is, in [0, 1]."""
    along = metric.T @ (metric @ full)
    return np.clip(difference @ along / (full @ along), 0, 1)
