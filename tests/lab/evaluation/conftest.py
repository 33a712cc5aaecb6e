"""Pictures, logos and removers that these tests make for themselves."""

from dataclasses import dataclass, field
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
    matte: np.ndarray | None = None
    report: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(marks=[]))

    def encode(self) -> bytes:
        return self.file


class IdentityRemover:
    """Finds nothing, changes nothing."""

    def remove(self, picture, *, mask=None, denoise=False):
        rgb = getattr(picture, "rgb", picture)
        file = getattr(picture, "data", b"")
        mask = np.zeros(rgb.shape[:2], bool)
        return FakeResult(rgb.copy(), mask, False, bytes(file), np.zeros(mask.shape, np.float32))


class OracleRemover:
    """Knows the case of every marked picture."""

    def __init__(self, cases):
        self._cases = {case.marked.tobytes(): case for case in cases}

    def remove(self, picture, *, mask=None, denoise=False):
        case = self._cases[picture.tobytes()]
        found = (case.clean != picture).any(axis=-1)
        result = FakeResult(case.clean.copy(), found if mask is None else mask, bool(found.any()))
        if case.truth is not None:
            result.matte = case.truth.matte
            inked = case.truth.colour[case.truth.matte > 0.1]
            colours = np.unique(np.rint(inked * 255).astype(int), axis=0)
            result.report.marks = [{"colours": colours.tolist()}]
        return result


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
