"""TIFF files: what the first directory says, and putting new strips under its other tags."""

import struct

from PIL import TiffImagePlugin

from unveil.codecs import exif, ifd, photoshop, xmp
from unveil.codecs.faults import FaultError, corrupt, truncated
from unveil.codecs.picture import Facts, Picture, Travels

_XMP, _ICC, _PHOTOSHOP, _LAYERS, _C2PA = 700, 34675, 34377, 37724, 0xCD41
_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _SUBFILE = 256, 257, 258, 259, 254
_STRIPS, _STRIP_SIZES, _TILES, _TILE_SIZES, _SUBIFDS, _EXTRA = 273, 279, 324, 325, 330, 338
_DNG_VERSION = 0xC612
_OF_PIXELS = frozenset(
    (
        *range(_SUBFILE, 267),
        *(_STRIPS, 277, 278, _STRIP_SIZES, 280, 281, 284, *range(288, 294), 317, 320),
        *(322, 323, _TILES, _TILE_SIZES, 326, 327, 328, _SUBIFDS, 332, 338, 339, 340, 341),
        *(347, *range(512, 522), *range(529, 533)),
    )
)
"""Tags that describe how pixels are stored: always the new file's."""
_OF_COLOURS = frozenset((_ICC, 301, 318, 319, 333, 334, 336, 337))
"""Tags that describe a colour space: void once the colours were converted."""
NOT_FOR_EXIF = _OF_PIXELS | {_XMP, _ICC, _PHOTOSHOP, _LAYERS, 33723}
"""Tags that have no place in the EXIF block of another format."""
_PREDICTOR = 317
_TWO_TONE = ("group3", "group4", "tiff_ccitt")
_LOSSLESS = ("raw", "packbits", "tiff_lzw", "tiff_adobe_deflate", "zstd", "lzma")


def inspect(data: bytes) -> Facts:
    """What the first directory says; FaultError where pixels are missing, or raw."""
    head = ifd.header(data)
    entries, following = ifd.directory(data, head, head.first, strict=True)
    order = head.order

    def values(tag: int) -> tuple[int, ...]:
        return ifd.values(entries, tag, order)

    reduced = values(_SUBFILE)[:1] not in ((), (0,)) and values(_SUBFILE)[0] & 1
    if ifd.lookup(entries, _DNG_VERSION) or data[8:10] == b"CR" or (reduced and values(_SUBIFDS)):
        raise FaultError("a camera's raw file", "develop it to a TIFF or JPEG first")
    wide, high, bits = values(_WIDTH), values(_HEIGHT), values(_BITS) or (1,)
    if not wide or not high:
        raise corrupt("TIFF", "no width or height")
    starts = values(_STRIPS) or values(_TILES)
    sizes = values(_STRIP_SIZES) or values(_TILE_SIZES)
    if not starts:
        raise corrupt("TIFF", "no pixels in its first directory")
    if any(at + size > len(data) for at, size in zip(starts, sizes, strict=False)):
        raise truncated("TIFF", "pixels beyond its end")
    code = (values(_COMPRESSION) or (1,))[0]
    compression = TiffImagePlugin.COMPRESSION_INFO.get(code)
    travels = _travels(entries, order)
    notes = []
    if following:
        notes.append(f"first of {_pages(data, head)} pages only")
    if head.big:
        notes.append("BigTIFF written as classic TIFF")
    if 0 in values(_EXTRA):
        notes.append("a channel without stated meaning dropped")
    if 1 in values(_EXTRA):
        notes.append("premultiplied alpha stored as straight alpha")
    if values(_SUBIFDS):
        notes.append("reduced copies of the picture (sub-images) dropped")
    if ifd.lookup(entries, _LAYERS):
        notes.append("Photoshop layers dropped: they show the unedited picture")
    if ifd.lookup(entries, _C2PA):
        notes.append("provenance manifest (C2PA) kept: it describes the unedited picture")
    resources = ifd.lookup(entries, _PHOTOSHOP)
    if (resources and photoshop.without_thumbnails(resources.raw) != resources.raw) or (
        xmp.has_thumbnail(travels.xmp or b"")
    ):
        notes.append("thumbnail dropped: it shows the unedited picture")
    return Facts(
        (wide[0], high[0]),
        bits=max(bits),
        travels=travels,
        notes=tuple(notes),
        compression=compression,
    )


def _pages(data: bytes, head: ifd.Header) -> int:
    seen, at = set(), head.first
    while at and at not in seen and len(seen) < 10_000:
        seen.add(at)
        try:
            at = ifd.rows(data, head, at)[1]
        except FaultError:
            break
    return len(seen)


def _travels(entries: list[ifd.Entry], order: str) -> Travels:
    kept = [entry for entry in entries if entry.tag not in NOT_FOR_EXIF]
    packet, profile = ifd.lookup(entries, _XMP), ifd.lookup(entries, _ICC)
    return Travels(
        ifd.build(kept, order),
        packet.raw if packet else None,
        profile.raw if profile else None,
        _dpi(entries, order),
    )


