"""Arguments and options that several verbs share."""

from typing import Annotated

import typer

Paths = Annotated[
    list[str],
    typer.Argument(
        metavar="PATH",
        show_default=False,
        help="Pictures, or folders to search for pictures at any depth; - is standard input.",
    ),
]
Model = Annotated[
    str, typer.Option(metavar="NAME_OR_FILE", help="A model of `unveil models`, or an ONNX file.")
]
AsJson = Annotated[
    bool, typer.Option("--json", help="One JSON object per picture on standard output.")
]
MaxPixels = Annotated[int, typer.Option(min=1, metavar="N", help="Refuse pictures of more pixels.")]
