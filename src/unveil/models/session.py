"""A model loaded into onnxruntime."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unveil.errors import ModelError
from unveil.models.catalogue import DEFAULT_MODEL, TASKS, Card, get

Floats = NDArray[np.floating]

JUDGE = "judge"
"""The bundled model that tells marks from things."""


@dataclass(frozen=True)
class Prediction:
    """What the network sees in a picture of H x W pixels; float32 in [0, 1]."""

    probability: Floats
    """H x W: probability that the pixel is visibly marked."""
    matte: Floats
    """H x W: opacity of the mark."""
    colour: Floats
    """H x W x 3: colour of the mark, meaningful where there is one."""

    @classmethod
    def nothing(cls, size_hw: tuple[int, int]) -> "Prediction":
        """No mark anywhere in a picture of this size, to be filled in part by part."""
        plane = np.zeros(size_hw, np.float32)
        return cls(plane, plane.copy(), np.zeros((*size_hw, 3), np.float32))


class Session:
    """Runs one model on pictures of any size; safe to use from several threads."""

    def __init__(
        self, model: str | Path = DEFAULT_MODEL, providers: Sequence[str] | None = None
    ) -> None:
        """providers: onnxruntime's execution providers in order of preference; default: its own
        order.

        Raises ModelError where the model is unknown, damaged, or of another shape.
        """
        import onnxruntime

        self.card: Card = get(model)
        available = onnxruntime.get_available_providers()
        wanted = list(providers) if providers is not None else available
        unknown = [name for name in wanted if name not in available]
        if unknown:
            raise ModelError(
                f"{', '.join(unknown)}: expected execution providers that this onnxruntime has"
                f" ({', '.join(available)}); install the onnxruntime build for your device"
            )
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.enable_cpu_mem_arena = False  # give memory back between pictures of different sizes
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # leave the cores
        try:
            self._session: Any = onnxruntime.InferenceSession(
                str(self.card.path), options, providers=wanted
            )
        except Exception as error:  # onnxruntime's exceptions share no public base
            reason = str(error).splitlines()[0]
            raise ModelError(
                f"{self.card.path}: expected an ONNX model that onnxruntime can load; {reason};"
                " run `unveil doctor`"
            ) from error
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        channels = TASKS[self.card.task]
        if len(inputs) != 1 or len(outputs) != 1 or outputs[0].shape[1] != channels:
            raise ModelError(
                f"{self.card.path}: expected one input and one output of {channels} channels, to"
                f" {self.card.task}; got {len(inputs)} inputs and {[o.shape for o in outputs]};"
                " export it with `unveil export`"
            )
        self._input = inputs[0].name
        task = self.card.task
        self._appraiser = Session(providers=wanted) if task == "segment" else None
        self._judge = Session(JUDGE, wanted) if task == "locate" else self._appraiser

    @property
    def providers(self) -> list[str]:
        """The execution providers that really loaded."""
        return self._session.get_providers()

    @property
    def threads(self) -> int:
        """Threads of an operator on the CPU; 0: one per core."""
        return self._session.get_session_options().intra_op_num_threads

    def run(self, rgb: Floats) -> Prediction:
        """What a model that locates or segments sees; rgb: H x W x 3 float32 in [0, 1].

        A model that segments says nothing of matte and colour: those are the bundled model's.
        """
        output = self._planes(rgb)
        if self._appraiser is not None:
            return replace(self._appraiser.run(rgb), probability=output[0])
        return Prediction(
            probability=output[0],
            matte=output[1],
            colour=np.ascontiguousarray(output[2:].transpose(1, 2, 0)),
        )

    def restore(self, rgb: Floats) -> Floats:
        """What a model that restores makes of the picture, both H x W x 3 float32 in [0, 1]; or one
        that refines of what is known of a mark, H x W x 14, with the mark's visibility as a fourth
        channel (unveil.restore.refine); or one that sees figures of what is known by then, H x W x
        12, their probability the fourth (unveil.restore.figures); or one that completes, of H x W x
        10, the probability that the mark shows (unveil.completion)."""
        return np.clip(self._planes(rgb).transpose(1, 2, 0), 0, 1)

    def judge(self, features: Floats) -> float:
        """Probability that a group of pixels is a mark: what the bundled model that judges makes of
        its features (unveil.location.features) for a model that locates or segments."""
        if self._judge is not None:
            return self._judge.judge(features)
        return float(self._planes(features[None, None])[0, 0, 0])

    def _planes(self, rgb: Floats) -> Floats:
        """The output, channels first; the sides are padded to the model's multiple and cut
        again."""
        height, width = rgb.shape[:2]
        multiple = self.card.size_multiple
        pad = ((0, -height % multiple), (0, -width % multiple), (0, 0))
        planes = np.pad(rgb, pad, mode="edge").transpose(2, 0, 1)[None]
        output = self._session.run(None, {self._input: np.ascontiguousarray(planes)})[0]
        return output[0, :, :height, :width]
