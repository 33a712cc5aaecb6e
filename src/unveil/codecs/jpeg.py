"""JPEG files as a row of segments, and what those before the pixels say.

Reference: ITU-T T.81 (segments, annex B), T.871 (JFIF).
"""

import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PIL import JpegImagePlugin

from unveil.codecs import exif, photoshop, xmp
from unveil.codecs.faults import FaultError, corrupt, truncated
from unveil.codecs.picture import Facts, JpegForm, Travels

_SOI, _EOI, _SOS, _DQT, _DRI, COM, APP0 = 0xD8, 0xD9, 0xDA, 0xDB, 0xDD, 0xFE, 0xE0
FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE = {0x01, *range(0xD0, 0xD8)}
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")
_REAL_MARKER = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")
EXIF, ICC, MPF = b"Exif\0\0", b"ICC_PROFILE\0", b"MPF\0"
XMP = b"http://ns.adobe.com/xap/1.0/\0"
PHOTOSHOP = b"Photoshop 3.0\0"
GAIN_MAP = b"urn:iso:std:iso:ts:21496:-1\0"
SEGMENT_LIMIT = 65533
_SAMPLINGS = {(1, 1) * 3: 0, (2, 2) * 3: 0, (2, 1, 1, 1, 1, 1): 1, (2, 2, 1, 1, 1, 1): 2}
"""Pillow's number for the horizontal and vertical sampling factors of three components."""
EXIF_LIMIT = SEGMENT_LIMIT - len(EXIF)


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


def dissect(data: bytes) -> Anatomy:
    """Walk all segments up to the end marker; FaultError if the file stops before."""
    head: list[Segment] = []
    scans: list[bytes] = []
    at, start = 2, 0
    while True:
        found = re.compile(rb"\xff+[^\x00\xff]").search(data, at) if not start else None
        found = found or _REAL_MARKER.search(data, at)
        if found is None:
            raise truncated("JPEG", "no end marker")
        marker, at = found.group()[-1], found.end()
        if marker == _EOI:
            if not start:
                raise truncated("JPEG", "no pixels")
            return Anatomy(head, scans, start, found.end() - 2)
        if marker == _SOI and start:
            raise corrupt("JPEG", "a second picture inside the first")
        if marker in _STANDALONE or marker == _SOI:
            continue
        if at + 2 > len(data):
            raise truncated("JPEG", "inside a segment")
        (length,) = struct.unpack_from(">H", data, at)
        if length < 2:
            raise corrupt("JPEG", "a segment of impossible length")
        if at + length > len(data):
            raise truncated("JPEG", "inside a segment")
        payload, at = data[at + 2 : at + length], at + length
        if marker == _SOS:
            scans.append(payload)
            start = start or at
        elif not start:
            head.append(Segment(marker, payload))


def inspect(data: bytes) -> Facts:
    """What the header of a JPEG says; FaultError where it is cut short or unsupported."""
    anatomy = dissect(data)
    frame = next((s for s in anatomy.head if s.marker in FRAMES), None)
    if frame is None or len(frame.payload) < 6:
        raise corrupt("JPEG", "no frame header")
    bits, high, wide, components = struct.unpack_from(">BHHB", frame.payload)
    if bits != 8:
        raise FaultError(f"{bits}-bit JPEG", "convert it to 8 bits per channel first", "8-bit JPEG")
    if frame.marker == 0xC2 and not _complete(anatomy.scans, frame.payload, components):
        raise truncated("JPEG", "the last of its progressive scans are missing")
    if frame.marker in (0xC0, 0xC1) and _lacks_restarts(data, anatomy, frame.payload):
        raise truncated("JPEG", "restart markers are missing")
    travels = _travels(anatomy.head)
    form = _form(anatomy.head, frame) if components in (1, 3) else None
    notes = _notes(data, anatomy, travels)
    if components == 3 and form is not None and form.subsampling < 0:
        form = JpegForm(form.tables, 0, form.progressive, form.keeps_rgb)
        notes.append("unusual chroma subsampling: written as 4:4:4")
    if form is not None and not form.tables:
        form = None
        notes.append("lossless JPEG: written as a JPEG of quality 95")
    return Facts((wide, high), travels=travels, notes=tuple(notes), jpeg=form)


def _complete(scans: list[bytes], frame: bytes, components: int) -> bool:
    """Whether a progressive JPEG's scans bring every coefficient to its last bit."""
    if len(frame) < 6 + 3 * components:
        return False
    final = {frame[6 + 3 * i]: [False] * 64 for i in range(components)}
    for scan in scans:
        if not scan or len(scan) < 4 + 2 * scan[0]:
            return False
        first, last, approximation = scan[1 + 2 * scan[0] : 4 + 2 * scan[0]]
        for i in range(scan[0]):
            if approximation & 15 == 0 and scan[1 + 2 * i] in final:
                done = final[scan[1 + 2 * i]]
                done[first : last + 1] = [True] * len(done[first : last + 1])
    return all(done[0] for done in final.values()) and all(map(all, final.values()))


def unit_wh(frame: bytes) -> tuple[int, int]:
    """Width and height in pixels of the unit in which a frame with this header is coded."""
    if frame[5] == 1:
        return 8, 8
    factors = frame[7 : 6 + 3 * frame[5] : 3]
    return 8 * max(factor >> 4 for factor in factors), 8 * max(factor & 15 for factor in factors)


