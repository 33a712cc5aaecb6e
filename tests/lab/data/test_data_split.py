"""The split by hash: stable, in the asked proportions, blind to names."""

import pytest

from unveil.errors import PictureError
from unveil.lab.data.split import PARTS, part_of, split_pictures


def _fill(folder, count, first=0):
    """Files that the split need not decode."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(first, first + count):
        (folder / f"{number:04d}.jpg").write_bytes(number.to_bytes(4, "big"))
    return folder


def test_the_parts_have_their_proportions_and_share_nothing(tmp_path):
    split = split_pictures(_fill(tmp_path / "all", 2000))
    sizes = [len(split.train), len(split.validation), len(split.test)]
    assert [size / 20 for size in sizes] == pytest.approx(list(PARTS.values()), abs=2.5)
    assert len({*split.train, *split.validation, *split.test}) == 2000


def test_new_pictures_and_new_names_move_none(tmp_path):
    folder = _fill(tmp_path / "all", 60)
    before = split_pictures(folder)
    _fill(folder, 60, first=60)
    after = split_pictures(folder)
    assert set(before.train) <= set(after.train)
    assert set(before.test) <= set(after.test)
    old = before.test[0]
    part = part_of(old)
    assert part_of(old.rename(tmp_path / "renamed.jpg")) == part == "test"


def test_folders_of_the_parts_are_taken_as_they_are(tmp_path):
    for name, count in (("train", 3), ("val", 2), ("test", 1), ("other", 5)):
        _fill(tmp_path / name, count)
    split = split_pictures(tmp_path)
    assert [path.parent.name for path in split.train] == ["train"] * 3
    assert [path.parent.name for path in split.validation] == ["val"] * 2
    assert [path.parent.name for path in split.test] == ["test"]


def test_few_pictures_are_shared_out_and_one_serves_twice(tmp_path):
    few = split_pictures(_fill(tmp_path / "few", 2))
    assert len(few.train) == len(few.validation) == 1
    assert few.train != few.validation
    one = split_pictures(_fill(tmp_path / "one", 1))
    assert one.train == one.validation != []


def test_an_empty_folder_is_explained(tmp_path):
    with pytest.raises(PictureError, match=r"expected a folder with pictures \(.jpg.*found none"):
        split_pictures(tmp_path)
