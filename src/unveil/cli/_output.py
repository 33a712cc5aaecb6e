"""What the verbs write beside pictures."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def grey_png(plane: NDArray[np.bool_] | NDArray[np.floating]) -> bytes:
    """A mask, or a plane in [0, 1], as an 8-bit grey PNG; H x W."""
    stream = io.BytesIO()
    Image.fromarray(np.rint(plane * 255.0).astype(np.uint8)).save(stream, "PNG")
    return stream.getvalue()
