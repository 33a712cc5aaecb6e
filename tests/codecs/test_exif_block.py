"""EXIF blocks edited in place, whole and damaged."""

import struct

import pytest
from codec_pictures import exif_block
from hypothesis import given, settings
from hypothesis import strategies as st

from unveil.codecs import exif, ifd

THUMBNAIL = b"\xff\xd8thumbnail of the marked picture\xff\xd9"


def tags(block: bytes) -> dict[int, bytes]:
    """The raw values of the first directory."""
    head = ifd.header(block)
    return {entry.tag: entry.raw for entry in ifd.directory(block, head, head.first)[0]}


@pytest.mark.parametrize("order", ["<", ">"])
def test_only_what_must_change_changes(order):
    block = exif_block(6, THUMBNAIL, order)
    edited = exif.edited(block, 6, "unveil 1.0")
    before, after = tags(block), tags(edited)
    assert after.pop(0x000B) == b"unveil 1.0\0"
    assert after.pop(0x0112) == struct.pack(order + "H", 1)
    assert before.pop(0x0112) == struct.pack(order + "H", 6)
    assert after == before
    assert exif.has_thumbnail(block)
    assert not exif.has_thumbnail(edited)
    assert THUMBNAIL not in edited


def test_without_a_block_a_small_one_is_made():
    assert tags(exif.edited(None, 6, "unveil 1.0")) == {0x000B: b"unveil 1.0\0"}


def test_past_the_limit_the_edit_is_not_recorded():
    block = exif_block(6)
    edited = exif.edited(block, 6, "unveil 1.0", limit=len(block))
    assert len(edited) == len(block)
    assert 0x000B not in tags(edited)
    assert tags(edited)[0x0112] == b"\1\0"


def test_a_block_without_the_orientation_tag():
    assert 0x0112 not in tags(exif.edited(exif_block(6), 6, "unveil 1.0", tagless=True))


def test_tags_are_in_order():
    head = ifd.header(block := exif.edited(exif_block(), 1, "unveil 1.0"))
    found = [entry.tag for entry in ifd.directory(block, head, head.first)[0]]
    assert found == sorted(found)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255))),
    length=st.floats(0, 1),
    orientation=st.integers(1, 8),
    order=st.sampled_from("<>"),
)
def test_no_damage_makes_it_fail(changes, length, orientation, order):
    block = bytearray(exif_block(6, THUMBNAIL, order))
    for place, value in changes:
        block[int(place * len(block))] = value
    cut = bytes(block[: int(length * len(block))])
    assert 1 <= exif.orientation(cut) <= 8
    edited = exif.edited(cut, orientation, "unveil 1.0")
    assert len(edited) >= len(cut) - len(THUMBNAIL) - 1
    exif.has_thumbnail(edited)
