"""GIF files as a row of blocks. Reference: GIF89a Specification (CompuServe, 1990)."""

import struct
from dataclasses import dataclass, field

from unveil.codecs.faults import truncated
from unveil.codecs.picture import Facts, Travels

_COMMENT, _APPLICATION, _CONTROL = 0xFE, 0xFF, 0xF9
_OF_ANIMATION = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


@dataclass
class Anatomy:
    """The parts of a GIF file, each as raw bytes."""

    screen: bytes = b""
    """The seven bytes of the logical screen descriptor."""
    colours: bytes = b""
    """The global colour table."""
    extensions: list[bytes] = field(default_factory=list)
    """Comments and application data, without those that steer an animation."""
    controls: list[bytes] = field(default_factory=list)
    images: list[bytes] = field(default_factory=list)
    """Image descriptor, local colour table and compressed pixels."""
    comment: bytes | None = None
    provenance: bool = False


def dissect(data: bytes) -> Anatomy:
    """All blocks up to the trailer; FaultError where the file stops before."""
    parts = Anatomy(screen=data[6:13])
    try:
        at = 13 + _table(data[10])
        parts.colours = data[13:at]
        while data[at] != 0x3B:
            kind, start = data[at], at
            if kind == 0x2C:
                at = _end(data, at + 10 + _table(data[at + 9]) + 1)
                parts.images.append(data[start:at])
            elif kind == 0x21:
                at = _end(data, at + 2)
                _sort_in(parts, data[start:at])
            elif kind == 0:
                at += 1
            else:
                break
    except IndexError:
        raise truncated("GIF", "no end marker") from None
    if not parts.images:
        raise truncated("GIF", "no picture in it")
    return parts


def _table(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _end(data: bytes, at: int) -> int:
    """Where a row of sub-blocks that starts at `at` ends."""
    while data[at]:
        at += data[at] + 1
    return at + 1


def _sort_in(parts: Anatomy, block: bytes) -> None:
    label = block[1]
    if label == _CONTROL:
        parts.controls.append(block)
    elif label == _COMMENT:
        parts.extensions.append(block)
        parts.comment = parts.comment or _joined(block)
    elif label == _APPLICATION:
        parts.provenance |= block[3:14].startswith(b"C2PA")
        if not block[3:14].startswith(_OF_ANIMATION):
            parts.extensions.append(block)


def _joined(block: bytes) -> bytes:
    pieces, at = [], 2
    while block[at]:
        pieces.append(block[at + 1 : at + 1 + block[at]])
        at += block[at] + 1
    return b"".join(pieces)


def inspect(data: bytes) -> Facts:
    """What the blocks say, without decoding."""
    if len(data) < 13:
        raise truncated("GIF")
    parts = dissect(data)
    notes = []
    if len(parts.images) > 1:
        notes.append(f"first of {len(parts.images)} frames only")
    if parts.provenance:
        notes.append("provenance manifest (C2PA) kept: it describes the unedited picture")
    wide, high = struct.unpack_from("<HH", parts.screen)
    left, top, width, height = struct.unpack_from("<HHHH", parts.images[0], 1)
    size = (max(wide, left + width), max(high, top + height))
    return Facts(size, travels=Travels(comment=parts.comment), notes=tuple(notes))


def comment_block(text: bytes) -> bytes:
    """A comment extension (at most 255 bytes of text)."""
    return b"\x21\xfe" + bytes((len(text[:255]),)) + text[:255] + b"\0"


def assemble(encoded: bytes, own: bytes | None, software: str) -> bytes:
    """A freshly encoded GIF with the comments and application data of the picture's own file."""
    fresh = dissect(encoded)
    extensions: list[bytes] = []
    aspect = 0
    if own:
        old = dissect(own)
        extensions, aspect = list(old.extensions), old.screen[6]
    record = comment_block(f"processed with {software}".encode())
    if record not in extensions:
        extensions.append(record)
    screen = fresh.screen[:6] + bytes((aspect,))
    controls = [_still(block) for block in fresh.controls]
    row = [b"GIF89a", screen, fresh.colours, *extensions, *controls, fresh.images[0], b";"]
    return b"".join(row)


def _still(control: bytes) -> bytes:
    """A graphic control block that keeps the transparent colour and no timing."""
    return control[:3] + bytes((control[3] & 1, 0, 0)) + control[6:]
