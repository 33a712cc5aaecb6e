"""What a run trains on: the pictures of a folder, and batches without end drawn from them."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Dataset, IterableDataset

from unveil.lab.data.split import split_pictures
from unveil.lab.synthesis.augment import Source
from unveil.lab.synthesis.pictures import find_pictures, load_pictures
from unveil.lab.synthesis.textures import Textures


@dataclass(frozen=True)
class Pictures:
    """The clean pictures of a run by what they are for."""

    training: Textures
    validation: Textures
    validation_paths: list[Path]
    test: list[Path]

    @classmethod
    def load(cls, folder: Path, validation: Path | None, least_px: int) -> "Pictures":
        """folder: with pictures at any depth. validation: a folder of them for validation, all of
        the other then being for training; without it, the first is split by :func:`split_pictures`.

        Pictures that cannot be read or are smaller than least_px are passed over, with a warning
        that counts them. Raises PictureError where training or validation have none.
        """
        if validation is None:
            split = split_pictures(folder)
            training, held, test = split.train, split.validation, split.test
        else:
            training, held, test = find_pictures(folder), find_pictures(validation), []
        return cls(load_pictures(training, least_px), load_pictures(held, least_px), held, test)

    def __str__(self) -> str:
        return (
            f"pictures: {len(self.training)} for training, {len(self.validation)} for validation"
            + f", {len(self.test)} for the test" * bool(self.test)
        )


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
