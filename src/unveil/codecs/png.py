"""PNG files as a row of chunks, and what they say.

Reference: PNG Specification, third edition (W3C, 2025).
"""

import re
import struct
import zlib
from dataclasses import dataclass

from unveil.codecs import exif, xmp
from unveil.codecs.faults import FaultError, corrupt, truncated
from unveil.codecs.picture import Facts, Travels

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
XMP = b"XML:com.adobe.xmp\0"
RAW_EXIF = (b"Raw profile type exif\0", b"Raw profile type APP1\0")
PIXELS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
ADAM7 = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
"""First column, first row, and steps of each interlaced pass."""
_TEXT_LIMIT = 64 * 2**20


@dataclass(frozen=True)
class Chunk:
    """One chunk: its four-letter name and its data."""

    name: bytes
    data: bytes

    def to_bytes(self) -> bytes:
        """As it stands in a file."""
        check = struct.pack(">I", zlib.crc32(self.name + self.data))
        return struct.pack(">I", len(self.data)) + self.name + self.data + check


def dissect(data: bytes) -> list[Chunk]:
    """All chunks up to IEND; FaultError where the file stops before, or is damaged."""
    chunks, at = [], len(SIGNATURE)
    while True:
        if at + 12 > len(data):
            raise truncated("PNG", "no end chunk")
        size, name = struct.unpack_from(">I4s", data, at)
        if not re.fullmatch(rb"[A-Za-z]{4}", name):
            raise corrupt("PNG", "a chunk without a name")
        if at + 12 + size > len(data):
            raise truncated("PNG", f"inside its {name.decode()} chunk")
        payload = data[at + 8 : at + 8 + size]
        (check,) = struct.unpack_from(">I", data, at + 8 + size)
        intact = zlib.crc32(payload, zlib.crc32(name)) == check
        if not intact and (name in PIXELS):
            raise corrupt("PNG", f"wrong checksum of its {name.decode()} chunk")
        if intact:
            chunks.append(Chunk(name, payload))
        at += 12 + size
        if name == b"IEND":
            return chunks


def inspect(data: bytes) -> Facts:
    """What the chunks say; FaultError where the file is truncated or damaged."""
    chunks = dissect(data)
    if chunks[0].name != b"IHDR" or len(chunks[0].data) != 13:
        raise corrupt("PNG", "no header")
    wide, high, depth, colour = struct.unpack_from(">IIBB", chunks[0].data)
    if depth not in _DEPTHS.get(colour, ()):
        raise corrupt("PNG", f"{depth} bits in colour type {colour}")
    if not any(chunk.name == b"IDAT" for chunk in chunks):
        raise truncated("PNG", "no pixels")
    notes = []
    frames = _first(chunks, b"acTL")
    if frames is not None and len(frames) >= 4:
        (number,) = struct.unpack_from(">I", frames)
        if number > 1:
            notes.append(f"first of {number} frames only")
    if any(chunk.name == b"caBX" for chunk in chunks):
        notes.append("provenance manifest (C2PA) kept: it describes the unedited picture")
    travels = _travels(chunks)
    if exif.has_thumbnail(travels.exif) or xmp.has_thumbnail(travels.xmp or b""):
        notes.append("thumbnail dropped: it shows the unedited picture")
    body = SIGNATURE + b"".join(
        chunk.to_bytes() for chunk in chunks if chunk.name in PIXELS - {b"tRNS"}
    )
    return Facts(
        (wide, high),
        bits=depth,
        travels=travels,
        notes=tuple(notes),
        body=body,
        transparency=_first(chunks, b"tRNS"),
    )


