"""WebP files as RIFF chunks. Reference: WebP Container Specification (Google)."""

import struct

from unveil.codecs import exif, xmp
from unveil.codecs.faults import corrupt, truncated
from unveil.codecs.picture import Facts, Travels


def dissect(data: bytes) -> list[tuple[bytes, bytes]]:
    """Names and contents of all chunks; FaultError where the file stops before its stated end."""
    if len(data) < 20:
        raise truncated("WebP")
    (size,) = struct.unpack_from("<I", data, 4)
    if size + 8 > len(data):
        raise truncated("WebP", f"{len(data)} of {size + 8} bytes")
    chunks, at, end = [], 12, size + 8
    while at + 8 <= end:
        name, length = struct.unpack_from("<4sI", data, at)
        if at + 8 + length > end:
            raise truncated("WebP", "inside a chunk")
        chunks.append((name, data[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    return chunks


def inspect(data: bytes) -> Facts:
    """What the chunks say, without decoding."""
    chunks = dissect(data)
    if not chunks:
        raise truncated("WebP", "no pixels")
    found: dict[bytes, bytes] = {}
    for name, payload in chunks:
        found.setdefault(name, payload)
    frames = [payload for name, payload in chunks if name == b"ANMF"]
    notes = [f"first of {len(frames)} frames only"] if len(frames) > 1 else []
    inner = frames[0][16:] if frames else b""
    lossless = b"VP8L" in found or b"VP8L" in (inner[:4], _after_alpha(inner))
    if any(name.strip() in (b"C2PA", b"JUMB") for name in found):
        notes.append("provenance manifest (C2PA) dropped: a WebP is written anew")
    block = exif.bare(found[b"EXIF"]) if found.get(b"EXIF") else None
    packet = found.get(b"XMP ")
    if exif.has_thumbnail(block) or xmp.has_thumbnail(packet or b""):
        notes.append("thumbnail dropped: it shows the unedited picture")
    travels = Travels(block, packet, found.get(b"ICCP"))
    return Facts(_size(*chunks[0]), travels=travels, notes=tuple(notes), lossless=lossless)


def _after_alpha(inner: bytes) -> bytes:
    if inner[:4] != b"ALPH" or len(inner) < 8:
        return b""
    (length,) = struct.unpack_from("<I", inner, 4)
    return inner[8 + length + length % 2 :][:4]


def _size(name: bytes, payload: bytes) -> tuple[int, int]:
    """Width and height of the canvas from the first chunk."""
    if name == b"VP8X" and len(payload) >= 10:
        wide = int.from_bytes(payload[4:7], "little") + 1
        return wide, int.from_bytes(payload[7:10], "little") + 1
    if name == b"VP8L" and len(payload) >= 5 and payload[0] == 0x2F:
        (bits,) = struct.unpack_from("<I", payload, 1)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if name == b"VP8 " and len(payload) >= 10 and payload[3:6] == b"\x9d\x01\x2a":
        wide, high = struct.unpack_from("<HH", payload, 6)
        return wide & 0x3FFF, high & 0x3FFF
    raise corrupt("WebP", "no size in its header")
