"""What the constructions of harder marks share: size, place and colours of a mark, the forward
model, and what happens to the file afterwards."""

import io
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from unveil.blending import compose
from unveil.lab.evaluation.protocols import Truth, laid, true_mask

FITS = 0.9
"""A mark is at most this part of the picture's width and of its height."""


@dataclass(frozen=True, eq=False)
class Task:
    """What a construction draws from."""

    rng: np.random.Generator
    picture: NDArray[np.uint8]
    """H x W x 3, clean."""
    logo: Image.Image
    """RGBA."""

    def uniform(self, bounds: tuple[float, float]) -> float:
        """A number between two."""
        return float(self.rng.uniform(*bounds))

    def sized(self, longest_px: tuple[int, int]) -> Image.Image:
        """The logo without its margins, its longer side drawn log-uniformly, FITS at most."""
        logo = self.logo.crop(self.logo.getbbox(alpha_only=True))
        longest = np.exp(self.uniform((np.log(longest_px[0]), np.log(longest_px[1]))))
        height, width = self.picture.shape[:2]
        factor = min(
            longest / max(logo.size), FITS * width / logo.width, FITS * height / logo.height
        )
        size = (max(1, round(logo.width * factor)), max(1, round(logo.height * factor)))
        return logo.resize(size, Image.Resampling.BICUBIC)

    def placed(self, mark: Image.Image) -> Image.Image:
        """A layer with the mark anywhere wholly inside; what is larger than the picture is cut."""
        height, width = self.picture.shape[:2]
        rooms = (width - mark.width, height - mark.height)
        corner = tuple(int(self.rng.integers(max(room, 0) + 1)) for room in rooms)
        return laid(mark, self.picture, (corner[0], corner[1]))

    def where(self, luminance: float, size_wh: tuple[int, int]) -> tuple[int, int]:
        """Upper left corner of the box of that size whose pixels are nearest to a luminance."""
        grey = cv2.cvtColor(self.picture, cv2.COLOR_RGB2GRAY).astype(np.float64) / 255
        sums = cv2.integral(np.abs(grey - luminance))
        width, height = size_wh
        boxes = sums[height:, width:] - sums[:-height, width:]
        boxes = boxes - sums[height:, :-width] + sums[:-height, :-width]
        y, x = np.unravel_index(boxes.argmin(), boxes.shape)
        return int(x), int(y)


@dataclass(frozen=True, eq=False)
class Marked:
    """What a construction gives: a case but for its names."""

    marked: NDArray[np.uint8]
    clean: NDArray[np.uint8]
    mask: NDArray[np.bool_]
    opacity: float | None
    """None where there is not one."""
    truth: Truth | None
    """None where the blend is not the normal one, or nothing was laid."""


def recoloured(mark: Image.Image, colours: Image.Image) -> Image.Image:
    """The mark's alpha with other colours: an RGB picture of its size."""
    colours = colours.convert("RGBA")
    colours.putalpha(mark.getchannel("A"))
    return colours


def faded(mark: Image.Image, opacity: float | NDArray[np.floating]) -> Image.Image:
    """The mark with its alpha times the opacity, a number or height x width."""
    pixels = np.array(mark)
    pixels[..., 3] = np.rint(pixels[..., 3] * opacity)
    return Image.fromarray(pixels)


def padded(mark: Image.Image, margin_px: int) -> Image.Image:
    """The mark with a transparent margin on all sides."""
    larger = Image.new("RGBA", (mark.width + 2 * margin_px, mark.height + 2 * margin_px))
    larger.paste(mark, (margin_px, margin_px))
    return larger


def lay(task: Task, layer: Image.Image, opacity: float | None, mode: str = "normal") -> Marked:
    """The layer laid over the picture, its alpha times the opacity; in floats, then 8 bits."""
    rgba = np.asarray(layer, np.float32) / np.float32(255)
    colour, matte = rgba[..., :3], rgba[..., 3:] * np.float32(1 if opacity is None else opacity)
    marked = compose(task.picture / np.float32(255), colour, matte, mode)
    marked = np.rint(marked * 255).clip(0, 255).astype(np.uint8)
    truth = Truth(matte[..., 0], colour) if mode == "normal" else None
    return Marked(marked, task.picture, true_mask(marked, task.picture), opacity, truth)


def after_jpeg(done: Marked, quality: int) -> Marked:
    """Both pictures stored as JPEG (4:2:0) and read again; the mask is that from before.

    What the reference has lost to JPEG no remover is asked to bring back.
    """
    return replace(done, marked=_jpeg(done.marked, quality), clean=_jpeg(done.clean, quality))


def after_resize(done: Marked, scale: float) -> Marked:
    """Both pictures resized (Lanczos), and the truth with them."""
    height, width = done.mask.shape
    size_wh = (round(width * scale), round(height * scale))
    marked, clean = (
        np.array(Image.fromarray(rgb).resize(size_wh, Image.Resampling.LANCZOS))
        for rgb in (done.marked, done.clean)
    )
    truth = done.truth and _resized_truth(done.truth, size_wh)
    return replace(done, marked=marked, clean=clean, mask=true_mask(marked, clean), truth=truth)


def _resized_truth(truth: Truth, size_wh: tuple[int, int]) -> Truth:
    """The resized a and a*W: with them the forward model holds, nearly, for the resized J."""

    def resized(plane: NDArray) -> NDArray[np.float32]:
        return np.array(Image.fromarray(plane).resize(size_wh, Image.Resampling.LANCZOS))

    matte = resized(truth.matte).clip(0, 1)
    inked = np.dstack([resized(truth.matte * truth.colour[..., i]) for i in range(3)])
    return Truth(matte, (inked / np.maximum(matte, 1e-3)[..., None]).clip(0, 1))


def _jpeg(rgb: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=quality, subsampling="4:2:0")
    return np.array(Image.open(file).convert("RGB"))
