"""The published benchmarks, constructed exactly: pictures and logos in, cases out.

Both protocols put a logo on a picture in the same way and differ in scale and noise. The
construction is that of the code published with arXiv 2403.05807 (protocol A) and arXiv 2403.02211
(protocol B), its quirks kept, because the published scores contain them:

- the picture is cropped from the top left to multiples of 32, not resized;
- it is loaded in BGR order and composed as if it were RGB, while the logo is RGB: the logo's red
  lands on the picture's blue. Scores do not depend on the order; a remover gets the array as
  composed;
- opacity is int(255 * opacity) wherever the logo's own alpha is not zero, *before* scaling: the
  logo's own soft rim is hardened, and scaling makes a new one;
- scaling is Pillow's default (bicubic on premultiplied colours), pasting is at (128, 128).

Check of the construction: the score of doing nothing is known from the papers.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from unveil.codecs import read
from unveil.errors import PictureError, UsageError

CHANGED = 2.5 / 255
"""A pixel is truly marked when some channel differs by more than this from the clean picture."""


@dataclass(frozen=True, eq=False)
class Truth:
    """What was laid over the picture, where it was blended normally."""

    matte: NDArray[np.float32]
    """H x W in [0, 1]."""
    colour: NDArray[np.float32]
    """H x W x 3 in [0, 1], straight; without meaning where the matte is 0."""


@dataclass(frozen=True)
class Case:
    """One picture to restore, with everything needed to score the result."""

    picture: str
    logo: str
    """Empty for pairs."""
    opacity: float | None
    """None where it is not known."""
    marked: NDArray[np.uint8]
    """H x W x 3: what a method gets."""
    clean: NDArray[np.uint8]
    """H x W x 3: what it should give back."""
    mask: NDArray[np.bool_]
    """H x W: where the two differ visibly."""
    kind: str = ""
    """One of :data:`kinds.KINDS`; empty for the published protocols and for pairs."""
    truth: Truth | None = None
    """None where it is not known, or where the blend was not the normal one."""


@dataclass(frozen=True)
class Protocol:
    """The parameters in which the published constructions differ."""

    name: str
    scale: float
    """The logo's width and height are multiplied by this and truncated."""
    opacities: tuple[float, ...] = (0.3, 0.5, 0.7, 1.0)
    position_xy: tuple[int, int] = (128, 128)
    """Where the logo's top left corner lies; what reaches past the picture is cut off."""
    multiple: int = 32
    """Pictures are cropped to multiples of this."""
    noise_sigma: float = 0.0
    """Standard deviation of white Gaussian noise added after the mark, in steps of 1/255.

    Rounded and clipped to 8 bits, because a remover takes 8-bit pictures; the papers' networks took
    the floats."""

    def __post_init__(self) -> None:
        bad = [opacity for opacity in self.opacities if not 0 < opacity <= 1]
        if bad or not self.opacities:
            raise UsageError(f"expected opacities above 0 and up to 1, got {bad or 'none'}")
        if self.noise_sigma < 0:
            raise UsageError(f"expected noise of sigma 0 or more, got {self.noise_sigma}")


PROTOCOLS = {
    "a": Protocol("a", scale=1.5),
    "b": Protocol("b", scale=1.0),
}


def protocol(
    name: str, opacities: Sequence[float] = (), noise_sigma: float | None = None
) -> Protocol:
    """The protocol of that name, with other opacities or noise if given.

    Raises UsageError for an unknown name, and for noise in protocol A, which has none.
    """
    if name not in PROTOCOLS:
        raise UsageError(f"expected a protocol of {', '.join(PROTOCOLS)}, marks; got {name!r}")
    chosen = PROTOCOLS[name]
    if opacities:
        chosen = replace(chosen, opacities=tuple(dict.fromkeys(opacities)))
    if noise_sigma is not None:
        if name == "a" and noise_sigma:
            raise UsageError("protocol a has no noise, got a sigma: use protocol b")
        chosen = replace(chosen, noise_sigma=noise_sigma)
    return chosen


