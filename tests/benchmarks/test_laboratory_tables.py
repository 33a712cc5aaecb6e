"""What benchmarks/laboratory.py makes of runs."""

import pytest

from unveil.lab.synthesis.noisy import NoiseConfig
from unveil.lab.training.noise2noise import Noise2NoiseRecipe
from unveil.lab.training.recipe_files import to_json


@pytest.fixture
def laboratory(load_script):
    return load_script("laboratory")


def test_only_what_differs_from_the_recipe_is_told(laboratory):
    recipe = Noise2NoiseRecipe(data=NoiseConfig(target="clean", source="text,0,50"), loss="mae")
    found = {"data.source": "text,0,50", "data.target": "clean", "loss": "mae"}
    assert laboratory.changed(to_json(recipe)) == found
    assert laboratory.changed(to_json(Noise2NoiseRecipe())) == {}


def test_tables_by_hand(laboratory):
    def scored(psnr):
        return {opacity: {"psnr": psnr} for opacity in laboratory.OPACITIES}

    restorer = {
        "steps": 1000, "samples": 4000, "validation": {"psnr": 24.5, "ssim": 0.8},
        "test": {"psnr": 25.0, "ssim": 0.81, "input_psnr": 23.0, "input_ssim": 0.79},
        "protocol a": {"nothing": scored(20.0), "unveil": scored(21.0)},
    }  # fmt: skip
    segmenter = restorer | {"validation": {"f1": 0.5}, "test": {"f1": 0.625}}
    lines = laboratory.tables({"one": restorer, "two": segmenter}).splitlines()
    both = "23.00 dB / 0.7900 | 25.00 dB / 0.8100"
    assert f"| `one` | 1,000 | 4,000 | 24.50 dB / 0.8000 | {both} |" in lines
    assert "| `two` | 1,000 | 4,000 | F1 0.500 |  | F1 0.625 |" in lines
    assert "| doing nothing | 20.00 | 20.00 | 20.00 | 20.00 |" in lines
    assert "| `two` | 21.00 | 21.00 | 21.00 | 21.00 |" in lines
