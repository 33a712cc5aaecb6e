"""Losses that teach a network to find marks: where, how opaque, of what colour.

Per-pixel restoration losses teach location almost nothing at low opacity; overlap with the visibly
changed pixels does (docs/experiments.md).
"""

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

SUREST = 0.01
"""So large a part of an unmarked crop is one thing that may be taken for a mark."""


def soft_dice_loss(probability: Tensor, target: Tensor) -> Tensor:
    """1 - 2 |P T| / (|P| + |T|) over a whole batch (Milletari et al., arXiv 1606.04797)."""
    overlap = 2 * (probability * target).sum()
    return 1 - (overlap + 1) / (probability.sum() + target.sum() + 1)


def mask_loss(logit: Tensor, visible: Tensor) -> Tensor:
    """Cross-entropy plus soft Dice on the visibly marked pixels; logit and visible [B, 1, H, W]."""
    target = visible.float()
    entropy = F.binary_cross_entropy_with_logits(logit, target)
    return entropy + soft_dice_loss(logit.sigmoid(), target)


def false_alarm_loss(logit: Tensor, visible: Tensor) -> Tensor:
    """Mean cross-entropy of the surest pixels of each crop without a mark, as in hard example
    mining (Shrivastava et al., arXiv 1604.03540); 0 where every crop has one.

    Over all pixels of a batch, one small thing taken for a mark counts next to nothing; of a clean
    picture it decides whether it is left alone. logit and visible [B, 1, H, W].
    """
    unmarked = logit[~visible.flatten(1).any(1)].flatten(1)
    if not len(unmarked):
        return logit.new_zeros(())
    surest = unmarked.topk(max(1, round(SUREST * unmarked.shape[1])), dim=1).values
    return F.softplus(surest).mean()


def matte_loss(logit: Tensor, matte: Tensor, defined: Tensor) -> Tensor:
    """Mean |a - a*| under the mark plus, at a tenth of the weight, over everything else.

    logit, matte [B, 1, H, W]; defined: bool, broadcastable, where the matte has a meaning.
    """
    error = (logit.sigmoid() - matte).abs()
    under = (matte > 0) & defined
    outside = (matte == 0).expand_as(under)
    return _mean_over(error, under) + 0.1 * _mean_over(error, outside)


def colour_loss(logits: Tensor, colour: Tensor, matte: Tensor, defined: Tensor) -> Tensor:
    """Mean |W - W*| weighted by the matte; logits, colour [B, 3, H, W]."""
    weight = matte * defined
    error = (logits.sigmoid() - colour).abs().mean(1, keepdim=True)
    return (error * weight).sum() / weight.sum().clamp_min(1.0)


def _mean_over(values: Tensor, where: Tensor) -> Tensor:
    return (values * where).sum() / where.sum().clamp_min(1)


def location_loss(
    output: Tensor, *, visible: Tensor, matte: Tensor, colour: Tensor, defined: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    """Mask loss plus half of the matte's and the colour's and a tenth of the false alarms', and the
    four parts by name.

    output: [B, 5, H, W] mask logit, matte logit, colour logits; float32.
    """
    parts = {
        "mask": mask_loss(output[:, :1], visible),
        "false_alarm": false_alarm_loss(output[:, :1], visible),
        "matte": matte_loss(output[:, 1:2], matte, defined),
        "colour": colour_loss(output[:, 2:], colour, matte, defined),
    }
    total = parts["mask"] + 0.5 * parts["matte"] + 0.5 * parts["colour"]
    return total + 0.1 * parts["false_alarm"], parts


def f1_counts(logit: Tensor, visible: Tensor) -> Tensor:
    """[B, 3] true positives, false positives and false negatives of each crop at probability 0.5.

    logit, visible: [B, 1, H, W].
    """
    found = logit > 0
    cases = (found & visible, found & ~visible, ~found & visible)
    return torch.stack([case.flatten(1).sum(1) for case in cases], dim=1)
