"""Pictures, logos and removers that these tests make for themselves."""

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, ImageDraw


@dataclass
class FakeResult:
    rgb: np.ndarray
    mask: np.ndarray
    found: bool
    file: bytes = b""

    def encode(self) -> bytes:
        return self.file


class IdentityRemover:
    """Finds nothing, changes nothing."""

    def remove(self, picture, *, mask=None):
        rgb = getattr(picture, "rgb", picture)
        file = getattr(picture, "data", b"")
        return FakeResult(rgb.copy(), np.zeros(rgb.shape[:2], bool), False, bytes(file))


class OracleRemover:
    """Knows the clean picture of every marked one."""

    def __init__(self, cases):
        self._clean = {case.marked.tobytes(): (case.clean, case.mask) for case in cases}

    def remove(self, picture, *, mask=None):
        clean, true = self._clean[picture.tobytes()]
        found = (clean != picture).any(axis=-1)
        return FakeResult(clean.copy(), true if mask is not None else found, bool(found.any()))


def photo(seed: int, size_hw: tuple[int, int] = (224, 256)) -> np.ndarray:
    """Smooth random colours, uint8."""
    coarse = np.random.default_rng(seed).integers(20, 236, (7, 8, 3), dtype=np.uint8)
    return np.array(Image.fromarray(coarse).resize(size_hw[::-1], Image.Resampling.BICUBIC))


@pytest.fixture
def fakes() -> SimpleNamespace:
    """The stand-ins above, for tests to make their own."""
    return SimpleNamespace(
        Result=FakeResult, Identity=IdentityRemover, Oracle=OracleRemover, photo=photo
    )


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Three pictures, one of them not a multiple of 32."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for seed, size_hw in enumerate([(224, 256), (256, 224), (239, 250)]):
        Image.fromarray(photo(seed, size_hw)).save(folder / f"{seed}.png")
    return folder


@pytest.fixture
def logos(tmp_path: Path) -> Path:
    """Two logos with soft rims: a white ring and a red word."""
    folder = tmp_path / "logos"
    folder.mkdir()
    for name, colour in (("ring", (255, 255, 255, 255)), ("bar", (220, 30, 40, 200))):
        large = Image.new("RGBA", (160, 120), (0, 0, 0, 0))
        draw = ImageDraw.Draw(large)
        if name == "ring":
            draw.ellipse((8, 8, 110, 110), outline=colour, width=14)
        else:
            draw.rectangle((10, 40, 150, 80), fill=colour)
        large.resize((40, 30)).save(folder / f"{name}.png")
    return folder
