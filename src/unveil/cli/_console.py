"""What the verbs say to people: on stderr, one line each; stdout carries only results."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

_console: "Console | None" = None
"""While a progress bar is up: the console that owns the terminal; lines go above the bar."""


def one_line(text: str) -> str:
    """The text with every run of white space, line breaks included, made one space."""
    return " ".join(str(text).split())


def say(text: str) -> None:
    """One line to the person, on stderr."""
    if _console is None:
        print(one_line(text), file=sys.stderr, flush=True)
    else:
        _console.print(one_line(text), markup=False, highlight=False, soft_wrap=True)


def complain(text: str) -> None:
    """One line about something that went wrong."""
    say(f"unveil: {text}")


def print_json(value: dict[str, Any]) -> None:
    """One JSON object on one line of stdout (JSON lines)."""
    print(json.dumps(value, ensure_ascii=False), flush=True)


def on_terminal() -> bool:
    """Whether a person watches stderr."""
    return sys.stderr.isatty()


@contextmanager
def borrow_terminal() -> Iterator["Console"]:
    """A rich console on stderr through which :func:`say` speaks as long as it is open."""
    global _console
    from rich.console import Console

    _console = Console(stderr=True)
    try:
        yield _console
    finally:
        _console = None


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[], None]]:
    """A bar on stderr on a terminal; elsewhere a line for every tenth part. Call it after each."""
    if on_terminal() and total:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

        columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with borrow_terminal() as console, Progress(*columns, console=console) as bar:
            task = bar.add_task(what, total=total)
            yield lambda: bar.advance(task)
        return
    done = 0

    def count() -> None:
        nonlocal done
        done += 1
        if done * 10 // total > (done - 1) * 10 // total:
            say(f"{done} of {total} {what}")

    yield count
