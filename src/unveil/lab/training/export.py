"""From a checkpoint to what the runtime loads: an ONNX file with half-precision weights, and its
card."""

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from unveil.completion import EVIDENCE as COMPLETION_EVIDENCE
from unveil.errors import ModelError, OutputError
from unveil.lab.losses.restoration import psnr
from unveil.lab.training.recipe import ModelTask
from unveil.location.features import FEATURES
from unveil.models.catalogue import Card, checksum
from unveil.restore.figures import EVIDENCE as FIGURE_EVIDENCE
from unveil.restore.refine import EVIDENCE
from unveil.restorer import changed

OPSET = 18
TOLERANCE = 1e-3
"""Largest difference of an output in [0, 1] between torch and onnxruntime at which a model is
written."""

LEAST_UNIT_PX = 16
"""Sides of the pictures that are compared are multiples of at least this."""

THRESHOLD = 0.2
"""Probability from which on a pixel is marked: less than one half, for F1 is best there."""
CONFIDENCE = 0.6
"""Confidence from which on a mark is reported, until it is calibrated."""
RESTORER_THRESHOLD = 0.06
"""By how much a model that restores must change a pixel, of 1, for that to be a mark, until it is
fitted."""
THRESHOLDS = tuple(level / 255 for level in (0, 2, 4, 8, 12, 16, 24, 32, 48))
"""What is tried where it is fitted."""

INPUTS = {
    "complete": COMPLETION_EVIDENCE,
    "refine": EVIDENCE,
    "figure": FIGURE_EVIDENCE,
    "judge": FEATURES,
}
"""Channels of the input, where they are not those of a picture."""
OUTPUTS = {
    "locate": "mark",
    "segment": "mask",
    "complete": "mask",
    "restore": "background",
    "refine": "refined",
    "figure": "figures",
    "judge": "is_mark",
}
"""What a model of each task gives, as its ONNX file calls it."""
HALVED = ("locate", "complete", "restore", "refine", "figure")
"""Tasks of models that are stored in half precision."""
ROUNDING = ("_scale", "_zero_point")
"""Ends of the names of what belongs to a model that is computed in eight bits, and is no weight."""
COLOURS = {"restore": 3, "refine": 3, "figure": 3}
"""How many of the output's first channels are colours; the others are logits."""


class _Outputs(nn.Module):
    """A network with its output brought to [0, 1]."""

    def __init__(self, network: nn.Module, task: str) -> None:
        super().__init__()
        self.network = network
        self._colours = COLOURS.get(task, 0)

    def forward(self, picture: Tensor) -> Tensor:
        output = self.network(picture)
        colours, logits = output[:, : self._colours], output[:, self._colours :]
        return torch.cat([colours.clamp(0, 1), logits.sigmoid()], dim=1)


def card_for(
    network: nn.Module,
    model_task: ModelTask,
    path: Path,
    description: str,
    trained_on: str,
    licence: str,
) -> Card:
    """The card of a network that is about to be exported to the path."""
    task = model_task.task
    gives_picture = task in COLOURS
    return Card(
        name=path.stem,
        description=description,
        path=path,
        sha256="",
        licence=licence,
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        size_multiple=model_task.size_multiple,
        threshold=RESTORER_THRESHOLD if gives_picture else THRESHOLD,
        confidence=0.0 if gives_picture else CONFIDENCE,
        odds_slope=1.0,
        odds_offset=0.0,
        opacity_range=model_task.opacity_range,
        trained_on=trained_on,
        task=task,
    )


