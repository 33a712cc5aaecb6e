"""The forward model and its inverse: the one place where the equation is written.

    J = a * W + (1 - a) * B

J marked picture, B background, W mark colour, a opacity (the matte); all in [0, 1]. The functions
use arithmetic operators only, so they serve NumPy arrays and torch tensors alike: the runtime, the
laboratory and the tests share them and cannot disagree.

Blend modes other than ``normal`` replace W by a function of W and B (W3C Compositing and Blending
Level 1, section 10): J = a * blend(W, B) + (1 - a) * B.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = Any
"""A NumPy array or a torch tensor; colours and mattes must broadcast against each other."""

BLEND_MODES = ("normal", "multiply", "screen", "overlay")

MIN_TRANSMISSION = 0.1
"""Smallest 1 - a at which :func:`unblend` is trusted: below it 8-bit rounding is amplified more
than tenfold."""


def blend(colour: Array, background: Array, mode: str = "normal") -> Array:
    """What a mark of this colour would show at full opacity over the background.

    normal W, multiply W*B, screen W+B-W*B, overlay hard-light with the layers swapped.

    Raises ValueError for an unknown mode.
    """
    if mode == "normal":
        return colour + 0 * background
    if mode == "multiply":
        return colour * background
    if mode == "screen":
        return colour + background - colour * background
    if mode == "overlay":
        dark = 2 * colour * background
        bright = 1 - 2 * (1 - colour) * (1 - background)
        is_dark = background <= 0.5
        return is_dark * dark + ~is_dark * bright
    raise ValueError(f"expected a blend mode of {', '.join(BLEND_MODES)}; got {mode!r}")


def compose(background: Array, colour: Array, matte: Array, mode: str = "normal") -> Array:
    """J = a * blend(W, B) + (1 - a) * B."""
    return matte * blend(colour, background, mode) + (1 - matte) * background


def unblend(
    marked: NDArray, colour: NDArray, matte: NDArray, mode: str = "normal"
) -> NDArray[np.floating]:
    """The inverse of :func:`compose`, clipped to [0, 1]; in normal mode B = (J - a * W) / (1 - a).

    marked and colour: H x W x 3; matte: H x W x 1. The division uses at least MIN_TRANSMISSION, so
    the result is finite everywhere and right where 1 - a >= MIN_TRANSMISSION. An error e in J
    (rounding to 8 bits: at most 0.5/255) becomes e / (1 - a) in B. Raises ValueError for an unknown
    mode.
    """
    return np.clip(invert(marked, colour, matte, mode)[0], 0, 1)


def invert(
    marked: NDArray, colour: NDArray, matte: NDArray, mode: str = "normal"
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """What :func:`unblend` returns, not clipped, and the transmission dJ / dB, 1 - a in normal
    mode; H x W x 3 each.

    In every mode J is a line in B (in overlay two): B = (J - offset) / transmission.
    """
    offset, through = _line(marked, matte * colour, matte, mode)
    through = through + np.zeros_like(marked)
    return (marked - offset) / np.maximum(through, MIN_TRANSMISSION), through


def _line(marked: NDArray, premultiplied: NDArray, matte: NDArray, mode: str) -> tuple[Any, Any]:
    """Offset and slope of J = offset + slope * B."""
    if mode == "normal":
        return premultiplied, 1 - matte
    if mode == "multiply":
        return 0.0, 1 - matte + premultiplied
    if mode == "screen":
        return premultiplied, 1 - premultiplied
    if mode == "overlay":
        dark = 1 - matte + 2 * premultiplied
        is_dark = marked <= dark / 2  # J at B = 1/2, where the two lines meet
        bright = 1 + matte - 2 * premultiplied
        offset = np.where(is_dark, 0, 2 * premultiplied - matte)
        return offset, np.where(is_dark, dark, bright)
    raise ValueError(f"expected a blend mode of {', '.join(BLEND_MODES)}; got {mode!r}")


def effect(premultiplied: Array, matte: Array, mode: str = "normal") -> tuple[Array, Array]:
    """The U and V of J - B = U - g * V, the marked picture less its background.

    premultiplied: a * W. g is B, but in overlay the smaller of B and 1 - B. Raises ValueError for
    an unknown mode.
    """
    if mode == "overlay":
        return 0 * premultiplied, matte - 2 * premultiplied
    offset, through = _line(premultiplied, premultiplied, matte, mode)
    return offset + 0 * premultiplied, 1 - through


def change_of(premultiplied: NDArray, matte: NDArray, mode: str) -> NDArray[np.floating]:
    """What a mark does in modes that leave its matte open, H x W x 3: J - B is this times B in
    multiply, 1 - B in screen, the smaller of both in overlay.

    premultiplied: a * W, H x W x 3; matte: H x W x 1.
    """
    weights = {"multiply": (1, -1), "screen": (1, 0), "overlay": (2, -1)}[mode]
    return weights[0] * premultiplied + weights[1] * matte


def least_opaque(change: NDArray, mode: str) -> tuple[NDArray, NDArray]:
    """The matte, H x W, and a * W, H x W x 3, of the least opaque mark with this change of
    :func:`change_of`, which multiply, screen and overlay, but not normal, leave open."""
    if mode == "multiply":
        matte = np.clip(-change.min(-1), 0, 1)
        premultiplied = change + matte[..., None]
    elif mode == "screen":
        matte, premultiplied = np.clip(change.max(-1), 0, 1), change
    else:
        matte = np.clip(np.abs(change).max(-1), 0, 1)
        premultiplied = (change + matte[..., None]) / 2
    return matte, np.clip(premultiplied, 0, matte[..., None])


def to_linear(srgb: NDArray[np.floating]) -> NDArray[np.floating]:
    """sRGB values to linear light, both in [0, 1] (IEC 61966-2-1)."""
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def to_srgb(linear: NDArray[np.floating]) -> NDArray[np.floating]:
    """Linear light to sRGB values, both in [0, 1]; the inverse of :func:`to_linear`."""
    bright = 1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, linear * 12.92, bright)
