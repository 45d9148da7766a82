"""Which keys belong to the widget in focus and which to the window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QLineEdit,
    QWidget,
)

from gradstudio.ui.actions import Actions

ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
LAYER_KEYS = (Qt.Key.Key_Insert, Qt.Key.Key_Delete)


class KeyFilter(QObject):
    """Leaves a key to the widget in focus where the widget has a use for it.

    Space belongs to a focused tick, button or combo, arrows to sliders, lists and tables; a dialog
    has all keys to itself. Everywhere else they are the window's.
    """

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self._actions = actions

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        widget = QApplication.focusWidget()
        if widget is not None and belongs_to(widget, event):
            event.accept()
            return True
        return False


def belongs_to(widget: QWidget, event: QKeyEvent) -> bool:
    """Whether a key is the widget's own, and not a command of the window."""
    key = event.key()
    plain = event.modifiers() in (
        Qt.KeyboardModifier.NoModifier,
        Qt.KeyboardModifier.KeypadModifier,
    )
    if not plain:
        return False
    if isinstance(widget, QAbstractButton):
        return key == Qt.Key.Key_Space
    if isinstance(widget, QComboBox):
        return key == Qt.Key.Key_Space or key in ARROWS
    if isinstance(widget, QAbstractSlider | QAbstractItemView):
        return key in ARROWS
    if isinstance(widget, QLineEdit):
        return key in (*ARROWS, *LAYER_KEYS) or bool(event.text().isprintable() and event.text())
    return False
