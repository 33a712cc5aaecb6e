"""Reading the picture of a job, from its file or from standard input."""

import sys

from unveil.cli._plan import Job
from unveil.codecs import Picture, read
from unveil.errors import UsageError


def read_picture(job: Job, max_pixels: int) -> Picture:
    """The picture of a job; PictureError where it has more than max_pixels, or is none."""
    if job.source is not None:
        return read(job.source, max_pixels=max_pixels)
    if sys.stdin.isatty():
        raise UsageError(
            "expected a picture on standard input, got a terminal; pipe or redirect a file into it"
        )
    return read(sys.stdin.buffer, max_pixels=max_pixels, name="<stdin>")
