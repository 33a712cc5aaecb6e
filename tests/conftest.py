"""Fixtures for all tests."""

import numpy as np
import pytest

from synthetic import lettering, photograph, stamped


@pytest.fixture(scope="session")
def clean_picture() -> np.ndarray:
    """240 x 320."""
    return photograph(240, 320)


@pytest.fixture(scope="session")
def marked_picture(clean_picture: np.ndarray) -> np.ndarray:
    """The same under white lettering of opacity .6."""
    return stamped(clean_picture, 0.6 * lettering(240, 320), (1.0, 1.0, 1.0))
