"""Shards of an exam give what the whole exam gives."""

import copy
import json
from pathlib import Path

import pytest

from unveil.errors import UsageError

WHOLE = json.loads(
    (Path(__file__).parents[2] / "benchmarks/results/protocol-a-kodak24.json").read_text("utf-8")
)


@pytest.fixture
def merged(load_script):
    return load_script("merge").merged


def _shard(name, chosen):
    """The part of the exam that was scored on a folder of this name."""
    shard = copy.deepcopy(WHOLE)
    shard["rows"] = [row for row in WHOLE["rows"] if chosen(row["picture"])]
    shard["clean"]["rows"] = [row for row in WHOLE["clean"]["rows"] if chosen(row["picture"])]
    shard["settings"] |= {"pictures": name, "clean": name}
    shard["command"] = WHOLE["command"].replace(" kodak24", f" {name}")
    return shard


def test_two_halves_are_the_whole(merged):
    halves = [_shard("h1", lambda name: name < "12"), _shard("h2", lambda name: name >= "12")]
    together = merged(halves, "kodak24")
    for part in ("command", "settings", "model", "summary", "clean", "rows"):
        assert together[part] == WHOLE[part], part


def test_shards_of_different_exams_are_refused(merged):
    one, other = _shard("h1", lambda name: name < "12"), _shard("h2", lambda name: name >= "12")
    other["model"] = other["model"] | {"confidence": 0.1}
    with pytest.raises(UsageError, match="shards of one exam"):
        merged([one, other], "kodak24")
    with pytest.raises(UsageError, match="each case once"):
        merged([one, one], "kodak24")
