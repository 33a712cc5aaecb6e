"""TIFF directories: the structure shared by TIFF files and EXIF blocks.

Reference: TIFF 6.0 (Adobe, 1992), section 2; BigTIFF (AWare Systems).
"""

import contextlib
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from unveil.codecs.faults import FaultError, corrupt, truncated

BYTE, ASCII, SHORT, LONG, UNDEFINED, LONG8 = 1, 2, 3, 4, 7, 16
EXIF, GPS, INTEROP = 0x8769, 0x8825, 0xA005
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_SIZES |= {16: 8, 17: 8, 18: 8}
_CHILDREN = (EXIF, GPS, INTEROP)


@dataclass(frozen=True)
class Entry:
    """One tag: its type, its number of values, and their bytes in the order of the file."""

    tag: int
    kind: int
    count: int
    raw: bytes
    children: tuple["Entry", ...] | None = None
    """The entries of the directory it points to (EXIF, GPS, interoperability)."""

    def numbers(self, order: str) -> tuple[int, ...]:
        """The values of an unsigned integer tag; empty for other types."""
        code = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}.get(self.kind)
        if code is None:
            return ()
        return struct.unpack(f"{order}{self.count}{code}", self.raw)


@dataclass(frozen=True)
class Header:
    """Byte order ("<" or ">"), whether offsets have eight bytes, and the first directory."""

    order: str
    big: bool
    first: int


def header(data: bytes) -> Header:
    """The header of a TIFF structure; FaultError where there is none."""
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or len(data) < 8:
        raise corrupt("TIFF", "no byte order at its start")
    (version,) = struct.unpack_from(order + "H", data, 2)
    if version == 43 and len(data) >= 16:
        return Header(order, True, struct.unpack_from(order + "Q", data, 8)[0])
    if version not in (42, 85):
        raise corrupt("TIFF", f"version {version}")
    return Header(order, False, struct.unpack_from(order + "I", data, 4)[0])


def directory(
    data: bytes, head: Header, offset: int, *, strict: bool = False, depth: int = 0
) -> tuple[list[Entry], int]:
    """The entries of the directory at `offset` and the offset of the next one.

    FaultError where the directory lies outside the data. Entries whose values do are left out,
    unless `strict`: then they too are a fault. Of a tag that is there twice, the first counts.
    """
    places, following = rows(data, head, offset)
    entries: dict[int, Entry] = {}
    room = len(data)
    for place in places:
        entry = _entry(data, head, place, strict)
        if entry is None or entry.tag in entries:
            continue
        room -= len(entry.raw)
        if room < 0:
            raise corrupt("TIFF", "the values of its tags overlap")
        if entry.tag in _CHILDREN and depth < 2:
            entry = _with_children(data, head, entry, depth)
        entries[entry.tag] = entry
    return list(entries.values()), following


def rows(data: bytes, head: Header, offset: int) -> tuple[range, int]:
    """Where the rows of the directory at `offset` start, and the offset of the next directory."""
    order = head.order
    try:
        (number,) = struct.unpack_from(order + ("Q" if head.big else "H"), data, offset)
        start, step = (offset + 8, 20) if head.big else (offset + 2, 12)
        end = start + number * step
        (following,) = struct.unpack_from(order + ("Q" if head.big else "I"), data, end)
    except (struct.error, OverflowError, ValueError):
        raise truncated("TIFF", "no directory where its header says") from None
    return range(start, end, step), following


def _entry(data: bytes, head: Header, place: int, strict: bool) -> Entry | None:
    form, room = ("HHQ", 8) if head.big else ("HHI", 4)
    tag, kind, count = struct.unpack_from(head.order + form, data, place)
    at = place + struct.calcsize("<" + form)
    length = _SIZES.get(kind, 0) * count
    if length == 0:
        return None
    if length > room:
        (at,) = struct.unpack_from(head.order + ("Q" if head.big else "I"), data, at)
    raw = data[at : at + length] if at + length <= len(data) else b""
    if len(raw) != length:
        if strict:
            raise truncated("TIFF", f"the value of tag {tag} lies beyond its end")
        return None
    return Entry(tag, kind, count, raw)


def _with_children(data: bytes, head: Header, entry: Entry, depth: int) -> Entry:
    """The entry with the directory it points to; with an empty one if that is damaged."""
    pointed = entry.numbers(head.order)
    children: list[Entry] = []
    if pointed:
        with contextlib.suppress(FaultError):
            children, _ = directory(data, head, pointed[0], depth=depth + 1)
    return replace(entry, children=tuple(children))


def number(tag: int, order: str, *values: int) -> Entry:
    """An entry of LONG values."""
    return Entry(tag, LONG, len(values), struct.pack(f"{order}{len(values)}I", *values))


def text(tag: int, value: str) -> Entry:
    """An entry of ASCII text."""
    raw = value.encode("ascii", "replace") + b"\0"
    return Entry(tag, ASCII, len(raw), raw)


def lookup(entries: Iterable[Entry], tag: int) -> Entry | None:
    """The entry of a tag, or None."""
    return next((entry for entry in entries if entry.tag == tag), None)


def values(entries: Iterable[Entry], tag: int, order: str) -> tuple[int, ...]:
    """The whole numbers of a tag; empty where it is absent."""
    entry = lookup(entries, tag)
    return entry.numbers(order) if entry else ()


def build(entries: Sequence[Entry], order: str, body: Sequence[bytes] = ()) -> bytes:
    """A classic TIFF structure of one directory, with `body` (strips) right after its header.

    The caller points to the strips with `body_offsets`.
    """
    out = bytearray((b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 0))
    for piece in body:
        out += piece + b"\0" * (len(piece) % 2)
    struct.pack_into(order + "I", out, 4, _append(out, entries, order))
    return bytes(out)


def body_offsets(body: Sequence[bytes]) -> list[int]:
    """Where `build` puts each piece of `body`."""
    offsets, at = [], 8
    for piece in body:
        offsets.append(at)
        at += len(piece) + len(piece) % 2
    return offsets


def _append(out: bytearray, entries: Sequence[Entry], order: str) -> int:
    """Write a directory, its children first, at the end of `out`; its offset."""
    rows = []
    for entry in sorted(filter(None, map(_classic(order), entries)), key=lambda e: e.tag):
        if entry.children is not None:
            raw = struct.pack(order + "I", _append(out, entry.children, order))
            entry = Entry(entry.tag, LONG, 1, raw)
        field = entry.raw
        if len(field) > 4:
            field = struct.pack(order + "I", len(out))
            out += entry.raw + b"\0" * (len(entry.raw) % 2)
        rows.append(struct.pack(order + "HHI", entry.tag, entry.kind, entry.count))
        rows.append(field.ljust(4, b"\0"))
    at = len(out)
    out += struct.pack(order + "H", len(rows) // 2) + b"".join(rows) + b"\0\0\0\0"
    return at


def _classic(order: str):
    """Turns BigTIFF's eight-byte numbers into four-byte ones; None where they do not fit."""

    def turn(entry: Entry) -> Entry | None:
        if entry.kind not in (16, 17, 18):
            return entry
        found = entry.numbers(order)
        if not found or max(found) >= 2**32:
            return None
        small = number(entry.tag, order, *found)
        return Entry(entry.tag, LONG, small.count, small.raw, entry.children)

    return turn
