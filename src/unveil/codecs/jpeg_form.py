"""How a JPEG was compressed: quantisation tables, subsampling, colour."""

import struct
from collections.abc import Mapping, Sequence

from PIL import JpegImagePlugin

from unveil.codecs.faults import corrupt
from unveil.codecs.jpeg_segments import APP0, DQT, Segment
from unveil.codecs.picture import JpegForm

_SAMPLINGS = {(1, 1) * 3: 0, (2, 2) * 3: 0, (2, 1, 1, 1, 1, 1): 1, (2, 2, 1, 1, 1, 1): 2}
"""Pillow's number for the horizontal and vertical sampling factors of three components."""


def unit_wh(frame: bytes) -> tuple[int, int]:
    """Width and height in pixels of the unit in which a frame with this header is coded."""
    if frame[5] == 1:
        return 8, 8
    factors = frame[7 : 6 + 3 * frame[5] : 3]
    return 8 * max(factor >> 4 for factor in factors), 8 * max(factor & 15 for factor in factors)


def form(head: Sequence[Segment], frame: Segment) -> JpegForm:
    """How the picture whose frame header this is was compressed."""
    tables: dict[int, tuple[int, ...]] = {}
    for segment in head:
        if segment.marker == DQT:
            tables |= _tables(segment.payload)
    number = frame.payload[5]
    rows = [frame.payload[6 + 3 * i : 9 + 3 * i] for i in range(number)]
    if any(len(row) < 3 for row in rows):
        raise corrupt("JPEG", "a frame header that is too short")
    used = [row[2] for row in rows]
    factors = tuple(value for row in rows for value in (row[1] >> 4, row[1] & 15))
    sampling = _SAMPLINGS.get(factors, -1)
    return JpegForm(
        tables_in_order(used, tables),
        sampling,
        frame.marker in (0xC2, 0xC6, 0xCA, 0xCE),
        number == 3 and _is_rgb(head, [row[0] for row in rows]),
    )


def tables_in_order(
    used: Sequence[int], tables: Mapping[int, Sequence[int]]
) -> tuple[tuple[int, ...], ...]:
    """The tables that the components use, as Pillow wants them: the last one serves the rest.

    used: the number of each component's table. Empty where one of them is missing.
    """
    if any(number not in tables for number in used):
        return ()
    if len(set(used)) == 1:
        used = used[:1]
    elif len(set(used[1:])) == 1:
        used = used[:2]
    return tuple(tuple(tables[number]) for number in used)


def _tables(payload: bytes) -> dict[int, tuple[int, ...]]:
    found, at = {}, 0
    while at < len(payload):
        code, size = ("B", 64) if payload[at] < 16 else ("H", 128)
        if at + 1 + size > len(payload):
            raise corrupt("JPEG", "a quantisation table that is too short")
        zigzag = struct.unpack_from(f">64{code}", payload, at + 1)
        found[payload[at] & 15] = tuple(zigzag[i] for i in JpegImagePlugin.zigzag_index)
        at += 1 + size
    return found


def _is_rgb(head: Sequence[Segment], ids: list[int]) -> bool:
    """libjpeg's rule for three components: JFIF, then Adobe's marker, then the component names."""
    if any(s.marker == APP0 and s.payload.startswith(b"JFIF\0") for s in head):
        return False
    adobe = [s.payload for s in head if s.marker == 0xEE and s.payload.startswith(b"Adobe")]
    if adobe and len(adobe[-1]) >= 12:
        return adobe[-1][11] == 0
    return ids == [0x52, 0x47, 0x42]
