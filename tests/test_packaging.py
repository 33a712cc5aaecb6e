"""What a wheel must carry that does not lie in the package's folder."""

import json
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_wheel_carries_every_example_with_its_licence():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    carried = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    index = json.loads((ROOT / "examples/examples.json").read_text(encoding="utf-8"))
    names = {entry[key] for entry in index for key in ("marked", "clean")}
    for name in names | {"examples.json", "README.md"}:
        assert (ROOT / "examples" / name).is_file()
        assert carried[f"examples/{name}"] == f"unveil/examples/{name}"


def test_the_wheel_carries_the_recipes():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    carried = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert carried["recipes"] == "unveil/recipes"
    assert list((ROOT / "recipes").glob("*.py"))
