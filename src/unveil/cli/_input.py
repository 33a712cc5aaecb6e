"""Reading the picture of a job, from its file or from standard input."""

import sys

from unveil import codecs
from unveil.cli._plan import Job
from unveil.errors import UsageError


def read_picture(job: Job, max_pixels: int | None = None) -> codecs.Picture:
    """The picture of a job; max_pixels None means the reader's own limit."""
    limit = {} if max_pixels is None else {"max_pixels": max_pixels}
    if job.source is not None:
        return codecs.read(job.source, **limit)
    if sys.stdin.isatty():
        raise UsageError(
            "expected a picture on standard input, got a terminal; pipe or redirect a file into it"
        )
    return codecs.read(sys.stdin.buffer.read(), name="<stdin>", **limit)
