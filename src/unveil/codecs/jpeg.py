"""What the segments of a JPEG before its pixels say."""

import struct

from unveil.codecs import exif, jpeg_form, photoshop, xmp
from unveil.codecs import jpeg_segments as segments
from unveil.codecs.faults import FaultError, corrupt, truncated
from unveil.codecs.picture import Facts, JpegForm, Travels


def inspect(data: bytes) -> Facts:
    """What the header of a JPEG says; FaultError where it is cut short or unsupported."""
    anatomy = segments.dissect(data)
    frame = next((s for s in anatomy.head if s.marker in segments.FRAMES), None)
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
    form = jpeg_form.form(anatomy.head, frame) if components in (1, 3) else None
    notes = _notes(data, anatomy, travels)
    if components == 3 and form is not None and form.subsampling < 0:
        form = JpegForm(form.tables, 0, form.progressive, form.keeps_rgb)
        notes.append("unusual chroma subsampling: written as 4:4:4")
    if form is not None and not form.tables:
        form = None
        notes.append("lossless JPEG: written as a JPEG of quality 95")
    return Facts((wide, high), travels=travels, notes=tuple(notes), jpeg=form)


def _complete(scans: list[bytes], frame: bytes, components: int) -> bool:
    """Whether a progressive JPEG's scans bring what is needed to its last bit.

    That is all of the first component and the mean values of the others: an encoder may leave
    out colour details that are zero, but the last scan of a whole file is the first component's.
    """
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
    first_component = final[frame[6]]
    return all(first_component) and all(done[0] for done in final.values())


def _lacks_restarts(data: bytes, anatomy: segments.Anatomy, frame: bytes) -> bool:
    """Whether a single scan has fewer restart markers than its interval asks for."""
    intervals = [s.payload[:2] for s in anatomy.head if s.marker == segments.DRI]
    interval = int.from_bytes(intervals[-1], "big") if intervals else 0
    unit = jpeg_form.unit_wh(frame)
    if not interval or len(anatomy.scans) > 1 or not all(unit):
        return False
    high, wide = struct.unpack_from(">HH", frame, 1)
    units = -(-wide // unit[0]) * -(-high // unit[1])
    found = len(segments.RESTART.findall(data, anatomy.start, anatomy.end))
    return found < (units - 1) // interval


def _travels(head: list[segments.Segment]) -> Travels:
    block = packet = comment = dpi = None
    others: list[str] = []
    parts: list[bytes] = []
    for segment in head:
        payload = segment.payload
        if segment.marker == 0xE1 and payload.startswith(segments.EXIF):
            block = block or exif.bare(payload)
        elif segment.marker == 0xE1 and payload.startswith(segments.XMP):
            packet = packet or payload[len(segments.XMP) :]
        elif segment.marker == 0xE2 and payload.startswith(segments.ICC):
            parts.append(payload[len(segments.ICC) :])
        elif segment.marker == 0xED and payload.startswith(segments.PHOTOSHOP):
            others.append("IPTC and Photoshop fields")
        elif segment.marker == segments.COM:
            comment = payload if comment is None else comment
        elif payload.startswith(b"JFIF\0") and len(payload) >= 12:
            unit, across, down = struct.unpack_from(">BHH", payload, 7)
            if unit in (1, 2) and across and down:
                scale = 2.54 if unit == 2 else 1.0
                dpi = (across * scale, down * scale)
    parts.sort(key=lambda part: part[:1])
    profile = b"".join(part[2:] for part in parts) or None
    return Travels(block, packet, profile, dpi, comment, tuple(dict.fromkeys(others)))


def _notes(data: bytes, anatomy: segments.Anatomy, travels: Travels) -> list[str]:
    notes = []
    if any(s.marker == 0xEB and s.payload.startswith(b"JP") for s in anatomy.head):
        notes.append("provenance manifest (C2PA/JUMBF) kept: it describes the unedited picture")
    if any(s.marker == 0xE2 and s.payload.startswith(segments.MPF) for s in anatomy.head):
        notes.append("first picture of several only (MPO, gain map or preview)")
    elif len(data) - anatomy.end - 2 > 64:
        notes.append(f"{len(data) - anatomy.end - 2} bytes behind the picture dropped")
    photos = [s.payload for s in anatomy.head if s.payload.startswith(segments.PHOTOSHOP)]
    if (
        exif.has_thumbnail(travels.exif)
        or xmp.has_thumbnail(travels.xmp or b"")
        or any(slim(payload) != payload for payload in photos)
    ):
        notes.append("thumbnail dropped: it shows the unedited picture")
    return notes


def slim(payload: bytes) -> bytes:
    """A Photoshop segment without its thumbnails."""
    return segments.PHOTOSHOP + photoshop.without_thumbnails(payload[len(segments.PHOTOSHOP) :])
