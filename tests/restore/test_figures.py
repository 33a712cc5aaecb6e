"""Finding figures: what the network is shown, and where what it says goes."""

import numpy as np
import pytest

from synthetic import photograph
from unveil.blending import compose
from unveil.restore.figures import EVIDENCE, LONGEST_PX, FigureFinder, evidence

BACKGROUND = photograph(200, 300, seed=4) / np.float32(255)
MARK = np.zeros((200, 300), np.bool_)
MARK[20:180, 60:260] = True
BLUE = np.array((0.1, 0.4, 0.8), np.float32)


class Recorded:
    """In place of a session: keeps what it is shown, and sees one spot."""

    def restore(self, known):
        self.known = known
        seen = np.zeros((*known.shape[:2], 4), np.float32)
        middle = tuple(slice(side // 2 - 8, side // 2 + 8) for side in known.shape[:2])
        seen[middle] = (1, 0.5, 0, 1)
        return seen


@pytest.fixture
def session():
    return Recorded()


def found(session, inside=MARK, colour=BLUE):
    marked = compose(BACKGROUND, colour, 0.4 * MARK[..., None])
    everywhere = np.broadcast_to(colour, marked.shape)
    return FigureFinder(session)(marked, inside, ~MARK, everywhere, 0.4)


def test_what_is_shown_is_small_and_its_background_right(session):
    found(session)
    height, width, channels = session.known.shape
    assert channels == EVIDENCE
    assert max(height, width) == LONGEST_PX
    assert width / height == pytest.approx((200 + 2 * 26) / (160 + 2 * 20), abs=0.03)
    inside, clean = session.known[..., 9] > 0, session.known[..., 10] > 0
    assert not (inside & clean).any()
    assert inside.mean() == pytest.approx(MARK.sum() / (200 * 252), abs=0.05)
    assert np.abs(session.known[..., 3:6][clean] - session.known[..., :3][clean]).max() == 0
    assert -1e-4 <= session.known[..., 3:6].min() <= session.known[..., 3:6].max() <= 1 + 1e-4


def test_figures_lie_where_the_network_sees_them(session):
    figures = found(session)
    rows, columns = np.nonzero(figures.probability > 0.5)
    assert abs(rows.mean() - 100) < 3
    assert abs(columns.mean() - 160) < 3
    assert np.abs(figures.colour[100, 160] - (1, 0.5, 0)).max() < 1e-4
    assert not figures.probability[~MARK].any()


def test_small_marks_keep_their_size(session):
    small = np.zeros_like(MARK)
    small[100:108, 200:230] = True
    figures = found(session, small)
    assert session.known.shape[1] == 30 + 2 * 9
    assert not figures.probability[~small].any()


def test_a_wrong_colour_leaves_its_step_in_the_background():
    even = np.full((20, 20, 3), 0.5)
    inside = np.zeros((20, 20), np.bool_)
    inside[5:15, 5:15] = True
    opacity, known, true = 0.5, 0.2, 0.6
    marked = np.where(inside[..., None], opacity * true + (1 - opacity) * even, even)
    seen = evidence(marked, inside, ~inside, np.full((20, 20, 3), known), opacity)
    step = opacity / (1 - opacity) * (true - known)
    assert seen[10, 10, 3] == pytest.approx(0.5 + step, abs=1e-6)
    assert seen[0, 0, 3] == pytest.approx(0.5, abs=1e-6)
