"""What travels with the pixels: profiles, EXIF, XMP, texts, resolution, and what is recorded."""

import numpy as np
import pytest
from codec_pictures import (
    HIGH,
    PLAIN_XMP,
    WIDE,
    XMP,
    chunk,
    cmyk_profile,
    colours,
    encoded,
    exif_block,
    image,
    pillow,
    profile,
    with_chunks,
    with_segments,
)
from PIL import Image, ImageOps

from unveil.codecs import encode, encode_with_notes, from_image, jpeg_segments, png, read, to_image
from unveil.codecs.colours import srgb_profile
from unveil.codecs.encoders import software

LOSSLESS_WEBP = {"lossless": True, "exact": True}
CARRIERS = {"JPEG": {}, "PNG": {}, "WEBP": LOSSLESS_WEBP, "AVIF": {}, "TIFF": {}}


def dressed(kind: str, block: bytes, packet: bytes = PLAIN_XMP) -> bytes:
    """A file with profile, EXIF and XMP."""
    extra = {"xmp": packet}
    if kind == "PNG":
        extra = {}
    if kind == "TIFF":
        extra = {"tiffinfo": {700: packet, 0x8298: "(c) Ann Example", 0x0131: "Camera 1.0"}}
        extra["tiffinfo"][0x0112] = pillow_orientation(block)
    else:
        extra["exif"] = b"Exif\0\0" + block
    data = encoded(image("RGB"), kind, icc_profile=profile(), **extra, **CARRIERS[kind])
    if kind == "PNG":
        data = with_chunks(data, chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet))
    return data


def pillow_orientation(block: bytes) -> int:
    """The orientation in an EXIF block."""
    return int.from_bytes(block[18:20], "little" if block[:2] == b"II" else "big")


@pytest.mark.parametrize("kind", CARRIERS)
def test_profile_xmp_and_copyright_are_kept_and_the_edit_is_recorded(kind):
    picture = read(dressed(kind, exif_block()))
    after = pillow(encode(picture, picture.rgb))
    tags = after.getexif()
    assert after.info["icc_profile"] == profile()
    assert after.info["xmp"] == PLAIN_XMP
    assert tags[0x8298] == "(c) Ann Example"
    assert tags[0x0131] == "Camera 1.0"
    assert tags[0x000B] == software()
    if kind != "TIFF":
        assert tags[0x013B] == "Ann Example"
        assert tags.get_ifd(0x8769)[0x927C] == b"maker note with bits"


@pytest.mark.parametrize("kind", CARRIERS)
def test_a_file_without_exif_records_the_edit_too(kind):
    picture = read(encoded(image("RGB"), kind, **CARRIERS[kind]))
    assert pillow(encode(picture, picture.rgb)).getexif()[0x000B] == software()


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", CARRIERS)
def test_all_orientations_are_applied_and_reset(kind, orientation, order):
    tagged = XMP % b' tiff:Orientation="%d"' % orientation
    data = dressed(kind, exif_block(orientation, order=order), tagged)
    shown = ImageOps.exif_transpose(pillow(data))
    picture = read(data)
    assert np.array_equal(picture.rgb, np.asarray(shown))
    assert picture.size_hw == ((HIGH, WIDE) if orientation < 5 else (WIDE, HIGH))
    again = encode(picture, picture.rgb)
    after = pillow(again)
    tags = after.getexif()
    assert tags.get(0x0112, 1) == 1
    assert after.size == shown.size
    assert after.info["xmp"] == XMP % b' tiff:Orientation="1"'
    if kind in ("PNG", "WEBP", "TIFF"):
        assert np.array_equal(read(again).rgb, picture.rgb)
    if kind != "TIFF":
        inner = tags.get_ifd(0x8769)
        assert (inner[0xA002], inner[0xA003]) == after.size
        assert inner[0x927C] == b"maker note with bits"


@pytest.mark.parametrize("orientation", [6, 8])
def test_a_turned_jpeg_turns_its_tables_and_hardly_changes(orientation):
    big = image("RGB").resize((64, 48))
    data = encoded(big, "JPEG", exif=b"Exif\0\0" + exif_block(orientation), subsampling=2)
    picture = read(data)
    after = pillow(encode(picture, picture.rgb))
    before = pillow(data)
    for number, table in before.quantization.items():
        turned = np.reshape(table, (8, 8)).T.ravel().tolist()
        assert after.quantization[number] == turned
    assert np.abs(np.asarray(after).astype(int) - picture.rgb).mean() < 1


