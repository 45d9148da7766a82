"""A desk of panels for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradstudio.setup.models import LayerSetup, NetworkSetup, Setup
from gradstudio.ui.document import Document
from gradstudio.ui.theme import apply_theme
from tests.ui.panels.desk import Clock, Desk


@pytest.fixture
def desk(qapp: QApplication, qtbot: QtBot) -> Iterator[Desk]:
    """Four hidden layers of 10, 20, 30 and 40 tanh units."""
    apply_theme(qapp, "dark")
    clock = Clock()
    layers = tuple(LayerSetup(units=units) for units in (10, 20, 30, 40))
    setup = Setup(network=NetworkSetup(layers=layers))
    made = Desk(Document(setup, clock=clock), clock)
    qtbot.addWidget(made.root)
    made.root.resize(312, 900)
    made.root.show()
    qtbot.waitExposed(made.root)
    yield made
    made.root.close()
