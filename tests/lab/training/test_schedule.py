"""Learning rates over a run."""

import pytest
import torch

from unveil.lab.training.schedule import (
    OneCycleConfig,
    QuartersConfig,
    TenthConfig,
    WarmedOneCycleConfig,
)


def test_one_cycle_rises_once_and_falls_to_a_hundredth():
    rates = [OneCycleConfig(warm_up=0.1).factor(epoch, 100) for epoch in range(101)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[10] == 1.0
    assert rates[:11] == sorted(rates[:11])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] == pytest.approx(0.01)


def test_one_cycle_falls_as_torch_has_it():
    config = OneCycleConfig(rate=1e-3, warm_up=0.3, start=0.1, end=1e-3)
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)])
    theirs = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, 1e-3, total_steps=1001, pct_start=0.3, div_factor=10, final_div_factor=100
    )
    for step in range(1000):
        if step >= 300:
            expected = theirs.get_last_lr()[0]
            assert 1e-3 * config.factor(step, 1000) == pytest.approx(expected, abs=5e-6)
        optimiser.step()
        theirs.step()


def test_a_warm_up_of_its_own_comes_before_the_cycle_and_a_drop_into_it():
    config = WarmedOneCycleConfig(rate=1e-3, first_epochs=2, first_rate=1e-4, warm_up=0.3)
    assert [config.factor(epoch, 27) for epoch in (0, 1.9)] == [0.1, 0.1]
    assert config.factor(2 + 0.3 * 25, 27) == pytest.approx(1)
    dropped = WarmedOneCycleConfig(rate=1e-3, first_epochs=2, warm_up=0.3, drop_after=15)
    assert dropped.factor(16.9, 27) == config.factor(16.9, 27)
    assert dropped.factor(17, 27) == pytest.approx(config.factor(17, 27) / 10)


def test_quarters_halve_the_rate_and_a_tenth_stays_a_tenth():
    assert [QuartersConfig().factor(epoch, 100) for epoch in (0, 24.9, 25, 50, 75, 100)] == [
        1, 1, 0.5, 0.25, 0.125, 0.125,
    ]  # fmt: skip
    assert [TenthConfig(from_epoch=30).factor(epoch, 100) for epoch in (29.9, 30, 99)] == [
        1, 0.1, 0.1,
    ]  # fmt: skip


def test_a_rate_must_be_positive():
    with pytest.raises(ValueError, match="above 0; got 0"):
        OneCycleConfig(rate=0)
