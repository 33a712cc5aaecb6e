"""The models that come with Unveil, and the card that says what a model can do.

A model is two files of one name: NAME.onnx and its card NAME.json. Capability is data: whatever the
runtime must know of a model stands in the card.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from unveil.errors import ModelError

TASKS = {
    "locate": 5,
    "segment": 1,
    "restore": 3,
    "complete": 1,
    "refine": 4,
    "figure": 4,
    "judge": 1,
}
"""What a model may do, and the channels of its output: find marks with matte and colour; find them
only; give back the whole picture without them; say what belongs to a mark that was found; correct
the restored part of a picture and say where the mark shows; see figures of another colour on a
mark; tell marks from things that belong to the picture."""
HELPERS = {
    "complete": "completes",
    "refine": "refines",
    "figure": "sees figures on",
    "judge": "judges",
}
"""Tasks of models that cannot take off a mark by themselves: what they do with what others
found."""

WEIGHTS = Path(__file__).parent / "weights"
DEFAULT_MODEL = "default"


@dataclass(frozen=True)
class Card:
    """What a model is and what it can do."""

    name: str
    description: str
    path: Path
    """The ONNX file."""
    sha256: str
    """Checksum of the ONNX file."""
    licence: str
    parameters: int
    size_multiple: int
    """Height and width of the network's input must be multiples of this."""
    threshold: float
    """Probability from which on a pixel counts as marked; of a model that restores: by how much, of
    1, it must have changed a pixel of an unknown mark for that to count."""
    confidence: float
    """Confidence from which on a mark is reported; chosen on clean pictures."""
    odds_slope: float
    odds_offset: float
    """The network's log odds times the slope plus the offset are the log odds that were observed:
    networks are too sure."""
    opacity_range: tuple[float, float]
    """Opacities that the training covered."""
    trained_on: str
    """Pictures and marks of the training, and their terms."""
    task: str = "locate"
    """One of TASKS; of a model that restores, the fields on odds and confidence mean nothing."""
    refined: bool = True
    """Whether what is restored is corrected by the model that refines; that means nothing for one
    that restores."""
    scores: dict[str, Any] = field(default_factory=dict)
    """What was measured; docs/model-card.md says how."""

    @property
    def size_mb(self) -> float:
        """Size of the ONNX file in MB."""
        return self.path.stat().st_size / 1e6

    def is_intact(self) -> bool:
        """Whether the file's checksum is the card's."""
        return checksum(self.path) == self.sha256

    def save(self) -> Path:
        """Write the card beside its model; returns its path."""
        values = asdict(self)
        del values["path"]
        path = self.path.with_suffix(".json")
        path.write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        return path


MODELS: dict[str, Path] = {
    "default": WEIGHTS / "default.onnx",
    "fast": WEIGHTS / "default.onnx",
    "complete": WEIGHTS / "complete.onnx",
    "refine": WEIGHTS / "refine.onnx",
    "figures": WEIGHTS / "figures.onnx",
    "judge": WEIGHTS / "judge.onnx",
    "denoise": WEIGHTS / "denoise.onnx",
}
"""The bundled models by name; fast is the default one without refinement."""


def get(name_or_path: str | Path = DEFAULT_MODEL) -> Card:
    """The card of a bundled model by name, or of a model file by path.

    Raises ModelError for an unknown name (listing the known ones), and for a file without its card.
    """
    name = str(name_or_path)
    path = MODELS.get(name, Path(name_or_path))
    if name not in MODELS and (path.suffix != ".onnx" or not path.is_file()):
        raise ModelError(
            f"{name}: expected a model's name ({', '.join(MODELS)}) or an existing .onnx file;"
            " this is neither"
        )
    card = _read_card(path)
    if name == "fast":
        said = f"{card.description} Without refinement: faster, less exact."
        return replace(card, name=name, description=said, refined=False)
    return card


def checksum(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_card(path: Path) -> Card:
    card = path.with_suffix(".json")
    try:
        values = json.loads(card.read_text(encoding="utf-8"))
        if values.get("task", "locate") not in TASKS:
            raise ValueError(f"task {values['task']!r} is none of {', '.join(TASKS)}")
        values["opacity_range"] = tuple(values["opacity_range"])
        known = {f.name for f in fields(Card)} - {"path"}
        return Card(path=path, **{name: values[name] for name in known if name in values})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{card}: expected the card of {path.name}; it is missing or damaged ({error});"
            " write it again with `unveil export`"
        ) from error
