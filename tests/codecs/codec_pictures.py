"""Small pictures and files for the tests of the codecs, made on the spot."""

import functools
import io
import struct
import zlib

import numpy as np
from PIL import Image, ImageCms

HIGH, WIDE = 37, 45
XMP = (
    b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
    b'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" '
    b'dc:rights="(c) Ann Example"%s/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)
PLAIN_XMP = XMP % b""


def colours() -> np.ndarray:
    """A smooth picture with a little noise, uint8 H x W x 3."""
    y, x = np.mgrid[:HIGH, :WIDE]
    smooth = np.stack([x * 5, y * 6, (x + y) * 3], axis=-1)
    noise = np.random.default_rng(0).integers(0, 9, smooth.shape)
    return (smooth + noise).clip(0, 255).astype(np.uint8)


def alpha() -> np.ndarray:
    """Every alpha from 0 to 255, with wholly transparent pixels, uint8 H x W."""
    return (np.arange(HIGH * WIDE) % 256).astype(np.uint8).reshape(HIGH, WIDE)


def image(mode: str) -> Image.Image:
    """The picture in a Pillow mode."""
    rgb = Image.fromarray(colours())
    grey = rgb.convert("L")
    if mode == "RGBA":
        return Image.fromarray(np.dstack([colours(), alpha()]))
    if mode == "LA":
        return Image.merge("LA", (grey, Image.fromarray(alpha())))
    if mode == "1":
        return grey.point(lambda value: 255 * (value > 90)).convert("1")
    if mode == "P":
        return rgb.quantize(40)
    return rgb.convert(mode)


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    """The file that Pillow makes of a picture."""
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def pillow(data: bytes) -> Image.Image:
    """What Pillow reads back, decoded."""
    opened = Image.open(io.BytesIO(data))
    opened.load()
    return opened


def exif_block(orientation: int = 1, thumbnail: bytes = b"", order: str = "<") -> bytes:
    """An EXIF block with copyright, a maker note, sizes, and a thumbnail if one is given."""
    first = [
        (0x0112, 3, 1, struct.pack(order + "HH", orientation, 0)),
        (0x0131, 2, 11, b"Camera 1.0\0"),
        (0x013B, 2, 12, b"Ann Example\0"),
        (0x8298, 2, 16, b"(c) Ann Example\0"),
        (0x8769, 4, 1, b"EXIF"),
    ]
    inner = [
        (0x927C, 7, 20, b"maker note with bits"),
        (0xA002, 4, 1, struct.pack(order + "I", WIDE)),
        (0xA003, 4, 1, struct.pack(order + "I", HIGH)),
    ]
    out = bytearray((b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8))

    def put(rows: list[tuple[int, int, int, bytes]], room: int) -> int:
        """Write a directory whose values follow it; where it ends."""
        start = len(out)
        out.extend(bytes(2 + 12 * len(rows) + 4))
        fields = []
        for tag, kind, count, raw in rows:
            field = raw
            if len(raw) > 4:
                field = struct.pack(order + "I", len(out))
                out.extend(raw + b"\0" * (len(raw) % 2))
            fields.append(struct.pack(order + "HHI", tag, kind, count) + field.ljust(4, b"\0"))
        body = struct.pack(order + "H", len(rows)) + b"".join(fields)
        out[start : start + len(body)] = body
        return start + len(body) + room

    following = put(first, 0)
    at = out.index(b"EXIF")
    out[at : at + 4] = struct.pack(order + "I", len(out))
    put(inner, 0)
    if thumbnail:
        struct.pack_into(order + "I", out, following, len(out))
        start = len(out) + 2 + 24 + 4
        put([(0x0201, 4, 1, struct.pack(order + "I", start)),
             (0x0202, 4, 1, struct.pack(order + "I", len(thumbnail)))], 0)  # fmt: skip
        out.extend(thumbnail)
    return bytes(out)


@functools.cache
def profile() -> bytes:
    """An ICC profile."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def chunk(name: bytes, data: bytes) -> bytes:
    """One PNG chunk."""
    check = struct.pack(">I", zlib.crc32(name + data))
    return struct.pack(">I", len(data)) + name + data + check


def with_chunks(png: bytes, *chunks: bytes) -> bytes:
    """A PNG with chunks put right behind its header."""
    return png[:33] + b"".join(chunks) + png[33:]


def with_segments(jpeg: bytes, *segments: tuple[int, bytes]) -> bytes:
    """A JPEG with segments put right behind its start."""
    raw = b"".join(
        bytes((0xFF, marker)) + struct.pack(">H", len(payload) + 2) + payload
        for marker, payload in segments
    )
    return jpeg[:2] + raw + jpeg[2:]


@functools.cache
def cmyk_profile() -> bytes:
    """A CMYK profile (ICC.1, lut8Type) in which every full ink is the same middle grey.

    No real press prints so; a conversion that ignores the profile gives colours instead.
    """
    ramp = bytes(range(256))
    corners = b""
    for inks in range(16):
        corners += bytes((255 if inks == 0 else 128 if bin(inks).count("1") == 1 else 0, 128, 128))
    one = struct.pack(">i", 65536)
    none = bytes(4)
    matrix = (one + none * 3) * 2 + one
    table = b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + matrix + ramp * 4 + corners + ramp * 3
    white = b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061)
    name = b"desc" + bytes(4) + struct.pack(">I", 5) + b"test\0" + bytes(78)
    rights = b"text" + bytes(4) + b"none\0"
    tags = {b"desc": name, b"cprt": rights, b"wtpt": white, b"A2B0": table}
    at, rows, body = 128 + 4 + 12 * len(tags), b"", b""
    for tag, data in tags.items():
        rows += tag + struct.pack(">II", at + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = struct.pack(
        ">I4sI4s4s4s", at + len(body), b"none", 0x02400000, b"prtr", b"CMYK", b"Lab "
    )
    head += struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    head += struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + rows + body
