"""What stands around the curves: grid, ticks, zero lane, rules and labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen

from gradstudio.export.labels import place_labels
from gradstudio.ui.plots.frame import Frame
from gradstudio.ui.theme import Theme, font

TICK_PIXELS = 10
LABEL_PIXELS = 11
LABEL_GAP = 12.0
CENTRED = Qt.AlignmentFlag.AlignCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class Decoration(Protocol):
    """Something painted in pixel coordinates."""

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        """Paint it; the painter's state need not be restored."""


def paint_grid(painter: QPainter, frame: Frame, theme: Theme) -> None:
    """Lines at the ticks, as one batch: a line each through the scene would cost 20 times that."""
    area = frame.whole
    lines = []
    for position, _ in frame.x_ticks:
        x = round(frame.x(position)) + 0.5
        if area.left() - 1 <= x <= area.right() + 1:
            lines.append(QLineF(x, area.top(), x, area.bottom()))
    for position, _ in frame.y_ticks:
        y = round(frame.y(position)) + 0.5
        if frame.area.top() - 1 <= y <= frame.area.bottom() + 1:
            lines.append(QLineF(area.left(), y, area.right(), y))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(theme.color("grid"), 1))
    painter.drawLines(lines)


def paint_ticks(painter: QPainter, frame: Frame, theme: Theme) -> None:
    """Tick texts left of and under the axes, and the 0 of the zero lane."""
    painter.setFont(font(TICK_PIXELS))
    painter.setPen(theme.color("text3"))
    left, top = frame.area.left(), frame.whole.bottom() + 4
    limit = frame.area.bottom() - (3 if frame.lane is not None else -6)
    for position, text in frame.y_ticks:
        y = frame.y(position)
        if frame.area.top() - 4 <= y <= limit:
            painter.drawText(QRectF(0, y - 8, left - 6, 16), RIGHT, text)
    if frame.lane is not None:
        centre = frame.lane.center().y()
        painter.drawText(QRectF(0, centre - 8, left - 6, 16), RIGHT, "0")
    for position, text in frame.x_ticks:
        x = frame.x(position)
        if left - 2 <= x <= frame.area.right() + 2:
            painter.drawText(QRectF(x - 40, top, 80, 14), CENTRED, text)


def paint_lane(painter: QPainter, frame: Frame, theme: Theme, caption: str) -> None:
    """Paint the hatched band in which exact zeros are drawn."""
    if frame.lane is None:
        return
    painter.fillRect(frame.lane, theme.color("bg1"))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.fillRect(frame.lane, QBrush(theme.color("line", 0.75), Qt.BrushStyle.BDiagPattern))
    painter.setPen(QPen(theme.color("line"), 1))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.drawLine(frame.lane.topLeft(), frame.lane.topRight())
    if not caption:
        return
    painter.setFont(font(9))
    width = QFontMetricsF(painter.font()).horizontalAdvance(caption) + 10
    place = QRectF(frame.lane.left() + 5, frame.lane.top() + 1, width, frame.lane.height() - 1)
    painter.fillRect(place, theme.color("bg1"))
    painter.setPen(theme.color("text3"))
    painter.drawText(place, CENTRED, caption)


def paint_note(painter: QPainter, frame: Frame, theme: Theme, text: str) -> None:
    """Paint a few words in the upper right corner, readable over curves."""
    painter.setFont(font(9))
    width = QFontMetricsF(painter.font()).horizontalAdvance(text) + 10
    box = QRectF(frame.area.right() - width - 2, frame.area.top() + 2, width, 14)
    painter.fillRect(box, theme.color("bg1", 0.88))
    painter.setPen(theme.color("text3"))
    painter.drawText(box, CENTRED, text)


@dataclass
class ZeroRuns:
    """Exact zeros: a line in the lane while they last, joined to the curve where they begin.

    Attributes
    ----------
    runs
        (curve index, first position, last position, position of the curve before or None).
    colours
        One per curve.
    """

    runs: Sequence[tuple[int, float, float, float | None]] = ()
    colours: Sequence[QColor] = ()

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        """Paint one pixel row per curve."""
        if frame.lane is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setClipRect(frame.whole)
        count = len(self.colours)
        for index, first, last, before in self.runs:
            y = round(frame.lane_row(index, count)) + 0.5
            x = frame.x(first)
            painter.setPen(QPen(self.colours[index], 1))
            painter.drawLine(QLineF(x, y, max(frame.x(last), x + 1), y))
            if before is not None:
                fall = QColor(self.colours[index])
                fall.setAlphaF(0.6)
                painter.setPen(QPen(fall, 1))
                painter.drawLine(QLineF(x, frame.y(before), x, y))
        painter.setClipping(False)