def _dpi(entries: list[ifd.Entry], order: str) -> tuple[float, float] | None:
    unit = (ifd.values(entries, 296, order) or (2,))[0]
    found = []
    for tag in (282, 283):
        entry = ifd.lookup(entries, tag)
        if entry is None or entry.kind != 5:
            return None
        over, under = struct.unpack_from(order + "II", entry.raw)
        found.append(over / under * (2.54 if unit == 3 else 1) if under else 0)
    return (found[0], found[1]) if unit in (2, 3) and min(found) > 0 else None


def assemble(encoded: bytes, picture: Picture, software: str) -> bytes:
    """The strips of a freshly encoded TIFF under the other tags of the picture.

    Tags and their directories (EXIF, GPS) keep their values byte for byte, in the byte order of
    the picture's own file.
    """
    head = ifd.header(encoded)
    fresh, _ = ifd.directory(encoded, head, head.first)
    body = [
        encoded[at : at + size]
        for at, size in zip(
            ifd.values(fresh, _STRIPS, head.order),
            ifd.values(fresh, _STRIP_SIZES, head.order),
            strict=True,
        )
    ]
    order, kept = _donor(picture)
    block = exif.edited(ifd.build(kept, order), picture.orientation, software)
    kept, _ = ifd.directory(block, ifd.header(block), ifd.header(block).first)
    mine = [entry for entry in fresh if entry.tag in _OF_PIXELS]
    mine = [_turned(entry, head.order, order) for entry in mine]
    mine = [entry for entry in mine if entry.tag not in (_STRIPS, _STRIP_SIZES, _SUBIFDS)]
    mine.append(ifd.number(_STRIPS, order, *ifd.body_offsets(body)))
    mine.append(ifd.number(_STRIP_SIZES, order, *map(len, body)))
    return ifd.build([*mine, *kept], order, body)


def _donor(picture: Picture) -> tuple[str, list[ifd.Entry]]:
    """Byte order and the tags that go over from the picture into its new file."""
    travels = picture.travels
    order, entries = "<", []
    source = picture.data if picture.format == "TIFF" and picture.data else travels.exif
    if source:
        try:
            head = ifd.header(source)
            order, entries = head.order, ifd.directory(source, head, head.first)[0]
        except FaultError:
            entries = []
    void = _OF_PIXELS | {_LAYERS} | (_OF_COLOURS if picture.converted else set())
    kept = [_edited(entry, picture) for entry in entries if entry.tag not in void]
    have = {entry.tag for entry in kept}
    for tag, raw in ((_XMP, travels.xmp), (_ICC, travels.icc)):
        if raw and tag not in have:
            kept.append(_edited(ifd.Entry(tag, ifd.UNDEFINED, len(raw), raw), picture))
    if travels.dpi and not have & {282, 283}:
        for tag, value in zip((282, 283), travels.dpi, strict=True):
            raw = struct.pack(order + "II", round(value * 100), 100)
            kept.append(ifd.Entry(tag, 5, 1, raw))
        kept = [entry for entry in kept if entry.tag != 296]
        kept.append(ifd.Entry(296, ifd.SHORT, 1, struct.pack(order + "H", 2)))
    return order, kept


def _edited(entry: ifd.Entry, picture: Picture) -> ifd.Entry:
    raw = entry.raw
    if entry.tag == _XMP:
        raw = xmp.edited(raw, picture.orientation)
    elif entry.tag == _PHOTOSHOP:
        raw = photoshop.without_thumbnails(raw)
    if raw == entry.raw or entry.kind not in (ifd.BYTE, ifd.UNDEFINED):
        return entry
    return ifd.Entry(entry.tag, entry.kind, len(raw), raw)


def _turned(entry: ifd.Entry, before: str, after: str) -> ifd.Entry:
    """The entry in another byte order."""
    size = len(entry.raw) // entry.count
    step = 4 if entry.kind in (5, 10) else size
    if before == after or step == 1:
        return entry
    pieces = (entry.raw[at : at + step][::-1] for at in range(0, len(entry.raw), step))
    return ifd.Entry(entry.tag, entry.kind, entry.count, b"".join(pieces))


def options(picture: Picture, mode: str) -> tuple[dict[str, object], str | None]:
    """Pillow's settings for the picture's own compression, and a note where another must serve."""
    name = picture.compression or "raw"
    if picture.format != "TIFF" or name == "tiff_deflate":
        name = "tiff_adobe_deflate"
    if name in ("tiff_lzw", "tiff_adobe_deflate"):
        return {"compression": name, "tiffinfo": _predictor(picture)}, None
    if name in _LOSSLESS or (name in _TWO_TONE and mode == "1"):
        return {"compression": name}, None
    if name == "jpeg" and mode in ("L", "RGB"):
        return {"compression": name, "quality": 95}, None
    return {"compression": "tiff_adobe_deflate"}, f"TIFF compression {name} replaced by Deflate"


def _predictor(picture: Picture) -> dict[int, int]:
    """The setting that makes the compressor see differences, if the input had it."""
    if picture.format != "TIFF" or not picture.data:
        return {}
    head = ifd.header(picture.data)
    entries, _ = ifd.directory(picture.data, head, head.first)
    return {_PREDICTOR: 2} if ifd.values(entries, _PREDICTOR, head.order) == (2,) else {}
