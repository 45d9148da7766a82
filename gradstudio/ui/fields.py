"""The editors a form is made of: a number, a choice, a tick, a number that can be off.

Each has ``value()``, ``set_value()`` (tells nobody), ``refuse()`` and the signals ``edited`` and
``refused``. None changes when the wheel passes over it without the focus.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QHBoxLayout, QWidget

from gradstudio.ui.field_spec import FieldError, FieldSpec

TYPING_PAUSE: Final = 400
"""Milliseconds without a key after which what was typed counts."""
HEIGHT: Final = 24
"""Of all fields, in logical pixels."""
FACTOR: Final = 1.25
"""One step of a field on a log scale."""


class NumberField(QAbstractSpinBox):
    """A number: typed, or stepped by arrow keys and, with the focus, by the wheel.

    What is typed counts at Enter, when the focus leaves, or after a short pause. A text that is
    no value stays where it is, marked, until it is corrected or Esc brings the value back.
    """

    edited = Signal(object)
    """A new value, given by the user."""
    refused = Signal(str)
    """Why the text is no value; empty once it is one again."""

    def __init__(self, spec: FieldSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec = spec
        self._value: int | float = max(spec.low, 0) if spec.low > float("-inf") else 0
        self._dirty = False
        self._problem = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(HEIGHT)
        self.lineEdit().setTextMargins(4, 0, 0, 0)
        self.setProperty("role", "mono")
        describe(self, spec)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TYPING_PAUSE)
        self._pause.timeout.connect(self.commit)
        self.lineEdit().textEdited.connect(self._typed)
        self._show()

    def value(self) -> int | float:
        """The last good value."""
        return self._value

    def set_value(self, value: int | float) -> None:
        """Show a value; what is being typed goes only where it says something else."""
        if value == self._value and (self._dirty or self._problem):
            return
        self._value = value
        self._show()

    def problem(self) -> str:
        """Why the text shown is no value; empty when it is one."""
        return self._problem

    def refuse(self, problem: str) -> None:
        """Mark the text as no value."""
        self._problem = problem
        mark_invalid(self, bool(problem))
        self.refused.emit(problem)

    def commit(self) -> None:
        """Take what has been typed, if it is a value."""
        self._pause.stop()
        if not self._dirty:
            return
        self._dirty = False
        try:
            value = self.spec.read(self.text())
        except FieldError as error:
            self.refuse(str(error))
            return
        self._take(value)

    def stepBy(self, steps: int) -> None:
        """Move by steps: by one, by a hundredth, or by a factor on a log scale."""
        self.commit()
        if self._problem:
            return
        value = self._value
        if self.spec.log:
            moved = float(f"{value * FACTOR**steps:.3g}")
        elif self.spec.kind == "whole":
            moved = value + steps
        else:
            step = self.spec.step or (0.01 if self.spec.high <= 1 else 0.1)
            moved = round(value + steps * step, 10)
        moved = type(value)(min(max(moved, self.spec.low), self.spec.high))
        if not self.spec.problem(moved):  # an end of the range may not be a value itself
            self._take(moved)
        self.selectAll()

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        """Up and down, but for the ends of the range."""
        flags = QAbstractSpinBox.StepEnabledFlag.StepNone
        if self._value < self.spec.high:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepUpEnabled
        if self._value > self.spec.low:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepDownEnabled
        return flags

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Let every text stand: a wrong one is marked and explained, not swallowed."""
        return QValidator.State.Acceptable, text, position

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter takes the text, Esc brings the value back."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.commit()
            self.selectAll()
            return
        if event.key() == Qt.Key.Key_Escape and (self._dirty or self._problem):
            self._show()
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the text when the focus leaves."""
        self.commit()
        super().focusOutEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Step only where the focus is."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _typed(self) -> None:
        self._dirty = True
        self._pause.start()

    def _take(self, value: int | float) -> None:
        changed = value != self._value
        self._value = value
        self._show()
        if changed:
            self.edited.emit(value)

    def _show(self) -> None:
        self._dirty = False
        self._pause.stop()
        self.lineEdit().setText(self.spec.written(self._value))
        if self._problem:
            self.refuse("")


class TickField(QCheckBox):
    """On or off, with the label beside the box."""

    edited = Signal(object)
    refused = Signal(str)

    def __init__(self, spec: FieldSpec, parent: QWidget | None = None) -> None:
        super().__init__(spec.label, parent)
        describe(self, spec)
        self.clicked.connect(lambda on: self.edited.emit(on))

    def value(self) -> bool:
        """Whether it is ticked."""
        return self.isChecked()

    def set_value(self, value: bool) -> None:
        """Show a value."""
        self.setChecked(value)

    def refuse(self, problem: str) -> None:
        """Say why the value cannot be taken."""
        self.refused.emit(problem)


class OptionalNumberField(QWidget):
    """A number that can be off: a tick and a field.

    Parameters
    ----------
    spec
        The field; its range holds for the number.
    default
        The number a first tick puts in.
    label
        Text beside the tick, empty where the form has a label of its own.
    """

    edited = Signal(object)
    refused = Signal(str)

    def __init__(
        self, spec: FieldSpec, default: float, label: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.tick = QCheckBox(label)
        describe(self.tick, spec, f"{spec.label} on")
        self.number = NumberField(spec)
        self.number.set_value(default)
        self.setFocusProxy(self.tick)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.tick, 1 if label else 0)
        layout.addWidget(self.number, 1)
        self.tick.clicked.connect(self._ticked)
        self.number.edited.connect(self.edited)
        self.number.refused.connect(self.refused)
        self.set_value(None)

    def value(self) -> int | float | None:
        """The number, None when it is off."""
        return self.number.value() if self.tick.isChecked() else None

    def set_value(self, value: int | float | None) -> None:
        """Show a value; switched off the field keeps its number for the next tick."""
        self.tick.setChecked(value is not None)
        self.number.setEnabled(value is not None)
        if value is not None:
            self.number.set_value(value)

    def refuse(self, problem: str) -> None:
        """Say why the value cannot be taken."""
        self.number.refuse(problem)

    def _ticked(self, on: bool) -> None:
        self.number.setEnabled(on)
        if not on:
            self.number.refuse("")
        self.edited.emit(self.value())


def describe(widget: QWidget, spec: FieldSpec, name: str | None = None) -> None:
    """Give a control its object name, its tooltip and what a screen reader says."""
    unit = f", {spec.unit}" if spec.unit else ""
    widget.setObjectName(spec.name)
    widget.setAccessibleName(name or f"{spec.label}{unit}")
    widget.setAccessibleDescription(spec.help)
    widget.setToolTip(spec.help)


def mark_invalid(widget: QWidget, invalid: bool) -> None:
    """Give a control the border of a wrong value, or take it away."""
    if bool(widget.property("invalid")) != invalid:
        widget.setProperty("invalid", invalid)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
