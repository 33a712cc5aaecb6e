"""The losses of location, at the truth and away from it."""

import pytest
import torch

from unveil.lab.losses.location import (
    f1_counts,
    false_alarm_loss,
    location_loss,
    soft_dice_loss,
)


def test_dice_of_a_perfect_and_of_a_disjoint_mask():
    target = torch.zeros(1, 1, 100, 100)
    target[..., :50] = 1
    assert soft_dice_loss(target, target).item() == pytest.approx(0, abs=1e-3)
    assert soft_dice_loss(1 - target, target).item() == pytest.approx(1, abs=1e-3)


def test_the_loss_is_least_at_the_truth_and_ignores_undefined_mattes():
    torch.manual_seed(0)
    matte = torch.rand(2, 1, 8, 8) * 0.8 + 0.1
    colour = torch.rand(2, 3, 8, 8) * 0.8 + 0.1
    visible = torch.ones(2, 1, 8, 8, dtype=torch.bool)
    truth = torch.cat([torch.full_like(matte, 9.0), matte.logit(), colour.logit()], dim=1)
    values = {"visible": visible, "matte": matte, "colour": colour}
    defined = torch.ones(2, 1, 1, 1, dtype=torch.bool)
    best, parts = location_loss(truth, defined=defined, **values)
    assert best.item() < 0.01
    assert set(parts) == {"mask", "false_alarm", "matte", "colour"}
    wrong = truth.clone()
    wrong[:, 1:] += 1
    assert location_loss(wrong, defined=defined, **values)[0] > best + 0.05
    assert location_loss(wrong, defined=~defined, **values)[0].item() < 0.01


def test_a_small_false_alarm_counts_on_an_unmarked_crop_only():
    visible = torch.zeros(2, 1, 40, 40, dtype=torch.bool)
    logit = torch.full((2, 1, 40, 40), -9.0)
    assert false_alarm_loss(logit, visible).item() < 0.01
    logit[0, :, 20:24, 20:24] = 3
    surest = torch.tensor(3.0).exp().log1p().item()  # -log(1 - p) of the 16 surest of 1,600 pixels
    assert false_alarm_loss(logit, visible).item() == pytest.approx(surest / 2, abs=1e-3)
    visible[0, :, 30:] = True
    assert false_alarm_loss(logit, visible).item() < 0.01
    assert false_alarm_loss(logit, torch.ones_like(visible)).item() == 0


def test_f1_counts_of_each_crop():
    logit = torch.tensor([[1.0, 1.0, -1.0, -1.0], [1.0, -1.0, -1.0, -1.0]]).view(2, 1, 1, 4)
    visible = torch.tensor([[True, False, True, False], [True, True, True, False]])
    assert f1_counts(logit, visible.view(2, 1, 1, 4)).tolist() == [[1, 1, 1], [1, 0, 2]]
