"""Putting new pixels into a JPEG file among its own segments."""

from unveil.codecs import exif, jpeg, xmp
from unveil.codecs import jpeg_segments as segments
from unveil.codecs.picture import Picture


def assemble(encoded: bytes, picture: Picture, software: str) -> bytes:
    """The pixels of a freshly encoded JPEG, dressed in the segments of the picture's own file.

    All application segments and comments stay byte for byte, except those that would describe
    another picture: thumbnails, the index of further pictures, an ICC profile of a colour space
    that was left, the colour marker. EXIF and XMP are edited as `exif.edited` and `xmp.edited`
    say.
    """
    fresh, own = segments.dissect(encoded), segments.dissect(picture.data)
    adobe = [s for s in fresh.head if s.marker == 0xEE]
    keeps_colours = not picture.converted and not adobe
    gain_map = any(s.payload.startswith((segments.MPF, segments.GAIN_MAP)) for s in own.head)
    front: list[segments.Segment] = []
    rest: list[segments.Segment] = []
    block = exif.edited(
        picture.travels.exif, picture.orientation, software, limit=segments.EXIF_LIMIT
    )
    recorded = False
    for segment in own.head:
        marker, payload = segment.marker, segment.payload
        if marker == segments.APP0 and payload.startswith(b"JFIF\0") and len(payload) >= 14:
            if keeps_colours and not front:
                front.append(segments.Segment(marker, payload[:12] + b"\0\0"))
        elif marker == 0xE1 and payload.startswith(segments.EXIF) and not recorded:
            recorded = True
            rest.append(segments.Segment(marker, segments.EXIF + block))
        elif marker == 0xE1 and payload.startswith(segments.XMP):
            packet = xmp.edited(
                payload[len(segments.XMP) :], picture.orientation, drop_gain_map=gain_map
            )
            rest.append(segments.Segment(marker, segments.XMP + packet))
        elif marker == 0xED and payload.startswith(segments.PHOTOSHOP):
            rest.append(segments.Segment(marker, jpeg.slim(payload)))
        elif _stays(segment, picture, keeps_colours):
            rest.append(segment)
    if not recorded:
        rest.insert(0, segments.Segment(0xE1, segments.EXIF + block))
    if picture.converted and picture.travels.icc:
        rest += segments.icc_segments(picture.travels.icc)
    tables = [
        s for s in fresh.head if not segments.APP0 <= s.marker <= 0xEF and s.marker != segments.COM
    ]
    return _joined(encoded, fresh, [*front, *rest, *adobe, *tables])


def _stays(segment: segments.Segment, picture: Picture, keeps_colours: bool) -> bool:
    marker, payload = segment.marker, segment.payload
    if marker == segments.COM:
        return True
    if not segments.APP0 < marker <= 0xEF or payload.startswith((segments.MPF, segments.GAIN_MAP)):
        return False
    if marker == 0xEE and payload.startswith(b"Adobe"):
        return keeps_colours
    return not (picture.converted and payload.startswith(segments.ICC))


def _joined(encoded: bytes, fresh: segments.Anatomy, head: list[segments.Segment]) -> bytes:
    """The new head before the first scan of `encoded`, whose scan header is kept as it is."""
    scan = fresh.start - len(fresh.scans[0]) - 4
    return b"\xff\xd8" + b"".join(s.to_bytes() for s in head) + encoded[scan:]
