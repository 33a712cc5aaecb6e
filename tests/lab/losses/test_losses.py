"""Losses against scikit-image, OpenCV, torchvision and their equations."""

import cv2
import numpy as np
import pytest
import torch
from skimage import color
from torchvision.models import VGG16_Weights
from torchvision.models import vgg as torchvision_vgg

from unveil.errors import ModelError, UsageError
from unveil.lab.evaluation import metrics
from unveil.lab.losses import restoration
from unveil.lab.losses.five_part import FivePartLoss, FivePartWeights
from unveil.lab.losses.lab_colour import lab_loss, rgb_to_lab
from unveil.lab.losses.laplacian import laplacian, laplacian_loss
from unveil.lab.losses.mixed import MixedLoss, MixedWeights
from unveil.lab.losses.perceptual import VGG16Features, perceptual_loss
from unveil.lab.losses.ssim import ssim, ssim_loss


def _pictures(seed=0, count=2, height=24, width=32):
    return torch.rand(count, 3, height, width, generator=torch.Generator().manual_seed(seed))


def _array(picture):
    return picture.permute(1, 2, 0).numpy()


def _vgg_state():
    torch.manual_seed(0)
    network = torch.nn.Module()
    network.features = torchvision_vgg.make_layers(torchvision_vgg.cfgs["D"])
    return network.state_dict()


@pytest.fixture
def vgg_state(monkeypatch):
    """Random weights under the names of torchvision's VGG16, as if downloaded."""
    state = _vgg_state()
    monkeypatch.setattr(VGG16_Weights, "get_state_dict", lambda *_, **__: state)
    return state


def test_l0_is_mse_at_the_start_and_constant_at_the_end():
    output, target = _pictures(0), _pictures(1)
    losses = [
        restoration.restoration_loss("l0", output, target, progress) for progress in (0, 0.5, 1)
    ]
    torch.testing.assert_close(losses[0], restoration.mse(output, target))
    torch.testing.assert_close(losses[1], restoration.mae(output, target))
    assert losses[2] == 1


@pytest.mark.parametrize(("name", "centre"), [("mse", 0.28), ("mae", 0.1), ("l0", 0.0)])
def test_losses_between_noisy_targets_learn_mean_median_and_mode(name, centre):
    """Of targets 0, 0, 0.1, 0.5, 0.8 the mean is .28 and the median .1; the mode is 0."""
    targets = torch.tensor([0.0, 0.0, 0.1, 0.5, 0.8])
    guesses = torch.linspace(0, 1, 101)
    losses = torch.stack(
        [restoration.restoration_loss(name, g.expand(5), targets, 0.98) for g in guesses]
    )
    assert guesses[losses.argmin()] == pytest.approx(centre, abs=1e-6)


def test_an_unknown_loss_lists_the_choices():
    with pytest.raises(UsageError, match="mse, mae, l0; got 'l1'"):
        restoration.restoration_loss("l1", _pictures(), _pictures(), 0)


def test_masked_l1_looks_under_the_mask_only():
    output, target = _pictures(0), _pictures(1)
    mask = torch.zeros(2, 1, 24, 32, dtype=torch.bool)
    assert restoration.masked_l1(output, target, mask) == 0
    mask[0, 0, 3:5, 7:9] = True
    expected = (output - target)[0, :, 3:5, 7:9].abs().mean()
    torch.testing.assert_close(restoration.masked_l1(output, target, mask), expected)


def test_psnr_is_that_of_the_evaluation():
    output, target = _pictures(0), _pictures(1)
    expected = [metrics.psnr(_array(a), _array(b)) for a, b in zip(output, target, strict=True)]
    assert restoration.psnr(output, target).tolist() == pytest.approx(expected, abs=1e-4)


def test_ssim_is_that_of_the_evaluation():
    target = _pictures(1, height=40, width=33)
    output = (target + 0.1 * _pictures(0, height=40, width=33)).clamp(0, 1)
    expected = [metrics.ssim(_array(a), _array(b)) for a, b in zip(output, target, strict=True)]
    assert ssim(output, target).tolist() == pytest.approx(expected, abs=1e-4)
    assert ssim_loss(output, target).item() == pytest.approx(1 - np.mean(expected), abs=1e-4)


def test_lab_is_that_of_scikit_image():
    pictures = _pictures()
    pictures[0, :, 0, 0], pictures[0, :, 0, 1], pictures[0, :, 0, 2] = 0.0, 1.0, 0.01
    expected = np.stack([color.rgb2lab(_array(picture)) for picture in pictures])
    got = rgb_to_lab(pictures).permute(0, 2, 3, 1).numpy()
    assert np.abs(got - expected).max() < 0.02


