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

from unveil.errors import ModelError
from unveil.lab.networks.flagship import SIZE_MULTIPLE, FlagshipNetwork
from unveil.lab.synthesis.config import SynthesisConfig
from unveil.models.catalogue import Card, checksum

OPSET = 18
TOLERANCE = 1e-3
"""Largest difference of an output in [0, 1] between torch and onnxruntime at which a model is
written."""

THRESHOLD = 0.3
"""Probability from which on a pixel is marked: less than one half, for F1 is best there."""
CONFIDENCE = 0.6
"""Confidence from which on a mark is reported, until it is calibrated."""


class _Probabilities(nn.Module):
    def __init__(self, network: FlagshipNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, picture: Tensor) -> Tensor:
        return self.network(picture).sigmoid()


def card_for(
    network: FlagshipNetwork, path: Path, description: str, trained_on: str, licence: str
) -> Card:
    """The card of a network that is about to be exported to the path."""
    return Card(
        name=path.stem,
        description=description,
        path=path,
        sha256="",
        licence=licence,
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        size_multiple=SIZE_MULTIPLE,
        threshold=THRESHOLD,
        confidence=CONFIDENCE,
        odds_slope=1.0,
        odds_offset=0.0,
        opacity_range=(SynthesisConfig.opacity[0], 1.0),
        trained_on=trained_on,
    )


def export_network(network: FlagshipNetwork, card: Card) -> Card:
    """Write the network to card.path with its card beside it; returns the card with its checksum.

    The weights are stored in half precision and computed with in single precision. Raises
    ModelError, and writes nothing, where onnxruntime's output differs from torch's by more than
    TOLERANCE.
    """
    for parameter in network.parameters():  # compare what is stored, not what was trained
        parameter.data = parameter.data.half().float()
    module = _Probabilities(network).eval()
    picture = torch.rand(1, 3, 3 * SIZE_MULTIPLE, 5 * SIZE_MULTIPLE)
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "draft.onnx"
        torch.onnx.export(
            module,
            (picture,),
            draft,
            input_names=["picture"],
            output_names=["mark"],
            dynamic_shapes={"picture": {0: "batch", 2: "height", 3: "width"}},
            opset_version=OPSET,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        model = onnx.load(draft)
    _strip(model)
    _halve(model)
    content = model.SerializeToString()
    _compare(module, content)
    card.path.parent.mkdir(parents=True, exist_ok=True)
    card.path.write_bytes(content)
    written = replace(card, sha256=checksum(card.path))
    written.save()
    return written


def load_exported(path: Path) -> dict[str, Tensor]:
    """The weights of an exported model by parameter name, to train on from them."""
    weights = {}
    for tensor in onnx.load(path).graph.initializer:
        name = tensor.name.removesuffix(".half")
        if name.startswith("network."):
            array = numpy_helper.to_array(tensor).astype(np.float32)
            weights[name.removeprefix("network.")] = torch.from_numpy(array)
    return weights


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


def _compare(module: nn.Module, content: bytes) -> None:
    import onnxruntime

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    generator = torch.Generator().manual_seed(0)
    for height, width in ((1, 1), (2, 5), (4, 3)):
        shape = (1, 3, height * SIZE_MULTIPLE, width * SIZE_MULTIPLE)
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
