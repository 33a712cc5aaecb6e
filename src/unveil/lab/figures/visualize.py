"""All figures of a run and the page that shows them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from unveil.codecs import write
from unveil.errors import OutputError, UnveilError
from unveil.lab.figures.curves import MEASURES, History, best_row, describe_place
from unveil.lab.figures.page import html_page
from unveil.lab.figures.plans import FIGURES, Plan
from unveil.lab.figures.stages import count_parameters
from unveil.lab.figures.style import save
from unveil.lab.figures.subject import Subject


class Visualized(NamedTuple):
    """What :func:`visualize` wrote."""

    page: Path
    shown: list[Plan]
    left_out: dict[str, str]
    """Titles of the figures that this run cannot have, and why."""


def visualize(
    subject: Subject,
    folder: Path,
    title: str,
    facts: Mapping[str, str] | None = None,
    advance: Callable[[], None] = lambda: None,
) -> Visualized:
    """Draw every figure that the subject can have into the folder, as PNG and PDF, and index.html.

    A figure that it cannot have (attention maps without attention gates, masks of a network that
    restores pictures) is left out, with the reason. advance is called after each. Raises
    OutputError where the folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"{folder}: expected a folder for the figures; {error.strerror}: name another one"
        ) from error
    shown, left_out = [], {}
    for plan in FIGURES:
        try:
            figure = plan.draw(subject)
        except UnveilError as error:
            left_out[plan.title] = str(error)
        else:
            for ending in ("png", "pdf"):
                save(figure, folder / f"{plan.name}.{ending}")
            shown.append(plan)
        advance()
    page = folder / "index.html"
    said = {**(facts or {}), **facts_of(subject)}
    write(html_page(title, folder, said, shown, left_out).encode(), page, overwrite=True)
    return Visualized(page, shown, left_out)


def facts_of(subject: Subject) -> dict[str, str]:
    """What is said of a subject beside its figures, by name."""
    history, network = subject.history, subject.network
    facts = {"network": f"{type(network).__name__}, {count_parameters(network):,} parameters"}
    if len(history["step"]):
        places = [
            describe_place(name, history[name][-1])
            for name in ("step", "epoch", "samples", "minutes")
        ]
        facts["trained to"] = ", ".join(places)
    for measure, name in MEASURES.items():
        best = describe_best(history, measure)
        if best:
            facts[f"best validation {name.removesuffix(' (dB)')}"] = best
    return facts


def describe_best(history: History, measure: str) -> str:
    """The best validation of a measure, and its epoch; empty where it was never recorded."""
    row = best_row(history, measure)
    if row is None:
        return ""
    value = history[f"val_{measure}"][row]
    text = f"{value:.2f} dB" if measure == "psnr" else f"{value:.4f}"
    return f"{text} ({describe_place('epoch', history['epoch'][row])})"
