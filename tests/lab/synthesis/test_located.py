"""Cases for completion: what is known of a mark is right, and varied in ways that keep it so."""

import numpy as np
import pytest
import torch

from synthetic import photograph
from unveil.completion import EVIDENCE
from unveil.lab.synthesis.config import SynthesisConfig
from unveil.lab.synthesis.located import CompletionConfig, LocatedMarks, kept_cases
from unveil.lab.synthesis.textures import SPRITE_LEVELS, Textures

PLAIN = SynthesisConfig(
    size_px=128, clean=0, second_mark=0, length_px=(70.0, 110.0), opacity=(0.4, 0.7), opaque=0,
    tiled=0, varying=0, shadow=0, other_blend=0, jpeg=0, noise=0, hard_edge=1, rotated=0,
    printed=0,
)  # fmt: skip
EXACT = CompletionConfig(
    synthesis=PLAIN, size_px=64, cases=6, least_confidence=0,
    opacity_error=0, colour_error=0, one_colour=0, wrong=0, unseen=0,
)  # fmt: skip


@pytest.fixture(scope="module")
def cases():
    cross = np.zeros((90, 90, 4), np.uint8)
    cross[35:55] = cross[:, 35:55] = (250, 240, 230, 255)
    pictures = Textures([photograph(160, 200, seed=number) for number in range(3)])
    return kept_cases(pictures, Textures([cross], SPRITE_LEVELS), EXACT, seed=3)


def test_what_is_known_unblends_evenly_where_the_mark_is(cases):
    """With the mark's opacity and colour the step at its border vanishes."""
    assert cases.shape == (6, 64, 64, EVIDENCE + 1)
    better = 0
    for case in cases.astype(np.float32) / 255:
        marked, colour, opacity = case[..., :3], case[..., 3:6], case[0, 0, 6]
        truth = case[..., -1] > 0.99
        if not truth.any():
            continue
        inverse = (marked - opacity * colour) / (1 - opacity)
        restored = np.where(truth[..., None], inverse, marked)
        inner, outer = truth, case[..., -1] < 0.01
        step = [abs(view[inner].mean() - view[outer].mean()) for view in (marked, restored)]
        better += step[1] < step[0]
    assert better >= 4


def test_without_errors_batches_are_the_cases_turned_and_coloured(cases):
    batch = LocatedMarks(cases, EXACT, 16, seed=1).draw()
    assert batch.marked.shape == (16, EVIDENCE, 64, 64)
    assert batch.visible.shape == (16, 1, 64, 64)
    assert set(batch.visible.unique().tolist()) <= {0.0, 1.0}
    opacities = {round(float(value) * 255) for value in batch.marked[:, 6].flatten(1).amax(1)}
    assert opacities <= {int(value) for value in cases[:, 0, 0, 6]}
    shares = {round(float(value), 4) for value in batch.visible.mean((1, 2, 3))}
    known = {round(float((case[..., -1] > 127.5).mean()), 4) for case in cases}
    assert shares <= known
    assert len({crop.numpy().tobytes() for crop in batch.marked}) > 8


def test_errors_are_drawn_anew(cases):
    config = CompletionConfig(synthesis=PLAIN, size_px=64)
    batch = LocatedMarks(cases[:1], config, 8, seed=1).draw()
    assert len({float(value) for value in batch.marked[:, 6, 0, 0]}) == 8
    assert batch.marked.min() >= 0
    assert batch.marked.max() <= 1


def test_the_same_seed_gives_the_same_batches(cases):
    one, same, other = (LocatedMarks(cases, EXACT, 4, seed).draw() for seed in (5, 5, 6))
    assert torch.equal(one.marked, same.marked)
    assert not torch.equal(one.marked, other.marked)
