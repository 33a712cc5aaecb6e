"""JPEG files as a row of segments: what the header says, and putting new pixels into it.

Reference: ITU-T T.81 (segments, annex B), T.871 (JFIF).
"""

import re
import struct
from dataclasses import dataclass

from PIL import JpegImagePlugin

from unveil.codecs import exif, photoshop, xmp
from unveil.codecs.faults import FaultError, corrupt, truncated
from unveil.codecs.picture import Facts, JpegForm, Picture, Travels

_SOI, _EOI, _SOS, _DQT, _COM, _APP0 = 0xD8, 0xD9, 0xDA, 0xDB, 0xFE, 0xE0
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE = {0x01, *range(0xD0, 0xD8)}
_REAL_MARKER = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")
_EXIF, _ICC, _MPF = b"Exif\0\0", b"ICC_PROFILE\0", b"MPF\0"
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_PHOTOSHOP = b"Photoshop 3.0\0"
_GAIN_MAP = b"urn:iso:std:iso:ts:21496:-1\0"
SEGMENT_LIMIT = 65533
_SAMPLINGS = {(1, 1) * 3: 0, (2, 2) * 3: 0, (2, 1, 1, 1, 1, 1): 1, (2, 2, 1, 1, 1, 1): 2}
"""Pillow's number for the horizontal and vertical sampling factors of three components."""
EXIF_LIMIT = SEGMENT_LIMIT - len(_EXIF)


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
    frame = next((s for s in anatomy.head if s.marker in _FRAMES), None)
    if frame is None or len(frame.payload) < 6:
        raise corrupt("JPEG", "no frame header")
    bits, high, wide, components = struct.unpack_from(">BHHB", frame.payload)
    if bits != 8:
        raise FaultError(f"{bits}-bit JPEG", "convert it to 8 bits per channel first", "8-bit JPEG")
    if frame.marker == 0xC2 and not _complete(anatomy.scans, frame.payload, components):
        raise truncated("JPEG", "the last of its progressive scans are missing")
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


def _travels(head: list[Segment]) -> Travels:
    block = packet = comment = dpi = None
    parts: list[bytes] = []
    for segment in head:
        payload = segment.payload
        if segment.marker == 0xE1 and payload.startswith(_EXIF):
            block = block or exif.bare(payload)
        elif segment.marker == 0xE1 and payload.startswith(_XMP):
            packet = packet or payload[len(_XMP) :]
        elif segment.marker == 0xE2 and payload.startswith(_ICC):
            parts.append(payload[len(_ICC) :])
        elif segment.marker == _COM:
            comment = payload if comment is None else comment
        elif segment.marker == _APP0 and payload.startswith(b"JFIF\0") and len(payload) >= 12:
            unit, across, down = struct.unpack_from(">BHH", payload, 7)
            if unit in (1, 2) and across and down:
                scale = 2.54 if unit == 2 else 1.0
                dpi = (across * scale, down * scale)
    parts.sort(key=lambda part: part[:1])
    profile = b"".join(part[2:] for part in parts) or None
    return Travels(block, packet, profile, dpi, comment)


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
    if any(table not in tables for table in used):
        wanted: list[int] = []
    elif len(set(used)) == 1:
        wanted = used[:1]
    elif number == 3 and used[1] == used[2]:
        wanted = used[:2]
    else:
        wanted = used
    factors = tuple(value for row in rows for value in (row[1] >> 4, row[1] & 15))
    sampling = _SAMPLINGS.get(factors, -1)
    return JpegForm(
        tuple(tables[table] for table in wanted),
        sampling,
        frame.marker in (0xC2, 0xC6, 0xCA, 0xCE),
        number == 3 and _is_rgb(head, [row[0] for row in rows]),
    )


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
    if any(s.marker == _APP0 and s.payload.startswith(b"JFIF\0") for s in head):
        return False
    adobe = [s.payload for s in head if s.marker == 0xEE and s.payload.startswith(b"Adobe")]
    if adobe and len(adobe[-1]) >= 12:
        return adobe[-1][11] == 0
    return ids == [0x52, 0x47, 0x42]


