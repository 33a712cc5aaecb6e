"""Which picture goes where, settled before the first one is touched.

A run's inputs become jobs: a source and a target each. No two jobs share a target, and no target is
an input, so the order of the work cannot matter.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from unveil.codecs import SUFFIXES
from unveil.errors import OutputError, PictureError, UnveilError, UsageError

STREAM = "-"
"""On the command line: standard input as a picture, standard output as a target."""


@dataclass(frozen=True)
class Naming:
    """How a verb names its outputs."""

    beside: Callable[[Path], str]
    """Name of the output that lies beside its input."""
    inside: Callable[[Path], str]
    """Name of the output inside a folder given with -o."""
    inside_apart: Callable[[Path], str]
    """The same where `inside` would give two pictures one name."""
    own_outputs: tuple[str, ...] = ()
    """Ends of stems that mark a file as an earlier output, passed over in folders."""


@dataclass(frozen=True)
class Job:
    """One picture of a run."""

    source: Path | None
    """None: standard input."""
    target: Path | None
    """None: standard output."""
    error: UnveilError | None = None
    """Why this job cannot be started."""

    @property
    def name(self) -> str:
        """What the picture is called in messages."""
        return "<stdin>" if self.source is None else str(self.source)


def plan(
    paths: Sequence[str],
    output: str | None,
    naming: Naming,
    *,
    overwrite: bool,
    may_replace_input: bool = True,
) -> tuple[list[Job], bool]:
    """The jobs of a run, and whether -o was given as one file (or stdout).

    An input may be replaced by its own result only where `may_replace_input` and overwrite are set
    and -o names that very file. Raises UsageError for a command that contradicts itself. What is
    wrong with one picture only (missing, output there already) is kept in its job, so that the
    others can be done.
    """
    if paths.count(STREAM) > 1:
        raise UsageError("expected `-` (standard input) once, got it several times; name it once")
    found, broken, has_folder = _sources(paths, output, naming)
    count = len(found) + len(broken)
    if output == STREAM or (output is None and STREAM in paths):
        if count != 1 or has_folder:
            raise UsageError(
                f"expected one picture to write to standard output, got {count}; "
                "give one picture, or name an output folder with -o"
            )
        return [Job(source, None) for source, _ in found] + broken, True
    as_file = output is not None and not _means_folder(output, len(paths), has_folder)
    if STREAM in paths and not as_file:
        raise UsageError(
            f"expected a file as -o for the picture from standard input, got {output}; "
            "name a file with its suffix, or leave -o out to write to standard output"
        )
    targets = _targets(found, None if output is None else Path(output), as_file, naming)
    inputs = {_key(source) for source, _ in found if source is not None}
    in_place = as_file and overwrite and may_replace_input
    jobs = [
        Job(source, target, _obstacle(source, target, inputs, overwrite, in_place))
        for (source, _), target in zip(found, targets, strict=True)
    ]
    return jobs + broken, as_file


def pictures_of(paths: Sequence[str], naming: Naming) -> list[Path]:
    """The pictures of files and folders, for a verb that makes one thing out of all of them.

    Raises PictureError for the first that is missing or cannot be listed.
    """
    if STREAM in paths:
        raise UsageError("expected files or folders, got `-` (standard input); name the files")
    found, broken, _ = _sources(paths, None, naming)
    for job in broken:
        assert job.error is not None
        raise job.error
    return [source for source, _ in found if source is not None]


def _sources(
    paths: Iterable[str], output: str | None, naming: Naming
) -> tuple[list[tuple[Path | None, Path]], list[Job], bool]:
    """Pictures with their paths relative to the folder that held them; broken ones; any folder?"""
    found: list[tuple[Path | None, Path]] = []
    broken: list[Job] = []
    seen: set[str] = set()
    has_folder = False
    for text in paths:
        path = Path(text)
        if text == STREAM:
            found.append((None, Path("stdin")))
        elif path.is_dir():
            has_folder = True
            closed: list[OSError] = []
            inside = list(_walk(path, output, naming, closed.append))
            for error in closed:
                broken.append(Job(Path(error.filename), None, PictureError(_closed(error))))
            if not inside and not closed:
                broken.append(Job(path, None, PictureError(_no_pictures(path))))
            for source in inside:
                if _key(source) not in seen:
                    seen.add(_key(source))
                    found.append((source, source.relative_to(path)))
        elif not os.path.exists(path):
            message = f"{path}: expected a picture or a folder, got no such file; check the name"
            broken.append(Job(path, None, PictureError(message)))
        elif _key(path) not in seen:
            seen.add(_key(path))
            found.append((path, Path(path.name)))
    return found, broken, has_folder


def _walk(
    folder: Path, output: str | None, naming: Naming, on_closed: Callable[[OSError], None]
) -> Iterator[Path]:
    """Pictures under a folder in a stable order, without earlier outputs or the output folder.

    Here the suffix says what is a picture; a file named outright may have any name.
    """
    target = None if output is None else _key(Path(output))
    root_is_target = target == _key(folder)
    for where, folders, files in os.walk(folder, onerror=on_closed):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and (root_is_target or _key(Path(where, name)) != target)
        )
        for name in sorted(files):
            path = Path(where, name)
            if path.suffix.lower() not in SUFFIXES or name.startswith("."):
                continue
            if not path.stem.endswith(naming.own_outputs):
                yield path


def _closed(error: OSError) -> str:
    return (
        f"{error.filename}: expected a folder that can be listed, got: {error.strerror}; "
        "check its permissions"
    )


def _no_pictures(folder: Path) -> str:
    kinds = ", ".join(sorted(SUFFIXES))
    return f"{folder}: expected a folder with pictures ({kinds}), got none; name another folder"


def _means_folder(output: str, inputs: int, has_folder: bool) -> bool:
    """Whether -o is a folder: it is one, ends like one, has no suffix, or must hold several."""
    path = Path(output)
    ends_like_one = output.endswith((os.sep, "/"))
    if has_folder or inputs > 1:
        if path.is_file():
            raise UsageError(
                f"expected a folder as -o for several pictures, got the file {path}; "
                "name a folder, or give one picture"
            )
        return True
    return path.is_dir() or ends_like_one or not path.suffix


def _targets(
    found: list[tuple[Path | None, Path]], output: Path | None, as_file: bool, naming: Naming
) -> list[Path]:
    """Where each picture's result goes; UsageError if two would share one place."""
    if as_file and output is not None:
        return [output]

    def place(source: Path | None, relative: Path, name: Callable[[Path], str]) -> Path:
        if output is not None:
            return output / relative.parent / name(relative)
        folder = Path() if source is None else source.parent
        return folder / name(relative)

    name = naming.beside if output is None else naming.inside
    targets = [place(source, relative, name) for source, relative in found]
    keys = [_key(target) for target in targets]
    wanted = Counter(keys)
    for index, (source, relative) in enumerate(found):
        if wanted[keys[index]] > 1:
            targets[index] = place(source, relative, naming.inside_apart)
    taken: dict[str, Path | None] = {}
    for (source, _), target in zip(found, targets, strict=True):
        if _key(target) in taken:
            raise UsageError(
                f"expected a place of its own for each result, got one for two: "
                f"{taken[_key(target)]} and {source} would both become {target}; "
                "run them apart, each with its own -o"
            )
        taken[_key(target)] = source
    return targets


def _obstacle(
    source: Path | None, target: Path, inputs: set[str], overwrite: bool, in_place: bool
) -> UnveilError | None:
    """Why this result may not be written there, if so."""
    if _key(target) in inputs:
        own = source is not None and _key(target) == _key(source)
        if not own:
            return OutputError(
                f"{source}: expected an output that is no input, got {target}, one as well; "
                "leave it out, or name a folder with -o"
            )
        if not in_place:
            return OutputError(
                f"{source}: expected an output apart from the input, got the input itself as -o; "
                "name another place (unveil remove replaces a file that -o names and --overwrite)"
            )
    if target.is_dir():
        return OutputError(
            f"{source}: expected a file as output, got the folder {target}; name another with -o"
        )
    if os.path.lexists(target) and not overwrite:
        return OutputError(
            f"{source}: expected a free output name, got {target}, which exists; "
            "name another with -o, or add --overwrite"
        )
    return None


def _key(path: Path) -> str:
    """The same for all spellings of one place, links followed."""
    return os.path.normcase(os.path.realpath(path))
