"""The bars of the chain rule, painted over a plotting area."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen

from gradstudio.export.chain import ChainBars
from gradstudio.export.figures.chain import BAR, running_words
from gradstudio.export.ticks import Ticks, number_ticks
from gradstudio.ui.plots.axis import Axis
from gradstudio.ui.plots.decorations import CENTRED
from gradstudio.ui.plots.frame import Frame
from gradstudio.ui.theme import Theme, font

ROLES: Final = ("weights_factor", "slope_factor", "text3")
"""Colours of weights, slopes and the rest."""
HATCHED_FROM: Final = 6.0
"""Width of a bar in pixels from which on its slopes are hatched."""
WORD_PIXELS: Final = 9
SIGNS: Final = {
    "zero": ("0", "critical"),
    "nothing": ("–", "text3"),
    "not finite": ("×", "critical"),
}


class HiddenAxis(Axis):
    """The axis of the hidden layers alone, without the output layer."""

    def __init__(self) -> None:
        super().__init__("layer")

    def ticks(self, pixels: float, room: float) -> Ticks:
        """Number the layers, as many as have room."""
        most = max(2, min(12, int(pixels / max(room * 0.72, 1.0))))
        return number_ticks(max(round(self.high - 0.5), 1), most)


@dataclass
class Column:
    """The place of the selected layer, over the whole height.

    Attributes
    ----------
    index
        0-based; None paints nothing.
    """

    index: int | None = None

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        """Paint the column behind the bars."""
        if self.index is None:
            return
        left, right = frame.x(self.index + 0.5), frame.x(self.index + 1.5)
        place = QRectF(left, frame.area.top(), right - left, frame.area.height())
        painter.fillRect(place.intersected(frame.area), theme.color("accent_soft"))


@dataclass
class BarPicture:
    """Bars of the decades of each layer; from 0 down what is lost, up what is gained."""

    bars: ChainBars | None = None

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        """Paint the bars, their bounds, what is not a number, and the running sums."""
        bars = self.bars
        if bars is None:
            return
        painter.save()
        painter.setClipRect(frame.area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._paint_blocks(painter, frame, theme, bars)
        self._paint_bounds(painter, frame, theme, bars)
        self._paint_base(painter, frame, theme)
        self._paint_signs(painter, frame, theme, bars)
        painter.restore()
        self._paint_sums(painter, frame, theme, bars)

    def _paint_blocks(self, painter: QPainter, frame: Frame, theme: Theme, bars: ChainBars) -> None:
        spans = bars.spans()
        hatching = QBrush(theme.color("bg1", 0.75), Qt.BrushStyle.BDiagPattern)
        lane = QBrush(theme.color("line"), Qt.BrushStyle.BDiagPattern)
        fills = [theme.color(role) for role in ROLES]
        for layer, state in enumerate(bars.states):
            left, right = _ends(frame, layer)
            lowest = frame.y(0.0)
            for part in range(3):
                begin, end = spans[layer, part].tolist()
                if math.isnan(begin):
                    continue
                top, bottom = sorted((frame.y(begin), frame.y(end)))
                lowest = max(lowest, bottom)
                block = QRectF(left, top, right - left, max(bottom - top, 1.0))
                painter.fillRect(block, fills[part])
                if part == 1 and right - left > HATCHED_FROM:
                    painter.fillRect(block, hatching)
            if state == "zero":
                rest = QRectF(left, lowest, right - left, frame.area.bottom() - lowest)
                painter.fillRect(rest, lane)

    def _paint_bounds(self, painter: QPainter, frame: Frame, theme: Theme, bars: ChainBars) -> None:
        """Mark how far the slopes reach at least."""
        lines = []
        for layer, mark in enumerate(bars.bound_marks().tolist()):
            left, right = _ends(frame, layer)
            if math.isfinite(mark) and right - left > HATCHED_FROM:
                y = round(frame.y(mark)) + 0.5
                lines.append(QLineF(left, y, right, y))
        if lines:
            painter.setPen(QPen(theme.color("text"), 1))
            painter.drawLines(lines)

    def _paint_base(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        y = round(frame.y(0.0)) + 0.5
        painter.setPen(QPen(theme.color("text3"), 1))
        painter.drawLine(QLineF(frame.area.left(), y, frame.area.right(), y))

    def _paint_signs(self, painter: QPainter, frame: Frame, theme: Theme, bars: ChainBars) -> None:
        """Name the bars that are no numbers."""
        painter.setFont(font(11, 600))
        for layer, state in enumerate(bars.states):
            if state == "counted":
                continue
            text, role = SIGNS[state]
            spans = bars.spans()[layer]
            y = frame.y(float(spans[np.isfinite(spans)].min(initial=0.0))) + 1
            painter.setPen(theme.color(role))
            painter.drawText(QRectF(frame.x(layer + 1.0) - 10, y, 20, 16), CENTRED, text)

    def _paint_sums(self, painter: QPainter, frame: Frame, theme: Theme, bars: ChainBars) -> None:
        """Write the sums from the output down under the bars, as many as have room."""
        painter.setFont(font(WORD_PIXELS))
        metrics = QFontMetricsF(painter.font())
        room = max((metrics.horizontalAdvance(f"{sum_:.1f}") for sum_ in _known(bars)), default=0.0)
        most = int(frame.area.width() / (room + 7.0))
        painter.setPen(theme.color("text3"))
        y = frame.area.bottom() - 14
        for layer, text in running_words(bars, most):
            painter.drawText(QRectF(frame.x(layer + 1.0) - 30, y, 60, 12), CENTRED, text)


def _known(bars: ChainBars) -> list[float]:
    known: list[float] = bars.running[np.isfinite(bars.running)].tolist()
    return known


def _ends(frame: Frame, layer: int) -> tuple[float, float]:
    """Left and right edge of a bar in whole pixels, at least one apart."""
    left = round(frame.x(layer + 1.0 - BAR / 2))
    return float(left), float(max(round(frame.x(layer + 1.0 + BAR / 2)), left + 1))


def colour_of(theme: Theme, part: int) -> QColor:
    """Return the colour of weights (0), slopes (1) or the rest (2)."""
    return theme.color(ROLES[part])
