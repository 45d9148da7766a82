"""A gain: a number, or whatever the activation asks for."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from gradstudio.nn.initializer import Gain
from gradstudio.ui.field_spec import FieldSpec
from gradstudio.ui.fields import NumberField, describe

AUTO = "auto"


class GainField(QWidget):
    """A number beside a tick for "auto".

    1 is the formula as it is named, which a setup stores as None. While the tick is set the
    number shows what the activation asks for and cannot be typed.
    """

    edited = Signal(object)
    """The new gain: None, a number, or ``"auto"``."""
    refused = Signal(str)

    def __init__(self, spec: FieldSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number, self.tick = NumberField(spec), QCheckBox(AUTO)
        describe(self.tick, spec, f"{spec.label} from the activation")
        self.tick.setObjectName(f"{spec.name}Auto")
        self._asked_for, self._typed = 1.0, 1.0
        self.setFocusProxy(self.number)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.number, 1)
        layout.addWidget(self.tick)
        self.tick.clicked.connect(self._ticked)
        self.number.edited.connect(self._take)
        self.number.refused.connect(self.refused)
        self.set_value(None)

    def value(self) -> Gain:
        """The gain shown."""
        if self.tick.isChecked():
            return "auto"
        return None if self._typed == 1.0 else self._typed

    def set_value(self, value: Gain) -> None:
        """Show a gain, telling nobody; the last number stays for when the tick is taken away."""
        is_auto = value == "auto"
        if not is_auto:
            self._typed = 1.0 if value is None else float(value)
        self.tick.setChecked(is_auto)
        self.number.setEnabled(not is_auto)
        self.number.set_value(self._asked_for if is_auto else self._typed)

    def set_auto(self, gain: float, activation: str) -> None:
        """Say what "auto" amounts to, to three figures, and for which activation."""
        self._asked_for = float(f"{gain:.3g}")
        self.tick.setText(f"{AUTO}, for {activation}")
        self.set_value(self.value())

    def refuse(self, problem: str) -> None:
        """Mark the number as wrong."""
        self.number.refuse(problem)

    def _ticked(self, on: bool) -> None:
        if on:
            self.number.refuse("")
        self.set_value("auto" if on else self._typed)
        self.edited.emit(self.value())

    def _take(self, value: float) -> None:
        self._typed = float(value)
        self.edited.emit(self.value())
