"""Colour spaces other than RGB: turned into sRGB on reading, through the picture's own profile."""

import io
import struct

from PIL import Image, ImageCms

_SPACES = {"RGB": b"RGB ", "RGBA": b"RGB ", "P": b"RGB ", "L": b"GRAY", "LA": b"GRAY", "1": b"GRAY"}


def srgb_profile() -> bytes:
    """The ICC profile of sRGB, with a fixed date instead of the present one."""
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    made[24:36] = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)
    return bytes(made)


def profile_fits(profile: bytes, mode: str) -> bool:
    """Whether an ICC profile describes the colour space of a picture in this mode."""
    return profile[16:20] == _SPACES.get(mode, b"RGB ")


def to_rgb(image: Image.Image, profile: bytes | None) -> tuple[Image.Image, str]:
    """A CMYK, LAB, YCbCr or HSV picture in RGB, and a note that says how it was converted.

    CMYK goes through its own profile to sRGB, relative colorimetric with black point
    compensation, as photo editors do by default; without a usable one by Pillow's formula.
    """
    mode = image.mode
    if mode == "LAB":
        lab = ImageCms.createProfile("LAB")
        return _through(image, ImageCms.ImageCmsProfile(lab)), "LAB converted to sRGB"
    if mode == "CMYK" and profile and profile[16:20] == b"CMYK":
        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            return _through(image, own), "CMYK converted to sRGB through its own profile"
        except (ImageCms.PyCMSError, OSError):
            pass
    return image.convert("RGB"), f"{mode} converted to RGB"


def _through(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    out = ImageCms.profileToProfile(
        image,
        profile,
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    assert out is not None  # only an in-place conversion gives None
    return out
