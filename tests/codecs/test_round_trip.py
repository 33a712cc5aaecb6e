"""Reading and writing back unchanged pixels: what is lossless stays identical, form and all."""

import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest
from codec_pictures import alpha, chunk, colours, encoded, image, pillow, with_chunks
from PIL import Image, JpegImagePlugin

from unveil.codecs import encode, encode_with_notes, from_array, read, to_image
from unveil.codecs.picture import JpegForm
from unveil.errors import OutputError, UsageError

LOSSLESS = [
    *[("PNG", mode, {}) for mode in ("1", "L", "LA", "P", "RGB", "RGBA")],
    *[("TIFF", mode, {}) for mode in ("1", "L", "LA", "P", "RGB", "RGBA")],
    *[("TIFF", "RGB", {"compression": name}) for name in ("tiff_lzw", "packbits")],
    ("TIFF", "RGB", {"compression": "tiff_adobe_deflate", "tiffinfo": {317: 2}}),
    ("TIFF", "1", {"compression": "group4"}),
    *[("BMP", mode, {}) for mode in ("1", "L", "P", "RGB")],
    *[("GIF", mode, {}) for mode in ("L", "P")],
    *[("WEBP", mode, {"lossless": True, "exact": True}) for mode in ("RGB", "RGBA")],
]


@pytest.mark.parametrize(("kind", "mode", "options"), LOSSLESS)
def test_lossless_formats_give_the_same_pixels_in_the_same_form(kind, mode, options):
    data = encoded(image(mode), kind, **options)
    before, picture = pillow(data), read(data)
    assert picture.format == kind
    assert picture.data == data
    assert picture.notes == ()
    again = encode_with_notes(picture, picture.rgb)
    after, picture_again = pillow(again.data), read(again.data)
    assert again.notes == ()
    assert after.format == kind
    assert after.mode == before.mode
    assert np.array_equal(np.asarray(after), np.asarray(before))
    assert np.array_equal(picture_again.rgb, picture.rgb)
    if mode in ("LA", "RGBA"):
        assert np.array_equal(picture_again.alpha, alpha())
        assert np.array_equal(picture.rgb[..., 0], np.asarray(before)[..., 0])
    if kind == "TIFF":
        assert after.info["compression"] == before.info["compression"]
        assert after.tag_v2.get(317) == before.tag_v2.get(317)
    if before.mode == "P":
        assert after.getpalette()[: len(before.getpalette())] == before.getpalette()


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("subsampling", [0, 1, 2])
@pytest.mark.parametrize("progressive", [False, True])
def test_jpeg_keeps_its_tables_subsampling_and_order(mode, subsampling, progressive):
    form = {"quality": 83, "subsampling": subsampling, "progressive": progressive}
    data = encoded(image(mode), "JPEG", **form)
    before, picture = pillow(data), read(data)
    after = pillow(encode(picture, picture.rgb))
    assert after.mode == mode
    assert after.quantization == before.quantization
    assert JpegImagePlugin.get_sampling(after) == JpegImagePlugin.get_sampling(before)
    assert bool(after.info.get("progressive")) is progressive
    difference = np.abs(np.asarray(after).astype(int) - np.asarray(before))
    assert difference.mean() < 1


def test_jpeg_with_three_tables_and_colours_stored_as_rgb():
    tables = [[3] * 64, [5] * 64, [7] * 64]
    data = encoded(image("RGB"), "JPEG", qtables=tables, subsampling=0, keep_rgb=True)
    picture = read(data)
    after = pillow(encode(picture, picture.rgb))
    assert [set(table) for table in after.quantization.values()] == [{3}, {5}, {7}]
    assert after.info["adobe_transform"] == 0
    assert [row[0] for row in after.layer] == [82, 71, 66]
    assert np.abs(np.asarray(after).astype(int) - picture.rgb).max() <= 7


