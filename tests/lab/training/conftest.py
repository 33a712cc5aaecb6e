"""Fixtures for training: tiny pictures and recipes."""

from pathlib import Path

import pytest
from PIL import Image
from tiny_recipe import TinyRecipe

from synthetic import photograph
from unveil.lab.training.recipe_files import RECIPES


@pytest.fixture(scope="session", autouse=True)
def _known():
    RECIPES["TinyRecipe"] = TinyRecipe
    yield
    del RECIPES["TinyRecipe"]


@pytest.fixture(scope="session")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten pictures of 80 x 90: seven to train on, two for validation, one for the test."""
    folder = tmp_path_factory.mktemp("photographs")
    for number in range(10):
        part = folder / ("train" if number < 7 else "validation" if number < 9 else "test")
        part.mkdir(exist_ok=True)
        Image.fromarray(photograph(80, 90, number)).save(part / f"{number}.png")
    return folder
