"""Structural similarity (Wang et al., 2004) of batches, with gradients."""

from torch import Tensor
from torch.nn import functional as F  # noqa: N812

WINDOW = 7
"""Side of the uniform window in pixels, that of :func:`unveil.lab.evaluation.metrics.ssim`."""
_C1, _C2 = 0.01**2, 0.03**2


def ssim_map(output: Tensor, target: Tensor) -> Tensor:
    """[B, 3, H - 6, W - 6] similarity of every window that lies wholly inside; data range 1,
    sample covariance."""
    output, target = output.float(), target.float()
    unbiased = WINDOW**2 / (WINDOW**2 - 1)
    mean_p, mean_t = _mean(output), _mean(target)
    variance_p = unbiased * (_mean(output.square()) - mean_p.square())
    variance_t = unbiased * (_mean(target.square()) - mean_t.square())
    covariance = unbiased * (_mean(output * target) - mean_p * mean_t)
    luminance = (2 * mean_p * mean_t + _C1) / (mean_p.square() + mean_t.square() + _C1)
    return luminance * (2 * covariance + _C2) / (variance_p + variance_t + _C2)


def ssim(output: Tensor, target: Tensor) -> Tensor:
    """[B] mean similarity of each picture, at most 1; [B, 3, H, W] in [0, 1]."""
    return ssim_map(output, target).mean((1, 2, 3))


def ssim_loss(output: Tensor, target: Tensor) -> Tensor:
    """1 - mean SSIM."""
    return 1 - ssim(output, target).mean()


def _mean(pictures: Tensor) -> Tensor:
    return F.avg_pool2d(pictures, WINDOW, stride=1)
