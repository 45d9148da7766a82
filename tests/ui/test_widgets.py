"""A text that does not fit is shortened by whole words of a person, never by half a letter."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from gradstudio.ui.widgets import FittingLabel

TEXT = "6,722 params · 0.088 ms/step"


@pytest.fixture
def shortened(qtbot: QtBot) -> FittingLabel:
    made = FittingLabel(TEXT)
    qtbot.addWidget(made)
    made.show()
    return made


def test_it_shows_all_where_there_is_room(shortened: FittingLabel) -> None:
    shortened.resize(400, 20)
    assert shortened.shown_text() == TEXT
    assert shortened.toolTip() == ""


def test_parts_at_the_end_go_first_and_the_tooltip_keeps_them(shortened: FittingLabel) -> None:
    shortened.resize(shortened.fontMetrics().horizontalAdvance(TEXT) - 1, 20)
    assert shortened.shown_text() == "6,722 params"
    assert shortened.text() == TEXT == shortened.toolTip()
    shortened.resize(400, 20)
    assert shortened.shown_text() == TEXT


def test_a_single_part_ends_in_an_ellipsis_that_fits(shortened: FittingLabel) -> None:
    shortened.resize(50, 20)
    shown = shortened.shown_text()
    assert shown.endswith("…")
    assert shortened.fontMetrics().horizontalAdvance(shown) <= 50