def test_other_bytes_of_the_exif_block_stay():
    block = exif_block()
    picture = read(encoded(image("RGB"), "JPEG", exif=b"Exif\0\0" + block))
    after = read(encode(picture, picture.rgb)).travels.exif
    assert after[8 : len(block)] == block[8:]  # only the header's pointer differs
    twice = read(encode(read(encode(picture, picture.rgb)), picture.rgb))
    tags = pillow(twice.data).getexif()
    assert tags[0x000B] == software()


def test_an_earlier_processing_software_stays_named():
    tags = image("RGB").getexif()
    tags[0x000B] = "darktable 4.8"
    picture = read(encoded(image("RGB"), "JPEG", exif=tags))
    after = pillow(encode(picture, picture.rgb)).getexif()
    assert after[0x000B] == f"darktable 4.8; {software()}"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_thumbnail_is_dropped_because_it_shows_the_unedited_picture(kind):
    thumbnail = encoded(image("RGB").resize((16, 12)), "JPEG")
    data = dressed(kind, exif_block(thumbnail=thumbnail))
    assert thumbnail in data
    picture = read(data)
    assert "thumbnail dropped: it shows the unedited picture" in picture.notes
    again = encode(picture, picture.rgb)
    assert thumbnail[:-20] not in again
    assert thumbnail[200:-20] not in again
    assert pillow(again).getexif()[0x8298] == "(c) Ann Example"
    assert read(again).notes == ()


def test_damaged_exif_is_kept_as_it_is():
    for block in (b"II*\0\xff\xff\xff\x7f", b"garbage", b"MM\0*\0\0\0\x08\xff\xff"):
        picture = read(encoded(image("RGB"), "PNG", exif=block))
        assert picture.orientation == 1
        assert block in encode(picture, picture.rgb)


def test_all_segments_of_a_jpeg_stay_byte_for_byte():
    iptc = b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0\0\0\0\x05\x1c\x02\x74\0\0\0"
    long_xmp = b"http://ns.adobe.com/xmp/extension/\0" + b"f" * 32 + b"part"
    ducky = b"Ducky\0\1\0\4\0\0\0\x50"
    manifest = b"JP\0\1\0\0\0\1" + b"jumb c2pa"
    segments = [
        (0xE1, long_xmp),
        (0xED, iptc),
        (0xEC, ducky),
        (0xEB, manifest),
        (0xFE, b"first comment"),
        (0xFE, b"second comment"),
    ]
    picture = read(with_segments(encoded(image("RGB"), "JPEG", dpi=(301, 303)), *segments))
    again = encode(picture, picture.rgb)
    kept = [(s.marker, s.payload) for s in jpeg_segments.dissect(again).head]
    assert [segment for segment in kept if segment in segments] == segments
    assert pillow(again).info["dpi"] == (301, 303)
    assert "provenance manifest (C2PA/JUMBF) kept: it describes the unedited picture" in (
        picture.notes
    )
    other = encode_with_notes(picture, picture.rgb, "PNG").notes
    assert other == ("PNG cannot hold the input's IPTC and Photoshop fields",)


def test_a_photoshop_thumbnail_goes_and_its_neighbours_stay():
    small = b"\0" * 28 + encoded(image("RGB").resize((8, 8)), "JPEG")
    small += b"\0" * (len(small) % 2)
    resource = b"8BIM\x04\x0c\0\0" + len(small).to_bytes(4, "big") + small
    before, behind = b"8BIM\x04\x04\0\0\0\0\0\x02ab", b"8BIM\x04\x25\0\0\0\0\0\x02cd"
    payload = b"Photoshop 3.0\0" + before + resource + behind
    picture = read(with_segments(encoded(image("RGB"), "JPEG"), (0xED, payload)))
    assert "thumbnail dropped: it shows the unedited picture" in picture.notes
    kept = [
        s.payload
        for s in jpeg_segments.dissect(encode(picture, picture.rgb)).head
        if s.marker == 0xED
    ]
    assert kept == [b"Photoshop 3.0\0" + before + behind]


def test_a_thumbnail_in_xmp_goes():
    inner = b"<xmp:Thumbnails><rdf:Alt><rdf:li>/9j/4AAQ</rdf:li></rdf:Alt></xmp:Thumbnails>"
    packet = PLAIN_XMP.replace(b"/></rdf:RDF>", b">" + inner + b"</rdf:Description></rdf:RDF>")
    picture = read(encoded(image("RGB"), "JPEG", xmp=packet))
    assert picture.notes == ("thumbnail dropped: it shows the unedited picture",)
    after = pillow(encode(picture, picture.rgb)).info["xmp"]
    assert after == packet.replace(inner, b"")


