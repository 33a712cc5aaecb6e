"""Preparing a folder: what is left out and why, and where the rest goes."""

import json

import numpy as np
import pytest
from PIL import Image

from synthetic import photograph
from unveil.errors import OutputError
from unveil.lab.data.prepare import REPORT, fingerprint, inspect, share_out
from unveil.lab.data.split import part_of
from unveil.lab.synthesis.pictures import find_pictures


@pytest.fixture
def folder(tmp_path):
    """Twelve photographs, two of them again in other form, a small one, two broken ones."""
    root = tmp_path / "all"
    (root / "deep").mkdir(parents=True)
    for seed in range(12):
        Image.fromarray(photograph(80, 100, seed)).save(root / f"{seed:02d}.png")
    again = Image.fromarray(photograph(80, 100, 3))
    again.save(root / "deep" / "stored again.jpg", quality=60)
    again.resize((150, 120)).save(root / "deep" / "resized.png")
    Image.fromarray(photograph(30, 90, 99)).save(root / "small.png")
    (root / "broken.jpg").write_bytes((root / "00.png").read_bytes()[:500])
    (root / "empty.png").touch()
    return root


def test_what_does_not_serve_is_named_with_the_reason(folder):
    inspection = inspect(find_pictures(folder), least_px=64)
    why = {each.path.name: (each.kind, each.why) for each in inspection.left_out}
    assert {name: kind for name, (kind, _) in why.items()} == {
        "stored again.jpg": "duplicate",
        "resized.png": "duplicate",
        "small.png": "small",
        "broken.jpg": "broken",
        "empty.png": "broken",
    }
    assert "03.png" in why["resized.png"][1]
    assert "90 x 30 pixels, less than 64" in why["small.png"][1]
    assert "an empty file" in why["empty.png"][1]
    assert [path.name for path in inspection.kept] == [f"{seed:02d}.png" for seed in range(12)]


def test_different_photographs_have_different_fingerprints():
    marks = np.stack([fingerprint(photograph(60, 80, seed)) for seed in range(20)])
    differences = (marks[:, None] != marks[None]).mean(2)[np.triu_indices(20, 1)]
    assert differences.min() > 0.2


def test_the_kept_ones_are_shared_out_under_their_own_names(folder, tmp_path):
    output = tmp_path / "prepared"
    counts = share_out(inspect(find_pictures(folder), 64), folder, output)
    assert sum(counts.values()) == 12
    for path in output.rglob("*.png"):
        assert path.relative_to(output).parts[0] == part_of(path)
        assert path.read_bytes() == (folder / path.name).read_bytes()
    report = json.loads((output / REPORT).read_text())
    assert report["pictures"] == counts
    assert {each["file"] for each in report["left_out"]} >= {"deep/resized.png", "small.png"}
    with pytest.raises(OutputError, match="expected a new or empty folder"):
        share_out(inspect(find_pictures(folder), 64), folder, output)


def test_copies_are_made_where_links_cannot_be(folder, tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError("no links here")

    monkeypatch.setattr("os.link", refuse)
    share_out(inspect(find_pictures(folder), 64), folder, tmp_path / "copies")
    assert len(list((tmp_path / "copies").rglob("*.png"))) == 12
