"""Recipes by name, by file, on the command line and as JSON."""

import pytest

from unveil.errors import UsageError
from unveil.lab.training.flagship import FlagshipRecipe
from unveil.lab.training.recipe import Length
from unveil.lab.training.recipe_files import (
    RECIPES,
    from_json,
    load_recipe,
    override,
    recipes_folder,
    to_json,
    with_length,
)

FILES = sorted(recipes_folder().rglob("*.py"))


def test_overrides_are_typed_and_name_what_exists():
    recipe = override(FlagshipRecipe(), ["max_steps=5", "synthesis.clean=1", "optimiser.rate=1e-4"])
    assert (recipe.max_steps, recipe.synthesis.clean, recipe.optimiser.rate) == (5, 1.0, 1e-4)
    assert override(FlagshipRecipe(), ["precision=32-true"]).precision == "32-true"
    for wrong, message in {
        "max_stepz=5": "max_stepz: unknown field; expected one of optimiser",
        "max_steps=many": "expected int, as in 30000; got many",
        "synthesis=3": "expected synthesis.FIELD=value",
        "max_steps": "no equals sign",
        "synthesis.size_px=100": "multiples of 32; got 100",
        "batch_size=0": "at least 1 as batch_size",
        "max_steps=0": "at least 1 as epochs or max_steps",
    }.items():
        with pytest.raises(UsageError, match=message):
            override(FlagshipRecipe(), [wrong])


def test_a_length_in_epochs_and_steps_is_the_shorter_of_the_two():
    recipe = FlagshipRecipe(batch_size=8, max_steps=100)
    assert recipe.length(80) == Length(100, 10)
    assert with_length(recipe, epochs=5, max_steps=None).length(80) == Length(50, 10)
    assert with_length(recipe, epochs=5, max_steps=7).length(80) == Length(7, 10)
    assert with_length(recipe, epochs=None, max_steps=1000).length(80) == Length(1000, 10)
    assert with_length(recipe, None, None) is recipe
    assert Length(25, 10).epochs == 2.5


def test_a_recipe_file_must_hold_a_recipe_and_a_name_must_be_one_of_ours(tmp_path):
    (tmp_path / "empty.py").write_text("")
    with pytest.raises(UsageError, match="variable RECIPE"):
        load_recipe(tmp_path / "empty.py")
    with pytest.raises(UsageError, match=r"one of .*flagship.*there is none by this name"):
        load_recipe(tmp_path / "missing.py")
    with pytest.raises(UsageError, match="there is none by this name"):
        load_recipe("flagshop")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_recipe_loads_by_its_name_and_opens_with_what_one_asks_of_it(file):
    recipe = load_recipe(file.stem)
    assert recipe == load_recipe(file)
    assert type(recipe).__name__ in RECIPES
    assert from_json(to_json(recipe)) == recipe
    head = file.read_text().split('"""')[1]
    assert f"unveil train {file.stem} --pictures" in head
    assert "Hardware: " in head
    assert "Expected: " in head


def test_there_are_recipes():
    assert FILES


def test_a_recipe_as_text_must_name_its_kind_and_fields():
    with pytest.raises(ValueError, match=r"a kind of recipe \(FlagshipRecipe, .*got Other"):
        from_json('{"kind": "Other"}')
    with pytest.raises(ValueError, match="fields of FlagshipRecipe"):
        from_json('{"kind": "FlagshipRecipe", "speed": 1}')
