"""XMP: kept as it is, except where it would contradict the written picture."""

import re

_PAIRS = (
    (b"tiff:ImageWidth", b"tiff:ImageLength"),
    (b"exif:PixelXDimension", b"exif:PixelYDimension"),
)
_THUMBNAILS = (b"xmp:Thumbnails", b"xap:Thumbnails")
_GAIN_MAP = re.compile(rb"""\shdrgm:Version\s*=\s*(["'])[^"']*\1""")


def _values(name: bytes) -> re.Pattern[bytes]:
    """Matches the number of a property written as an attribute or as an element."""
    return re.compile(rb"(" + name + rb"""\s*(?:=\s*["']|>)\s*)(\d+)""")


def edited(xmp: bytes, orientation: int, *, drop_gain_map: bool = False) -> bytes:
    """The XMP packet for the upright picture; byte-identical where nothing had to change.

    `orientation` is the one that reading undid. Thumbnails are taken out, because they would
    still show the picture before the edit.
    """
    if orientation != 1:
        xmp = _values(b"tiff:Orientation").sub(rb"\g<1>1", xmp)
    if orientation >= 5:
        for wide, high in _PAIRS:
            xmp = _swapped(xmp, _values(wide), _values(high))
    if drop_gain_map:
        xmp = _GAIN_MAP.sub(b"", xmp)
    return _without_thumbnails(xmp)


def has_thumbnail(xmp: bytes) -> bool:
    """Whether the packet carries a small copy of the picture."""
    return _without_thumbnails(xmp) != xmp


def _without_thumbnails(xmp: bytes) -> bytes:
    for name in _THUMBNAILS:
        start = xmp.find(b"<" + name)
        end = xmp.find(b"</" + name + b">", start)
        if 0 <= start < end:
            xmp = xmp[:start] + xmp[end + len(name) + 3 :]
    return xmp


def _swapped(xmp: bytes, one: re.Pattern[bytes], other: re.Pattern[bytes]) -> bytes:
    first, second = one.search(xmp), other.search(xmp)
    if first is None or second is None:
        return xmp
    was_first, was_second = first.group(2), second.group(2)
    xmp = one.sub(lambda m: m.group(1) + was_second, xmp)
    return other.sub(lambda m: m.group(1) + was_first, xmp)