def canvas(rgb: NDArray[np.uint8], multiple: int = 32) -> NDArray[np.uint8]:
    """The picture as it is composed upon: cropped to multiples from the top left, in BGR order."""
    height, width = (side // multiple * multiple for side in rgb.shape[:2])
    return np.ascontiguousarray(rgb[:height, :width, ::-1])


def prepare_logo(logo: Image.Image, opacity: float, scale: float) -> Image.Image:
    """RGBA logo with alpha int(255 * opacity) wherever it was not 0, then scaled (bicubic)."""
    pixels = np.array(logo.convert("RGBA"))
    pixels[..., 3][pixels[..., 3] != 0] = int(255 * opacity)
    width, height = int(logo.width * scale), int(logo.height * scale)
    return Image.fromarray(pixels).resize((width, height))


def laid(
    logo: Image.Image, picture: NDArray[np.uint8], position_xy: tuple[int, int]
) -> Image.Image:
    """An empty RGBA layer of the picture's size with the logo on it, cut off at the border."""
    layer = Image.new("RGBA", picture.shape[1::-1], (0, 0, 0, 0))
    layer.paste(logo, position_xy)
    return layer


def compose_logo(picture: NDArray[np.uint8], layer: Image.Image) -> NDArray[np.uint8]:
    """The layer over the picture, blended by its alpha in 8 bits by Pillow."""
    base = Image.fromarray(picture).convert("RGBA")
    return np.array(Image.composite(layer, base, layer).convert("RGB"))


def truth_of(layer: Image.Image) -> Truth:
    """What a layer's 8-bit RGBA pixels say."""
    rgba = np.asarray(layer, np.float32) / np.float32(255)
    return Truth(rgba[..., 3], rgba[..., :3])


def true_mask(marked: NDArray[np.uint8], clean: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Pixels of which some channel differs by more than CHANGED: H x W."""
    difference = np.abs(marked.astype(np.int16) - clean).max(axis=-1)
    return difference > CHANGED * 255


def add_noise(picture: NDArray[np.uint8], sigma: float, seed: int) -> NDArray[np.uint8]:
    """White Gaussian noise of sigma (in steps of 1/255), rounded and clipped to 8 bits."""
    noise = np.random.default_rng(seed).normal(0, sigma, picture.shape)
    return np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8)


def protocol_cases(
    chosen: Protocol,
    pictures: Sequence[tuple[str, Path]],
    logos: Sequence[tuple[str, Path]],
) -> Iterator[Case]:
    """Every picture under every logo at every opacity, one picture at a time in memory.

    pictures and logos: (name, path). The noise of a case depends on its names alone, so shards of
    an exam agree. Raises PictureError for a picture that the logo's corner does not reach.
    """
    prepared = [
        (logo, opacity, prepare_logo(read_logo(path), opacity, chosen.scale))
        for logo, path in logos
        for opacity in chosen.opacities
    ]
    left, top = chosen.position_xy
    for name, path in pictures:
        clean = canvas(read_rgb(path), chosen.multiple)
        height, width = clean.shape[:2]
        if width <= left or height <= top:
            raise PictureError(
                f"{path}: expected more than {left} x {top} pixels after cropping to multiples of "
                f"{chosen.multiple}, got {width} x {height}: leave it out of this protocol"
            )
        for logo, opacity, sprite in prepared:
            layer = laid(sprite, clean, chosen.position_xy)
            marked = compose_logo(clean, layer)
            mask = true_mask(marked, clean)
            if chosen.noise_sigma:
                seed = zlib.crc32(f"{name}\0{logo}\0{opacity}".encode())
                marked = add_noise(marked, chosen.noise_sigma, seed)
            yield Case(name, logo, opacity, marked, clean, mask, truth=truth_of(layer))


def read_logo(path: Path) -> Image.Image:
    """A logo as RGBA. Raises PictureError when it cannot be read."""
    try:
        with Image.open(path) as logo:
            return logo.convert("RGBA")
    except (OSError, ValueError, SyntaxError) as error:
        raise PictureError(f"{path}: expected a logo (PNG with alpha), got {error}") from error


def read_rgb(path: Path) -> NDArray[np.uint8]:
    """A picture as uint8 RGB, H x W x 3, read as everywhere in Unveil."""
    return read(path).rgb
