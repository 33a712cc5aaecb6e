"""What the verbs say to people: on stderr, one line each; stdout carries only results."""

import json
import sys
from typing import Any


def one_line(text: str) -> str:
    """The text with every run of white space, line breaks included, made one space."""
    return " ".join(str(text).split())


def say(text: str) -> None:
    """One line to the person, on stderr."""
    print(one_line(text), file=sys.stderr, flush=True)


def complain(text: str) -> None:
    """One line about something that went wrong."""
    say(f"unveil: {text}")


def print_json(value: dict[str, Any]) -> None:
    """One JSON object on one line of stdout (JSON lines)."""
    print(json.dumps(value, ensure_ascii=False), flush=True)
