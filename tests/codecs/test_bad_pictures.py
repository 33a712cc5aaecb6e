"""Whatever is wrong with a file: one PictureError of one line, and never another exception."""

import io
import os
import struct
import threading
import warnings
import zlib

import numpy as np
import pytest
from codec_pictures import HIGH, WIDE, chunk, colours, encoded, exif_block, image, profile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from unveil.codecs import (
    encode,
    from_array,
    from_image,
    gif,
    jpeg_segments,
    png,
    read,
    to_image,
)
from unveil.errors import PictureError


def files() -> dict[str, bytes]:
    """One valid file of each kind that is read differently."""
    rgb, clear, few = image("RGB"), image("RGBA"), image("P")
    dressed = {
        "exif": b"Exif\0\0" + exif_block(6),
        "icc_profile": profile(),
        "xmp": b"<x:xmpmeta/>",
    }
    turned = rgb.transpose(Image.Transpose.ROTATE_90).resize(rgb.size)
    made = {
        "JPEG": encoded(rgb, "JPEG", **dressed),
        "JPEG progressive": encoded(rgb, "JPEG", progressive=True),
        "JPEG CMYK": encoded(image("CMYK"), "JPEG"),
        "JPEG grey": encoded(image("L"), "JPEG", restart_marker_blocks=3),
        "PNG": encoded(rgb, "PNG", exif=exif_block(3), icc_profile=profile()),
        "PNG palette": encoded(few, "PNG", transparency=bytes(range(30))),
        "PNG animated": encoded(rgb, "PNG", save_all=True, append_images=[turned]),
        "WebP": encoded(clear, "WEBP", **dressed),
        "WebP lossless": encoded(clear, "WEBP", lossless=True),
        "WebP animated": encoded(rgb, "WEBP", save_all=True, append_images=[turned]),
        "AVIF": encoded(clear, "AVIF", **dressed),
        "GIF": encoded(few, "GIF", transparency=2, comment=b"hello"),
        "BMP": encoded(rgb, "BMP"),
        "BMP palette": encoded(few, "BMP"),
        "TIFF deflate": encoded(clear, "TIFF", compression="tiff_adobe_deflate"),
        "TIFF fax": encoded(image("1"), "TIFF", compression="group4"),
        "TIFF pages": encoded(rgb, "TIFF", save_all=True, append_images=[turned]),
    }
    made["BMP alpha"] = encode(read(made["WebP lossless"]), read(made["WebP lossless"]).rgb, "BMP")
    dressed_jpeg = read(made["JPEG"])
    made["TIFF"] = encode(dressed_jpeg, dressed_jpeg.rgb, "TIFF")
    return made


FILES = files()


def refusal(data: bytes, **options: object) -> str:
    """The message with which `read` refuses; it must be one line."""
    with pytest.raises(PictureError) as caught:
        read(data, **options)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("<bytes>: expected ")
    assert "; " in message
    return message


