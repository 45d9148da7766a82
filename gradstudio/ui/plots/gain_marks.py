"""Axes, words and the handle of the two plots of the gain lab."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from gradstudio.export.gain_words import plain_figures
from gradstudio.export.ticks import Ticks, decade_ticks
from gradstudio.ui.plots.axis import Axis
from gradstudio.ui.plots.canvas import Curve
from gradstudio.ui.plots.decorations import CENTRED
from gradstudio.ui.plots.frame import Frame
from gradstudio.ui.theme import Theme, font


class DecadeAxis(Axis):
    """A logarithmic axis between two ends that are set, without margins."""

    def __init__(self) -> None:
        super().__init__("layer", log=True)

    def ticks(self, pixels: float, room: float) -> Ticks:
        """Decades, as many as have room."""
        return decade_ticks(self.low, self.high, max(2, min(8, int(pixels / max(room, 1.0)))))


class FactorAxis(DecadeAxis):
    """As a `DecadeAxis`, with 1 among its numbers wherever they lie."""

    def ticks(self, pixels: float, room: float) -> Ticks:
        """1, whole decades, then twos and fives of decades, as long as there is room."""
        gap = 0.7 * room * self.span / max(pixels, 1.0)
        decades = [0.0, *(float(e) for e in range(-6, 7))]
        parts = [e + math.log10(m) for m in (2, 5) for e in range(-6, 7)]
        taken: list[float] = []
        for place in (*decades, *parts):
            is_inside = self.low <= place <= self.high
            if is_inside and all(abs(place - other) >= gap for other in taken):
                taken.append(place)
        return tuple((place, plain_figures(10.0**place)) for place in sorted(taken))


@dataclass
class Words:
    """A few words beside a place in the plot, or in one of its corners, clear of the curves."""

    text: str = ""
    at: tuple[float, float] | None = None
    around: Sequence[Curve] = ()

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        """Paint them where they hide least."""
        if not self.text:
            return
        painter.setFont(font(11, 600))
        width = QFontMetricsF(painter.font()).horizontalAdvance(self.text) + 8
        box = min(self._boxes(frame, width), key=lambda box: self._hidden(frame, box))
        painter.fillRect(box, theme.color("bg1", 0.8))
        painter.setPen(theme.color("text"))
        painter.drawText(box, CENTRED, self.text)

    def _boxes(self, frame: Frame, width: float) -> list[QRectF]:
        """Places for them, the best first."""
        area = frame.area.adjusted(2, 1, -2, -1)
        left, right = area.left() + 4, area.right() - width - 2
        top, bottom = area.top() + 3, area.bottom() - 19
        places = ((right, top), (left, top + 16), (left, bottom), (right, bottom - 12))
        corners = [QRectF(x, y, width, 16) for x, y in places]
        if self.at is None:
            return corners
        x, y = frame.x(self.at[0]), frame.y(self.at[1])
        sides = ((x + 9, y + 6), (x - 9 - width, y - 22), (x + 9, y - 22), (x - 9 - width, y + 6))
        near = [QRectF(a, b, width, 16) for a, b in sides]
        return [box for box in near if area.contains(box)] or corners

    def _hidden(self, frame: Frame, box: QRectF) -> int:
        """Count the places of curves under a box; of equal ones `min` takes the first."""
        found = 0
        for curve in self.around:
            xs = np.linspace(box.left(), box.right(), 24)
            places = [frame.x_position(x) for x in xs.tolist()]
            ys = frame.ys(np.interp(places, curve.x, curve.y))
            found += int(((ys > box.top() - 2) & (ys < box.bottom() + 2)).sum())
        return found


@dataclass
class Names:
    """What the axes are, inside the plot."""

    y: str
    x: str = ""

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        """Paint the name of y at the top left and that of x at the bottom right."""
        painter.setFont(font(10))
        painter.setPen(theme.color("text3"))
        area = frame.area.adjusted(5, 2, -4, -2)
        top = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        bottom = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
        painter.drawText(area, top, self.y)
        painter.drawText(area, bottom, self.x)


@dataclass
class Handle:
    """The ring by which the curve is pulled."""

    at: tuple[float, float] | None = None

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        """Paint the ring with an arrow head above and below it."""
        if self.at is None:
            return
        centre = frame.point(*self.at)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(theme.color("accent"), 2))
        painter.setBrush(theme.color("bg1"))
        painter.drawEllipse(centre, 5, 5)
        for way in (-1, 1):
            tip = QPointF(centre.x(), centre.y() + way * 12)
            painter.drawPolyline(
                [tip + QPointF(-3.5, -way * 3.5), tip, tip + QPointF(3.5, -way * 3.5)]
            )