def test_xmp_sizes_of_a_turned_picture_change_places():
    sizes = b' tiff:Orientation="6" exif:PixelXDimension="45" exif:PixelYDimension="37"'
    block = b"Exif\0\0" + exif_block(6)
    picture = read(encoded(image("RGB"), "JPEG", exif=block, xmp=XMP % sizes))
    after = pillow(encode(picture, picture.rgb)).info["xmp"]
    turned = b' tiff:Orientation="1" exif:PixelXDimension="37" exif:PixelYDimension="45"'
    assert after == XMP % turned


def test_an_orientation_in_xmp_alone_is_left_alone():
    packet = XMP % b' tiff:Orientation="6"'
    picture = read(encoded(image("RGB"), "JPEG", xmp=packet))
    assert picture.orientation == 1
    assert pillow(encode(picture, picture.rgb)).info["xmp"] == packet


def test_a_jpeg_of_several_pictures_keeps_the_first_and_says_so():
    first = image("RGB")
    data = encoded(first, "MPO", save_all=True, append_images=[first.rotate(180)])
    picture = read(data)
    assert picture.format == "JPEG"
    assert "first picture of several only (MPO, gain map or preview)" in picture.notes
    again = encode(picture, picture.rgb)
    assert b"MPF\0" not in again
    assert pillow(again).format == "JPEG"


def test_a_gain_map_is_no_longer_announced():
    packet = XMP % b' xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"'
    data = encoded(image("RGB"), "JPEG", xmp=packet)
    picture = read(with_segments(data, (0xE2, b"MPF\0II*\0\x08\0\0\0\0\0\0\0")) + b"x" * 100)
    again = pillow(encode(picture, picture.rgb))
    assert b"hdrgm:Version" not in again.info["xmp"]
    assert b"(c) Ann Example" in again.info["xmp"]


def test_all_chunks_of_a_png_stay_byte_for_byte_and_in_order():
    chunks = [
        chunk(b"gAMA", (45455).to_bytes(4, "big")),
        chunk(b"pHYs", (11811).to_bytes(4, "big") * 2 + b"\1"),
        chunk(b"tEXt", b"Copyright\0(c) Ann Example"),
        chunk(b"zTXt", b"Title\0\0" + b"not even zlib"),
        chunk(b"iTXt", b"Author\0\0\0de\0Autor\0" + "Ännchen".encode()),
        chunk(b"prVt", b"private"),
        chunk(b"caBX", b"jumb c2pa"),
    ]
    picture = read(with_chunks(encoded(image("RGB"), "PNG"), *chunks))
    again = encode(picture, picture.rgb)
    kept = [c.to_bytes() for c in png.dissect(again)]
    assert [one for one in kept if one in chunks] == chunks
    assert "provenance manifest (C2PA) kept: it describes the unedited picture" in picture.notes
    assert encode_with_notes(picture, picture.rgb, "JPEG").notes == (
        "JPEG cannot hold the input's text chunks (Author, Copyright, Title)",
    )


def test_exif_in_a_png_text_chunk_is_honoured_and_moves_to_its_own_chunk():
    block = b"Exif\0\0" + exif_block(6)
    hexed = "\n".join(block.hex()[at : at + 72] for at in range(0, len(block.hex()), 72))
    text = f"Raw profile type exif\0\nexif\n{len(block):8d}\n{hexed}\n".encode()
    data = with_chunks(encoded(image("RGB"), "PNG"), chunk(b"tEXt", text))
    picture = read(data)
    assert picture.size_hw == (WIDE, HIGH)
    after = pillow(encode(picture, picture.rgb))
    assert after.getexif()[0x0112] == 1
    assert "Raw profile type exif" not in after.info


def test_metadata_survive_a_change_of_format():
    source = read(dressed("JPEG", exif_block()))
    for kind in CARRIERS:
        after = pillow(encode(source, source.rgb, kind))
        assert after.info["icc_profile"] == profile(), kind
        assert after.info["xmp"] == PLAIN_XMP, kind
        assert after.getexif()[0x8298] == "(c) Ann Example", kind
    notes = encode_with_notes(source, source.rgb, "BMP").notes
    lost = ("EXIF", "XMP", "ICC profile")
    assert notes == tuple(f"BMP cannot hold the input's {thing}" for thing in lost)


def test_a_tiff_gives_its_tags_to_a_jpeg_and_a_jpeg_to_a_tiff():
    tags = {0x8298: "(c) Ann Example", 0x0112: 6, 282: 150.0, 283: 150.0, 296: 2}
    tiff = read(encoded(image("RGB"), "TIFF", tiffinfo=tags, compression="tiff_lzw"))
    after = pillow(encode(tiff, tiff.rgb, "JPEG"))
    assert after.getexif()[0x8298] == "(c) Ann Example"
    assert after.getexif()[0x0112] == 1
    assert after.info["dpi"] == (150, 150)
    photo = read(encoded(image("RGB"), "JPEG", exif=b"Exif\0\0" + exif_block(), dpi=(200, 200)))
    after = pillow(encode(photo, photo.rgb, "TIFF"))
    assert after.info["dpi"] == (200, 200)
    assert after.getexif().get_ifd(0x8769)[0x927C] == b"maker note with bits"