def _notes(data: bytes, anatomy: Anatomy, travels: Travels) -> list[str]:
    notes = []
    if any(s.marker == 0xEB and s.payload.startswith(b"JP") for s in anatomy.head):
        notes.append("provenance manifest (C2PA/JUMBF) kept: it describes the unedited picture")
    if any(s.marker == 0xE2 and s.payload.startswith(_MPF) for s in anatomy.head):
        notes.append("first picture of several only (MPO, gain map or preview)")
    elif len(data) - anatomy.end - 2 > 64:
        notes.append(f"{len(data) - anatomy.end - 2} bytes behind the picture dropped")
    photos = [s.payload for s in anatomy.head if s.payload.startswith(_PHOTOSHOP)]
    if (
        exif.has_thumbnail(travels.exif)
        or xmp.has_thumbnail(travels.xmp or b"")
        or any(_slim(payload) != payload for payload in photos)
    ):
        notes.append("thumbnail dropped: it shows the unedited picture")
    return notes


def _slim(payload: bytes) -> bytes:
    return _PHOTOSHOP + photoshop.without_thumbnails(payload[len(_PHOTOSHOP) :])


def assemble(encoded: bytes, picture: Picture, software: str) -> bytes:
    """The pixels of a freshly encoded JPEG, dressed in the segments of the picture's own file.

    All application segments and comments stay byte for byte, except those that would describe
    another picture: thumbnails, the index of further pictures, an ICC profile of a colour space
    that was left, the colour marker. EXIF and XMP are edited as `exif.edited` and `xmp.edited`
    say.
    """
    fresh, own = dissect(encoded), dissect(picture.data)
    adobe = [s for s in fresh.head if s.marker == 0xEE]
    keeps_colours = not picture.converted and not adobe
    gain_map = any(s.payload.startswith((_MPF, _GAIN_MAP)) for s in own.head)
    front: list[Segment] = []
    rest: list[Segment] = []
    block = exif.edited(picture.travels.exif, picture.orientation, software, limit=EXIF_LIMIT)
    recorded = False
    for segment in own.head:
        marker, payload = segment.marker, segment.payload
        if marker == _APP0 and payload.startswith(b"JFIF\0") and len(payload) >= 14:
            if keeps_colours and not front:
                front.append(Segment(marker, payload[:12] + b"\0\0"))
        elif marker == 0xE1 and payload.startswith(_EXIF) and not recorded:
            recorded = True
            rest.append(Segment(marker, _EXIF + block))
        elif marker == 0xE1 and payload.startswith(_XMP):
            packet = xmp.edited(payload[len(_XMP) :], picture.orientation, drop_gain_map=gain_map)
            rest.append(Segment(marker, _XMP + packet))
        elif marker == 0xED and payload.startswith(_PHOTOSHOP):
            rest.append(Segment(marker, _slim(payload)))
        elif _stays(segment, picture, keeps_colours):
            rest.append(segment)
    if not recorded:
        rest.insert(0, Segment(0xE1, _EXIF + block))
    tables = [s for s in fresh.head if not _APP0 <= s.marker <= 0xEF and s.marker != _COM]
    return _joined(encoded, fresh, [*front, *rest, *adobe, *tables])


def _stays(segment: Segment, picture: Picture, keeps_colours: bool) -> bool:
    marker, payload = segment.marker, segment.payload
    if marker == _COM:
        return True
    if not _APP0 < marker <= 0xEF or payload.startswith((_MPF, _GAIN_MAP)):
        return False
    if marker == 0xEE and payload.startswith(b"Adobe"):
        return keeps_colours
    return not (picture.converted and payload.startswith(_ICC))


def _joined(encoded: bytes, fresh: Anatomy, head: list[Segment]) -> bytes:
    """The new head before the first scan of `encoded`, whose scan header is kept as it is."""
    scan = fresh.start - len(fresh.scans[0]) - 4
    return b"\xff\xd8" + b"".join(s.to_bytes() for s in head) + encoded[scan:]
