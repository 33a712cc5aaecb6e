"""Models that restore whole pictures, and models that segment, in remove and locate: stand-ins made
of ONNX nodes that take yellow off grey."""

import json

import numpy as np
import pytest

import unveil
from unveil.errors import ModelError, UsageError
from unveil.models.catalogue import Card, checksum
from unveil.restorer import changed

onnx = pytest.importorskip("onnx")
helper = onnx.helper

GREY, YELLOW = 110, (200, 200, 20)


def _model(path, task, nodes, channels, constants, **fields):
    graph = helper.make_graph(
        nodes,
        "stand-in",
        [helper.make_tensor_value_info("rgb", onnx.TensorProto.FLOAT, [1, 3, "h", "w"])],
        [helper.make_tensor_value_info("out", onnx.TensorProto.FLOAT, [1, channels, "h", "w"])],
        [onnx.numpy_helper.from_array(np.asarray(v, np.float32), n) for n, v in constants.items()],
    )
    opsets = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)
    values = {
        "name": path.stem, "description": "", "path": path, "sha256": checksum(path),
        "licence": "", "parameters": 0, "size_multiple": 8, "threshold": 0.1, "confidence": 0.0,
        "odds_slope": 1.0, "odds_offset": 0.0,
        "opacity_range": (0.0, 1.0), "trained_on": "", "task": task,
    }  # fmt: skip
    Card(**(values | fields)).save()
    return path


@pytest.fixture(scope="module")
def restorer(tmp_path_factory):
    """Gives every pixel its smallest channel's complement to grey: all grey."""
    nodes = [
        helper.make_node("Mul", ["rgb", "zero"], ["nothing"]),
        helper.make_node("Add", ["nothing", "grey"], ["out"]),
    ]
    constants = {"zero": 0, "grey": GREY / 255}
    path = tmp_path_factory.mktemp("models") / "grey.onnx"
    return _model(path, "restore", nodes, 3, constants)


@pytest.fixture(scope="module")
def segmenter(tmp_path_factory):
    """Probability of a mark from green minus blue: yellow is marked."""
    weights = np.array([0, 40, -40]).reshape(1, 3, 1, 1)
    nodes = [
        helper.make_node("Conv", ["rgb", "weights", "bias"], ["logit"]),
        helper.make_node("Sigmoid", ["logit"], ["out"]),
    ]
    path = tmp_path_factory.mktemp("models") / "yellow.onnx"
    return _model(path, "segment", nodes, 1, {"weights": weights, "bias": [-8]})


@pytest.fixture
def stamped():
    """Grey with some texture under an opaque yellow bar, and the bar's mask."""
    random = np.random.default_rng(0)
    rgb = (GREY + random.integers(-5, 6, (90, 130, 1))).astype(np.uint8).repeat(3, 2)
    mask = np.zeros((90, 130), np.bool_)
    mask[30:50, 20:100] = True
    rgb[mask] = YELLOW
    return rgb, mask


def test_a_restorer_writes_where_it_changes_much_and_nowhere_else(restorer, stamped):
    rgb, mask = stamped
    result = unveil.remove(rgb, model=restorer)
    assert result.found
    assert (result.rgb[mask] == GREY).all()
    assert np.array_equal(result.rgb[~result.mask], rgb[~result.mask])
    assert np.count_nonzero(result.mask & ~mask) < 2 * (80 + 20) * 3
    (mark,) = result.report.marks
    assert mark["method"] == "network"
    assert mark["opacity"] is None
    json.dumps(result.report.to_dict())


def test_a_restorer_with_a_mask_writes_all_of_it_and_nothing_else(restorer, stamped):
    rgb, mask = stamped
    given = mask.copy()
    given[:, 60:] = False
    result = unveil.remove(rgb, model=restorer, mask=given)
    assert np.array_equal(result.mask, given)
    assert (result.rgb[given] == GREY).all()
    assert np.array_equal(result.rgb[~given], rgb[~given])


def test_a_restorer_finds_nothing_on_what_it_leaves(restorer):
    rgb = np.full((40, 50, 3), GREY, np.uint8)
    result = unveil.remove(rgb, model=restorer)
    assert not result.found
    assert np.array_equal(result.rgb, rgb)


def test_a_restorer_locates_too_but_has_no_other_method(restorer, stamped):
    rgb, mask = stamped
    found = unveil.locate(rgb, model=restorer).mask
    assert (found & mask).sum() == mask.sum()
    with pytest.raises(UsageError, match="method auto with a model that restores"):
        unveil.remove(rgb, model=restorer, method="inpaint")


@pytest.mark.parametrize("size_hw", [(1, 1), (7, 33), (800, 20)])
def test_any_size_works(restorer, size_hw):
    result = unveil.remove(np.full((*size_hw, 3), YELLOW, np.uint8), model=restorer)
    assert result.rgb.shape == (*size_hw, 3)


def test_a_change_counts_from_the_threshold_on_and_at_0_everywhere():
    picture = np.zeros((20, 20, 3), np.float32)
    other = picture.copy()
    other[:, 10:] = 0.2
    assert changed(picture, other, 0).all()
    assert changed(picture, other, 0.1)[:, 11:].all()
    assert not changed(picture, other, 0.1)[:, :8].any()
    assert not changed(picture, other, 0.3).any()


def test_a_segmenter_finds_and_the_bundled_model_says_what_is_there(segmenter, stamped):
    rgb, mask = stamped
    location = unveil.locate(rgb, model=segmenter)
    overlap = np.count_nonzero(location.mask & mask)
    assert 2 * overlap / (mask.sum() + location.mask.sum()) > 0.9
    result = unveil.remove(rgb, model=segmenter)
    inner = result.rgb[34:46, 26:94].astype(int)
    assert np.abs(inner - GREY).max() < 40
    assert np.array_equal(result.rgb[~result.mask], rgb[~result.mask])


def test_a_card_must_name_a_known_task_and_fit_its_model(restorer, tmp_path):
    wrong = tmp_path / "wrong.onnx"
    wrong.write_bytes(restorer.read_bytes())
    card = json.loads(restorer.with_suffix(".json").read_text())
    wrong.with_suffix(".json").write_text(json.dumps(card | {"task": "sing"}))
    with pytest.raises(ModelError, match="task 'sing' is none of locate, segment, restore"):
        unveil.Remover(wrong)
    wrong.with_suffix(".json").write_text(json.dumps(card | {"task": "segment"}))
    with pytest.raises(ModelError, match="output of 1 channels, to segment"):
        unveil.Remover(wrong)
