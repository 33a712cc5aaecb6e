"""Networks computed in eight bits: two to three times as fast on a processor.

Quantisation after training (Jacob et al., arXiv 1712.05877) by onnxruntime's own tool: activations
as uint8 of the range that they have on example pictures, weights per channel in seven bits, so that
the sums of older processors' instructions do not overflow. The file keeps the weights as they were,
and the runtime rounds them when it loads: training goes on from what was trained. The layers from
which most of the error comes, the first of the encoder and the last of the others, stay in
single precision (docs/experiments.md).
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from unveil.lab.training.export import stored, write_model
from unveil.models.catalogue import Card

OPERATORS = {
    "locate": ["Conv", "Clip", "Relu", "Add", "DepthToSpace", "Concat"],
    "refine": ["Conv", "Relu"],
    "complete": ["Conv", "Relu"],
}
"""What is computed in eight bits, by the network's task,"""
IN_SINGLE = {
    "locate": ("network.encoder.stem.", "network.encoder.blocks.0."),
    "refine": ("network.head.",),
    "complete": ("network.head.",),
}
"""unless its weights' names begin like this."""


def in_eight_bits(card: Card, examples: Sequence[NDArray[np.floating]]) -> Card:
    """Write the model of a :class:`FlagshipNetwork`, a :class:`CompletionNetwork` or a
    :class:`RefinementNetwork` again, to be computed in eight bits; returns its card with the new
    checksum.

    examples: C x H x W in [0, 1], what it will see; the ranges of activations are those that they
    cause. Raises OutputError where it cannot be written.
    """
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Examples(CalibrationDataReader):
        """One by one, as the network takes them."""

        def __init__(self) -> None:
            self._left = iter(examples)

        def get_next(self) -> dict[str, NDArray[np.float32]] | None:
            for planes in self._left:
                height, width = (side - side % card.size_multiple for side in planes.shape[1:])
                inner = planes[None, :, :height, :width]
                return {"picture": np.ascontiguousarray(inner, np.float32)}
            return None

    with tempfile.TemporaryDirectory() as folder:
        plain, draft = Path(folder) / "plain.onnx", Path(folder) / "draft.onnx"
        quant_pre_process(card.path, plain, skip_symbolic_shape=True)
        in_single = [
            node.name
            for node in onnx.load(plain).graph.node
            if any(name.startswith(IN_SINGLE[card.task]) for name in node.input)
        ]
        quantize_static(
            plain,
            draft,
            Examples(),
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=OPERATORS[card.task],
            nodes_to_exclude=in_single,
            extra_options={"AddQDQPairToWeight": True, "QuantizeBias": False},
        )
        return write_model(card, stored(onnx.load(draft), halved=True))
