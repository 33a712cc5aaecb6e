import json
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "src" / "unveil" / "models" / "weights"


@pytest.fixture
def speed(load_script):
    return load_script("speed")


def test_scenes_are_the_same_each_time_and_hold_a_mark(speed, tmp_path: Path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        speed.write_scene("1024x768", tmp_path / name)
    one, two = (np.load(tmp_path / name / "marked.npy") for name in ("one", "two"))
    assert np.array_equal(one, two)
    assert one.shape == (768, 1024, 3)
    assert one.dtype == np.uint8
    mask = np.load(tmp_path / "one" / "mask.npy")
    rows, columns = np.nonzero(mask)
    box = (np.ptp(rows) + 1) * (np.ptp(columns) + 1) / mask.size
    assert box == pytest.approx(0.1, rel=0.15)
    clean = np.rint(speed.photo((768, 1024)) * 255).astype(np.uint8)
    assert np.array_equal(clean[~mask], one[~mask])
    assert (clean != one).any(axis=-1)[mask].mean() > 0.8


def test_ratios_by_hand(speed):
    small, large = speed.SCENES
    tasks = {"load": {}, "locate": 0.4, "remove": 0.6, "remove-fast": 0.5, "remove-mask": 0.3}
    tasks |= {"network": 0.2}
    tasks |= dict.fromkeys(speed.PUBLISHED, 6.0)
    scenes = {
        small: {task: {"median_s": s} if s else {} for task, s in tasks.items()},
        large: {task: {"median_s": s * 3} if s else {} for task, s in tasks.items()},
    }
    ratios = speed.ratios(scenes)
    assert ratios[f"remove / network, {small}"] == 3
    assert ratios[f"remove, {large} / {small}"] == 3
    assert ratios[f"swcnn / remove, {small}"] == 10
    assert ratios[f"srresnet / remove-fast, {small}"] == 12
    json.dumps(ratios)


def test_of_all_rounds_the_middle_one_counts(speed, tmp_path: Path, monkeypatch):
    measured = {
        "load": iter([{"load_s": 0.3}, {"load_s": 0.2}, {"load_s": 0.1}]),
        "remove": iter({"load_s": s / 2, "median_s": s, "peak_mb": 99 + s} for s in (9, 5, 7)),
    }
    monkeypatch.setattr(speed, "run_apart", lambda task, *_: next(measured[task]))
    monkeypatch.setattr(speed, "TASKS", tuple(measured))
    large = list(speed.SCENES)[1]
    assert speed.measure_scene(large, tmp_path, "default", 5) == {
        "load": {"load_s": 0.2},
        "remove": {"load_s": 3.5, "median_s": 7, "peak_mb": 106},
    }


@pytest.mark.heavy
@pytest.mark.skipif(not any(MODEL.glob("*.onnx")), reason="the bundled model is not there")
def test_remove_takes_a_few_runs_of_its_network(speed, tmp_path: Path):
    """The bounds that the project promises, as ratios, with room for a busy machine."""
    medians = {}
    for name in speed.SCENES:
        folder = tmp_path / name
        folder.mkdir()
        speed.make_apart(name, folder)
        measured = speed.run_apart("remove", folder, "default", 2)
        assert measured["found"]
        assert measured["peak_mb"] < 1500
        medians[name] = measured["median_s"]
    small, large = medians.values()
    assert large < 4 * small
