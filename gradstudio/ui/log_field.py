"""A number on a log scale: a slider and a field, in step with each other."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QSlider, QStyle, QStyleOptionSlider, QWidget

from gradstudio.ui.field_spec import FieldSpec
from gradstudio.ui.fields import FACTOR, NumberField, describe
from gradstudio.ui.theme import current_theme

_PER_DECADE: Final = 100


class LogSlider(QSlider):
    """A slider whose equal ways are equal factors; a mark under it for each decade."""

    moved = Signal(float)
    """The value, while the user drags or steps; two figures, since a pixel is no more."""

    def __init__(self, spec: FieldSpec, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.spec = spec
        self.setRange(_position(spec.low), _position(spec.high))
        self.setSingleStep(round(math.log10(FACTOR) * _PER_DECADE))
        self.setPageStep(_PER_DECADE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(22)
        describe(self, spec, f"{spec.label}, slider")
        self.setObjectName(f"{spec.name}Slider")
        self.valueChanged.connect(self._moved)

    def set_value(self, value: float) -> None:
        """Show a value, telling nobody."""
        with QSignalBlocker(self):
            self.setValue(_position(value))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Move only where the focus is."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the slider and its decades."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        handle = self.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, option, self)
        span = self.width() - handle
        painter = QPainter(self)
        painter.setPen(current_theme().color("text3", 0.6))
        for position in range(self.minimum(), self.maximum() + 1, _PER_DECADE):
            x = handle // 2 + QStyle.sliderPositionFromValue(
                self.minimum(), self.maximum(), position, span
            )
            painter.drawLine(x, self.height() - 3, x, self.height() - 1)
        painter.end()
        super().paintEvent(event)

    def _moved(self, position: int) -> None:
        value = float(f"{10 ** (position / _PER_DECADE):.2g}")
        self.moved.emit(min(max(value, self.spec.low), self.spec.high))


class LogNumberField(QWidget):
    """A slider on a log scale beside a field: one number."""

    edited = Signal(float)
    """The number, at each change by the user."""
    refused = Signal(str)

    def __init__(self, spec: FieldSpec, field_width: int = 60) -> None:
        super().__init__()
        self.slider, self.number = LogSlider(spec), NumberField(spec)
        self.number.setFixedWidth(field_width)
        self.setFocusProxy(self.number)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.number)
        self.slider.moved.connect(self._take)
        self.number.edited.connect(self._take)
        self.number.refused.connect(self.refused)

    def value(self) -> float:
        """The number shown."""
        return float(self.number.value())

    def set_value(self, value: float) -> None:
        """Show a number, telling nobody."""
        self.number.set_value(value)
        self.slider.set_value(value)

    def refuse(self, problem: str) -> None:
        """Mark the number as wrong."""
        self.number.refuse(problem)

    def multiply(self, factor: float) -> None:
        """Change the number by a factor, within its range."""
        spec = self.number.spec
        value = min(max(float(f"{self.value() * factor:.3g}"), spec.low), spec.high)
        if value != self.value():
            self._take(value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Plus and minus on the slider change by x 1.25 and x 0.8."""
        factors = {Qt.Key.Key_Plus: FACTOR, Qt.Key.Key_Minus: 1 / FACTOR}
        factor = factors.get(Qt.Key(event.key()))
        if factor is None:
            super().keyPressEvent(event)
        else:
            self.multiply(factor)

    def _take(self, value: float) -> None:
        self.set_value(float(value))
        self.edited.emit(float(value))


def _position(value: float) -> int:
    """Where a value stands on a slider of `_PER_DECADE` places to the decade."""
    return round(math.log10(value) * _PER_DECADE)
