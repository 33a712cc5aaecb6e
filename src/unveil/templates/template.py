"""A mark known beforehand: its matte and colour, and how it is put on pictures."""

import json
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from unveil.blending import BLEND_MODES
from unveil.codecs import DEFAULT_MAX_PIXELS, read, write
from unveil.errors import TemplateError

LIGHTS = ("srgb", "linear")
"""Values that were blended: the picture's own, or linear light."""


@dataclass(frozen=True)
class Place:
    """Where a mark lay in the pictures that its template was made from; pixels."""

    x: int
    y: int
    width: int
    """Width and height of those pictures."""
    height: int


@dataclass(frozen=True, eq=False)
class Template:
    """J = m * a * blend(W, B) + (1 - m * a) * B, with the strength m of one instance, often 1."""

    matte: NDArray[np.float32]
    """H x W in [0, 1], the a."""
    colour: NDArray[np.float32]
    """H x W x 3 in [0, 1], the W, not multiplied by a; 0 where a is 0."""
    blend: str = "normal"
    """One of unveil.blending.BLEND_MODES."""
    light: str = "srgb"
    """One of LIGHTS."""
    place: Place | None = None
    source: str = ""
    """How it was made, in words."""
    error: float | None = None
    """Standard error of the matte, where it is known."""

    def __post_init__(self) -> None:
        if self.blend not in BLEND_MODES or self.light not in LIGHTS:
            raise TemplateError(
                f"expected a blend of {', '.join(BLEND_MODES)} and a light of {', '.join(LIGHTS)};"
                f" got {self.blend!r} and {self.light!r}"
            )

    @classmethod
    def from_file(cls, path: str | PathLike[str]) -> "Template":
        """Read a template, or any PNG, WebP or TIFF with transparency (a logo).

        path: the picture; the JSON of the same name beside it is read too, if there is one. Raises
        TemplateError or PictureError.
        """
        path = Path(path)
        rgba = _read_rgba(path)
        alpha = rgba[..., 3]
        if not alpha.any() or alpha.min() == 1:
            state = "opaque" if alpha.any() else "transparent"
            raise TemplateError(
                f"{path}: expected a mark on a transparent background; every pixel is {state};"
                " cut the mark out, or make a template with: unveil template"
            )
        facts = _read_facts(path.with_suffix(".json"))
        return cls(alpha, rgba[..., :3] * (alpha > 0)[..., None], **facts)

    @classmethod
    def from_flats(
        cls,
        flats: Iterable[Any],
        *,
        colour: Sequence[float] | None = None,
    ) -> "Template":
        """Solve a template from the mark on evenly coloured pictures; see
        :func:`unveil.templates.flats.from_flats`."""
        from unveil.templates.flats import from_flats

        return from_flats(flats, colour=colour)

    @classmethod
    def from_pictures(
        cls,
        pictures: Sequence[Any],
        *,
        region_xywh: tuple[int, int, int, int] | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> "Template":
        """Estimate a template from pictures that share a mark; see
        :func:`unveil.templates.collection.from_pictures`."""
        from unveil.templates.collection import from_pictures

        return from_pictures(pictures, region_xywh=region_xywh, progress=progress)

    def save(self, path: str | PathLike[str], overwrite: bool = False) -> None:
        """Write the mark as a PNG of 16 bits with straight alpha, and beside it a JSON with the
        rest. Raises OutputError where a file exists and overwrite is False."""
        path = Path(path)
        if path.suffix.lower() != ".png":
            raise TemplateError(f"{path}: expected a name that ends in .png, as in mark.png")
        bgra = np.dstack([self.colour[..., ::-1], self.matte])
        levels = np.rint(np.clip(bgra, 0, 1) * 65535).astype(np.uint16)
        content = bytes(cv2.imencode(".png", levels)[1])
        facts = {name: value for name, value in asdict(self).items() if name not in _PIXELS}
        write(content, path, overwrite=overwrite)
        text = json.dumps(facts, indent=2) + "\n"
        write(text.encode(), path.with_suffix(".json"), overwrite=overwrite)


_PIXELS = ("matte", "colour")


def _read_rgba(path: Path) -> NDArray[np.float32]:
    data = path.read_bytes() if path.is_file() else b""
    if _is_deep(data):  # other pictures have 8 bits
        stored = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        if stored is None:
            raise TemplateError(f"{path}: expected an intact PNG, got a damaged one; make it again")
        return stored[..., [2, 1, 0, 3]].astype(np.float32) / np.float32(65535)
    picture = read(path)
    if picture.alpha is None:
        raise TemplateError(
            f"{path}: expected a mark on a transparent background; the picture has no"
            " transparency; cut the mark out, or make a template with: unveil template"
        )
    return np.dstack([picture.rgb, picture.alpha]).astype(np.float32) / np.float32(255)


def _is_deep(data: bytes) -> bool:
    """Whether this is a PNG of 16 bits with transparency, as :meth:`Template.save` writes."""
    signature, header = data[:8], data[16:26]
    if signature != b"\x89PNG\r\n\x1a\n" or len(header) < 10:
        return False
    width, height, bits, colour_type = struct.unpack(">IIBB", header)
    return (bits, colour_type) == (16, 6) and width * height <= DEFAULT_MAX_PIXELS


def _read_facts(path: Path) -> dict[str, Any]:
    """The template's other fields, from its JSON; none where there is no such file."""
    try:
        facts = json.loads(path.read_text())
        place = facts.pop("place", None)
        facts["place"] = None if place is None else Place(**place)
        known = {"blend", "light", "place", "source", "error"}
        if unknown := facts.keys() - known:
            raise ValueError(f"it has {', '.join(sorted(unknown))}")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise TemplateError(
            f"{path}: expected the JSON of a template; {error}; delete it to use the picture alone"
        ) from error
    return facts