def test_lab_loss_of_greys_is_that_of_their_lightness():
    black, white = torch.zeros(1, 3, 8, 8), torch.ones(1, 3, 8, 8)
    assert lab_loss(black, white).item() == pytest.approx(70, abs=0.01)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_gradients_are_finite_at_black_and_white(value):
    output = torch.full((1, 3, 16, 16), value, requires_grad=True)
    (
        lab_loss(output, _pictures(0, 1, 16, 16)) + ssim_loss(output, torch.ones(1, 3, 16, 16))
    ).backward()
    assert torch.isfinite(output.grad).all()


def test_the_laplacian_is_that_of_opencv():
    picture = _pictures(count=1)
    expected = cv2.Laplacian(_array(picture[0]), cv2.CV_32F, borderType=cv2.BORDER_REPLICATE)
    got = _array(laplacian(picture)[0])
    assert np.abs(got - expected).max() < 1e-5


def test_the_laplacian_loss_does_not_see_a_change_of_brightness():
    everywhere = torch.ones(2, 1, 24, 32)
    dim = 0.5 * _pictures()
    assert laplacian_loss(dim + 0.3, dim, everywhere) < 1e-6
    assert laplacian_loss(dim, dim.flip(-1), everywhere) > 0.1


@pytest.mark.parametrize(("layer", "cut"), [("relu2_2", 9), ("relu3_3", 16)])
def test_vgg_features_are_those_of_torchvision(vgg_state, layer, cut):
    features = VGG16Features(layer)
    features.load_imagenet()
    reference = torchvision_vgg.make_layers(torchvision_vgg.cfgs["D"])[:cut]
    reference.load_state_dict(
        {name.removeprefix("features."): vgg_state[name] for name in features.state_dict()}
    )
    normalise = VGG16_Weights.IMAGENET1K_V1.transforms()
    shape = (-1, 1, 1)
    normalised = (_pictures() - torch.tensor(normalise.mean).view(shape)) / torch.tensor(
        normalise.std
    ).view(shape)
    torch.testing.assert_close(features(_pictures()), reference(normalised))


def test_vgg_features_up_to_relu3_3_have_the_published_size():
    features = VGG16Features("relu3_3")
    assert sum(p.numel() for p in features.parameters()) == 1_735_488
    assert not any(p.requires_grad for p in features.parameters())


def test_vgg_weights_that_cannot_be_had_name_the_ways_out(monkeypatch):
    def offline(*_, **__):
        raise OSError("Name or service not known")

    monkeypatch.setattr(VGG16_Weights, "get_state_dict", offline)
    with pytest.raises(ModelError, match=r"vgg16-397923af\.pth.*checkpoints.*loss\.perceptual=0"):
        FivePartLoss(FivePartWeights())


def test_five_parts_add_up_by_their_weights(vgg_state):
    output, target = _pictures(0).requires_grad_(), _pictures(1)
    mask = torch.rand(2, 1, 24, 32) > 0.5
    total, parts = FivePartLoss(FivePartWeights())(output, target, mask)
    published = {"l1": 1, "perceptual": 0.3, "lab": 0.3, "ssim": 0.4, "laplacian": 0.1}
    torch.testing.assert_close(total, sum(w * parts[name] for name, w in published.items()))
    total.backward()
    assert output.grad is not None
    assert output.grad.abs().sum() > 0


def test_without_perceptual_part_nothing_is_downloaded(monkeypatch):
    monkeypatch.setattr(VGG16_Weights, "get_state_dict", lambda *_, **__: pytest.fail("asked"))
    output, target = _pictures(0), _pictures(1)
    everywhere = torch.ones(2, 1, 24, 32)
    _, parts = FivePartLoss(FivePartWeights(perceptual=0))(output, target, everywhere)
    assert set(parts) == {"l1", "lab", "ssim", "laplacian"}
    total, _ = MixedLoss(MixedWeights(perceptual=0))(output, target)
    torch.testing.assert_close(total, restoration.mae(output, target))


def test_the_mixed_loss_balances_sums_as_published(vgg_state):
    output, target = _pictures(0), _pictures(1)
    loss = MixedLoss(MixedWeights())
    total, _ = loss(output, target)
    features = [loss.features(each) for each in (output, target)]
    sums = (output - target).abs().sum() + 0.024 * (features[0] - features[1]).abs().sum()
    torch.testing.assert_close(total, sums / output.numel())
    assert perceptual_loss(loss.features, target, target) == 0
