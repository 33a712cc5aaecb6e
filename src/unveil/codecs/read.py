"""Reading: from a path, bytes, a stream, a Pillow image or an array to a Picture."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin

from unveil.codecs import colours, decode, exif, jpeg_form, pixels, png, png_deep, sniff, tiff
from unveil.codecs import source as sources
from unveil.codecs.faults import FaultError, printable, quiet_pillow
from unveil.codecs.picture import Facts, JpegForm, Picture, Travels
from unveil.codecs.source import Source
from unveil.errors import MaskError

DEFAULT_MAX_PIXELS = 178_956_970
"""Half a gibibyte of 8-bit RGB: more than any camera's picture, less than a bomb needs."""


def read(
    source: Source, *, max_pixels: int = DEFAULT_MAX_PIXELS, name: str | None = None
) -> Picture:
    """The picture of a file: upright, 8-bit RGB, with all that travels with it.

    A PNG of 16 bits per channel is reduced to 8 to be looked at; Picture.deep keeps the others.

    source: a path, the encoded bytes, or an open binary file.
    max_pixels: the most pixels to decode, checked in the header before decoding.
    name: how to call it in messages (otherwise its path, `<bytes>` or the stream's name).

    Raises PictureError, and nothing else, for whatever is wrong with the file.
    """
    shown = sources.name_of(source, name)
    try:
        data = sources.load(source)
        return _decoded(data, shown, max_pixels)
    except FaultError as fault:
        raise fault.named(shown) from None
    except MemoryError:
        fault = FaultError("one too large for the memory", "make it smaller, or free memory")
        raise fault.named(shown) from None
    except Exception as error:  # the last net: a damaged file must never end the run
        detail = f"{type(error).__name__}: {error}"
        fault = FaultError(
            f"a damaged one ({detail})", "copy or download it again", "an intact picture"
        )
        raise fault.named(shown) from error


def _decoded(data: bytes, name: str, max_pixels: int) -> Picture:
    kind = sniff.identify(data)
    facts = decode.facts(kind, data, max_pixels)
    is_deep = facts.bits > 8
    if is_deep and (kind != "PNG" or facts.transparency is not None):
        raise png.too_deep(facts.bits)
    image, deep = decode.image(kind, data, facts), None
    if is_deep and facts.body is not None:
        deep = png_deep.values(facts.body)
        image = png_deep.image(deep)
    if kind == "GIF" and image.mode == "L":
        image = _as_palette(image)
    if facts.chroma == "4:0:0" and image.mode in ("RGB", "RGBA"):
        image = image.convert("L" if image.mode == "RGB" else "LA")
    travels = facts.travels
    found = pixels.unpack(image, travels.icc, *decode.transparency(kind, image, facts))
    # Pillow turns a TIFF upright while decoding it, and nothing else.
    orientation = exif.orientation(travels.exif)
    if kind != "TIFF":
        found = pixels.upright(found, orientation)
    if deep is not None:
        deep = pixels.turned(deep, orientation)
    notes = [*facts.notes, *found.notes, *([png_deep.NOTE] if is_deep else [])]
    if kind == "JPEG" and facts.jpeg is None and image.mode == "CMYK":
        notes.append("written as an RGB JPEG of quality 95")
    return Picture(
        rgb=found.rgb,
        alpha=found.alpha,
        name=name,
        data=data,
        format=kind,
        notes=tuple(notes),
        mode=found.mode,
        source_mode=image.mode,
        orientation=orientation,
        palette=found.palette,
        transparent=found.transparent,
        travels=_own_profile(travels, image.mode),
        jpeg=facts.jpeg,
        lossless=facts.lossless,
        compression=facts.compression,
        chroma=facts.chroma,
        deep=deep,
    )


def _as_palette(image: Image.Image) -> Image.Image:
    """A GIF whose palette is the grey ramp, which Pillow gives as grey, with its palette again."""
    turned = Image.fromarray(np.asarray(image))
    turned.putpalette(bytes(value for grey in range(256) for value in (grey, grey, grey)))
    turned.info = image.info
    return turned


def _own_profile(travels: Travels, mode: str) -> Travels:
    """What travels, with sRGB's profile where the colours were converted to it."""
    if mode not in ("CMYK", "LAB") or (mode == "CMYK" and not travels.icc):
        return travels
    profile = colours.srgb_profile()
    return replace(travels, icc=profile)


