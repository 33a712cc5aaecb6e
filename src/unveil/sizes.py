"""Marks in the sizes at which networks look at them as a whole."""

import cv2
import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating] | NDArray[np.bool_]


def fitted(
    size_hw: tuple[int, int], longest_px: int, least_px: int, most_magnified: float = 1.0
) -> tuple[int, int]:
    """The size with its longer side brought to longest_px, magnified by no more than so much;
    neither side is less than least_px."""
    height, width = size_hw
    factor = min(most_magnified, longest_px / max(height, width))
    return max(least_px, round(factor * height)), max(least_px, round(factor * width))


def resized(
    values: Values, size_hw: tuple[int, int], magnified: int = cv2.INTER_LINEAR
) -> NDArray[np.float32]:
    """H x W or H x W x 3 in another size; magnified: cv2's way to make it larger."""
    way = cv2.INTER_AREA if size_hw[0] < len(values) else magnified
    whole = np.ascontiguousarray(values, np.float32)
    return np.asarray(cv2.resize(whole, size_hw[::-1], interpolation=way), np.float32)
