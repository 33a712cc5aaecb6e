"""Marked pictures on disk in the layout of CLWD (Liu et al., WDNet, arXiv 2012.07616), which the
published code for blind removal reads:

    Watermarked_image/1.jpg  Watermark_free_image/1.jpg  Mask/1.png  Alpha/1.png  Watermark/1.png
"""

from collections.abc import Callable
from pathlib import Path

from unveil.errors import OutputError
from unveil.lab.synthesis.config import SynthesisConfig, on_plain_scenes
from unveil.lab.synthesis.marked import MarkedPictures
from unveil.lab.synthesis.sheet import to_image
from unveil.lab.synthesis.textures import Textures

FOLDERS = ("Watermarked_image", "Watermark_free_image", "Mask", "Alpha", "Watermark")


def clwd_config(size_px: int = 256) -> SynthesisConfig:
    """Marks as CLWD's: one a picture, sides of up to the picture's, turned by any angle, opacity
    .3 to .7, normally blended."""
    config = SynthesisConfig(
        size_px=size_px, length_px=(size_px / 8, float(size_px)), opacity=(0.3, 0.7), opaque=0.0,
        clean=0.0, second_mark=0.0, recoloured=0.0, rotated=1.0, tiled=0.0, hard_edge=0.0,
        aliased=0.0, varying=0.0, shadow=0.0, other_blend=0.0, swapped_channels=0.0, jpeg=0.0,
    )  # fmt: skip
    return on_plain_scenes(config)


def write_pairs(
    pictures: Textures,
    marks: Textures,
    count: int,
    folder: Path,
    *,
    size_px: int = 256,
    seed: int = 0,
    advance: Callable[[], None] = lambda: None,
) -> None:
    """Write so many marked crops with all that is known of them; advance is called after each.

    Raises OutputError where the folder holds something already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(f"{folder}: expected a new or empty folder; name another, or empty it")
    for name in FOLDERS:
        (folder / name).mkdir(parents=True)
    source = MarkedPictures(pictures, marks, clwd_config(size_px), 1, seed)
    for number in range(1, count + 1):
        batch = source.draw()
        under = (batch.matte > 0).float()
        shown = (batch.marked, batch.background, under, batch.matte, under * batch.colour)
        for name, plane in zip(FOLDERS, shown, strict=True):
            if name.endswith("_image"):
                target = folder / name / f"{number}.jpg"
                to_image(plane[0]).save(target, quality=98, subsampling=0)
            else:
                to_image(plane[0]).save(folder / name / f"{number}.png")
        advance()