@pytest.mark.parametrize("progressive", [False, True])
def test_noise_at_the_highest_quality_can_be_written(progressive):
    noise = np.random.default_rng(0).integers(0, 256, (600, 500, 3)).astype(np.uint8)
    form = JpegForm(((1,) * 64,), 0, progressive)
    picture = replace(from_array(noise), format="JPEG", jpeg=form)
    again = pillow(encode(picture, noise))
    assert set(again.quantization[0]) == {1}
    assert bool(again.info.get("progressive")) is progressive
    assert np.abs(np.asarray(again).astype(int) - noise).max() <= 4


@pytest.mark.parametrize(("bits", "byte"), [(1, 0b01010101), (2, 0b00011011), (4, 0x05)])
def test_grey_of_few_bits_with_a_transparent_value(bits, byte):
    wide = 8 // bits
    header = struct.pack(">IIBBBBB", wide, 1, bits, 0, 0, 0, 0)
    key = byte & (2**bits - 1)
    data = with_chunks(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"tRNS", key.to_bytes(2, "big"))
        + chunk(b"IDAT", zlib.compress(bytes((0, byte))))
        + chunk(b"IEND", b"")
    )
    samples = [byte >> shift & (2**bits - 1) for shift in range(8 - bits, -1, -bits)]
    picture = read(data)
    assert picture.rgb[0, :, 0].tolist() == [s * 255 // (2**bits - 1) for s in samples]
    assert picture.alpha[0].tolist() == [0 if s == key else 255 for s in samples]
    again = read(encode(picture, picture.rgb))
    assert np.array_equal(again.rgb, picture.rgb)
    assert np.array_equal(again.alpha, picture.alpha)


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_avif_stays_close_and_keeps_alpha(mode):
    chroma = "4:0:0" if mode in ("L", "LA") else "4:4:4"
    picture = read(encoded(image(mode), "AVIF", quality=95, subsampling=chroma))
    again = read(encode(picture, picture.rgb))
    assert again.mode == mode
    assert np.abs(again.rgb.astype(int) - picture.rgb).mean() < 2
    if mode in ("LA", "RGBA"):
        assert np.array_equal(again.alpha, picture.alpha)


@pytest.mark.parametrize(
    ("chroma", "mode"), [("4:4:4", "RGB"), ("4:2:2", "RGB"), ("4:2:0", "RGB"), ("4:0:0", "L")]
)
def test_avif_keeps_its_chroma(chroma, mode):
    picture = read(encoded(image(mode), "AVIF", subsampling=chroma))
    assert picture.chroma == chroma
    assert read(encode(picture, picture.rgb)).chroma == chroma


def test_lossy_webp_stays_lossy_and_keeps_alpha():
    picture = read(encoded(image("RGBA"), "WEBP", quality=80))
    assert not picture.lossless
    again = read(encode(picture, picture.rgb))
    assert not again.lossless
    assert np.array_equal(again.alpha, alpha())
    seen = alpha() > 0
    assert np.abs(again.rgb.astype(int) - picture.rgb)[seen].mean() < 4


def test_a_32_bit_bmp_keeps_its_alpha():
    with_alpha = read(encoded(image("RGBA"), "PNG"))
    picture = read(encode(with_alpha, with_alpha.rgb, "BMP"))
    assert picture.format == "BMP"
    assert np.array_equal(picture.alpha, alpha())
    again = encode(picture, picture.rgb)
    assert pillow(again).mode == "RGBA"
    assert np.array_equal(np.asarray(pillow(again)), np.dstack([colours(), alpha()]))


def test_grey_with_one_transparent_value_and_rgb_with_one_transparent_colour():
    grey = image("L")
    value = grey.getpixel((10, 10))
    picture = read(encoded(grey, "PNG", transparency=value))
    assert (picture.alpha == 0).sum() == (np.asarray(grey) == value).sum() > 0
    again = pillow(encode(picture, picture.rgb))
    assert (again.mode, again.info["transparency"]) == ("L", value)
    picture = read(encoded(image("RGB"), "PNG", transparency=tuple(colours()[3, 4].tolist())))
    assert picture.alpha[3, 4] == 0
    rgb = picture.rgb.copy()
    rgb[5, 6] = rgb[3, 4]  # a new pixel in the colour that would make it vanish
    again = read(encode(picture, rgb))
    assert again.mode == "RGBA"
    assert np.array_equal(again.alpha, picture.alpha)
    assert np.array_equal(again.rgb, rgb)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF", "BMP", "GIF"])
@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_mode_can_be_written_in_every_format(kind, mode):
    picture = read(encoded(image(mode), "PNG"))
    again = read(encode(picture, picture.rgb, kind))
    assert again.format == kind
    assert again.rgb.shape == picture.rgb.shape
    if kind in ("PNG", "WEBP", "TIFF", "BMP"):
        assert np.array_equal(again.rgb, picture.rgb)
        if picture.alpha is not None:
            assert np.array_equal(again.alpha, picture.alpha)


def test_what_a_jpeg_cannot_hold_is_said():
    picture = read(encoded(image("RGBA"), "PNG"))
    made = encode_with_notes(picture, picture.rgb, "JPEG")
    assert made.notes == ("JPEG holds no transparency: laid over white",)
    assert (read(made.data).rgb[alpha() == 0] > 235).all()


def test_two_tone_becomes_grey_only_when_it_must():
    picture = read(encoded(image("1"), "PNG"))
    rgb = picture.rgb.copy()
    rgb[:5] = 255 - rgb[:5]
    assert pillow(encode(picture, rgb)).mode == "1"
    rgb[0, 0] = 100
    made = encode_with_notes(picture, rgb)
    assert made.notes == ("black and white picture written as grey: the new pixels need it",)
    assert np.array_equal(read(made.data).rgb, rgb)
    fax = read(encoded(image("1"), "TIFF", compression="group4"))
    made = encode_with_notes(fax, rgb)
    assert "TIFF compression group4 replaced by Deflate" in made.notes


def test_grey_stays_grey_even_when_the_new_pixels_have_a_tint():
    picture = read(encoded(image("L"), "JPEG"))
    rgb = picture.rgb.copy()
    rgb[:10, :10] = (120, 100, 80)
    assert pillow(encode(picture, rgb)).mode == "L"
    assert to_image(picture, rgb).mode == "L"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_to_image_gives_the_mode_that_came(mode):
    picture = read(encoded(image(mode), "PNG"))
    made = to_image(picture, picture.rgb)
    assert made.mode == mode
    assert np.array_equal(np.asarray(made), np.asarray(pillow(picture.data)))


def test_wrong_arrays_and_formats_are_told_apart():
    picture = from_array(colours())
    with pytest.raises(UsageError, match=r"expected uint8 pixels of shape \(37, 45, 3\)"):
        encode(picture, colours()[:10])
    with pytest.raises(UsageError, match="float64"):
        encode(picture, colours() / 255)
    with pytest.raises(UsageError, match="expected one of the formats JPEG, PNG"):
        encode(picture, colours(), "HEIC")
    with pytest.raises(UsageError, match="changed"):
        encode(picture, colours(), changed=np.zeros((2, 2), bool))
    wide = from_array(np.zeros((1, 17000, 3), np.uint8))
    with pytest.raises(OutputError, match="WEBP can hold, got 17000 x 1 pixels"):
        encode(wide, wide.rgb, "WEBP")


def test_the_picture_given_is_not_changed():
    picture = read(encoded(image("P"), "GIF"))
    before = picture.rgb.copy(), picture.palette.indices.copy(), picture.data
    rgb = picture.rgb.copy()
    rgb[:9] = 7
    encode(picture, rgb)
    to_image(picture, rgb)
    assert np.array_equal(picture.rgb, before[0])
    assert np.array_equal(picture.palette.indices, before[1])
    assert picture.data == before[2]


def test_encoding_twice_gives_the_same_bytes():
    for kind in ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF"):
        picture = read(encoded(Image.fromarray(colours()), kind))
        assert encode(picture, picture.rgb) == encode(picture, picture.rgb)