def from_image(image: Image.Image) -> Picture:
    """The picture in a Pillow image, on the pixel grid it has in memory.

    Its EXIF orientation is kept with it and not applied, so that a mask has the size of the
    image that was given. Raises PictureError for more than 8 bits per channel.
    """
    name = str(getattr(image, "filename", "")) or "<image>"
    try:
        with quiet_pillow():
            image.load()
        info = image.info
        marked = decode.transparency("", image, Facts(image.size))
        found = pixels.unpack(image, info.get("icc_profile"), *marked)
    except FaultError as fault:
        raise fault.named(name) from None
    except Exception as error:
        raise FaultError(f"an image that cannot be decoded ({error})", "open it again").named(
            name
        ) from error
    if 0 in found.rgb.shape:
        raise FaultError("an image without pixels", "give another", "at least one pixel").named(
            name
        )
    block, packet = (
        info.get("exif") or _tiff_tags(image),
        info.get("xmp") or info.get("XML:com.adobe.xmp"),
    )
    packet = packet.encode() if isinstance(packet, str) else packet
    dpi = info.get("dpi")
    travels = Travels(
        exif.bare(block) if isinstance(block, bytes) else None,
        packet,
        info.get("icc_profile"),
        (float(dpi[0]), float(dpi[1])) if isinstance(dpi, tuple) and min(dpi) > 0 else None,
        info["comment"] if isinstance(info.get("comment"), bytes) else None,
    )
    kind = {"MPO": "JPEG"}.get(image.format or "PNG", image.format or "PNG")
    return Picture(
        rgb=found.rgb,
        alpha=found.alpha,
        name=name,
        format=kind if kind in decode.NAMES else "PNG",
        notes=found.notes,
        mode=found.mode,
        source_mode=image.mode,
        palette=found.palette,
        transparent=found.transparent,
        travels=_own_profile(travels, image.mode),
        jpeg=_jpeg_form(image),
        compression=info.get("compression") if kind == "TIFF" else None,
    )


def _tiff_tags(image: Image.Image) -> bytes | None:
    """The tags of a TIFF that Pillow read, less those that describe its pixels."""
    if image.format != "TIFF":
        return None
    tags = Image.Exif()
    with quiet_pillow():
        for tag, value in image.getexif().items():
            if tag not in tiff.NOT_FOR_EXIF:
                tags[tag] = value
        return tags.tobytes() if len(tags) else None


def _jpeg_form(image: Image.Image) -> JpegForm | None:
    if not isinstance(image, JpegImagePlugin.JpegImageFile) or image.layers not in (1, 3):
        return None
    sampling = JpegImagePlugin.get_sampling(image)
    sampling = max(sampling, 0) if image.layers == 3 else -1
    tables = jpeg_form.tables_in_order([layer[3] for layer in image.layer], image.quantization)
    return JpegForm(tables, sampling, bool(image.info.get("progressive")))


def from_array(array: NDArray[np.uint8]) -> Picture:
    """The picture in a uint8 H x W x 3 RGB array. Raises PictureError for any other array."""
    shape, kind = getattr(array, "shape", None), getattr(array, "dtype", type(array).__name__)
    if not isinstance(array, np.ndarray) or kind != np.uint8 or np.shape(array)[2:] != (3,):
        raise FaultError(
            f"shape {shape} of {kind}",
            "convert it (RGB order, values 0 to 255, astype(numpy.uint8))",
            "a uint8 array of height x width x 3",
        ).named("<array>")
    if 0 in array.shape:
        raise FaultError(f"shape {shape}", "give another array", "at least one pixel").named(
            "<array>"
        )
    return Picture(rgb=np.ascontiguousarray(array), alpha=None, name="<array>")


def read_mask(source: Source, size_hw: tuple[int, int]) -> NDArray[np.bool_]:
    """The mask in a picture: True where it is marked.

    A picture with transparency is marked where it is more opaque than not (alpha above 127);
    any other where its grey is above 127 of 255. The EXIF orientation is applied.

    size_hw: the height and width that the mask must have.
    Raises PictureError where it cannot be read, MaskError where its size differs.
    """
    mask = read(source)
    if mask.size_hw != tuple(size_hw):
        high, wide = mask.size_hw
        raise MaskError(
            f"{printable(mask.name)}: expected a mask of {size_hw[1]} x {size_hw[0]} pixels like "
            f"its picture, got {wide} x {high}; save the mask at the picture's own size"
        )
    if mask.alpha is not None and (mask.alpha < 255).any():
        return mask.alpha > 127
    grey = Image.fromarray(mask.rgb).convert("L")
    return np.asarray(grey) > 127
