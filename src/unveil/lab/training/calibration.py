"""The confidence from which on a mark is reported: chosen on clean pictures, so that they stay
clean."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from unveil.lab.synthesis.pictures import decoded, find_pictures
from unveil.location.network import find_marks
from unveil.models.catalogue import Card
from unveil.models.session import Session

FALSE_ALARMS = 0.05
"""Part of the clean pictures that may be reported as marked."""


def calibrated(card: Card, pictures: Path) -> Card:
    """The card with its confidence chosen on a folder of clean pictures, and written again."""
    session = Session(card.path)
    surest = [
        max((mark.confidence for mark in find_marks(decoded(path), session, least=0)), default=0.0)
        for path in find_pictures(pictures)
    ]
    confidence = float(np.quantile(surest, 1 - FALSE_ALARMS, method="higher"))
    chosen = replace(card, confidence=round(min(confidence + 1e-3, 0.999), 4))
    chosen.save()
    return chosen
