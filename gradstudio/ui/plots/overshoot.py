"""The mark of the first update that is larger than the weights."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from gradstudio.ui.plots.decorations import CENTRED, TICK_PIXELS
from gradstudio.ui.plots.frame import Frame
from gradstudio.ui.theme import Theme, font

RADIUS = 4.5


@dataclass
class OvershootMark:
    """A ring on a curve with words beside it.

    Attributes
    ----------
    x, y
        Positions; an `x` of None paints nothing.
    text
        What happened there.
    """

    x: float | None = None
    y: float = 0.0
    text: str = ""

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        """Paint the ring, and the words where they have room."""
        if self.x is None:
            return
        at = QPointF(frame.x(self.x), min(max(frame.y(self.y), frame.area.top()), 1e5))
        if not frame.area.adjusted(-2, -2, 2, 2).contains(at):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(theme.color("critical"), 1.8))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(at, RADIUS, RADIUS)
        painter.setFont(font(TICK_PIXELS, 500))
        width = QFontMetricsF(painter.font()).horizontalAdvance(self.text) + 8
        left = at.x() + 9
        if left + width > frame.area.right():
            left = max(at.x() - 9 - width, frame.area.left())
        box = QRectF(left, at.y() - 8, width, 16)
        if box.bottom() > frame.area.bottom():
            box.moveBottom(frame.area.bottom())
        painter.fillRect(box, theme.color("bg1", 0.85))
        painter.setPen(theme.color("critical"))
        painter.drawText(box, CENTRED, self.text)
