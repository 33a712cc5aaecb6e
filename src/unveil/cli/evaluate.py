"""``unveil evaluate``: score methods on pairs, on a published benchmark, and on clean pictures."""

from pathlib import Path
from typing import Annotated, Any

import typer

from unveil.cli._console import progress, say
from unveil.cli._options import Model
from unveil.errors import UsageError
from unveil.models.catalogue import DEFAULT_MODEL


def evaluate(
    pairs: Annotated[
        Path | None,
        typer.Option(
            help="Folder with marked/ and clean/ (same names), mask/ if there is one; or as CLWD's."
        ),
    ] = None,
    protocol: Annotated[
        str | None,
        typer.Option(
            help="Published benchmark: a (logos x1.5) or b (x1, noise); or marks: harder ones."
        ),
    ] = None,
    pictures: Annotated[
        Path | None, typer.Option(help="Clean pictures of the protocol: a folder.")
    ] = None,
    logos: Annotated[
        Path | None, typer.Option(help="Logos of the protocol: a folder of PNGs with alpha.")
    ] = None,
    opacity: Annotated[
        list[float] | None,
        typer.Option(help="Opacity of the protocol, repeatable; else 0.3, 0.5, 0.7 and 1."),
    ] = None,
    sigma: Annotated[
        float | None, typer.Option(help="Noise of protocol b, in steps of 1/255.")
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            help="Kind of protocol marks (tiled, multiply, jpeg-70, scene-text, ...), "
            "repeatable; else all."
        ),
    ] = None,
    clean: Annotated[
        Path | None,
        typer.Option(help="Folder of unmarked pictures: count those that come back untouched."),
    ] = None,
    method: Annotated[
        list[str] | None,
        typer.Option(
            help="nothing (always there), telea, unveil, unveil-mask, unveil-denoise; repeatable; "
            "else unveil. The last three: as a user runs it, told the true mask, and taking the "
            "noise off, too."
        ),
    ] = None,
    given_mask: Annotated[
        bool, typer.Option("--given-mask", help="Add unveil-mask and telea, told the true mask.")
    ] = False,
    model: Model = DEFAULT_MODEL,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Only the first N pictures of each folder.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Where to write every score, as JSON.")] = Path(
        "scores.json"
    ),
) -> None:
    """Score a model on pairs or on a published benchmark.

    The row of doing nothing is always there: on a published benchmark it checks the construction.

    unveil evaluate --pairs my-pairs

    unveil evaluate --protocol a --pictures kodak24 --logos benchmarks/logos --out scores.json

    unveil evaluate --protocol marks --kind tiled --pictures kodak24 --logos benchmarks/logos
    """
    from unveil.lab.evaluation import evaluate as lab
    from unveil.lab.evaluation import report

    settings = {
        "pairs": pairs,
        "protocol": protocol,
        "pictures": pictures,
        "logos": logos,
        "opacity": opacity or None,
        "sigma": sigma,
        "kind": kind or None,
        "clean": clean,
        "method": method or None,
        "given_mask": given_mask or None,
        "model": model,
        "limit": limit,
    }
    settings = {name: value for name, value in settings.items() if value is not None}
    _check_usage(settings)
    report.check_writable(out)

    loaded: list[Any] = []

    def load_remover() -> Any:
        if not loaded:
            import unveil

            loaded.append(unveil.Remover(model))
        return loaded[0]

    cases, total = _exam(settings)
    kept = _clean_pictures(settings)
    asked = [*(method or ["unveil"]), *(["telea", "unveil-mask"] if given_mask else [])]
    methods = lab.choose_methods(asked, load_remover) if total else {}
    with progress("cases", total) as advance:
        tally = lab.run(cases, methods, advance)
    untouched = []
    if kept:
        with progress("clean pictures", len(kept)) as advance:
            untouched = lab.run_clean(kept, load_remover(), advance)
    if len(tally):
        print(report.table(tally))
    if untouched:
        print(report.clean_line(untouched))
    card = _card(model) if loaded else None
    scores = report.as_json(tally, untouched, _command(settings), _shareable(settings), card)
    report.write_json(scores, out)
    say(f"scores written to {out}")


