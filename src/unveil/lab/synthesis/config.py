"""What synthetic crops look like, as typed data."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class SynthesisConfig:
    """How marked crops are drawn. Probabilities are per crop or, where said, per mark."""

    size_px: int = 192
    """Side of the square crops; a multiple of 32."""
    clean: float = 0.3
    """Crops without any mark."""
    second_mark: float = 0.15
    """Marked crops that get a second mark over the first."""
    length_px: tuple[float, float] = (28.0, 360.0)
    """Longer side of a mark as it is drawn; log-uniform."""
    picture_scale: tuple[float, float] = (0.66, 1.4)
    """Magnification of the clean picture; log-uniform, never less than fills the crop. Much
    magnified pictures are soft, and would teach that whatever is sharp is a mark."""
    warped: float = 0.3
    """Crops whose picture is turned by any angle and stretched by up to a third."""
    turned: float = 0.25
    """Crops mirrored along the diagonal, and as many upside down: few pictures must serve long."""
    toned: float = 0.4
    """Crops whose picture's channels each get a gamma and a gain of their own."""
    obstructed: float = 0.2
    """Crops with a piece of another picture in front: sharp borders that are no mark's."""
    sharpened: float = 0.3
    """Crops whose picture went through an unsharp mask, as cameras and editors do."""
    printed: float = 0.12
    """Crops whose picture shows print that belongs there: signs, labels, shirts."""
    bordered: float = 0.06
    """Crops with a dark, grey or bright band along sides of the picture, as of scans and frames."""
    opacity: tuple[float, float] = (0.15, 0.95)
    """Opacity of a mark, uniform, unless opaque."""
    opaque: float = 0.15
    """Marks of full opacity."""
    stretch: tuple[float, float] = (0.85, 1.18)
    """Width of a mark as a part of what its shape asks for; log-uniform."""
    recoloured: float = 0.3
    """Marks whose colour channels are exchanged."""
    rotated: float = 0.2
    """Marks turned by any angle."""
    tiled: float = 0.1
    """Marks repeated over the whole crop."""
    hard_edge: float = 0.35
    """Marks whose every touched pixel has the full opacity before they are scaled, as benchmark
    protocols force it."""
    aliased: float = 0.1
    """Marks that cover every pixel fully or not at all, as those do that were forced to one opacity
    and not scaled, and pictures with transparent pixels instead of an alpha channel."""
    varying: float = 0.12
    """Marks whose opacity changes over the crop."""
    shadow: float = 0.1
    """Marks with a soft dark shadow."""
    other_blend: float = 0.06
    """Marks that multiply, screen or overlay; matte and colour are not defined for these crops."""
    swapped_channels: float = 0.15
    """Crops whose picture has red and blue swapped, as benchmark protocols read it, for colour
    variety."""
    noise: float = 0.2
    """Crops with sensor noise of up to 8/255 before the mark."""
    reduced: float = 0.0
    """Crops made smaller after the mark, as pictures are before they are passed on."""
    reduction: tuple[float, float] = (0.55, 0.95)
    """Range of what is left of the sides of those; log-uniform."""
    noise_over_mark: float = 0.0
    """Crops with noise over the mark too, as photographs of marked prints and screens have it."""
    noise_sigma: tuple[float, float] = (4 / 255, 50 / 255)
    """Range of that noise's standard deviation; log-uniform."""
    jpeg: float = 0.25
    """Crops stored as JPEG after the mark."""
    jpeg_quality: tuple[int, int] = (60, 98)
    """Range of that JPEG's quality."""

    def __post_init__(self) -> None:
        if self.size_px % 32:
            raise ValueError(f"expected size_px in multiples of 32; got {self.size_px}")


def on_plain_scenes(config: SynthesisConfig) -> SynthesisConfig:
    """The config with crops of pictures as they are; swapped_channels is left as it is."""
    return replace(
        config, warped=0.0, turned=0.0, toned=0.0, obstructed=0.0, sharpened=0.0, printed=0.0,
        bordered=0.0, noise=0.0,
    )  # fmt: skip
