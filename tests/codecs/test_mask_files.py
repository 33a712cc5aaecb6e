"""Masks given as pictures."""

import numpy as np
import pytest
from codec_pictures import encoded, exif_block
from PIL import Image

from unveil.codecs import read_mask
from unveil.errors import MaskError, PictureError

MARKED = np.zeros((20, 30), bool)
MARKED[4:9, 5:21] = True
GREY = Image.fromarray(MARKED.astype(np.uint8) * 255)


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "P", "LA", "RGBA", "CMYK"])
def test_any_mode(mode):
    kind = "TIFF" if mode == "CMYK" else "PNG"
    assert np.array_equal(read_mask(encoded(GREY.convert(mode), kind), (20, 30)), MARKED)


def test_alpha_decides_where_there_is_any():
    red = np.zeros((20, 30, 4), np.uint8)
    red[MARKED] = (255, 0, 0, 200)
    assert np.array_equal(read_mask(encoded(Image.fromarray(red), "PNG"), (20, 30)), MARKED)


def test_the_threshold_is_127():
    faint = Image.fromarray(np.where(MARKED, 128, 127).astype(np.uint8))
    assert np.array_equal(read_mask(encoded(faint, "PNG"), (20, 30)), MARKED)


def test_the_orientation_is_applied():
    data = encoded(GREY, "PNG", exif=exif_block(6))
    assert np.array_equal(read_mask(data, (30, 20)), np.rot90(MARKED, -1))


def test_another_size_is_refused_with_both(tmp_path):
    path = tmp_path / "mask.png"
    path.write_bytes(encoded(GREY, "PNG"))
    message = r"mask.png: expected a mask of 40 x 50 pixels like its picture, got 30 x 20; save"
    with pytest.raises(MaskError, match=message):
        read_mask(path, (50, 40))


def test_a_mask_that_cannot_be_read(tmp_path):
    with pytest.raises(PictureError, match=r"none.png: expected a picture, got nothing"):
        read_mask(tmp_path / "none.png", (2, 2))
