"""The legend of a heat map: its colours between the numbers at their ends."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFontMetricsF,
    QLinearGradient,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradstudio.export.ticks import power_of_ten
from gradstudio.ui.theme import current_theme, font, theme_notifier

LONG, SHORT = 84.0, 24.0
HEIGHT = 8.0
GAP = 6.0
SWATCH = 9.0
ABOUT = (
    "The colour of a cell is log₁₀ of its value. A column is as many steps as one pixel holds: "
    "it shows their mean, or the single step that stands out by half a decade. "
    "Hatched: exactly 0, or underflow. Red: not finite."
)
CENTRED = Qt.AlignmentFlag.AlignCenter


class ScaleBar(QWidget):
    """A bar of the colour map with its two ends in numbers; without room it is not there."""

    def __init__(self) -> None:
        super().__init__()
        self._low, self._high = "", ""
        self._diverging = self._has_zero = self._has_bad = False
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setToolTip(ABOUT)
        theme_notifier().changed.connect(self.update)

    def show_map(
        self, ends: tuple[int, int] | None, *, diverging: bool, zero: bool, bad: bool
    ) -> None:
        """Show the map between 10 to the power of its `ends`, and the colours not on it."""
        low, high = ("", "") if ends is None else (power_of_ten(ends[0]), power_of_ten(ends[1]))
        state = (low, high, diverging, zero, bad)
        if state == (self._low, self._high, self._diverging, self._has_zero, self._has_bad):
            return
        self._low, self._high, self._diverging, self._has_zero, self._has_bad = state
        others = (", hatched: exactly 0" if zero else "") + (", red: not finite" if bad else "")
        self.setAccessibleName(f"Colours from {low} to {high}{others}" if low else "Colours")
        self.updateGeometry()
        self.update()

    def ends(self) -> tuple[str, str]:
        """The numbers at the two ends; empty before there is a value."""
        return self._low, self._high

    def names(self) -> tuple[str, ...]:
        """What is named beside the map."""
        return ("0",) * self._has_zero + ("NaN",) * self._has_bad

    def sizeHint(self) -> QSize:
        """Long enough to tell the colours apart."""
        return QSize(round(self._room(LONG)), 20)

    def minimumSizeHint(self) -> QSize:
        """Allow it to vanish."""
        return QSize(0, 20)

    def _room(self, bar: float) -> float:
        metrics = QFontMetricsF(font(11))
        texts = sum(metrics.horizontalAdvance(t) for t in (self._low, self._high))
        others = sum(SWATCH + 4 + metrics.horizontalAdvance(n) + GAP for n in self.names())
        return bar + texts + 3 * GAP + others

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the lower end, the bar, the upper end, and swatches of what is not on the map."""
        spare = self.width() - self._room(SHORT)
        if not self._low or spare < -1:
            return
        painter, theme, x = QPainter(self), current_theme(), 0.0
        painter.setFont(font(11))
        metrics, middle = QFontMetricsF(font(11)), self.height() / 2
        x = self._word(painter, metrics, x, self._low) + GAP
        bar = QRectF(x, middle - HEIGHT / 2, SHORT + min(max(spare, 0.0), LONG - SHORT), HEIGHT)
        anchors = theme.palette.deviation if self._diverging else theme.palette.size
        ramp = QLinearGradient(bar.topLeft(), bar.topRight())
        for k, anchor in enumerate(anchors):
            ramp.setColorAt(k / (len(anchors) - 1), QColor(anchor))
        painter.fillRect(bar, QBrush(ramp))
        painter.setPen(QPen(theme.color("line"), 1))
        painter.drawRect(bar)
        x = self._word(painter, metrics, bar.right() + GAP, self._high) + GAP
        for name in self.names():
            swatch = QRectF(x, middle - SWATCH / 2, SWATCH, SWATCH)
            hatched = QBrush(theme.color("text3"), Qt.BrushStyle.BDiagPattern)
            painter.fillRect(swatch, hatched if name == "0" else QBrush(theme.color("critical")))
            painter.setPen(QPen(theme.color("line"), 1))
            painter.drawRect(swatch)
            x = self._word(painter, metrics, x + SWATCH + 4, name) + GAP
        painter.end()

    def _word(self, painter: QPainter, metrics: QFontMetricsF, x: float, text: str) -> float:
        """Write a word from `x` on; returns where it ends."""
        width = metrics.horizontalAdvance(text)
        painter.setPen(current_theme().color("text2"))
        painter.drawText(QRectF(x, 0, width + 1, self.height()), CENTRED, text)
        return x + width