@dataclass
class Rule:
    """A line across the plot with a text of its own.

    Attributes
    ----------
    position
        On the y axis, or on the x axis when `vertical`; None paints nothing.
    """

    position: float | None = None
    text: str = ""
    colour: str = "text3"
    pattern: tuple[float, ...] = (1, 3)
    vertical: bool = False

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        """Paint the line and, near its left end, the text."""
        if self.position is None:
            return
        area = frame.whole if self.vertical else frame.area
        place = frame.x(self.position) if self.vertical else frame.y(self.position)
        low, high = (area.left(), area.right()) if self.vertical else (area.top(), area.bottom())
        if not low - 0.5 <= place <= high + 0.5:
            return
        place = round(place) + 0.5
        pen = QPen(theme.color(self.colour), 1)
        pen.setDashPattern(self.pattern)
        painter.setPen(pen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if self.vertical:
            painter.drawLine(QLineF(place, area.top(), place, area.bottom()))
            return
        painter.drawLine(QLineF(area.left(), place, area.right(), place))
        if self.text:
            self._paint_text(painter, area, place, theme)

    def _paint_text(self, painter: QPainter, area: QRectF, place: float, theme: Theme) -> None:
        """Paint the text under the line, or over it where there is no room."""
        painter.setFont(font(TICK_PIXELS))
        width = QFontMetricsF(painter.font()).horizontalAdvance(self.text) + 8
        down = place + 17 < area.bottom()
        box = QRectF(area.left() + 8, place + 2 if down else place - 16, width, 14)
        painter.fillRect(box, theme.color("bg1", 0.8))
        painter.setPen(theme.color("text2"))
        painter.drawText(box, CENTRED, self.text)


@dataclass(frozen=True)
class EdgeLabel:
    """A name at the right end of a curve; `position` None puts it in the zero lane."""

    position: float | None
    text: str
    colour: QColor
    strong: bool = False


@dataclass
class EdgeLabels:
    """The names of the curves at the right edge, in their colours and without overlap.

    Attributes
    ----------
    labels
        By curve index.
    order
        Curve indices, most important first.
    """

    labels: dict[int, EdgeLabel] = field(default_factory=dict)
    order: Sequence[int] = ()
    shift: float = 16.0

    def places(self, frame: Frame) -> dict[int, float]:
        """Height of each label that has room, in pixels from the top."""
        gap = LABEL_GAP
        wanted = {
            i: frame.y(label.position)
            for i, label in self.labels.items()
            if label.position is not None and frame.y_low <= label.position <= frame.y_high
        }
        top, bottom = frame.area.top() + gap / 2, frame.area.bottom() - gap / 2 + 2
        placed = place_labels(wanted, self.order, gap, top, bottom, self.shift)
        if frame.lane is not None:
            placed |= {
                i: frame.lane.center().y()
                for i, label in self.labels.items()
                if label.position is None
            }
        return placed

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        """Paint each label, with a thin leader where it had to move away from its curve."""
        edge = frame.area.right()
        for index, y in self.places(frame).items():
            label = self.labels[index]
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            if label.position is not None and abs(frame.y(label.position) - y) > 1.5:
                leader = QColor(label.colour)
                leader.setAlphaF(0.55)
                painter.setPen(QPen(leader, 1))
                painter.drawLine(QLineF(edge + 1, frame.y(label.position), edge + 6, y))
            x = edge + 8
            text_colour = label.colour
            if label.position is None:
                x, text_colour = edge + 5, theme.color("text2")
            elif theme.name == "light":
                painter.fillRect(QRectF(x, y - 4, 3, 8), label.colour)
                x, text_colour = x + 6, theme.color("text" if label.strong else "text2")
            painter.setFont(font(LABEL_PIXELS, 600 if label.strong else 500))
            painter.setPen(text_colour)
            painter.drawText(QRectF(x, y - 9, 70, 18), LEFT, label.text)
