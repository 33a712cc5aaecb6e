"""What a run trains on: the pictures of a folder, and batches without end drawn from them."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Dataset, IterableDataset

from unveil.lab.synthesis.pictures import Loaded, find_pictures, load_pictures
from unveil.lab.training.recipe import Source

VALIDATION_EVERY = 10


@dataclass(frozen=True)
class Pictures:
    """The clean pictures of a run by what they are for."""

    training: Loaded
    validation: Loaded
    test: list[Path]

    @classmethod
    def load(cls, folder: Path, validation: Path | None, least_px: int) -> "Pictures":
        """folder: with pictures at any depth. validation: a folder of them for validation, all of
        the other then being for training; without it, the first is split.

        Raises PictureError where one part has none.
        """
        paths = find_pictures(folder)
        if validation is not None:
            held, test = find_pictures(validation), []
        else:
            held, test = paths[::VALIDATION_EVERY], []
            paths = [path for path in paths if path not in set(held)] or held
        return cls(load_pictures(paths, least_px), load_pictures(held, least_px), test)

    def lines(self) -> Iterator[str]:
        """For people: how many there are, and what was passed over."""
        used = {"training": self.training, "validation": self.validation}
        counts = [f"{len(part.paths)} for {name}" for name, part in used.items()]
        yield f"pictures: {', '.join(counts)}" + f", {len(self.test)} for the test" * bool(
            self.test
        )
        for part in used.values():
            yield from (f"{path}: cannot be read; passed over" for path in part.broken)
        small = sum(len(part.small) for part in used.values())
        if small:
            yield f"{small} pictures are smaller than the crop; passed over"


class Batches(IterableDataset):
    """Batches without end; number n depends on the seed and n alone, so a resumed run goes on
    with those that the stopped one would have seen."""

    def __init__(self, source: Source, seed: int, first: int = 0) -> None:
        """first: how many batches the run has behind it, on each device."""
        self._source = source
        self._seed = seed
        self._first = first

    def __iter__(self) -> Iterator[Any]:
        parallel = torch.distributed.is_available() and torch.distributed.is_initialized()
        rank = torch.distributed.get_rank() if parallel else 0
        ranks = torch.distributed.get_world_size() if parallel else 1
        for number in itertools.count(self._first * ranks + rank, ranks):
            yield draw(self._source, self._seed, number)


class FixedBatches(Dataset):
    """Some batches, always the same, as the seed after training's draws them."""

    def __init__(self, source: Source, seed: int, count: int) -> None:
        self._batches = [draw(source, seed + 1, number) for number in range(count)]

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, index: int) -> Any:
        return self._batches[index]


def draw(source: Source, seed: int, number: int) -> Any:
    """Batch of this number."""
    source.chance.reseed(seed, number)
    return source.draw()