def _lacks_restarts(data: bytes, anatomy: Anatomy, frame: bytes) -> bool:
    """Whether a single scan has fewer restart markers than its interval asks for."""
    intervals = [s.payload for s in anatomy.head if s.marker == _DRI and len(s.payload) == 2]
    interval = int.from_bytes(intervals[-1], "big") if intervals else 0
    unit = unit_wh(frame)
    if not interval or len(anatomy.scans) > 1 or not all(unit):
        return False
    high, wide = struct.unpack_from(">HH", frame, 1)
    units = -(-wide // unit[0]) * -(-high // unit[1])
    found = len(_RESTART.findall(data, anatomy.start, anatomy.end))
    return found < (units - 1) // interval


def _travels(head: list[Segment]) -> Travels:
    block = packet = comment = dpi = None
    others: list[str] = []
    parts: list[bytes] = []
    for segment in head:
        payload = segment.payload
        if segment.marker == 0xE1 and payload.startswith(EXIF):
            block = block or exif.bare(payload)
        elif segment.marker == 0xE1 and payload.startswith(XMP):
            packet = packet or payload[len(XMP) :]
        elif segment.marker == 0xE2 and payload.startswith(ICC):
            parts.append(payload[len(ICC) :])
        elif segment.marker == 0xED and payload.startswith(PHOTOSHOP):
            others.append("IPTC and Photoshop fields")
        elif segment.marker == COM:
            comment = payload if comment is None else comment
        elif segment.marker == APP0 and payload.startswith(b"JFIF\0") and len(payload) >= 12:
            unit, across, down = struct.unpack_from(">BHH", payload, 7)
            if unit in (1, 2) and across and down:
                scale = 2.54 if unit == 2 else 1.0
                dpi = (across * scale, down * scale)
    parts.sort(key=lambda part: part[:1])
    profile = b"".join(part[2:] for part in parts) or None
    return Travels(block, packet, profile, dpi, comment, tuple(dict.fromkeys(others)))


def _form(head: list[Segment], frame: Segment) -> JpegForm:
    tables: dict[int, tuple[int, ...]] = {}
    for segment in head:
        if segment.marker == _DQT:
            tables |= _tables(segment.payload)
    number = frame.payload[5]
    rows = [frame.payload[6 + 3 * i : 9 + 3 * i] for i in range(number)]
    if any(len(row) < 3 for row in rows):
        raise corrupt("JPEG", "a frame header that is too short")
    used = [row[2] for row in rows]
    factors = tuple(value for row in rows for value in (row[1] >> 4, row[1] & 15))
    sampling = _SAMPLINGS.get(factors, -1)
    return JpegForm(
        tables_in_order(used, tables),
        sampling,
        frame.marker in (0xC2, 0xC6, 0xCA, 0xCE),
        number == 3 and _is_rgb(head, [row[0] for row in rows]),
    )


def tables_in_order(
    used: Sequence[int], tables: Mapping[int, Sequence[int]]
) -> tuple[tuple[int, ...], ...]:
    """The tables that the components use, as Pillow wants them: the last one serves the rest.

    used: the number of each component's table. Empty where one of them is missing.
    """
    if any(number not in tables for number in used):
        return ()
    if len(set(used)) == 1:
        used = used[:1]
    elif len(set(used[1:])) == 1:
        used = used[:2]
    return tuple(tuple(tables[number]) for number in used)


def _tables(payload: bytes) -> dict[int, tuple[int, ...]]:
    found, at = {}, 0
    while at < len(payload):
        code, size = ("B", 64) if payload[at] < 16 else ("H", 128)
        if at + 1 + size > len(payload):
            raise corrupt("JPEG", "a quantisation table that is too short")
        zigzag = struct.unpack_from(f">64{code}", payload, at + 1)
        found[payload[at] & 15] = tuple(zigzag[i] for i in JpegImagePlugin.zigzag_index)
        at += 1 + size
    return found


def _is_rgb(head: list[Segment], ids: list[int]) -> bool:
    """libjpeg's rule for three components: JFIF, then Adobe's marker, then the component names."""
    if any(s.marker == APP0 and s.payload.startswith(b"JFIF\0") for s in head):
        return False
    adobe = [s.payload for s in head if s.marker == 0xEE and s.payload.startswith(b"Adobe")]
    if adobe and len(adobe[-1]) >= 12:
        return adobe[-1][11] == 0
    return ids == [0x52, 0x47, 0x42]


def _notes(data: bytes, anatomy: Anatomy, travels: Travels) -> list[str]:
    notes = []
    if any(s.marker == 0xEB and s.payload.startswith(b"JP") for s in anatomy.head):
        notes.append("provenance manifest (C2PA/JUMBF) kept: it describes the unedited picture")
    if any(s.marker == 0xE2 and s.payload.startswith(MPF) for s in anatomy.head):
        notes.append("first picture of several only (MPO, gain map or preview)")
    elif len(data) - anatomy.end - 2 > 64:
        notes.append(f"{len(data) - anatomy.end - 2} bytes behind the picture dropped")
    photos = [s.payload for s in anatomy.head if s.payload.startswith(PHOTOSHOP)]
    if (
        exif.has_thumbnail(travels.exif)
        or xmp.has_thumbnail(travels.xmp or b"")
        or any(slim(payload) != payload for payload in photos)
    ):
        notes.append("thumbnail dropped: it shows the unedited picture")
    return notes


def slim(payload: bytes) -> bytes:
    """A Photoshop segment without its thumbnails."""
    return PHOTOSHOP + photoshop.without_thumbnails(payload[len(PHOTOSHOP) :])
