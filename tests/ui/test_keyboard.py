"""Keys: every action has one meaning, and widgets keep the keys they need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from gradstudio.run.status import RunState
from gradstudio.ui.actions import MENUS, SPECS, SUBMENUS
from gradstudio.ui.main_window import MainWindow


def test_no_key_means_two_things() -> None:
    keys = Counter(QKeySequence(key).toString() for spec in SPECS.values() for key in spec.keys)
    assert [key for key, times in keys.items() if times > 1] == []


def test_every_action_is_in_a_menu_and_says_what_it_does() -> None:
    in_menus = {name for names in MENUS.values() for name in names}
    submenus = {name for names in SUBMENUS.values() for name in names}
    assert set(SPECS) == (in_menus & set(SPECS)) | submenus
    assert all(spec.tip for spec in SPECS.values())


def test_space_runs_and_pauses(
    qtbot: QtBot, window: MainWindow, settle: Callable[[], None]
) -> None:
    window.activateWindow()
    window.studio.gradient.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.session.status.step > 5, timeout=10_000)
    qtbot.keyClick(window, Qt.Key.Key_Space)
    settle()
    assert window.run_state() is RunState.PAUSED


def test_a_point_typed_into_a_field_is_text_and_not_a_step(
    qtbot: QtBot, window: MainWindow, settle: Callable[[], None]
) -> None:
    field = window.studio.network.findChild(QLineEdit)
    window.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus, timeout=5_000)
    field.selectAll()
    qtbot.keyClicks(field, "8x2 tanh.")
    assert field.text() == "8x2 tanh."
    settle()
    assert window.session.status.step == 0


def test_arrows_in_a_number_field_change_the_number_and_not_the_layer(
    qtbot: QtBot, window: MainWindow
) -> None:
    field = window.studio.training.form.editor("batch_size")
    window.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus, timeout=5_000)
    before = window.document.setup.training.batch_size
    window.board.select_layer(1)
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert window.document.setup.training.batch_size == before + 1
    assert window.board.layer == 1


def test_plus_and_minus_change_the_learning_rate_by_a_notch(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.activateWindow()
    window.studio.gradient.canvas.setFocus()
    before = window.document.setup.training.learning_rate
    qtbot.keyClick(window, Qt.Key.Key_Plus)
    assert window.document.setup.training.learning_rate == 1.25 * before
    qtbot.keyClick(window, Qt.Key.Key_Minus)
    assert window.document.setup.training.learning_rate == before
