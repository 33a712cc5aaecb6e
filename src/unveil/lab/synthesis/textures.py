"""Pictures and sprites of any size, resident in one flat buffer, sampled at any position in one
batch.

A data loader that decodes, crops and resizes picture by picture starves a GPU. Here every texture
lies as 32-bit RGBA pixels in a single tensor; a batch of crops is one gather with computed
addresses, on CPU and GPU alike, and its cost does not depend on the textures' sizes.
"""

from collections.abc import Iterable

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

BORDER_PX = 1
"""Transparent border around every texture with alpha, so that sampling beyond it finds nothing."""

SPRITE_LEVELS = 4
"""Pyramid levels of marks: one may be drawn at a sixteenth of its sprite's size."""


class Textures:
    """Opaque or RGBA textures in one buffer; RGBA ones with halved copies against aliasing."""

    def __init__(self, textures: Iterable[NDArray[np.uint8]], levels: int = 1) -> None:
        """textures: uint8 h x w x 3 (opaque) or h x w x 4 (straight alpha).

        levels: pyramid levels; level k is reduced by 2**k, its colours weighted by alpha.
        """
        pixels, offsets, sizes = [], [], []
        position, channels = 0, set()
        for texture in textures:
            channels.add(texture.shape[2])
            for level in _pyramid(texture, levels):
                packed = np.ascontiguousarray(level).view(np.int32).reshape(-1)
                pixels.append(packed)
                offsets.append(position)
                sizes.append(level.shape[:2])
                position += packed.size
        if not pixels:
            raise ValueError("expected at least one texture; got none")
        if len(channels) > 1:
            raise ValueError("expected textures all opaque or all with alpha; got both")
        self.levels = levels
        self._border = BORDER_PX if channels == {4} else 0
        self._pixels = torch.from_numpy(np.concatenate(pixels))
        self._offsets = torch.tensor(offsets, dtype=torch.int32).reshape(-1, levels)
        self._sizes_hw = torch.tensor(sizes, dtype=torch.int32).reshape(-1, levels, 2)

    def to(self, device: torch.device | str) -> "Textures":
        """The same textures with their buffer on the device."""
        self._pixels = self._pixels.to(device)
        self._offsets = self._offsets.to(device)
        self._sizes_hw = self._sizes_hw.to(device)
        return self

    def __len__(self) -> int:
        return len(self._offsets)

    @property
    def sizes_hw(self) -> Tensor:
        """[T, 2] height and width of every texture at level 0, in pixels."""
        return self._sizes_hw[:, 0] - 2 * self._border

    def original(self, index: int) -> NDArray[np.uint8]:
        """One texture as it was given, h x w x 3 or h x w x 4."""
        height, width = self._sizes_hw[index, 0].tolist()
        begin, border = int(self._offsets[index, 0]), self._border
        pixels = self._pixels[begin : begin + height * width].cpu().numpy()
        rgba = pixels.view(np.uint8).reshape(height, width, 4)
        return rgba[border:-border, border:-border] if border else rgba[..., :3]

    def sample(
        self, index: Tensor, xy: Tensor, level: Tensor | None = None, hard: Tensor | None = None
    ) -> Tensor:
        """Bilinear samples, colours premultiplied: [B, 4, H, W] float32 in [0, 1].

        index: [B] which texture. xy: [B, H, W, 2] positions in pixels of level 0, where the centre
        of the first pixel is (0.5, 0.5). level: [B] pyramid level. hard: [B] bool, lift every
        nonzero alpha to 1 before interpolating, as tools do that force one opacity on a logo.
        Outside a texture its alpha fades to 0; an opaque texture is continued by its outermost
        pixels.
        """
        level = torch.zeros_like(index) if level is None else level
        height, width = self._sizes_hw[index, level].view(-1, 2, 1, 1).unbind(1)
        x, y = (xy / (2.0 ** level.view(-1, 1, 1, 1)) + (self._border - 0.5)).unbind(-1)
        offset = self._offsets[index, level]
        if not self._border:
            shape = (-1, 1, 1)
            x, y = x.clamp_min(0).minimum(width - 1), y.clamp_min(0).minimum(height - 1)
            taken = self._interpolated(x, y, offset.view(shape), width, height)
            return taken.movedim(-1, 1)
        # most of a crop lies beyond its mark
        within = (x > 0) & (x < width - 1) & (y > 0) & (y < height - 1)
        crop = within.nonzero()[:, 0]
        height, width = height.flatten()[crop], width.flatten()[crop]
        lifted = None if hard is None else hard[crop]
        sampled = xy.new_zeros(*within.shape, 4)
        sampled[within] = self._interpolated(
            x[within], y[within], offset[crop], width, height, lifted
        )
        return sampled.movedim(-1, 1)

    def _interpolated(
        self,
        x: Tensor,
        y: Tensor,
        offset: Tensor,
        width: Tensor,
        height: Tensor,
        hard: Tensor | None = None,
    ) -> Tensor:
        """[..., 4] premultiplied colours at places [...] within the levels that begin at offset."""
        left, top = x.floor().minimum(width - 2), y.floor().minimum(height - 2)
        fx, fy = (x - left).unsqueeze(-1), (y - top).unsqueeze(-1)
        address = offset + top.int() * width + left.int()
        upper = torch.lerp(self._taps(address, hard), self._taps(address + 1, hard), fx)
        address = address + width
        lower = torch.lerp(self._taps(address, hard), self._taps(address + 1, hard), fx)
        return torch.lerp(upper, lower, fy).div_(255)

    def _taps(self, address: Tensor, hard: Tensor | None) -> Tensor:
        """[..., 4] premultiplied pixels at the addresses, in [0, 255]."""
        rgba = self._pixels[address].view(torch.uint8).unflatten(-1, (-1, 4)).float()
        if self._border:
            alpha = rgba[..., 3]
            if hard is not None:
                alpha.copy_(torch.where(hard & (alpha > 0), 255.0, alpha))
            rgba[..., :3].mul_(alpha.unsqueeze(-1) / 255)
        return rgba


def _pyramid(texture: NDArray[np.uint8], levels: int) -> list[NDArray[np.uint8]]:
    if texture.shape[2] == 3:
        texture = np.dstack([texture, np.full(texture.shape[:2], 255, np.uint8)])
        return [texture]
    pyramid = [texture]
    for _ in range(levels - 1):
        pyramid.append(_halved(pyramid[-1]))
    return [_bordered(level) for level in pyramid]


def _bordered(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """One transparent pixel all around, of the nearest pixel's colour."""
    edge = ((BORDER_PX, BORDER_PX), (BORDER_PX, BORDER_PX))
    colour = np.pad(rgba[..., :3], (*edge, (0, 0)), mode="edge")
    return np.dstack([colour, np.pad(rgba[..., 3], edge)])


def _halved(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = rgba.shape[:2]
    size_wh = (max(1, width // 2), max(1, height // 2))
    weight = np.maximum(rgba[..., 3:].astype(np.float32) / 255, 1e-3)  # rounds to 0 again
    small = cv2.resize(
        np.dstack([rgba[..., :3] * weight, weight]), size_wh, interpolation=cv2.INTER_AREA
    )
    colour, alpha = small[..., :3] / small[..., 3:], small[..., 3:] * 255
    return np.rint(np.dstack([colour, alpha])).clip(0, 255).astype(np.uint8)
