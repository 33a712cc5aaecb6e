"""Contact sheets of what training draws: one line of crops for each model of noise or marks."""

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from unveil.lab.synthesis.augment import AugmentConfig, Augmented
from unveil.lab.synthesis.chance import Chance
from unveil.lab.synthesis.config import SynthesisConfig
from unveil.lab.synthesis.logos import LogoScenes, SegmentationConfig
from unveil.lab.synthesis.marked import MarkedPictures
from unveil.lab.synthesis.noise import parse_noise
from unveil.lab.synthesis.pairs import MarkedPairs, same_logo, triplets
from unveil.lab.synthesis.scenes import crops
from unveil.lab.synthesis.textures import Textures

Line = tuple[str, Tensor]
"""A caption, and crops [B, 3, H, W] or masks [B, 1, H, W]."""

_CAPTION_PX, _GAP_PX = 26, 4
_INK, _PAPER = (32, 32, 32), (255, 255, 255)


def noise_lines(
    pictures: Textures, descriptions: Sequence[str], size_px: int, count: int, seed: int
) -> list[Line]:
    """The same crops under each noise model, the clean ones first."""
    clean = crops(pictures, size_px, (1.0, 1.0), count, Chance(seed, "cpu"))
    noisy = [(text, parse_noise(text)(clean, Chance(seed, "cpu"))) for text in descriptions]
    return [("clean", clean), *noisy]


def mark_lines(
    pictures: Textures, sprites: Textures, size_px: int, count: int, seed: int
) -> list[Line]:
    """What each recipe's networks get and what they learn from."""
    flagship = MarkedPictures(pictures, sprites, SynthesisConfig(size_px), count, seed).draw()
    views = MarkedPairs(pictures, sprites, triplets(size_px), count, seed)
    view = Augmented(views, AugmentConfig()).draw()
    pair = MarkedPairs(pictures, sprites, same_logo(size_px), count, seed).draw()
    scene = LogoScenes(pictures, sprites, SegmentationConfig(size_px), count, seed).draw()
    return [
        ("flagship: input", flagship.marked),
        ("flagship: visibly marked", flagship.visible),
        ("heterogeneous_unet: input, augmented", view.marked),
        ("heterogeneous_unet: the other view", view.target),
        ("heterogeneous_unet: mask", view.mask),
        ("swcnn: input", pair.marked),
        ("swcnn: target, under the same mark", pair.target),
        ("segmentation: input", scene.marked),
        ("segmentation: mask", scene.mask),
    ]


def draw_sheet(lines: Sequence[Line]) -> Image.Image:
    """The lines below each other, each with its caption above it."""
    count, _, height, width = lines[0][1].shape
    step = height + _CAPTION_PX + _GAP_PX
    size_wh = (count * (width + _GAP_PX) - _GAP_PX, len(lines) * step)
    sheet = Image.new("RGB", size_wh, _PAPER)
    draw = ImageDraw.Draw(sheet)
    for number, (caption, crop) in enumerate(lines):
        top = number * step
        draw.text((2, top + 4), caption, fill=_INK, font=ImageFont.load_default(15))
        for column, picture in enumerate(crop):
            place_xy = (column * (width + _GAP_PX), top + _CAPTION_PX)
            sheet.paste(to_image(picture), place_xy)
    return sheet


def to_image(picture: Tensor) -> Image.Image:
    """[3, H, W] or [1, H, W] in [0, 1], or bool, as a picture of 8 bits."""
    levels = (picture.float() * 255).round().to(torch.uint8).cpu().numpy()
    return Image.fromarray(np.ascontiguousarray(levels.transpose(1, 2, 0)).squeeze())
