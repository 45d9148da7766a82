"""Words in a corner keep clear of what is drawn."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from pytestqt.qtbot import QtBot

from gradstudio.ui.plots.corner_words import CornerWords, Sign
from gradstudio.ui.plots.frame import Frame

LEGEND: tuple[tuple[str, Sign], ...] = (("now", "filled"), ("mean-field theory", "dashed"))
PLACES = np.linspace(0.0, 1.0, 9)
SHAPES = {
    "rising": (PLACES, PLACES),
    "falling": (PLACES, 1 - PLACES),
    "high": (PLACES, np.full(9, 0.95)),
    "high at the right": (PLACES, np.where(PLACES > 0.5, 0.95, 0.4)),
    "low at the left": (PLACES, np.where(PLACES < 0.5, 0.05, 0.6)),
    "with gaps": (PLACES, np.where(PLACES < 0.3, np.nan, 0.97)),
}


@pytest.fixture
def frame(qtbot: QtBot) -> Frame:
    return Frame(QRectF(42, 8, 240, 260), None, 0.0, 1.0, 0.0, 1.0, (), ())


@pytest.mark.parametrize("falls", [True, False])
@pytest.mark.parametrize("shape", SHAPES)
def test_headline_and_legend_cover_no_point_and_not_each_other(
    frame: Frame, shape: str, falls: bool
) -> None:
    x, y = SHAPES[shape]
    words = CornerWords("−0.92 decade", "step 0: −0.90", LEGEND, falls, [(x, y)])
    head, legend = words.places(frame)
    assert not head.intersects(legend)
    for place in (head, legend):
        assert frame.area.contains(place)
        drawn = ~np.isnan(y)
        for px, py in zip(frame.xs(x)[drawn], frame.ys(y)[drawn], strict=True):
            assert not place.contains(px, py)


def test_they_stay_in_their_corners_while_these_are_free(frame: Frame) -> None:
    words = CornerWords("−0.92 decade", legend=LEGEND, curves=[SHAPES["rising"]])
    at_first = words.places(frame)
    words.falls = False
    words.curves = [(PLACES, np.full(9, 0.5))]
    assert words.places(frame) == at_first
    words.forget_corners()
    assert words.places(frame) != at_first
