"""Photoshop image resources (8BIM): kept, without the thumbnails of the picture before the edit."""

import struct

THUMBNAILS = (0x0409, 0x040C)


def without_thumbnails(block: bytes) -> bytes:
    """The resources less the thumbnails; the same bytes where there are none or they make no sense.

    Reference: Adobe Photoshop File Formats Specification, "Image Resources Section".
    """
    kept, at = [], 0
    while at < len(block):
        if block[at : at + 4] != b"8BIM" or at + 12 > len(block):
            return block
        (number,) = struct.unpack_from(">H", block, at + 4)
        name = block[at + 6] + 1
        start = at + 6 + name + name % 2 + 4
        if start > len(block):
            return block
        (size,) = struct.unpack_from(">I", block, start - 4)
        end = start + size + size % 2
        if start + size > len(block):
            return block
        if number not in THUMBNAILS:
            kept.append(block[at:end])
        at = end
    return b"".join(kept)
