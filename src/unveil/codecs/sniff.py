"""Which format the first bytes belong to, and a guess at what a file is that is no picture."""

import re

from unveil.codecs.faults import AGAIN, FaultError

_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx")
_AVIF = (b"avif", b"avis")
_BMP_HEADERS = (12, 40, 52, 56, 64, 108, 124)
KNOWN = "JPEG, PNG, WebP, AVIF, TIFF, BMP or GIF"
_CONVERT = f"convert it to {KNOWN} first"
_PROGRAM = f"give a {KNOWN} file"
_GUESSES: tuple[tuple[bytes, str, str], ...] = (
    (rb"%PDF", "PDF", "export its pictures to PNG first"),
    (rb"PK\x03\x04", "ZIP", "unpack it first"),
    (rb"\x1f\x8b", "gzip", "unpack it first"),
    (rb"Rar!", "RAR", "unpack it first"),
    (rb"7z\xbc\xaf", "7-Zip", "unpack it first"),
    (rb"8BPS", "Photoshop document", _CONVERT),
    (rb"\xff\x0a|\0\0\0\x0cJXL ", "JPEG XL", _CONVERT),
    (rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51", "JPEG 2000", _CONVERT),
    (rb"\0\0[\x01\x02]\0", "icon", _CONVERT),
    (rb"P[1-7]\s", "PNM", _CONVERT),
    (rb"v/1\x01", "OpenEXR", _CONVERT),
    (rb"#\?RADIANCE", "Radiance HDR", _CONVERT),
    (rb"FUJIFILMCCD-RAW|II(RO|RS|U\0)", "camera raw", "develop it to TIFF or JPEG first"),
    (rb"version https://git-lfs", "Git LFS pointer", "fetch the file itself with git lfs pull"),
    (rb"....ftyp", "video", "export a frame as PNG first"),
    (rb"\x1aE\xdf\xa3", "video", "export a frame as PNG first"),
    (rb"\s*[{\[]", "JSON", _PROGRAM),
    (rb"%!PS", "PostScript", "render it to PNG first"),
)


def identify(data: bytes) -> str:
    """Pillow's name of the format; FaultError with a guess where it is none that is read here."""
    if not data:
        raise FaultError("an empty file", AGAIN)
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    if data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "TIFF"
    if data.startswith(b"BM") and int.from_bytes(data[14:18], "little") in _BMP_HEADERS:
        return "BMP"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    if data[4:8] == b"ftyp":
        return _boxes(data)
    raise _stranger(data)


def _boxes(data: bytes) -> str:
    length = int.from_bytes(data[:4], "big")
    brands = {data[at : at + 4] for at in (8, *range(16, min(length, 256), 4))}
    if brands & set(_AVIF):
        return "AVIF"
    if brands & set(_HEIC) or data[8:12] in (b"mif1", b"msf1"):
        raise FaultError("HEIC", "convert it to JPEG or AVIF first (heif-convert does)")
    raise _stranger(data)


def _stranger(data: bytes) -> FaultError:
    start = data[:4096]
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        if b"<svg" in start:
            return FaultError("a file that looks like SVG", "render it to PNG first")
        if any(word in start.lower() for word in (b"<html", b"<!doctype html", b"<body")):
            return FaultError("HTML, a web page", "download the picture itself")
    for pattern, kind, remedy in _GUESSES:
        if re.match(pattern, start, re.DOTALL):
            return FaultError(f"a file that looks like {kind}", remedy)
    if not start.strip(b"\0"):
        return FaultError("a file of zeros", AGAIN)
    if all(byte in b"\t\n\r" or byte >= 32 for byte in start) and b"\0" not in start:
        return FaultError("a file that looks like text", _PROGRAM)
    return FaultError("a file of an unknown kind", _PROGRAM)
