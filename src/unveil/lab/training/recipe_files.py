"""Recipes by file and by name, changed on the command line, and as JSON in a run's folder."""

import ast
import importlib.util
import json
from collections.abc import Iterable
from dataclasses import asdict, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, get_type_hints

from unveil.errors import UsageError
from unveil.lab.training.completion import CompletionRecipe
from unveil.lab.training.figures import FigureRecipe
from unveil.lab.training.finetune import FlagshipFinetuneRecipe
from unveil.lab.training.flagship import FlagshipRecipe
from unveil.lab.training.heterogeneous_unet import HeterogeneousUNetRecipe
from unveil.lab.training.judge import JudgeRecipe
from unveil.lab.training.noise2noise import DenoisingRecipe, Noise2NoiseRecipe
from unveil.lab.training.recipe import Recipe
from unveil.lab.training.refinement import RefinementRecipe
from unveil.lab.training.segmenter import SegmentationRecipe
from unveil.lab.training.swcnn import SWCNNRecipe

RECIPES: dict[str, type[Recipe]] = {
    kind.__name__: kind
    for kind in (
        FlagshipRecipe,
        FlagshipFinetuneRecipe,
        JudgeRecipe,
        CompletionRecipe,
        RefinementRecipe,
        FigureRecipe,
        HeterogeneousUNetRecipe,
        SWCNNRecipe,
        DenoisingRecipe,
        Noise2NoiseRecipe,
        SegmentationRecipe,
    )
}
"""The kinds of recipes by name, as recipe.json has it."""


def recipes_folder() -> Path:
    """In an installed package beside this code; in a checkout at the repository's root."""
    package = Path(__file__).parents[2]
    installed = package / "recipes"
    return installed if installed.is_dir() else package.parents[1] / "recipes"


def load_recipe(recipe: str | Path) -> Recipe:
    """The object named RECIPE in a Python file, given by its path or the name of one of ours.

    Raises UsageError where there is none.
    """
    path = Path(recipe)
    if path.suffix != ".py":
        path = recipes_folder() / f"{recipe}.py"
    if not path.is_file():
        names = sorted(file.stem for file in recipes_folder().glob("*.py"))
        raise UsageError(
            f"{recipe}: expected a recipe, a Python file or one of {', '.join(names)};"
            " there is none by this name"
        )
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = getattr(module, "RECIPE", None)
    if not isinstance(found, Recipe):
        raise UsageError(f"{path}: expected a recipe in a variable RECIPE; found {found!r}")
    return found


def to_json(recipe: Recipe) -> str:
    """The recipe with its kind, as text."""
    return json.dumps({"kind": type(recipe).__name__, **asdict(recipe)}, indent=2) + "\n"


def from_json(text: str) -> Recipe:
    """The recipe that :func:`to_json` wrote. Raises ValueError where it did not."""
    values = json.loads(text)
    kind = values.pop("kind", None)
    if kind not in RECIPES:
        raise ValueError(f"expected a kind of recipe ({', '.join(RECIPES)}); got {kind}")
    return _built(RECIPES[kind], values)


def _built(config: type, values: dict[str, Any]) -> Any:
    """The dataclass with its groups built too, and lists as the tuples that they were."""
    hints = get_type_hints(config)
    for name, value in values.items():
        if is_dataclass(hints.get(name)):
            values[name] = _built(hints[name], value)
        elif isinstance(value, list):
            values[name] = tuple(value)
    try:
        return config(**values)
    except TypeError as error:
        raise ValueError(f"expected the fields of {config.__name__}; {error}") from error


def override(recipe: Any, assignments: Iterable[str]) -> Any:
    """The recipe with ``field=value`` or ``group.field=value`` replaced.

    Raises UsageError for an unknown field (naming the known ones) or a value of another type.
    """
    for assignment in assignments:
        name, separator, text = assignment.partition("=")
        if not separator:
            raise UsageError(f"{assignment}: expected field=value; it has no equals sign")
        recipe = _replaced(recipe, name.split("."), text)
    return recipe


def _replaced(config: Any, path: list[str], text: str) -> Any:
    name, rest = path[0], path[1:]
    known = [f.name for f in fields(config)]
    if name not in known:
        raise UsageError(f"{name}: unknown field; expected one of {', '.join(known)}")
    current = getattr(config, name)
    if is_dataclass(current):
        if not rest:
            raise UsageError(f"{name}: is a group; expected {name}.FIELD=value")
        return replace(config, **{name: _replaced(current, rest, text)})
    value = _value(text, current)
    if rest or type(value) is not type(current):
        raise UsageError(
            f"{'.'.join(path)}: expected {type(current).__name__}, as in {current!r}; got {text}"
        )
    try:
        return replace(config, **{name: value})
    except ValueError as error:
        raise UsageError(f"{name}={text}: {error}") from error


def _value(text: str, current: Any) -> Any:
    """The value that the text writes; like the current one, where both readings are possible."""
    if isinstance(current, str):
        return text
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
    return float(value) if isinstance(current, float) and type(value) is int else value


def with_length(recipe: Recipe, epochs: int | None, max_steps: int | None) -> Recipe:
    """The recipe with another length, if one is given; with both, the shorter counts."""
    if epochs is None and max_steps is None:
        return recipe
    return replace(recipe, epochs=epochs or 0, max_steps=max_steps or 0)
