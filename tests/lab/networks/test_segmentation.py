"""Segmentation networks: names, weights with and without a download, normalisation."""

import pytest
import segmentation_models_pytorch as smp
import torch

from unveil.errors import ModelError, UsageError
from unveil.lab.networks.efficientnet import EfficientNetLite0
from unveil.lab.networks.segmentation import LOCAL_ENCODER, segmentation_network


@pytest.mark.parametrize("architecture", ["unet", "fpn"])
def test_one_logit_per_pixel(architecture):
    network = segmentation_network(architecture, "resnet18", pretrained=False).eval()
    with torch.no_grad():
        assert network(torch.rand(2, 3, 32, 64)).shape == (2, 1, 32, 64)


def test_the_local_encoder_computes_what_the_flagships_does():
    network = segmentation_network("unet", LOCAL_ENCODER, pretrained=True).eval()
    reference = EfficientNetLite0().eval()
    reference.load_imagenet()
    features = []
    network.network.encoder.register_forward_hook(lambda *call: features.extend(call[2]))
    picture = torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        network(picture)
        expected = reference(picture)
    for got, want in zip(features[1:], expected, strict=True):
        torch.testing.assert_close(got, want, rtol=1e-3, atol=1e-3)


def test_without_pretraining_no_two_networks_are_alike():
    one, two = (segmentation_network(pretrained=False).state_dict() for _ in range(2))
    weight = next(name for name in one if name.endswith("conv_stem.weight"))
    assert not torch.equal(one[weight], two[weight])


@pytest.mark.parametrize(
    ("architecture", "encoder", "named"),
    [("unett", "resnet18", "deeplabv3plus"), ("unet", "resnet1", "resnet34")],
)
def test_an_unknown_name_lists_the_choices(architecture, encoder, named):
    with pytest.raises(UsageError, match=f"(?s)unet.*{named}"):
        segmentation_network(architecture, encoder, pretrained=False)


def test_weights_that_cannot_be_had_name_the_ways_out(monkeypatch):
    def offline(*_, **__):
        raise FileNotFoundError("check your connection")

    monkeypatch.setattr(smp, "create_model", offline)
    with pytest.raises(ModelError, match=rf"resnet18: .*{LOCAL_ENCODER}.*pretrained=False"):
        segmentation_network("unet", "resnet18", pretrained=True)
