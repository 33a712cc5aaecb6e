"""Cases for refinement: what the runtime really knows, and variety that keeps them true."""

import numpy as np
import pytest
import torch

from synthetic import lettering, photograph, stamped
from unveil.blending import compose
from unveil.completion import Completer
from unveil.errors import UsageError
from unveil.lab.synthesis.restored import (
    RefinementConfig,
    RestoredMarks,
    kept_cases,
    known_marks,
)
from unveil.models.session import Session
from unveil.restore.refine import EVIDENCE


@pytest.fixture(scope="module")
def cases():
    """Two cases of 48 px whose planes obey J = a * W + (1 - a) * B exactly enough."""
    random = np.random.default_rng(0)
    drawn = []
    for opacity in (0.3, 0.6):
        clean = random.random((48, 48, 3))
        colour = np.broadcast_to(random.random(3), (48, 48, 3))
        matte = np.zeros((48, 48, 1))
        matte[10:30, 12:40] = opacity
        even, covered = np.full_like(matte, opacity), matte > 0
        marked = compose(clean, colour, matte)
        planes = (marked, clean, colour, even, matte, covered, covered, covered, clean, covered)
        drawn.append(np.rint(np.dstack(planes) * 255))
    return np.stack(drawn).astype(np.uint8)


def test_crops_still_obey_the_equation(cases):
    """Turned, with exchanged channels, inverted: compositing is linear and knows no colour."""
    source = RestoredMarks(cases, RefinementConfig(size_px=32, case_px=48), 16, seed=3)
    batch = source.draw()
    assert batch.marked.shape == (16, EVIDENCE, 32, 32)
    marked, colour, matte = batch.marked[:, :3], batch.marked[:, 6:9], batch.marked[:, 10:11]
    expected = compose(batch.clean, colour, matte)
    assert (marked - expected).abs().max() < 2.5 / 255
    assert torch.equal(batch.marked[:, 3:6], batch.clean)
    assert torch.equal(batch.visible > 0, matte > 0)
    assert len({crop.numpy().tobytes() for crop in batch.marked}) > 8


def test_the_same_seed_gives_the_same_batches(cases):
    config = RefinementConfig(size_px=32, case_px=48)
    one, other = (RestoredMarks(cases, config, 4, seed=5).draw() for _ in range(2))
    assert torch.equal(one.marked, other.marked)


def test_cases_of_an_earlier_run_are_taken_as_they_are(cases, tmp_path):
    np.save(tmp_path / "cases.npy", cases)
    config = RefinementConfig(kept_in=str(tmp_path / "cases.npy"))
    nothing: list = []
    assert np.array_equal(kept_cases(nothing, nothing, config, seed=0), cases)  # type: ignore[arg-type]
    np.save(tmp_path / "cases.npy", cases[..., 1:])
    with pytest.raises(UsageError, match=r"cases.npy: expected cases of 18 values, got 17"):
        kept_cases(nothing, nothing, config, seed=0)  # type: ignore[arg-type]


def test_a_case_is_what_the_runtime_knows_of_a_mark():
    clean = photograph(192, 256, 2)
    cover = lettering(192, 256)
    marked = stamped(clean, 0.5 * cover, (1.0, 1.0, 1.0))
    mask = cover[..., 0] > 0
    for case in known_marks(marked, clean, mask, True, Session(), Completer(Session("complete"))):
        assert case.shape[2] == EVIDENCE + 4
        editable = case[..., EVIDENCE - 1] > 0
        truth = case[..., EVIDENCE : EVIDENCE + 3].astype(int)
        error, left = np.abs(case[..., :3] - truth), np.abs(case[..., 3:6] - truth)
        assert editable.any()
        assert (case[..., -1] > 0)[editable].all()
        assert left[editable].mean() < error[editable].mean()