@pytest.mark.parametrize("kind", FILES)
def test_truncated_anywhere_is_an_error(kind):
    data = FILES[kind]
    assert read(data).size_hw in ((HIGH, WIDE), (WIDE, HIGH))
    pages = kind == "TIFF pages"  # whose second page may be missing
    cuts = {len(data) * share // 100 for share in (1, 5, 20, 40 if pages else 50)}
    if not pages:
        cuts |= {len(data) * 75 // 100, len(data) * 95 // 100, len(data) - 3, len(data) - 1}
    for cut in cuts:
        message = refusal(data[:cut])
        if cut > 40 and kind != "AVIF":
            assert "truncated" in message, (cut, message)


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("options", [{}, {"restart_marker_blocks": 4}, {"subsampling": 0}])
def test_a_jpeg_whose_pixels_stop_before_its_end_marker_is_an_error(mode, options):
    data = encoded(image(mode).resize((180, 148)), "JPEG", quality=90, **options)
    read(data)
    parts = jpeg_segments.dissect(data)
    for share in (0.1, 0.5, 0.9):
        cut = data[: parts.start + int((parts.end - parts.start) * share)].rstrip(b"\xff")
        assert "truncated" in refusal(cut + b"\xff\xd9")


def test_a_progressive_jpeg_without_its_last_scans_is_an_error():
    data = encoded(image("RGB"), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    assert "last of its progressive scans" in refusal(data[:last] + b"\xff\xd9")


def test_a_flat_jpeg_is_no_error():
    for options in ({}, {"restart_marker_blocks": 3}, {"progressive": True}):
        for mode in ("L", "RGB", "CMYK"):
            read(encoded(Image.new(mode, (100, 70)), "JPEG", **options))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "got an empty file"),
        (b"\0" * 5000, "got a file of zeros"),
        (b"Dear all,\nthis is a letter.\n", "looks like text"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "HTML, a web page; download the picture"),
        (b"\n<?xml version='1.0'?>\n<svg xmlns='x'></svg>", "looks like SVG; render it to PNG"),
        (b"<!--" + b"-->" * 900, "looks like text"),
        (b"BMW makes cars. " * 9, "looks like text"),
        (b"%PDF-1.7\n", "looks like PDF"),
        (b"PK\x03\x04zip", "looks like ZIP"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "got HEIC; convert it to JPEG or AVIF first"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "got HEIC; convert it"),
        (b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41", "looks like video"),
        (b"8BPS\0\1", "Photoshop document"),
        (b"\xff\x0a\x01\x02", "JPEG XL"),
        (b'{"error": "not found"}', "JSON"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        (b"\x01\x02\x03\x04\x05", "unknown kind"),
    ],
)
def test_what_is_no_picture_is_guessed(data, expected):
    assert expected in refusal(data)


def test_every_magic_number_alone_is_refused():
    for data in FILES.values():
        for length in range(1, 16):
            refusal(data[:length])


def deep_png(bits: int, colour: int, channels: int) -> bytes:
    """A valid PNG of 2 x 2 pixels."""
    header = struct.pack(">IIBBBBB", 2, 2, bits, colour, 0, 0, 0)
    rows = (b"\0" + bytes(2 * channels * bits // 8)) * 2
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(("colour", "channels"), [(0, 1), (2, 3), (4, 2), (6, 4)])
def test_more_than_8_bits_are_not_reduced_silently(colour, channels):
    assert read(deep_png(8, colour, channels)).notes == ()
    assert "16 bits per channel" in read(deep_png(16, colour, channels)).notes[0]


@pytest.mark.parametrize("mode", ["I;16", "I", "F"])
def test_deep_tiffs_and_images_are_refused(mode):
    deep = Image.new(mode, (4, 3))
    assert "expected 8 bits per channel" in refusal(encoded(deep, "TIFF"))
    with pytest.raises(PictureError, match="expected 8 bits per channel"):
        from_image(deep)


def bomb(wide: int, high: int) -> bytes:
    """A PNG whose header promises more than it holds."""
    header = struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")


def test_the_pixel_limit_is_checked_before_decoding():
    message = refusal(bomb(60_000, 60_000))
    assert "expected at most 178,956,970 pixels, got 60000 x 60000 = 3,600,000,000" in message
    assert "max_pixels" in message
    for data in FILES.values():
        assert f"at most {HIGH * WIDE - 1:,} pixels" in refusal(data, max_pixels=HIGH * WIDE - 1)
        read(data, max_pixels=HIGH * WIDE)


def test_pillows_own_limit_neither_warns_nor_raises_nor_changes(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for data in FILES.values():
            read(data)
    assert Image.MAX_IMAGE_PIXELS == 100


def test_threads_leave_pillows_settings_as_they_were():
    before, filters = Image.MAX_IMAGE_PIXELS, list(warnings.filters)

    def work() -> None:
        for data in FILES.values():
            read(data)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert before == Image.MAX_IMAGE_PIXELS
    assert warnings.filters == filters


def test_no_pixels_at_all():
    assert "0 x 5 pixels" in refusal(bomb(0, 5))
    jpeg_file = bytearray(FILES["JPEG grey"])
    at = jpeg_file.index(b"\xff\xc0")
    jpeg_file[at + 5 : at + 7] = b"\0\0"
    assert "45 x 0 pixels" in refusal(bytes(jpeg_file))


def short_png(rows: int, interlaced: bool = False) -> bytes:
    """A PNG of which only some rows are there, in whole and valid chunks."""
    header = struct.pack(">IIBBBBB", WIDE, HIGH, 8, 2, 0, 0, interlaced)
    grey = b"\0" if interlaced else b"\x99"
    body = zlib.compress((b"\0" + grey * 3 * WIDE) * rows)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def test_a_png_that_lacks_rows_is_truncated():
    assert (read(short_png(HIGH)).rgb == 0x99).all()
    for rows in (0, 1, HIGH // 2, HIGH - 1):
        assert "truncated" in refusal(short_png(rows))
        assert "truncated" in refusal(short_png(rows, interlaced=True))
    black = encoded(Image.new("RGB", (9, 9)), "PNG")
    assert read(black).size_hw == (9, 9)


def test_a_gif_that_lacks_pixels_is_truncated():
    whole = gif.dissect(FILES["GIF"]).images[0]
    code = whole[: 10 + 1]
    short = code + b"\x10" + whole[12 : 12 + 16] + b"\0"
    assert "truncated" in refusal(FILES["GIF"].replace(whole, short))


def test_an_interlaced_png():
    rgb, rows = colours(), b""
    for left, top, across, down in png.ADAM7:
        rows += b"".join(b"\0" + row.tobytes() for row in rgb[top::down, left::across])
    header = struct.pack(">IIBBBBB", WIDE, HIGH, 8, 2, 0, 0, 1)
    body = chunk(b"IDAT", zlib.compress(rows))
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")
    picture = read(data)
    assert np.array_equal(picture.rgb, rgb)
    assert np.array_equal(read(encode(picture, rgb)).rgb, rgb)


def test_a_wrong_checksum_in_a_png_is_damage():
    data = bytearray(FILES["PNG"])
    data[data.index(b"IDAT") + 20] ^= 1
    assert "damaged one (wrong checksum of its IDAT chunk)" in refusal(bytes(data))


def test_a_camera_raw_file_is_no_tiff():
    dng = encoded(image("RGB"), "TIFF", tiffinfo={0xC612: b"\1\4\0\0"})
    assert "camera's raw file; develop it" in refusal(dng)


def test_a_tiff_whose_tags_all_claim_the_whole_file_is_refused_quickly():
    rows = b"".join(struct.pack("<HHII", 1000 + n, 7, 500_000, 8) for n in range(40_000))
    data = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 40_000) + rows + bytes(100_000)
    assert "overlap" in refusal(data)


def test_swollen_text_chunks_do_not_matter():
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(5_000_000)))
    data = FILES["PNG"]
    assert read(data[:33] + text + data[33:]).size_hw == (HIGH, WIDE)


def test_paths_and_streams(tmp_path):
    good = tmp_path / "good.png"
    good.write_bytes(FILES["PNG"])
    assert read(good).name == str(good)
    assert read(str(good)).name == str(good)
    assert read(FILES["PNG"]).name == "<bytes>"
    assert read(io.BytesIO(FILES["PNG"])).name == "<stream>"
    assert read(FILES["PNG"], name="<stdin>").name == "<stdin>"
    with open(good, "rb") as stream:
        assert read(stream).name == str(good)
    with open(good, encoding="latin-1") as stream, pytest.raises(PictureError, match="'rb'"):
        read(stream)
    for path, expected in [
        (tmp_path / "none.png", "got nothing at this path; check the spelling"),
        (tmp_path, "got a folder; name the pictures in it"),
        (good / "below.png", "path"),
        ("with\0zero", "cannot be used"),
    ]:
        with pytest.raises(PictureError, match=expected):
            read(path)
    with pytest.raises(PictureError, match="got int; give a path, bytes or a binary stream"):
        read(3)


def test_a_name_with_a_line_break_stays_on_one_line(tmp_path):
    path = tmp_path / "two\nlines.png"
    path.write_bytes(b"")
    with pytest.raises(
        PictureError, match=r"two\?lines.png: expected a picture, got an empty file"
    ):
        read(path)


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    path = tmp_path / "secret.png"
    path.write_bytes(FILES["PNG"])
    path.chmod(0)
    if os.access(path, os.R_OK):  # this user may read everything
        from pathlib import Path

        def refuse(self: Path) -> bytes:
            raise PermissionError(13, "Permission denied", str(self))

        monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(PictureError, match=r"without permission to read; change its permissions"):
        read(path)


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((0, 4, 3), np.uint8),
        [[1, 2, 3]],
        None,
    ],
)
def test_wrong_arrays_are_refused_with_the_remedy(wrong):
    with pytest.raises(PictureError, match=r"<array>: expected .*; "):
        from_array(wrong)


MUTATIONS = st.lists(
    st.tuples(
        st.sampled_from(["set", "set", "set", "cut", "insert"]),
        st.floats(0, 1, exclude_max=True),
        st.booleans(),
        st.sampled_from([0, 1, 127, 128, 255]) | st.integers(0, 255),
        st.integers(1, 12),
    ),
    min_size=1,
    max_size=12,
)


def mutated(data: bytes, mutations: list[tuple[str, float, bool, int, int]]) -> bytes:
    """The file with bytes set, cut out and put in; half of them in its first 300 bytes."""
    out = bytearray(data)
    for what, place, early, value, length in mutations:
        at = int(place * (min(len(out), 300) if early else len(out)))
        if what == "set" and out:
            out[at] = value
        elif what == "cut":
            del out[at : at + length]
        else:
            out[at:at] = bytes((value,)) * length
    return bytes(out)


@pytest.mark.parametrize("kind", FILES)
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(mutations=MUTATIONS)
def test_damaged_files_give_a_picture_or_a_picture_error(kind, mutations):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            picture = read(mutated(FILES[kind], mutations), max_pixels=1_000_000)
        except PictureError:
            return
        again = read(encode(picture, picture.rgb))  # and what can be read can be written
        to_image(picture, picture.rgb)
    assert again.rgb.shape == picture.rgb.shape
    if picture.alpha is not None and again.alpha is not None:
        assert np.array_equal(again.alpha, picture.alpha)
