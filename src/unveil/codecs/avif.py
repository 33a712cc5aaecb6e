"""What AVIF's boxes say that Pillow does not. Reference: AV1-ISOBMFF, section 2.3 (av1C)."""

from unveil.codecs.faults import truncated

ALPHA_LOSSLESS = {"alpha:lossless": "1"}
"""libaom's option, for Pillow's `advanced`, that keeps alpha bit-identical."""
_C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")


def configuration(data: bytes) -> tuple[int, str]:
    """Bits per channel and chroma subsampling of the first coded item (8 and 4:2:0 if unsaid)."""
    at = data.find(b"av1C")
    if at < 0 or at + 7 > len(data):
        return 8, "4:2:0"
    flags = data[at + 6]
    bits = (12 if flags & 0x20 else 10) if flags & 0x40 else 8
    if flags & 0x10:
        return bits, "4:0:0"
    return bits, {0: "4:4:4", 2: "4:2:2"}.get(flags >> 2 & 3, "4:2:0")


def notes(data: bytes, frames: int, bits: int) -> list[str]:
    """What is lost of this file."""
    found = []
    if frames > 1:
        found.append(f"first of {frames} frames only")
    if bits > 8:
        found.append(f"{bits} bits per channel reduced to 8")
    if _C2PA in data or b"jumb" in data[:65536]:
        found.append("provenance manifest (C2PA) dropped: an AVIF is written anew")
    if b"tmap" in data[:65536]:
        found.append("gain map (HDR) dropped")
    return found


def check_boxes(data: bytes) -> None:
    """FaultError where the file stops before the end of its last box."""
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        if size == 0:
            return
        if size < 8 or at + size > len(data):
            raise truncated("AVIF", "inside a box")
        at += size
