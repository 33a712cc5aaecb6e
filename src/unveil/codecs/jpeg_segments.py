"""JPEG files as a row of segments.

Reference: ITU-T T.81 (annex B), T.871 (JFIF).
"""

import re
import struct
from dataclasses import dataclass

from unveil.codecs.faults import corrupt, truncated

SOI, EOI, SOS, DQT, DRI, COM, APP0 = 0xD8, 0xD9, 0xDA, 0xDB, 0xDD, 0xFE, 0xE0
FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
RESTART = re.compile(rb"\xff[\xd0-\xd7]")
EXIF, ICC, MPF = b"Exif\0\0", b"ICC_PROFILE\0", b"MPF\0"
XMP = b"http://ns.adobe.com/xap/1.0/\0"
PHOTOSHOP = b"Photoshop 3.0\0"
GAIN_MAP = b"urn:iso:std:iso:ts:21496:-1\0"
LIMIT = 65533
"""The most bytes that one segment can hold."""
EXIF_LIMIT = LIMIT - len(EXIF)
_STANDALONE = {0x01, *range(0xD0, 0xD8)}
_MARKER = re.compile(rb"\xff+[^\x00\xff]")
_REAL_MARKER = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")


@dataclass(frozen=True)
class Segment:
    """One marker and its payload, without the two bytes of length."""

    marker: int
    payload: bytes

    def to_bytes(self) -> bytes:
        """As it stands in a file."""
        length = struct.pack(">H", len(self.payload) + 2)
        return bytes((0xFF, self.marker)) + length + self.payload


@dataclass(frozen=True)
class Anatomy:
    """The segments before the first scan, the later scans' headers, and where the picture ends."""

    head: list[Segment]
    scans: list[bytes]
    start: int
    """Offset of the first scan's entropy-coded data."""
    end: int
    """Offset of the end marker."""


def icc_segments(profile: bytes) -> list[Segment]:
    """The segments that carry an ICC profile."""
    room = LIMIT - len(ICC) - 2
    parts = [profile[at : at + room] for at in range(0, len(profile), room)]
    return [
        Segment(0xE2, ICC + bytes((number, len(parts))) + part)
        for number, part in enumerate(parts, 1)
    ]


def dissect(data: bytes) -> Anatomy:
    """Walk all segments up to the end marker; FaultError if the file stops before."""
    head: list[Segment] = []
    scans: list[bytes] = []
    at, start = 2, 0
    while True:
        found = _MARKER.search(data, at) if not start else None
        found = found or _REAL_MARKER.search(data, at)
        if found is None:
            raise truncated("JPEG", "no end marker")
        marker, at = found.group()[-1], found.end()
        if marker == EOI:
            if not start:
                raise truncated("JPEG", "no pixels")
            return Anatomy(head, scans, start, found.end() - 2)
        if marker == SOI and start:
            raise corrupt("JPEG", "a second picture inside the first")
        if marker in _STANDALONE or marker == SOI:
            continue
        if at + 2 > len(data):
            raise truncated("JPEG", "inside a segment")
        (length,) = struct.unpack_from(">H", data, at)
        if length < 2:
            raise corrupt("JPEG", "a segment of impossible length")
        if at + length > len(data):
            raise truncated("JPEG", "inside a segment")
        payload, at = data[at + 2 : at + length], at + length
        if marker == SOS:
            scans.append(payload)
            start = start or at
        elif not start:
            head.append(Segment(marker, payload))
