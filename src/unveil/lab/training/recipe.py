"""A recipe: everything that decides what one training run does, as typed data."""

import ast
import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from unveil.errors import UsageError
from unveil.lab.synthesis.config import SynthesisConfig
from unveil.lab.training.locator import OptimiserConfig


@dataclass(frozen=True)
class FlagshipRecipe:
    """Trains the bundled model's network on synthetic crops."""

    synthesis: SynthesisConfig = field(default_factory=SynthesisConfig)
    """What the crops look like."""
    optimiser: OptimiserConfig = field(default_factory=OptimiserConfig)
    """How the weights move."""
    batch_size: int = 32
    """Crops per step."""
    max_steps: int = 30_000
    """Steps of the run; the learning rate's cycle spans them."""
    validate_every: int = 1_000
    """Steps between validations and checkpoints."""
    validation_crops: int = 512
    """Crops per validation, always the same ones."""
    sprites: int = 6_000
    """Marks drawn for training where no atlas is given."""
    average: float = 0.999
    """Decay of the moving average of the weights, which is what is validated and kept."""
    seed: int = 0
    """Seed of weights, crops and marks."""

    def __post_init__(self) -> None:
        if self.batch_size < 1 or self.max_steps < 1:
            raise ValueError(
                "expected batch_size and max_steps of at least 1;"
                f" got {self.batch_size} and {self.max_steps}"
            )


def load_recipe(path: Path) -> FlagshipRecipe:
    """The object named RECIPE in a Python file. Raises UsageError where there is none."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise UsageError(f"{path}: expected a recipe, a Python file; there is none by this name")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    recipe = getattr(module, "RECIPE", None)
    if not isinstance(recipe, FlagshipRecipe):
        raise UsageError(f"{path}: expected a recipe in a variable RECIPE; found {recipe!r}")
    return recipe


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
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        value = text
    if isinstance(current, float) and isinstance(value, int):
        value = float(value)
    if rest or type(value) is not type(current):
        raise UsageError(
            f"{'.'.join(path)}: expected {type(current).__name__}, as in {current!r}; got {text}"
        )
    try:
        return replace(config, **{name: value})
    except ValueError as error:
        raise UsageError(f"{name}={text}: {error}") from error
