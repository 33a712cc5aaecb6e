"""The examinations behind ``unveil doctor``: each looks at one thing and never raises."""

import os
import platform
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any

from unveil.cli._console import one_line
from unveil.errors import UnveilError

if TYPE_CHECKING:
    from unveil.models.catalogue import Card

_ORT_PACKAGES = ("onnxruntime", "onnxruntime-gpu", "onnxruntime-directml", "onnxruntime-openvino")
_REINSTALL = "install again, in the repository: pip install --force-reinstall --no-deps ."
_GPU_PROVIDERS = frozenset(
    {"CUDAExecutionProvider", "TensorrtExecutionProvider", "ROCMExecutionProvider"}
)
_NVIDIA_SMI_TIMEOUT_S = 10


class State(StrEnum):
    """How a thing is."""

    OK = "ok"
    ADVICE = "advice"
    """Works, and could work better."""
    BROKEN = "broken"


@dataclass(frozen=True)
class Check:
    """One finding."""

    name: str
    value: str
    state: State = State.OK
    remedy: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    """The same for machines."""

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "state": str(self.state)}


def examine() -> list[Check]:
    """All the findings, in the order in which a person wants to read them."""
    checks = [
        *_guarded("versions", _versions),
        *_guarded("formats", _formats),
        *_guarded("onnxruntime", _runtime_packages),
    ]
    model = _guarded("model", _model_files)
    checks += model
    if all(check.state is not State.BROKEN for check in model):
        checks += _guarded("runtime", _runtime)
        checks += _guarded("self-test", _self_test)
    return checks


def _guarded(name: str, examination: Callable[[], list[Check]]) -> list[Check]:
    """Its findings; an examination that raises is itself the finding."""
    try:
        return examination()
    except UnveilError as error:
        what = one_line(str(error))
    except Exception as error:
        what = one_line(f"{type(error).__name__}: {error}")
    return [Check(name, what, State.BROKEN, _REINSTALL)]


def _versions() -> list[Check]:
    checks = [
        Check("unveil", metadata.version("unveil")),
        Check("python", f"{platform.python_version()} on {platform.system()} {platform.machine()}"),
    ]
    for name, module in (("numpy", "numpy"), ("opencv", "cv2"), ("pillow", "PIL")):
        try:
            checks.append(Check(name, import_module(module).__version__))
        except ImportError as error:
            package = "opencv-python-headless" if name == "opencv" else name
            remedy = f"pip install --force-reinstall {package}"
            checks.append(Check(name, f"cannot be imported: {error}", State.BROKEN, remedy))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    checks.append(Check("cores", str(cores), data={"cores": cores}))
    return checks


def _formats() -> list[Check]:
    from PIL import features

    names = {"jpg": "JPEG", "zlib": "PNG", "webp": "WebP", "avif": "AVIF", "libtiff": "TIFF"}
    has = {label: bool(features.check(key)) for key, label in names.items()}
    missing = [label for label, there in has.items() if not there]
    text = ", ".join(label for label, there in has.items() if there)
    if not missing:
        return [Check("formats", text, data=has)]
    text += f"; not {', '.join(missing)}"
    return [Check("formats", text, State.ADVICE, "pip install --upgrade pillow", has)]


def _runtime_packages() -> list[Check]:
    installed: dict[str, str] = {}
    for package in _ORT_PACKAGES:
        try:
            installed[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    text = ", ".join(f"{name} {version}" for name, version in installed.items())
    if not installed:
        remedy = "pip install onnxruntime"
        return [Check("onnxruntime", "not installed", State.BROKEN, remedy)]
    if len(installed) > 1:
        keep = next(name for name in installed if name != "onnxruntime")
        remedy = (
            f"they overwrite each other's files: pip uninstall -y {' '.join(installed)}, "
            f"then pip install {keep}"
        )
        return [Check("onnxruntime", text, State.ADVICE, remedy, installed)]
    return [Check("onnxruntime", text, data=installed)]


def _model_files() -> list[Check]:
    from unveil.models import catalogue

    files = dict.fromkeys(catalogue.MODELS.values())  # two names may share one
    return [_model_file(catalogue.get(path)) for path in files]


def _model_file(card: "Card") -> Check:
    from unveil.models.catalogue import checksum

    name = f"model {card.name}"
    data = {"name": card.name, "path": str(card.path), "expected": card.sha256}
    if not card.path.is_file():
        return Check(name, f"{card.path}: no such file", State.BROKEN, _REINSTALL, data)
    digest = data["sha256"] = checksum(card.path)
    if digest != card.sha256:
        text = f"checksum {digest[:12]}, expected {card.sha256[:12]}: damaged"
        return Check(name, text, State.BROKEN, _REINSTALL, data)
    text = f"{card.size_mb:.1f} MB, checksum {digest[:12]} as on its card"
    return Check(name, text, data=data)


def _runtime() -> list[Check]:
    import onnxruntime

    from unveil.models.session import Session

    available = list(onnxruntime.get_available_providers())
    session = Session()
    loaded = list(session.providers)
    data = {"loaded": loaded, "available": available, "threads": session.threads}
    gpu = _nvidia_gpu()
    state, remedy = State.OK, ""
    if gpu and not _GPU_PROVIDERS.intersection(loaded):
        state = State.ADVICE
        if "CUDAExecutionProvider" in available:
            remedy = (
                f"the GPU ({gpu}) is not used although onnxruntime-gpu is installed: its CUDA and "
                "cuDNN libraries are not found; pip install 'onnxruntime-gpu[cuda,cudnn]'"
            )
        else:
            remedy = (
                f"the GPU ({gpu}) is not used: pip uninstall -y onnxruntime, "
                "then pip install 'onnxruntime-gpu[cuda,cudnn]'"
            )
    text = f"{', '.join(loaded)} loaded (available: {', '.join(available)})"
    return [
        Check("provider", text, state, remedy, data),
        Check("threads", str(session.threads or "one per core"), data={"threads": session.threads}),
    ]


def _nvidia_gpu() -> str:
    """Name of the first NVIDIA GPU that the driver shows; empty if there is none."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ""
    command = [program, "--query-gpu=name", "--format=csv,noheader"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_NVIDIA_SMI_TIMEOUT_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip().partition("\n")[0]


def _self_test() -> list[Check]:
    """Clean a small picture with a mark drawn on it; pixels outside the mask must not change."""
    import numpy as np

    from unveil.blending import compose
    from unveil.pipeline import Remover

    rng = np.random.default_rng(0)
    ramp = np.linspace(0.2, 0.6, 320, dtype=np.float32)
    background = ramp[None, :, None] + rng.normal(0, 0.02, (240, 320, 3)).astype(np.float32)
    matte = np.zeros((240, 320, 1), np.float32)
    for left in range(100, 220, 24):
        matte[90:150, left : left + 10] = 0.6
    marked = np.rint(255 * np.clip(compose(background, 1.0, matte), 0, 1)).astype(np.uint8)
    remover = Remover()
    start = time.perf_counter()
    result = remover.remove(marked)
    seconds = time.perf_counter() - start
    outside = ~np.asarray(result.mask, bool)
    data = {"seconds": seconds, "found": bool(result.found)}
    if not np.array_equal(np.asarray(result.picture)[outside], marked[outside]):
        text = "pixels outside the mask changed"
        return [Check("self-test", text, State.BROKEN, _REINSTALL, data)]
    seen = "found" if result.found else "did not find"
    return [Check("self-test", f"320 x 240 in {seconds:.2f} s, {seen} the test mark", data=data)]