def export_network(network: nn.Module, card: Card) -> Card:
    """Write the network to card.path with its card beside it; returns the card with its checksum.

    The weights of networks for the tasks in HALVED are stored in half precision, but for those
    with batch normalisation, into whose weights the exporter multiplies it; all are computed with
    in single precision. Raises ModelError, and writes nothing, where onnxruntime's output differs
    from torch's by more than TOLERANCE; OutputError where the file cannot be written.
    """
    normalised = any(isinstance(module, nn.BatchNorm2d) for module in network.modules())
    halved = card.task in HALVED and not normalised
    if halved:
        for parameter in network.parameters():  # compare what is stored, not what was trained
            parameter.data = parameter.data.half().float()
    module = _Outputs(network, card.task).eval()
    unit = max(card.size_multiple, LEAST_UNIT_PX)
    channels = INPUTS.get(card.task, 3)
    picture = torch.rand(1, channels, 3 * unit, 5 * unit)
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "draft.onnx"
        torch.onnx.export(
            module,
            (picture,),
            draft,
            input_names=["picture"],
            output_names=[OUTPUTS[card.task]],
            dynamic_shapes={"picture": {0: "batch", 2: "height", 3: "width"}},
            opset_version=OPSET,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        model = onnx.load(draft)
    content = stored(model, halved)
    _compare(module, content, channels, unit)
    return write_model(card, content)


def write_model(card: Card, content: bytes) -> Card:
    """Write a model's file to card.path with its card beside it; returns the card with its
    checksum. Raises OutputError where it cannot be written."""
    try:
        card.path.parent.mkdir(parents=True, exist_ok=True)
        card.path.write_bytes(content)
        written = replace(card, sha256=checksum(card.path))
        written.save()
    except OSError as error:
        raise OutputError(
            f"{card.path}: expected to write the model, got: {error.strerror or error}; make room"
            " there, or name another file"
        ) from error
    return written


def best_threshold(network: nn.Module, marked: Tensor, clean: Tensor) -> float:
    """The threshold of THRESHOLDS at which writing only what the network changes comes nearest to
    the clean pictures; [B, 3, H, W]."""
    with torch.no_grad():
        restored = network(marked).clamp(0, 1)
    scores = {}
    for threshold in THRESHOLDS:
        results = [
            torch.where(_changed(one, other, threshold), other, one)
            for one, other in zip(marked, restored, strict=True)
        ]
        scores[threshold] = float(psnr(torch.stack(results), clean).mean())
    return max(scores, key=lambda threshold: scores[threshold])


def _changed(picture: Tensor, restored: Tensor, threshold: float) -> Tensor:
    before, after = (tensor.permute(1, 2, 0).numpy() for tensor in (picture, restored))
    return torch.from_numpy(changed(before, after, threshold))


def load_exported(path: Path) -> dict[str, Tensor]:
    """The weights of an exported model by parameter name, to train on from them."""
    weights = {}
    for tensor in onnx.load(path).graph.initializer:
        name = tensor.name.removesuffix(".half")
        if name.startswith("network.") and not name.endswith(ROUNDING):
            array = numpy_helper.to_array(tensor).astype(np.float32)
            weights[name.removeprefix("network.")] = torch.from_numpy(array)
    return weights


def stored(model: onnx.ModelProto, halved: bool) -> bytes:
    """The file of a model, without the exporter's notes; halved: weights in half precision."""
    _strip(model)
    if halved:
        _halve(model)
    return model.SerializeToString()


def _strip(model: onnx.ModelProto) -> None:
    """Drop the exporter's notes: stack traces with the paths of this machine."""
    graph = model.graph
    values = [*graph.input, *graph.output, *graph.value_info, *graph.initializer]
    for part in (model, graph, *graph.node, *values):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")


def _halve(model: onnx.ModelProto) -> None:
    """Store float weights as float16, each followed by a cast that onnxruntime folds when it
    loads."""
    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type == TensorProto.FLOAT and len(tensor.dims) > 1:
            name = tensor.name
            half = numpy_helper.to_array(tensor).astype(np.float16)
            tensor.CopyFrom(numpy_helper.from_array(half, f"{name}.half"))
            casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    for number, cast in enumerate(casts):
        model.graph.node.insert(number, cast)


def _compare(module: nn.Module, content: bytes, channels: int, unit: int) -> None:
    import onnxruntime

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    generator = torch.Generator().manual_seed(0)
    for height, width in ((1, 1), (2, 5), (4, 3)):
        shape = (1, channels, height * unit, width * unit)
        picture = torch.rand(shape, generator=generator)
        with torch.no_grad():
            expected = module(picture).numpy()
        got = session.run(None, {"picture": picture.numpy()})[0]
        difference = float(np.abs(got - expected).max())
        if difference > TOLERANCE:
            raise ModelError(
                f"expected onnxruntime to agree with torch within {TOLERANCE}; they differ by"
                f" {difference:.2g} on {shape}; nothing was written"
            )
