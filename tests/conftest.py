"""What every test may rely on: no screen, one BLAS thread, own settings, nothing left running."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from gradstudio.environment import prepare_environment

prepare_environment()
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

ENDING_SECONDS = 2.0
"""Time that a thread which has been told to end may take."""

settings.register_profile(
    "repeatable", derandomize=True, deadline=None, database=None, max_examples=50
)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def nothing_left_running(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a thread alive or a Qt timer running."""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(ENDING_SECONDS)
    left = [f"thread {thread.name!r}" for thread in threading.enumerate() if thread not in before]
    if uses_qt(request):
        left += running_timers()
    assert not left, f"left running: {', '.join(left)}"


@pytest.fixture(autouse=True)
def settings_of_its_own(request: pytest.FixtureRequest) -> None:
    """Keep a test of the window away from the settings and files of the person who runs it."""
    if not uses_qt(request):
        return
    from PySide6.QtCore import QSettings, QStandardPaths

    QStandardPaths.setTestModeEnabled(True)
    folder = request.getfixturevalue("tmp_path_factory").mktemp("settings")
    for file_format in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
        QSettings.setPath(file_format, QSettings.Scope.UserScope, str(folder))


def uses_qt(request: pytest.FixtureRequest) -> bool:
    """Whether the test has a Qt application."""
    return not {"qtbot", "qapp"}.isdisjoint(request.fixturenames)


def running_timers() -> list[str]:
    """Name the active timers of objects that still exist, and stop them."""
    from PySide6.QtCore import QCoreApplication, QEvent, QTimer
    from shiboken6 import isValid

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    timers = [
        item
        for item in gc.get_objects()
        if isinstance(item, QTimer) and isValid(item) and item.isActive()
    ]
    for timer in timers:
        timer.stop()
    return [f"timer {t.objectName() or 'without a name'} of {t.parent()!r}" for t in timers]
