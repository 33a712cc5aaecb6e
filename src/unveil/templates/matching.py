"""Match a template with a picture's edges over all places at once, at one scale and angle.

What a mark adds to a picture is J - B = m * (U - g * V), with U, V from the template and its blend
mode and g from the picture (see :func:`effect`). With the picture's own texture as noise, the
least-squares estimate of m at a place and the precision of that estimate are both sums of
correlations, made by Fourier transforms. Their quotient, the matched filter's signal-to-noise
ratio, is what detects the faintest marks (Turin, "An introduction to matched filters", 1960).
Gradients are compared, which have little noise at low frequencies, and each is weighed by the
texture around it. Plain marks are compared in opponent colours, of which two are nearly free of
texture.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.blending import effect
from unveil.templates.registration import Brush, Pose
from unveil.templates.template import Template

Floats = NDArray[np.floating]
Spectrum = NDArray[np.complexfloating]

FAINT = 0.02
"""Gradients of less than this count as noise."""
TEXTURE_PX = 2.0
"""Standard deviation of the neighbourhood whose gradients are the noise."""
BACKDROP_PX = 4.0
"""Standard deviation of the neighbourhood that stands for the background under the mark."""
LEAST_PRECISION = 0.25
"""The precision of a place counts as no less than this part of the good places'."""
BLUR = 0.5
"""Standard deviation in pixels by which the mark is softened."""
ROOM_PX = 64
"""The room for the pattern is a multiple of this, so that most scales share a transform."""
OPPONENT = np.array([[1, 1, 1], [1, -1, 0], [0.5, 0.5, -1]]) / np.sqrt([[3], [2], [1.5]])


class Edges:
    """The edges of a picture, or of a part of it, prepared for matching."""

    def __init__(self, values: Floats, blend: str) -> None:
        """values: H x W x 3. blend: the template's mode."""
        backdrop = np.asarray(cv2.GaussianBlur(values, (0, 0), BACKDROP_PX), np.float32)
        if blend == "normal":
            values, backdrop = values @ _opponent(), backdrop @ _opponent()
        elif blend == "overlay":
            backdrop = np.minimum(backdrop, 1 - backdrop)
        across, down = _gradient(values)
        noise = cv2.GaussianBlur(across**2 + down**2, (0, 0), TEXTURE_PX) + FAINT**2
        weight = 1 / np.asarray(noise)
        self._size_hw = values.shape[:2]
        self._planes = (
            [weight * across, weight * down],
            [weight * backdrop * across, weight * backdrop * down],
            [weight, weight * backdrop, weight * backdrop**2],
        )
        self._size: tuple[int, ...] = ()
        self._spectra: list[list[Spectrum]] = []

    def match(self, template: Template, scale: float, angle: float = 0.0) -> tuple[Floats, Floats]:
        """Signal-to-noise ratios, h x w, and the x and y of the template's centre that go with the
        first; the next are one pixel further."""
        brush = Brush(template, scale)
        x0, y0, x1, y1 = brush.box(Pose(0, 0, scale, angle))
        height, width = y1 - y0, x1 - x0
        drawing = brush.draw(Pose(-x0, -y0, scale, angle, BLUR), (height, width))
        matte = drawing.matte[..., None]
        constant, factor = effect(drawing.premultiplied, matte, template.blend)
        if template.blend == "normal":
            constant = constant @ _opponent()
        of_constant, of_factor = _gradient(constant), _gradient(factor)

        size = tuple(
            cv2.getOptimalDFTSize(own + -more // ROOM_PX * -ROOM_PX)
            for own, more in zip(self._size_hw, (height, width), strict=True)
        )
        edges, shaded, weights = self._transformed(size)
        estimate = precision = np.zeros(1)
        for axis in (0, 1):
            first, second = of_constant[axis], of_factor[axis]
            estimate = estimate + _product(edges[axis], first, size)
            estimate = estimate - _product(shaded[axis], second, size)
        products = [
            sum(a * b for a, b in zip(one, other, strict=True))
            for one, other in (
                (of_constant, of_constant),
                (of_constant, of_factor),
                (of_factor, of_factor),
            )
        ]
        for times, weight, product in zip((1, -2, 1), weights, products, strict=True):
            precision = precision + times * _product(weight, np.asarray(product), size)

        margin = height // 2, width // 2  # from patterns half out of the picture on
        rows, columns = (slice(side) for side in self._size_hw)
        estimate, precision = (
            np.roll(np.fft.irfft2(sums, size), margin, (0, 1))[rows, columns]
            for sums in (estimate, precision)
        )
        least = LEAST_PRECISION * max(float(np.quantile(precision, 0.9)), 1e-6)
        ratio = estimate / np.sqrt(np.maximum(precision, least))
        spread = 1.4826 * float(np.median(np.abs(ratio)))  # texture is not quite white noise
        return ratio / max(spread, 1.0), np.array([-x0 - margin[1], -y0 - margin[0]])

    def _transformed(self, size: tuple[int, ...]) -> list[list[Spectrum]]:
        if self._size != size:
            self._size = size
            self._spectra = [[_spectrum(plane, size) for plane in group] for group in self._planes]
        return self._spectra


def _opponent() -> Floats:
    return np.asarray(OPPONENT.T, np.float32)


def _gradient(values: Floats) -> tuple[Floats, Floats]:
    across, down = (
        np.asarray(cv2.Scharr(values, cv2.CV_32F, x, y, scale=1 / 32), np.float32)
        for x, y in ((1, 0), (0, 1))
    )
    return across.reshape(values.shape), down.reshape(values.shape)


def _product(spectrum: Spectrum, pattern: Floats, size: tuple[int, ...]) -> Spectrum:
    """Spectrum of the correlation with a pattern, summed over the channels."""
    return (spectrum * np.conj(_spectrum(pattern, size))).sum(0)


def _spectrum(planes: Floats, size: tuple[int, ...]) -> Spectrum:
    """Of each channel of H x W x C, channel first: a transform reads its memory in order."""
    return np.fft.rfft2(np.ascontiguousarray(np.moveaxis(planes, -1, 0), np.float32), size)
