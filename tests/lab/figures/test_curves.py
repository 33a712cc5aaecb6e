"""Curves show what the history holds."""

import numpy as np
import pytest
from tiny import history

from unveil.errors import UsageError
from unveil.lab.figures.curves import (
    best_row,
    compared,
    learning_rate,
    loss_parts,
    parts_of_loss,
    training_progress,
)


def _lines(axes):
    return {line.get_label(): line.get_xydata() for line in axes.get_lines()}


def test_progress_shows_each_recorded_measure_of_training_and_validation():
    recorded = history()
    figure = training_progress(recorded)
    assert [axes.get_ylabel() for axes in figure.axes] == ["loss", "PSNR (dB)"]
    lines = _lines(figure.axes[1])
    assert np.array_equal(lines["training"][:, 1], recorded["train_psnr"])
    assert np.array_equal(lines["validation"][:, 1], recorded["val_psnr"])
    assert np.array_equal(lines["validation"][:, 0], recorded["epoch"])
    assert figure.axes[1].get_title() == "best validation 24 at epoch 4"


def test_one_measure_alone_is_one_panel_over_any_abscissa():
    figure = training_progress(history(), ["loss"], against="samples")
    assert len(figure.axes) == 1
    assert figure.axes[0].get_xlabel() == "training samples"
    assert _lines(figure.axes[0])["validation"][-1, 0] == 400


def test_rows_without_a_value_are_left_out():
    recorded = history()
    recorded["val_psnr"][1] = np.nan
    points = _lines(training_progress(recorded).axes[1])["validation"]
    assert points[:, 0].tolist() == [1, 3, 4, 5]


def test_the_best_loss_is_the_least_and_the_best_psnr_the_greatest():
    assert best_row(history(), "loss") == 4
    assert best_row(history(), "psnr") == 3
    assert best_row(history(), "ssim") is None
    assert best_row(history(), "f1") is None


def test_what_was_not_recorded_is_named():
    with pytest.raises(UsageError, match="one of ssim; it has epoch, step"):
        training_progress(history(), ["ssim"])
    with pytest.raises(UsageError, match="hours: expected one of epoch, step, samples, minutes"):
        training_progress(history(), against="hours")


def test_the_rate_is_on_a_logarithmic_scale():
    axes = learning_rate(history()).axes[0]
    assert axes.get_yscale() == "log"
    assert np.array_equal(axes.get_lines()[0].get_ydata(), history()["rate"])


def test_parts_of_the_loss_are_neither_measures_nor_f1_by_opacity():
    recorded = history()
    for name in ("perceptual", "ssim_loss", "f1", "f1_from_0.15"):
        recorded[f"train_{name}"] = recorded[f"val_{name}"] = np.ones(5)
    recorded["val_opacity"] = np.ones(5)  # no part: training has no such column
    assert parts_of_loss(recorded) == ["perceptual", "ssim_loss"]
    assert set(_lines(loss_parts(recorded).axes[0])) == {"perceptual", "ssim loss"}
    with pytest.raises(UsageError, match="recorded none"):
        loss_parts(history())


def test_runs_over_each_other_in_one_legend():
    restorer, segmenter = history(), history(3)
    segmenter["val_f1"] = np.array([0.1, 0.2, 0.3])
    segmenter["val_psnr"][:] = np.nan
    figure = compared({"first": restorer, "second": segmenter}, "step")
    labels = [axes.get_ylabel() for axes in figure.axes]
    assert labels == ["validation loss", "validation PSNR (dB)", "validation mask F1"]
    assert [set(_lines(axes)) for axes in figure.axes] == [
        {"first", "second"},
        {"first"},
        {"second"},
    ]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["first", "second"]
    with pytest.raises(UsageError, match="none has one yet"):
        compared({"new": {name: values[:0] for name, values in history().items()}})
