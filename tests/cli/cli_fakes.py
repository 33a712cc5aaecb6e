"""A stand-in for the model: it finds magenta and paints it grey, so the verbs are tested alone."""

import io
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from unveil import codecs

MAGENTA = (255, 0, 255)
GREY = (128, 128, 128)


@dataclass
class FakeReport:
    found: bool
    refused: bool = False
    reason: str = ""
    marks: list[dict[str, Any]] = field(default_factory=list)
    marked_fraction: float = 0.0
    denoised: bool = False
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class FakeResult:
    source: codecs.Picture
    rgb: np.ndarray
    mask: np.ndarray
    report: FakeReport

    @property
    def found(self) -> bool:
        return self.report.found

    @property
    def changed(self) -> np.ndarray:
        return self.mask | self.report.denoised

    @property
    def picture(self) -> Image.Image:
        return Image.fromarray(self.rgb)

    @property
    def confidence(self) -> np.ndarray:
        return np.where(self.mask, np.float32(0.4), np.float32(1))

    def encode(self, format: str | None = None) -> bytes:
        if not self.found and format is None:
            return self.source.data
        return codecs.encode(self.source, self.rgb, format=format, changed=self.mask)

    def save(self, path: Path, overwrite: bool = False) -> None:
        codecs.write(self.encode(), path, overwrite=overwrite)


@dataclass
class FakeLocation:
    mask: np.ndarray
    found: bool
    confidence: float
    marks: list[dict[str, Any]]


class FakeRemover:
    """Takes magenta for the mark; the methods under test see no difference to the real one."""

    calls: list[dict[str, Any]]

    def __init__(self, model: str = "default", providers: Any = None) -> None:
        FakeRemover.calls = []

    def remove(
        self,
        picture: codecs.Picture,
        *,
        mask: Any = None,
        template: Any = None,
        method: str = "auto",
        denoise: bool = False,
    ) -> FakeResult:
        call = {
            "name": picture.name,
            "mask": mask,
            "template": template,
            "method": method,
            "denoise": denoise,
        }
        FakeRemover.calls.append(call)
        found = self._mask(picture) if mask is None else mask
        rgb = np.where(found[..., None], np.uint8(GREY[0]), picture.rgb)
        marks = [{"box_xyxy": [0, 0, 1, 1], "area_px": int(found.sum()), "opacity": 0.5}]
        report = FakeReport(
            bool(found.any()),
            marks=marks if found.any() else [],
            denoised=denoise,
            notes=list(picture.notes),
        )
        return FakeResult(picture, rgb, found, report)

    def locate(
        self, picture: codecs.Picture, *, threshold: float | None = None, dilate_px: int = 0
    ) -> FakeLocation:
        FakeRemover.calls.append({"threshold": threshold, "dilate_px": dilate_px})
        mask = self._mask(picture)
        return FakeLocation(mask, bool(mask.any()), 0.9, [{}] if mask.any() else [])

    @staticmethod
    def _mask(picture: codecs.Picture) -> np.ndarray:
        return (np.abs(picture.rgb.astype(int) - MAGENTA) < 60).all(axis=2)


def draw(path: Path | str, *, marked: bool = True, size_wh: tuple[int, int] = (40, 30)) -> bytes:
    """A picture with a magenta mark, or a clean one, at the path; its bytes."""
    path = Path(path)
    image = Image.new("RGB", size_wh, GREY)
    if marked:
        image.paste(MAGENTA, (8, 8, 24, 24))
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {"quality": 95, "subsampling": 0} if path.suffix in (".jpg", ".jpeg") else {}
    image.save(path, **options)
    return path.read_bytes()


def is_clean(data: bytes | Path) -> bool:
    """Whether no magenta is left."""
    stream = io.BytesIO(data.read_bytes() if isinstance(data, Path) else data)
    with Image.open(stream) as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    return not (np.abs(pixels - MAGENTA) < 60).all(axis=2).any()


@dataclass
class Answer:
    """What a command gave back."""

    code: int
    out: bytes
    err: str
