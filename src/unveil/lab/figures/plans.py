"""The figures of a run: which there are, what each shows, and how it is drawn."""

from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.figure import Figure

from unveil.lab.figures import (
    curves,
    features,
    local_quality,
    masks,
    pictures,
    residuals,
    saliency,
    structure,
)
from unveil.lab.figures.subject import THRESHOLD, Subject

_ROWS = 4
"""Crops shown under each other."""


@dataclass(frozen=True)
class Plan:
    """One figure of a run."""

    name: str
    """The file's name, without ending."""
    title: str
    caption: str
    draw: Callable[[Subject], Figure]


FIGURES = (
    Plan(
        "training-progress",
        "Training progress",
        "What was measured after each validation, on the training crops since the last one and on"
        " the validation crops, which are always the same. A ring marks the best validation.",
        lambda s: curves.training_progress(s.history),
    ),
    Plan(
        "learning-rate",
        "Learning rate",
        "The optimiser's learning rate at each validation, on a logarithmic scale.",
        lambda s: curves.learning_rate(s.history),
    ),
    Plan(
        "loss-parts",
        "Parts of the loss",
        "The parts that the validation loss is made of, before they are weighted.",
        lambda s: curves.loss_parts(s.history),
    ),
    Plan(
        "batch",
        "The batch as fed",
        "Crops as the network and the loss get them, one row per field of the batch.",
        lambda s: pictures.batch_as_fed(s.pictures),
    ),
    Plan(
        "side-by-side",
        "Marked, restored, clean",
        "Validation crops: what went in, what came out, what was true; PSNR against the clean one."
        " Of a network that gives mask, matte and colour, the plain inversion with these.",
        lambda s: pictures.side_by_side(s.marked[:_ROWS], s.restored[:_ROWS], s.clean[:_ROWS]),
    ),
    Plan(
        "residual-error",
        "Residual error",
        "Where the restored crop differs from the clean one: the mean absolute difference of the"
        " channels, the pixels above 0.1, and these over the clean crop.",
        lambda s: residuals.residual_error(s.restored[s.sample], s.clean[s.sample]),
    ),
    Plan(
        "watermark-residual",
        "Watermark residual",
        "How much of the mark came off, on one scale: the mark, what the network took away, what"
        " is left. The outline is the mark's; what is left outside it is damage.",
        lambda s: residuals.watermark_residual(
            s.marked[s.sample], s.restored[s.sample], s.clean[s.sample], s.mask[s.sample]
        ),
    ),
    Plan(
        "residual-histogram",
        "Residual histogram",
        "How often each absolute difference between restored and clean occurs, over all validation"
        " crops shown here, under the marks and outside them. The dotted line is at 0.1.",
        lambda s: residuals.residual_histogram(s.restored, s.clean, s.mask),
    ),
    Plan(
        "local-quality",
        "Local PSNR and SSIM",
        "Quality of the window around each pixel of the restored crop; bright is good.",
        lambda s: local_quality.local_quality(s.restored[s.sample], s.clean[s.sample]),
    ),
    Plan(
        "masks",
        "Masks",
        f"Crops of validation, probability of a mark, mask above {THRESHOLD:g}, true mask.",
        lambda s: pictures.masks_side_by_side(
            s.marked[:_ROWS], s.probability[:_ROWS], s.mask[:_ROWS], THRESHOLD
        ),
    ),
    Plan(
        "precision-recall",
        "Precision and recall",
        "Over all thresholds and all pixels of the validation crops shown here; marked are the"
        " threshold in use and the one of the best F1.",
        lambda s: masks.precision_recall(s.probability, s.mask, THRESHOLD),
    ),
    Plan(
        "confusion-matrix",
        "Confusion matrix",
        "Pixels of the validation crops shown here by truth and finding, as parts of each row.",
        lambda s: masks.confusion_matrix(s.probability, s.mask, THRESHOLD),
    ),
    Plan(
        "f1",
        "Mask F1 over the epochs",
        "F1, precision and recall of the validation masks.",
        lambda s: masks.f1_over_epochs(s.history),
    ),
    Plan(
        "attention",
        "Attention gates",
        "By how much each gate lets its skip connection through, place by place: 0 nothing, 1 all.",
        lambda s: features.attention_maps(s.network, s.picture),
    ),
    Plan(
        "activations",
        "Activations of the layers",
        "How strongly the stages of the network answer to the crop: the mean absolute activation of"
        " the channels, each map from its least to its largest value, as its title says.",
        lambda s: features.layer_activations(s.network, s.picture),
    ),
    Plan(
        "decoder-focus",
        "Decoder focus",
        "Where the last stages before the output answer most, each map scaled from 0 to 1.",
        lambda s: features.decoder_focus(s.network, s.picture),
    ),
    Plan(
        "attributions",
        "Gradient, integrated gradients and Grad-CAM",
        "Which pixels decide what the network does inside the outlined target: how much it changes"
        " the picture there, or how surely it calls it marked. Integrated gradients start from the"
        " blurred crop. Each map is relative to its own largest values.",
        lambda s: saliency.attributions(s.network, s.picture, s.targets),
    ),
    Plan(
        "kernels",
        "First kernels",
        "The filters of the first convolution, each at its own scale; mid-grey is 0.",
        lambda s: features.kernels(s.network),
    ),
    Plan(
        "network",
        "The network",
        "Its stages in the order of computation, each on the row of its resolution, and which stage"
        " reads which; connections that pass over others are light blue.",
        lambda s: structure.network_diagram(s.network, s.example),
    ),
    Plan(
        "parameters",
        "Parameters",
        "The stages, the size of their outputs for the crop, and their parameters.",
        lambda s: structure.parameter_table(s.network, s.example),
    ),
)
"""Every figure of `unveil visualize`, in the order of the page."""
