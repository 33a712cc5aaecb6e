"""Unveil takes visible marks off pictures and gives back the picture that was under them.

    import unveil

    result = unveil.remove("photo.jpg")
    result.save("clean.jpg")

Everything below is imported on first use, so ``import unveil`` itself loads no numerical library.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from unveil.errors import MaskError as MaskError
from unveil.errors import ModelError as ModelError
from unveil.errors import OutputError as OutputError
from unveil.errors import PictureError as PictureError
from unveil.errors import TemplateError as TemplateError
from unveil.errors import UnveilError as UnveilError
from unveil.errors import UsageError as UsageError

if TYPE_CHECKING:
    from unveil.pipeline import Remover as Remover
    from unveil.pipeline import locate as locate
    from unveil.pipeline import remove as remove
    from unveil.result import Location as Location
    from unveil.result import Report as Report
    from unveil.result import Result as Result
    from unveil.templates.template import Template as Template

    __version__: str

__all__ = [
    "Location",
    "MaskError",
    "ModelError",
    "OutputError",
    "PictureError",
    "Remover",
    "Report",
    "Result",
    "Template",
    "TemplateError",
    "UnveilError",
    "UsageError",
    "locate",
    "remove",
]

_HOME = {
    **dict.fromkeys(("Remover", "locate", "remove"), "unveil.pipeline"),
    **dict.fromkeys(("Location", "Report", "Result"), "unveil.result"),
    "Template": "unveil.templates.template",
}


def __getattr__(name: str) -> Any:
    """Import on first use (PEP 562) what lives in a module of _HOME, and the installed version."""
    if name in _HOME:
        value = getattr(import_module(_HOME[name]), name)
    elif name == "__version__":
        value = import_module("importlib.metadata").version("unveil")
    else:
        raise AttributeError(f"module 'unveil' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})
