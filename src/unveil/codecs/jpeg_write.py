"""Putting new pixels into a JPEG file among its own segments."""

from unveil.codecs import exif, jpeg, xmp
from unveil.codecs.picture import Picture


def assemble(encoded: bytes, picture: Picture, software: str) -> bytes:
    """The pixels of a freshly encoded JPEG, dressed in the segments of the picture's own file.

    All application segments and comments stay byte for byte, except those that would describe
    another picture: thumbnails, the index of further pictures, an ICC profile of a colour space
    that was left, the colour marker. EXIF and XMP are edited as `exif.edited` and `xmp.edited`
    say.
    """
    fresh, own = jpeg.dissect(encoded), jpeg.dissect(picture.data)
    adobe = [s for s in fresh.head if s.marker == 0xEE]
    keeps_colours = not picture.converted and not adobe
    gain_map = any(s.payload.startswith((jpeg.MPF, jpeg.GAIN_MAP)) for s in own.head)
    front: list[jpeg.Segment] = []
    rest: list[jpeg.Segment] = []
    block = exif.edited(picture.travels.exif, picture.orientation, software, limit=jpeg.EXIF_LIMIT)
    recorded = False
    for segment in own.head:
        marker, payload = segment.marker, segment.payload
        if marker == jpeg.APP0 and payload.startswith(b"JFIF\0") and len(payload) >= 14:
            if keeps_colours and not front:
                front.append(jpeg.Segment(marker, payload[:12] + b"\0\0"))
        elif marker == 0xE1 and payload.startswith(jpeg.EXIF) and not recorded:
            recorded = True
            rest.append(jpeg.Segment(marker, jpeg.EXIF + block))
        elif marker == 0xE1 and payload.startswith(jpeg.XMP):
            packet = xmp.edited(
                payload[len(jpeg.XMP) :], picture.orientation, drop_gain_map=gain_map
            )
            rest.append(jpeg.Segment(marker, jpeg.XMP + packet))
        elif marker == 0xED and payload.startswith(jpeg.PHOTOSHOP):
            rest.append(jpeg.Segment(marker, jpeg.slim(payload)))
        elif _stays(segment, picture, keeps_colours):
            rest.append(segment)
    if not recorded:
        rest.insert(0, jpeg.Segment(0xE1, jpeg.EXIF + block))
    tables = [s for s in fresh.head if not jpeg.APP0 <= s.marker <= 0xEF and s.marker != jpeg.COM]
    return _joined(encoded, fresh, [*front, *rest, *adobe, *tables])


def _stays(segment: jpeg.Segment, picture: Picture, keeps_colours: bool) -> bool:
    marker, payload = segment.marker, segment.payload
    if marker == jpeg.COM:
        return True
    if not jpeg.APP0 < marker <= 0xEF or payload.startswith((jpeg.MPF, jpeg.GAIN_MAP)):
        return False
    if marker == 0xEE and payload.startswith(b"Adobe"):
        return keeps_colours
    return not (picture.converted and payload.startswith(jpeg.ICC))


def _joined(encoded: bytes, fresh: jpeg.Anatomy, head: list[jpeg.Segment]) -> bytes:
    """The new head before the first scan of `encoded`, whose scan header is kept as it is."""
    scan = fresh.start - len(fresh.scans[0]) - 4
    return b"\xff\xd8" + b"".join(s.to_bytes() for s in head) + encoded[scan:]
