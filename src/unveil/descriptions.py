"""What reports say of one mark, as plain values, ready for JSON; see unveil.result."""

import math
from typing import Any

import numpy as np

from unveil.location.network import Found
from unveil.restore.mark import Restored
from unveil.templates.registration import Instance


def outline(mark: Found) -> dict[str, Any]:
    """Where a mark is, and how sure that is."""
    return {
        "box_xyxy": list(mark.box_xyxy),
        "area_px": int(np.count_nonzero(mark.mask)),
        "confidence": round(mark.confidence, 4),
    }


def description(mark: Found, restored: Restored) -> dict[str, Any]:
    """That, what the mark is made of, and how it was taken off."""
    return outline(mark) | {
        "opacity": None if restored.opacity is None else round(restored.opacity, 3),
        "colours": np.rint(restored.colours * 255).astype(int).tolist(),
        "method": restored.method,
    }


def pose(instance: Instance | None) -> dict[str, Any]:
    """How a template lies in the picture; nothing without one."""
    if instance is None:
        return {}
    return {
        "scale": round(instance.pose.scale, 4),
        "angle_degrees": round(math.degrees(instance.pose.angle), 3),
        "strength": round(instance.strength, 4),
        "residual": round(instance.residual, 4),
        "signal_to_noise": round(instance.ratio, 1),
    }