def _check_usage(settings: dict[str, Any]) -> None:
    """Raises UsageError for options that contradict each other or are not enough."""
    given = settings.keys()
    exams = given & {"pairs", "protocol"}
    if len(exams) == 2 or not given & {"pairs", "protocol", "clean"}:
        raise UsageError(
            "expected --pairs FOLDER, or --protocol NAME, or --clean FOLDER; "
            f"got {'both of the first two' if exams else 'none'}; name what to score on"
        )
    needed = {"pictures", "logos"}
    if "protocol" in given and not needed <= given:
        raise UsageError(
            "expected --pictures FOLDER and --logos FOLDER with --protocol; got "
            f"{' and '.join(sorted(f'--{name}' for name in given & needed)) or 'neither'}; "
            "name both"
        )
    idle = given & (needed | {"opacity", "sigma", "kind"})
    if "protocol" not in given and idle:
        names = ", ".join(sorted(f"--{name}" for name in idle))
        raise UsageError(f"expected {names} with --protocol only; add --protocol a")
    of_marks = settings.get("protocol") == "marks"
    idle = given & ({"opacity", "sigma"} if of_marks else {"kind"})
    if idle:
        names = ", ".join(sorted(f"--{name}" for name in idle))
        right = "a or b" if of_marks else "marks"
        raise UsageError(f"expected {names} with --protocol {right} only; leave it out")


def _exam(settings: dict[str, Any]) -> tuple[Any, int]:
    """The cases, made one by one, and how many there are."""
    from unveil.lab.evaluation import pairs as listing
    from unveil.lab.evaluation.kinds import choose_kinds, kind_cases
    from unveil.lab.evaluation.protocols import protocol, protocol_cases

    limit = settings.get("limit")
    if "pairs" in settings:
        pairs = listing.pairs(settings["pairs"])[:limit]
        return listing.pair_cases(pairs), len(pairs)
    if "protocol" in settings:
        pictures = listing.list_pictures(settings["pictures"])[:limit]
        logos = listing.list_pictures(settings["logos"])
        if settings["protocol"] == "marks":
            kinds = choose_kinds(settings.get("kind", ()))
            return kind_cases(kinds, pictures, logos), len(pictures) * len(logos) * len(kinds)
        chosen = protocol(settings["protocol"], settings.get("opacity", ()), settings.get("sigma"))
        total = len(pictures) * len(logos) * len(chosen.opacities)
        return protocol_cases(chosen, pictures, logos), total
    return (), 0


def _clean_pictures(settings: dict[str, Any]) -> list[tuple[str, Path]]:
    from unveil.lab.evaluation.pairs import list_pictures

    if "clean" not in settings:
        return []
    return list_pictures(settings["clean"], recursive=True)[: settings.get("limit")]


def _shareable(settings: dict[str, Any]) -> dict[str, Any]:
    """Folders and files by their last name: a report says what was scored, not where it lay."""
    named = {"pairs", "pictures", "logos", "clean", "model"}
    return {
        name: Path(value).name or str(value) if name in named else value
        for name, value in settings.items()
    }


def _command(settings: dict[str, Any]) -> str:
    """The command that gives these scores again, with folders by their last names."""
    words = ["unveil evaluate"]
    for name, value in _shareable(settings).items():
        flag = f"--{name.replace('_', '-')}"
        if value is True:
            words.append(flag)
        else:
            values = value if isinstance(value, list) else [value]
            words += [f"{flag} {one}" for one in values]
    return " ".join(words)


def _card(model: str) -> dict[str, Any]:
    """Which model it was, by checksum, and the settings on its card that move scores."""
    from unveil.models import catalogue

    card = catalogue.get(model)
    return {
        "name": card.name,
        "sha256": catalogue.checksum(card.path),
        "parameters": card.parameters,
        "threshold": card.threshold,
        "confidence": card.confidence,
    }
