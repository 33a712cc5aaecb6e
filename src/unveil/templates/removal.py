"""Take a known mark off a picture: invert it wherever it is found."""

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.codecs import Picture
from unveil.errors import TemplateError
from unveil.location.network import Found
from unveil.restore.inpaint import Inpaint, inpaint
from unveil.restore.mark import Method, Restored, fill_in, method_of, opaque_part
from unveil.templates.jpeg import BLOCK_PX, is_invertible, luma, unblend_jpeg
from unveil.templates.registration import Brush, Instance, fit
from unveil.templates.search import CLEAR, SCALES, find_instances, settled
from unveil.templates.template import Template

Floats = NDArray[np.floating]

LEAST_CHANGE = 0.5 / 255
"""Pixels that the mark changes by less than this are left alone."""

MOST_ERROR = 0.01
"""The instance as it is in luma is taken if its strength has no larger error."""


@dataclass(frozen=True, eq=False)
class KnownMark:
    """An instance of a template with what was under it."""

    found: Found
    restored: Restored
    instance: Instance


def remove_known(
    source: Picture, template: Template, method: Method, fill_by: Inpaint = inpaint
) -> list[KnownMark]:
    """What is under a template's instances in a picture; the surest first.

    Raises TemplateError where the picture is too small for the template.
    """
    least_h, least_w = (math.floor(SCALES[0] * side) for side in template.matte.shape)
    if source.size_hw[0] < least_h or source.size_hw[1] < least_w:
        raise TemplateError(
            f"{source.name}: expected a picture of at least {least_w} x {least_h} for a template"
            f" {1 / SCALES[0]:.0f} times as large; got {source.size_hw[1]} x {source.size_hw[0]};"
            " give a smaller template, or leave the picture out"
        )
    marked = source.rgb.astype(np.float32) / 255
    known = [
        _restored(source, marked, template, instance, method, fill_by)
        for instance in find_instances(marked, template)
    ]
    return [mark for mark in known if mark.found.mask.any()]


def _restored(
    source: Picture,
    marked: Floats,
    template: Template,
    instance: Instance,
    method: Method,
    fill_by: Inpaint,
) -> KnownMark:
    is_jpeg = is_invertible(source.jpeg, template)
    if is_jpeg:
        instance = _in_luma(marked, template, instance)
    brush = Brush(template, instance.pose.scale)
    drawing = brush.draw(instance.pose, source.size_hw, brush.box(instance.pose, BLOCK_PX))
    region = marked[drawing.area]
    if is_jpeg:
        background = unblend_jpeg(region, drawing, instance.strength, source)
    else:
        background = drawing.background(region, instance.strength, template)
    matte = np.clip(instance.strength * drawing.matte, 0, 1)
    mask = (np.abs(background - region) >= LEAST_CHANGE).any(-1) & (matte >= LEAST_CHANGE)
    fill, filled = np.zeros_like(matte), 0.0
    if method == "inpaint":
        fill = np.ones_like(matte)
        background, filled = fill_in(region, fill, mask, fill_by)
    elif method == "auto":
        fill = opaque_part(matte)
        background, filled = fill_in(background, fill, mask, fill_by)
    colour = drawing.colour()
    rows, columns = drawing.area
    found = Found(
        region_xyxy=(columns.start, rows.start, columns.stop, rows.stop),
        mask=mask,
        probability=mask.astype(np.float32),
        matte=matte,
        colour=np.asarray(colour, np.float32),
        confidence=instance.ratio / (instance.ratio + CLEAR),
        trust=1.0,
        given=True,
    )
    restored = Restored(
        background=np.where(mask[..., None], background, region),
        mask=mask,
        matte=np.where(mask, matte, 0),
        confidence=np.where(mask, (1 - matte) * (1 - fill), 1),
        opacity=float(matte.max(initial=0)),
        colours=_colours(template),
        method=method_of(filled),
        step=0.0,  # the search has judged it
    )
    return KnownMark(found, restored, instance)


def _in_luma(marked: Floats, template: Template, instance: Instance) -> Instance:
    """The instance as it is in luma, which alone keeps its edges in a JPEG."""
    marked, grey = luma(marked), replace(template, colour=luma(template.colour))
    refined = fit(marked, grey, instance.pose, instance.strength)
    refined = replace(settled(marked, grey, refined), ratio=instance.ratio)
    return refined if refined.error <= MOST_ERROR else instance


def _colours(template: Template) -> Floats:
    """The template's main colours, K x 3."""
    samples = template.colour[template.matte > template.matte.max() / 2].astype(np.float32)
    count = min(3, len(samples))
    cv2.setRNGSeed(0)
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 10, 1e-2)
    _, _, centres = cv2.kmeans(samples, count, None, criteria, 1, cv2.KMEANS_PP_CENTERS)  # type: ignore[call-overload]
    return np.unique(np.rint(centres * 255), axis=0) / 255
