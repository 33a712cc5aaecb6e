"""Precision, recall and confusion against counting by hand."""

import numpy as np
import pytest
from tiny import history

from unveil.errors import UsageError
from unveil.lab.figures.masks import (
    average_precision,
    confusion_matrix,
    f1_over_epochs,
    precision_and_recall,
    precision_recall,
)


@pytest.fixture
def found():
    """Probabilities that tell marked pixels from others most of the time, and the mask."""
    random = np.random.default_rng(0)
    mask = random.random((2, 40, 40)) < 0.2
    return np.clip(0.3 * mask + 0.7 * random.random(mask.shape), 0, 1), mask


@pytest.mark.parametrize("threshold", [0.0, 0.25, 0.5, 0.75])
def test_precision_and_recall_are_those_of_each_threshold(found, threshold):
    probability, mask = found
    thresholds, precision, recall = precision_and_recall(probability, mask)
    row = int(np.flatnonzero(thresholds == threshold)[0])
    above = probability >= threshold
    assert precision[row] == pytest.approx((above & mask).sum() / above.sum())
    assert recall[row] == pytest.approx((above & mask).sum() / mask.sum())


def test_average_precision_of_the_perfect_and_of_the_ignorant(found):
    _, mask = found
    _, precision, recall = precision_and_recall(mask.astype(float), mask)
    assert average_precision(precision, recall) == pytest.approx(1)
    _, precision, recall = precision_and_recall(np.full(mask.shape, 0.5), mask)
    assert average_precision(precision, recall) == pytest.approx(mask.mean())


def test_the_curve_names_the_threshold_in_use(found):
    axes = precision_recall(*found, threshold=0.5).axes[0]
    probability, mask = found
    above = probability >= 0.5
    f1 = 2 * (above & mask).sum() / (above.sum() + mask.sum())
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert f"in use: threshold 0.50, F1 {f1:.3f}" in labels


def test_the_confusion_matrix_counts_pixels(found):
    probability, mask = found
    texts = [text.get_text() for text in confusion_matrix(probability, mask).axes[0].texts]
    above = probability > 0.5
    counts = [(mask & above), (mask & ~above), (~mask & above), (~mask & ~above)]
    assert [text.split("\n")[1] for text in texts] == [f"{c.sum():,} px" for c in counts]
    assert texts[0].startswith(f"{(mask & above).sum() / mask.sum():.1%}")


def test_f1_over_the_epochs_with_its_bands():
    with pytest.raises(UsageError, match="recorded no F1"):
        f1_over_epochs(history())
    recorded = history() | {
        "val_f1": np.array([0.1, 0.5, 0.4, 0.3, 0.2]),
        "val_precision": np.full(5, 0.6),
        "val_f1_from_0.15": np.full(5, 0.3),
    }
    axes = f1_over_epochs(recorded).axes[0]
    assert axes.get_title() == "best F1 0.500 at epoch 2"
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == ["F1", "precision", "F1, opacity from 0.15"]
