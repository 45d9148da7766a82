"""A real window over a small, fast setup."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from gradstudio.run.status import RunState
from gradstudio.setup.models import LayerSetup, NetworkSetup, Setup
from gradstudio.ui.main_window import MainWindow


@pytest.fixture
def small_setup() -> Setup:
    """Three layers of four units: a step takes microseconds."""
    layers = (LayerSetup(units=4), LayerSetup(units=4), LayerSetup(units=4))
    return Setup(name="Small", network=NetworkSetup(layers=layers))


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    """Settings of nobody."""
    return QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def window(qtbot: QtBot, settings: QSettings, small_setup: Setup) -> Iterator[MainWindow]:
    """The window on its Studio page, prepared at step 0."""
    made = MainWindow(settings, [])
    made.files.may_discard = lambda: True  # type: ignore[method-assign]
    made.document.new(small_setup)
    qtbot.addWidget(made)
    made.show_studio()
    made.show()
    made.session.prepare()
    qtbot.waitUntil(lambda: made.run_state() is RunState.READY, timeout=10_000)
    yield made
    made.close()


@pytest.fixture
def settle(qtbot: QtBot, window: MainWindow) -> Callable[[], None]:
    """Wait until the worker rests and the window has drawn what it did."""

    def wait() -> None:
        session = window.session
        qtbot.waitUntil(
            lambda: window.runner.is_idle and session.status == session._status, timeout=10_000
        )

    return wait
