"""The loop that the verbs over many pictures share: do a job, report it, go on, count."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from unveil.cli import EXIT_FAILED, EXIT_NOTHING_FOUND
from unveil.cli._console import complain, on_terminal, one_line, print_json, say
from unveil.cli._plan import STREAM, Job
from unveil.errors import UnveilError

Status = Literal["done", "nothing_found", "refused", "failed"]

_SUMMARY = {
    "done": "done",
    "nothing_found": "nothing found",
    "refused": "left as they are",
    "failed": "failed",
}


@dataclass(frozen=True)
class Outcome:
    """What came of one job."""

    status: Status
    line: str
    """For people: what was done, without the picture's name."""
    output: str | None = None
    """Path that was written; None if none was."""
    report: dict[str, Any] = field(default_factory=dict)
    notes: Sequence[str] = ()


def run(jobs: Sequence[Job], work: Callable[[Job], Outcome], *, as_json: bool) -> int:
    """Do every job, whatever becomes of the others; the exit code.

    Each picture gives one line on stderr; with as_json one JSON object on stdout besides. On a
    terminal several pictures show a progress bar instead, and only trouble is a line.
    """
    counts: Counter[str] = Counter()
    with progress(len(jobs)) as (advance, has_bar):
        for job in jobs:
            outcome, error = _attempt(job, work)
            counts[outcome.status] += 1
            if error is not None:
                complain(error)
            elif not has_bar or outcome.status == "refused":
                say(f"{job.name}: {outcome.line}")
            for note in outcome.notes:
                say(f"{job.name}: note: {note}")
            if as_json:
                print_json(_record(job, outcome, error))
            advance()
    if len(jobs) > 1:
        parts = [f"{counts[key]} {word}" for key, word in _SUMMARY.items() if counts[key]]
        say(f"{len(jobs)} pictures: {', '.join(parts)}")
    if counts["failed"]:
        return EXIT_FAILED
    return 0 if counts["done"] else EXIT_NOTHING_FOUND


def _attempt(job: Job, work: Callable[[Job], Outcome]) -> tuple[Outcome, str | None]:
    """The outcome of one job, and its one-line error if it failed."""
    try:
        if job.error is not None:
            raise job.error
        return work(job), None
    except BrokenPipeError:
        raise
    except UnveilError as error:
        text = one_line(str(error))
    except MemoryError:
        text = "expected enough memory for this picture, got too little; try it where there is more"
    except OSError as error:
        what = f" ({error.filename})" if error.filename else ""
        text = one_line(
            f"expected to read and write files, got: {error.strerror or error}{what}; "
            "check permissions and free space"
        )
    if job.name not in text:
        text = f"{job.name}: {text}"
    return Outcome("failed", text), text


def _record(job: Job, outcome: Outcome, error: str | None) -> dict[str, Any]:
    return {
        "input": STREAM if job.source is None else str(job.source),
        "output": outcome.output,
        "status": outcome.status,
        "error": error,
        "report": outcome.report or None,
    }


@contextmanager
def progress(total: int) -> Iterator[tuple[Callable[[], None], bool]]:
    """A bar on stderr for several pictures on a terminal; otherwise nothing."""
    if total < 2 or not on_terminal():
        yield (lambda: None), False
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    from unveil.cli._console import borrow_terminal

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with borrow_terminal() as console, Progress(*columns, console=console) as bar:
        task = bar.add_task("pictures", total=total)
        yield (lambda: bar.advance(task)), True