def check_length(data: bytes) -> None:
    """FaultError where the compressed data are too short for all rows."""
    chunks = dissect(data)
    wide, high, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[0].data)
    bits = depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    passes = ADAM7 if interlaced else ((0, 0, 1, 1),)
    needed = 0
    for left, top, across, down in passes:
        columns, rows = -(-(wide - left) // across), -(-(high - top) // down)
        if columns > 0 and rows > 0:
            needed += rows * (1 + (columns * bits + 7) // 8)
    unzip = zlib.decompressobj()
    for chunk in chunks:
        rest = chunk.data if chunk.name == b"IDAT" else b""
        while rest and needed > 0 and not unzip.eof:
            try:
                needed -= len(unzip.decompress(rest, 2**20))
            except zlib.error:
                raise corrupt("PNG", "its pixels cannot be unpacked") from None
            rest = unzip.unconsumed_tail
    if needed > 0:
        raise truncated("PNG", "its pixels stop before its last row")


def _first(chunks: list[Chunk], name: bytes) -> bytes | None:
    return next((chunk.data for chunk in chunks if chunk.name == name), None)


def _travels(chunks: list[Chunk]) -> Travels:
    block, packet, profile, dpi, comment = _first(chunks, b"eXIf"), None, None, None, None
    for chunk in chunks:
        if chunk.name == b"iTXt" and chunk.data.startswith(XMP):
            packet = packet or xmp_packet(chunk.data)
        elif chunk.name == b"iCCP" and profile is None:
            profile = inflated(chunk.data.partition(b"\0")[2][1:])
        elif chunk.name == b"pHYs" and len(chunk.data) == 9:
            across, down, unit = struct.unpack(">IIB", chunk.data)
            if unit == 1 and across and down:
                dpi = (across * 0.0254, down * 0.0254)
        elif chunk.name == b"tEXt" and chunk.data.startswith(b"Comment\0"):
            comment = chunk.data[8:]
        elif chunk.name in (b"tEXt", b"zTXt") and chunk.data.startswith(RAW_EXIF):
            block = block or _raw_exif(chunk)
    texts = {
        chunk.data.partition(b"\0")[0].decode("latin-1")
        for chunk in chunks
        if chunk.name in (b"tEXt", b"zTXt", b"iTXt")
        and not chunk.data.startswith((XMP, *RAW_EXIF, b"Comment\0"))
    }
    others = (f"text chunks ({', '.join(sorted(texts))})",) if texts else ()
    return Travels(exif.bare(block) if block else None, packet, profile, dpi, comment, others)


def inflated(data: bytes) -> bytes | None:
    """Decompressed zlib data; None where it is damaged or swells beyond all reason."""
    unzip = zlib.decompressobj()
    try:
        out = unzip.decompress(data, _TEXT_LIMIT)
    except zlib.error:
        return None
    return out if unzip.eof else None


def xmp_packet(payload: bytes) -> bytes | None:
    """The XMP in a text chunk; None where it is damaged."""
    rest = payload[len(XMP) :]
    parts = rest[2:].split(b"\0", 2)
    if len(rest) < 2 or len(parts) != 3:
        return None
    return inflated(parts[2]) if rest[0] else parts[2]


def _raw_exif(chunk: Chunk) -> bytes | None:
    """The EXIF block that ImageMagick writes into a text chunk, in hexadecimal."""
    text = chunk.data.partition(b"\0")[2]
    if chunk.name == b"zTXt":
        text = inflated(text[1:]) or b""
    try:
        return bytes.fromhex("".join(text.decode("ascii").split("\n")[3:]))
    except ValueError:
        return None


def colour_key(data: bytes, colour_type: int, bits: int) -> tuple[int, int, int] | None:
    """The 8-bit RGB colour that a tRNS chunk of a grey or true-colour picture makes transparent."""
    if colour_type == 0 and len(data) >= 2:
        value = struct.unpack_from(">H", data)[0] & (2**bits - 1)
        grey = value * 255 // (2**bits - 1)
        return grey, grey, grey
    if colour_type == 2 and len(data) >= 6:
        red, green, blue = struct.unpack_from(">HHH", data)
        return red & 255, green & 255, blue & 255
    return None


def too_deep(bits: int) -> FaultError:
    """The refusal of more than 8 bits per channel."""
    return FaultError(
        f"{bits} bits per channel",
        "convert it to 8 bits per channel first (nothing is reduced silently)",
        "8 bits per channel",
    )