def test_tiff_directories_survive_in_both_byte_orders():
    for order in "<>":
        block = b"Exif\0\0" + exif_block(order=order)
        inner = read(encoded(image("RGB"), "JPEG", exif=block))
        tiff = read(encode(inner, inner.rgb, "TIFF"))
        assert tiff.data[:2] == (b"II" if order == "<" else b"MM")
        again = pillow(encode(tiff, tiff.rgb))
        assert again.getexif().get_ifd(0x8769)[0x927C] == b"maker note with bits"
        assert np.array_equal(np.asarray(again), inner.rgb)


def test_cmyk_becomes_rgb_without_its_cmyk_profile():
    fake = bytearray(profile())
    fake[16:20] = b"CMYK"  # a broken CMYK profile: Pillow's own formula serves
    picture = read(encoded(image("CMYK"), "JPEG", icc_profile=bytes(fake)))
    assert picture.mode == "RGB"
    assert "CMYK converted to RGB" in picture.notes
    assert "written as an RGB JPEG of quality 95" in picture.notes
    again = encode(picture, picture.rgb)
    assert bytes(fake[:100]) not in again
    assert pillow(again).mode == "RGB"
    assert np.abs(np.asarray(pillow(again)).astype(int) - picture.rgb).mean() < 1
    plain = read(encoded(image("CMYK"), "TIFF"))
    assert np.array_equal(np.asarray(pillow(encode(plain, plain.rgb))), plain.rgb)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_goes_through_its_own_profile_to_srgb(kind):
    inks = np.zeros((16, 48, 4), np.uint8)
    inks[:, 16:32, 0] = 255  # pure cyan, which this profile prints as grey
    data = encoded(Image.fromarray(inks, "CMYK"), kind, icc_profile=cmyk_profile())
    picture = read(data)
    assert "CMYK converted to sRGB through its own profile" in picture.notes
    assert (picture.rgb[8, 8] > 250).all()
    grey = picture.rgb[8, 24].astype(int)
    assert np.ptp(grey) <= 3
    assert 100 < grey.mean() < 140
    again = encode(picture, picture.rgb)
    assert pillow(again).mode == "RGB"
    assert cmyk_profile()[128:] not in again
    assert pillow(again).info["icc_profile"] == srgb_profile()
    assert encode(picture, picture.rgb) == again
    made = encode(from_image(pillow(data)), picture.rgb)
    assert pillow(made).info["icc_profile"] == srgb_profile()


def test_lab_becomes_rgb():
    picture = read(encoded(image("LAB"), "TIFF"))
    assert "LAB converted to sRGB" in picture.notes
    assert np.abs(picture.rgb.astype(int) - colours()).mean() < 4
    assert pillow(encode(picture, picture.rgb)).mode == "RGB"


def test_a_profile_that_does_not_fit_the_written_mode_is_not_attached():
    grey = bytearray(profile())
    grey[16:20] = b"GRAY"
    picture = read(encoded(image("L"), "PNG", icc_profile=bytes(grey)))
    assert pillow(encode(picture, picture.rgb)).info["icc_profile"] == bytes(grey)
    assert "icc_profile" not in pillow(encode(picture, picture.rgb, "WEBP")).info


def test_an_image_from_memory_keeps_what_it_carries():
    given = pillow(dressed("JPEG", exif_block(6)))
    picture = from_image(given)
    assert picture.size_hw == (HIGH, WIDE)  # the grid of the image that was given
    assert np.array_equal(picture.rgb, np.asarray(given))
    made = to_image(picture, picture.rgb)
    assert made.info["icc_profile"] == profile()
    assert made.info["xmp"] == PLAIN_XMP
    assert made.getexif()[0x0112] == 6  # still to be turned, as it came
    after = pillow(encode(picture, picture.rgb))
    assert after.getexif()[0x0112] == 6
    assert after.quantization == given.quantization
    assert np.array_equal(picture.rgb, colours()) or picture.format == "JPEG"


def test_gif_comments_stay_and_the_edit_is_recorded():
    picture = read(encoded(image("P"), "GIF", comment=b"(c) Ann Example"))
    again = encode(picture, picture.rgb)
    assert b"(c) Ann Example" in again
    assert f"processed with {software()}".encode() in again
    assert encode(read(again), picture.rgb) == again  # not recorded twice
