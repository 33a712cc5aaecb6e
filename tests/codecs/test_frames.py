"""Files of several pictures: the first is taken, and the notes say so."""

import numpy as np
import pytest
from codec_pictures import encoded, image, pillow

from unveil.codecs import encode, read


@pytest.mark.parametrize(
    ("kind", "options", "word"),
    [
        ("GIF", {}, "frames"),
        ("PNG", {}, "frames"),
        ("WEBP", {"lossless": True}, "frames"),
        ("AVIF", {}, "frames"),
        ("TIFF", {}, "pages"),
    ],
)
def test_the_first_of_several(kind, options, word):
    first = image("P") if kind == "GIF" else image("RGB")
    others = [first.rotate(180), first.rotate(90)]
    data = encoded(first, kind, save_all=True, append_images=others, **options)
    picture = read(data)
    assert f"first of 3 {word} only" in picture.notes
    opened = pillow(data).convert("RGB")
    assert np.array_equal(picture.rgb, np.asarray(opened))
    after = pillow(encode(picture, picture.rgb))
    assert getattr(after, "n_frames", 1) == 1
    assert read(encode(picture, picture.rgb)).notes == ()
