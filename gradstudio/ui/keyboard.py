"""Which keys belong to the widget in focus and which to the window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QWidget,
)

ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
LAYER_KEYS = (Qt.Key.Key_Insert, Qt.Key.Key_Delete)


class KeyFilter(QObject):
    """Leaves a key to the widget in focus where the widget has a use for it.

    Space belongs to a focused tick, button or combo, arrows to sliders, lists and tables.
    Everywhere else they are the window's. The filter sits on the widget in focus alone: on the
    whole application it would be called for every event, and each call waits for the interpreter
    while a network trains (about one frame a second).
    """

    def __init__(self, app: QApplication) -> None:
        super().__init__()
        self._app = app
        app.focusChanged.connect(self._follow_focus)

    def stop(self) -> None:
        """Follow the focus no more."""
        self._app.focusChanged.disconnect(self._follow_focus)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        if not isinstance(watched, QWidget) or not belongs_to(watched, event):
            return False
        event.accept()
        return True

    def _follow_focus(self, old: QWidget | None, new: QWidget | None) -> None:
        if old is not None:
            old.removeEventFilter(self)
        if new is not None:
            new.installEventFilter(self)


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
    if isinstance(widget, QAbstractSpinBox):
        return key in (*ARROWS, *LAYER_KEYS) or is_written(event)
    if isinstance(widget, QAbstractSlider | QAbstractItemView):
        return key in ARROWS
    if isinstance(widget, QLineEdit):
        return key in (*ARROWS, *LAYER_KEYS) or is_written(event)
    return False


def is_written(event: QKeyEvent) -> bool:
    """Whether a key writes a character."""
    return bool(event.text()) and event.text().isprintable()
