"""Putting new pixels into a PNG file among its own chunks."""

import struct

from unveil.codecs import exif, png, xmp
from unveil.codecs.picture import Picture

_MOVING = {b"acTL", b"fcTL", b"fdAT"}
_OF_COLOUR_TYPE = {b"sBIT", b"bKGD"}


def xmp_chunk(packet: bytes) -> png.Chunk:
    """XMP as a text chunk."""
    return png.Chunk(b"iTXt", png.XMP + b"\0\0\0\0" + packet)


def assemble(
    encoded: bytes, picture: Picture, software: str, transparency: bytes | None = None
) -> bytes:
    """The pixels of a freshly encoded PNG among the chunks of the picture's own file.

    Every chunk stays byte for byte and in its order, except the pixels' own, those of an
    animation, and those that depend on a colour type that was left. `transparency` is the tRNS
    chunk to write.
    """
    fresh, own = png.dissect(encoded), png.dissect(picture.data)
    same_type = fresh[0].data[8:10] == own[0].data[8:10]
    block = png.Chunk(b"eXIf", exif.edited(picture.travels.exif, picture.orientation, software))
    groups: list[list[png.Chunk]] = [[], [], []]  # before PLTE, before IDAT, after IDAT
    place, recorded = 0, False
    for chunk in own:
        if chunk.name in (b"PLTE", b"IDAT"):
            place = max(place, 1 if chunk.name == b"PLTE" else 2)
        if chunk.name == b"eXIf" or chunk.data.startswith(png.RAW_EXIF):
            if not recorded:
                groups[place].append(block)
            recorded = True
        elif chunk.name == b"iTXt" and chunk.data.startswith(png.XMP):
            groups[place].append(_edited_xmp(chunk, picture.orientation))
        elif chunk.name not in png.PIXELS | _MOVING | {b"hIST"} and (
            same_type or chunk.name not in _OF_COLOUR_TYPE
        ):
            groups[place].append(chunk)
    if not recorded:
        groups[1].append(block)
    palette = [chunk for chunk in fresh if chunk.name == b"PLTE"]
    if palette or transparency is not None:
        clear = [png.Chunk(b"tRNS", transparency)] if transparency is not None else []
        groups[1][:0] = clear
    pixels = [chunk for chunk in fresh if chunk.name == b"IDAT"]
    row = [fresh[0], *groups[0], *palette, *groups[1], *pixels, *groups[2], fresh[-1]]
    return png.SIGNATURE + b"".join(chunk.to_bytes() for chunk in row)


def _edited_xmp(chunk: png.Chunk, orientation: int) -> png.Chunk:
    packet = png.xmp_packet(chunk.data)
    if packet is None:
        return chunk
    edited = xmp.edited(packet, orientation)
    return chunk if edited == packet else xmp_chunk(edited)


def key_chunk(colour: tuple[int, int, int], mode: str) -> bytes:
    """The tRNS chunk that makes one colour of a picture in mode 1, L or RGB transparent."""
    if mode == "RGB":
        return struct.pack(">HHH", *colour)
    return struct.pack(">H", colour[0] if mode == "L" else colour[0] // 255)
