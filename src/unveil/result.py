"""What removing and locating give back."""

from dataclasses import asdict, dataclass, field
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from unveil.codecs.encode import encode_with_notes, to_image
from unveil.codecs.picture import Picture
from unveil.codecs.write import format_for, write


@dataclass(frozen=True)
class Report:
    """What was done to a picture, in numbers."""

    found: bool
    refused: bool
    """Marks were found, but no restoration was better than the marked picture."""
    reason: str
    """Why the picture was left as it is; empty where it was not."""
    marks: list[dict[str, Any]]
    """For each mark taken off: box_xyxy, area_px, opacity (None with a model that restores whole
    pictures, which does not say), colours (8-bit RGB), confidence, method; with a template also
    scale, angle_degrees, strength (times the template's matte), residual (of its edges) and
    signal_to_noise (of the match; 12 is sure)."""
    marked_fraction: float
    denoised: bool
    """Noise was taken off the whole picture, as asked."""
    seconds: float
    notes: list[str] = field(default_factory=list)
    """What reading and writing the file changes or loses."""

    def to_dict(self) -> dict[str, Any]:
        """The report as plain values, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Result:
    """A picture without its marks, and where they were."""

    source: Picture
    rgb: NDArray[np.uint8]
    """H x W x 3; equal to the input wherever mask is False, unless noise was taken off."""
    mask: NDArray[np.bool_]
    """H x W, True where pixels were restored."""
    matte: NDArray[np.float32]
    """H x W in [0, 1], the marks' opacity."""
    confidence: NDArray[np.float32]
    """H x W in [0, 1]: how much of the background showed through the mark; 1 outside it, 0 where
    what is there now is filled in."""
    report: Report
    as_array: bool
    """The input was an array, so the picture is one too."""

    @property
    def found(self) -> bool:
        """Whether a mark was found. If not, the picture is the input, untouched, unless noise was
        taken off."""
        return self.report.found

    @property
    def changed(self) -> NDArray[np.bool_]:
        """H x W, True where the picture may differ from the input."""
        return np.ones_like(self.mask) if self.report.denoised else self.mask

    @property
    def picture(self) -> NDArray[np.uint8] | Image.Image:
        """The restored picture: an array for an array, a PIL image in the input's mode
        otherwise."""
        return self.rgb if self.as_array else to_image(self.source, self.rgb)

    def encode(self, format: str | None = None) -> bytes:
        """The picture as a file, in the input's own format or another.

        An untouched picture in its own format comes back byte-identical. What the format cannot
        hold is added to the report's notes.
        """
        same_format = format is None or format.upper() == self.source.format
        changed = self.changed
        if not changed.any() and same_format and self.source.data:
            return self.source.data
        encoded = encode_with_notes(self.source, self.rgb, format=format, changed=changed)
        notes = self.report.notes
        notes.extend(note for note in encoded.notes if note not in notes)
        return encoded.data

    def save(self, path: str | PathLike[str], overwrite: bool = False) -> None:
        """Write the picture; the format follows the suffix. Raises OutputError."""
        write(self.encode(format_for(path)), path, overwrite=overwrite)


@dataclass(frozen=True, eq=False)
class Location:
    """Where the marks of a picture are."""

    mask: NDArray[np.bool_]
    matte: NDArray[np.float32]
    colour: NDArray[np.float32]
    """H x W x 3 in [0, 1], the marks' colour; 0 where there is none."""
    confidence: float
    """Of the surest mark; 0 where nothing was found."""
    marks: list[dict[str, Any]]
    """For each mark: box_xyxy, area_px, confidence."""

    @property
    def found(self) -> bool:
        """Whether there is a mark."""
        return bool(self.marks)
