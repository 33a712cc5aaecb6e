"""EXIF: edited in place, so that everything Unveil does not know stays byte for byte.

Maker notes hold offsets counted from the start of the block. Rewriting the block would break
them; so the old bytes stay where they are, and a new first directory is appended behind them.
"""

import struct

from unveil.codecs import ifd
from unveil.codecs.faults import FaultError

ORIENTATION, PROCESSING_SOFTWARE = 0x0112, 0x000B
_PREFIX = b"Exif\0\0"
_SWAPPED_FIRST = (0x0100, 0x0101)  # ImageWidth, ImageLength
_SWAPPED_EXIF = (0xA002, 0xA003)  # PixelXDimension, PixelYDimension


def bare(block: bytes) -> bytes:
    """The block without the `Exif` prefix that some formats put before it."""
    while block.startswith(_PREFIX):
        block = block[len(_PREFIX) :]
    return block


def orientation(block: bytes | None) -> int:
    """The orientation (1 to 8); 1 where it is absent or makes no sense."""
    if not block:
        return 1
    try:
        head = ifd.header(block)
        found = ifd.values(ifd.directory(block, head, head.first)[0], ORIENTATION, head.order)
    except FaultError:
        return 1
    return found[0] if found and 1 <= found[0] <= 8 else 1


def has_thumbnail(block: bytes | None) -> bool:
    """Whether the block carries a small copy of the picture (its second directory)."""
    if not block:
        return False
    try:
        head = ifd.header(block)
        following = ifd.directory(block, head, head.first)[1]
        return bool(following) and bool(ifd.directory(block, head, following)[0])
    except FaultError:
        return False


def edited(
    block: bytes | None,
    orientation: int,
    software: str,
    *,
    limit: int | None = None,
    tagless: bool = False,
) -> bytes:
    """The block for the upright picture, with the edit recorded in ProcessingSoftware.

    `orientation` is the one that reading undid: its tag becomes 1, and width and height change
    places where it was a quarter turn. The thumbnail, which would show the picture before the
    edit, is blanked out. `limit` is the largest size in bytes that the format can hold: past
    it the edit is not recorded. `tagless` leaves the orientation tag out altogether. A block
    that cannot be read comes back as it is.
    """
    if not block:
        return ifd.build([ifd.text(PROCESSING_SOFTWARE, software)], "<")
    try:
        head = ifd.header(block)
        if head.big:
            return block
        entries, following = ifd.directory(block, head, head.first)
    except FaultError:
        return block
    out = bytearray(block)
    if following:
        _blank_thumbnail(out, block, head, following)
        _store(out, head, _end(block, head, head.first), 0)
    if orientation != 1:
        _reset(out, block, head)
    if orientation >= 5:
        _swap(out, block, head, head.first, _SWAPPED_FIRST)
        pointer = ifd.values(entries, ifd.EXIF, head.order)
        if pointer:
            _swap(out, block, head, pointer[0], _SWAPPED_EXIF)
    in_place = bytes(out)
    _append_first(out, block, head, entries, software, tagless)
    return in_place if limit is not None and len(out) > limit else bytes(out)


def _places(block: bytes, head: ifd.Header, offset: int) -> range:
    """Where each 12-byte row of the directory at `offset` starts; empty if it is not there."""
    try:
        return ifd.rows(block, head, offset)[0]
    except FaultError:
        return range(0)


def _end(block: bytes, head: ifd.Header, offset: int) -> int:
    return offset + 2 + 12 * len(_places(block, head, offset))


def _store(out: bytearray, head: ifd.Header, at: int, value: int) -> None:
    struct.pack_into(head.order + "I", out, at, value)


def _reset(out: bytearray, block: bytes, head: ifd.Header) -> None:
    for place in _places(block, head, head.first):
        tag, kind, count = struct.unpack_from(head.order + "HHI", block, place)
        if tag == ORIENTATION and count == 1:
            code = {1: "B", 3: "H", 4: "I"}.get(kind)
            if code:
                struct.pack_into(head.order + code, out, place + 8, 1)


def _swap(
    out: bytearray, block: bytes, head: ifd.Header, offset: int, pair: tuple[int, int]
) -> None:
    """Exchange type, count and value of two tags of one directory."""
    found = {}
    for place in _places(block, head, offset):
        (tag,) = struct.unpack_from(head.order + "H", block, place)
        found[tag] = place
    if pair[0] in found and pair[1] in found:
        one, other = found[pair[0]] + 2, found[pair[1]] + 2
        out[one : one + 10], out[other : other + 10] = (
            block[other : other + 10],
            block[one : one + 10],
        )


def _blank_thumbnail(out: bytearray, block: bytes, head: ifd.Header, offset: int) -> None:
    """Overwrite the thumbnail's bytes with zeros; cut them off where they end the block."""
    try:
        entries, _ = ifd.directory(block, head, offset)
    except FaultError:
        return
    spans = []
    for starts, lengths in ((0x0201, 0x0202), (0x0111, 0x0117)):
        found = ifd.values(entries, starts, head.order), ifd.values(entries, lengths, head.order)
        spans += [(at, at + size) for at, size in zip(*found, strict=False)]
    first = range(head.first, _end(block, head, head.first) + 4)
    for start, end in sorted(spans, reverse=True):
        apart = end <= first.start or start >= first.stop
        if 8 <= start < end <= len(out) and apart:
            if end >= len(out) - 1:
                del out[start:]
            else:
                out[start:end] = bytes(end - start)


def _append_first(
    out: bytearray,
    block: bytes,
    head: ifd.Header,
    entries: list[ifd.Entry],
    software: str,
    tagless: bool,
) -> None:
    """Append the first directory again, with ProcessingSoftware, and point the header to it."""
    before = ifd.lookup(entries, PROCESSING_SOFTWARE)
    value = ifd.text(PROCESSING_SOFTWARE, software)
    if before is not None and before.kind == ifd.ASCII:
        old = before.raw.rstrip(b"\0 ").decode("latin-1")
        if old and software.split()[0] not in old:
            value = ifd.text(PROCESSING_SOFTWARE, f"{old}; {software}")
    dropped = {PROCESSING_SOFTWARE} | ({ORIENTATION} if tagless else set())
    rows = []
    for place in _places(block, head, head.first):
        (tag,) = struct.unpack_from(head.order + "H", block, place)
        if tag not in dropped:
            rows.append((tag, bytes(out[place : place + 12])))
    out += b"\0" * (len(out) % 2)
    at = len(out)
    out += value.raw + b"\0" * (len(value.raw) % 2)
    field = struct.pack(head.order + "I", at) if len(value.raw) > 4 else value.raw.ljust(4, b"\0")
    row = struct.pack(head.order + "HHI", value.tag, value.kind, value.count) + field
    rows = sorted([*rows, (value.tag, row)], key=lambda pair: pair[0])
    _store(out, head, 4, len(out))
    out += struct.pack(head.order + "H", len(rows)) + b"".join(raw for _, raw in rows) + bytes(4)
