"""Single things on a plot: marks, dots, off-scale arrows and the read-out box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from gradstudio.ui.plots.decorations import CENTRED, LEFT, RIGHT, TICK_PIXELS
from gradstudio.ui.plots.frame import Frame
from gradstudio.ui.theme import Theme, font


@dataclass(frozen=True)
class Mark:
    """A value that is not finite: where, in words, and in fewer words where room is short."""

    position: float
    text: str
    brief: str = ""


@dataclass
class Marks:
    """Crosses at the top edge where values are not finite; they never change a range."""

    marks: Sequence[Mark] = ()

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        """Paint the crosses; only the first one has room for its text."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setFont(font(TICK_PIXELS, 500))
        taken = -1e9
        for mark in self.marks:
            x, y = frame.x(mark.position), frame.area.top() + 6
            if not frame.area.left() - 1 <= x <= frame.area.right() + 1:
                continue
            painter.setPen(QPen(theme.color("critical"), 1.6))
            painter.drawLine(QLineF(x - 4, y - 4, x + 4, y + 4))
            painter.drawLine(QLineF(x - 4, y + 4, x + 4, y - 4))
            text, box = self._place(painter, frame, mark, x, y)
            if text and box.left() > taken:
                painter.fillRect(box, theme.color("bg1", 0.85))
                painter.setPen(theme.color("critical"))
                painter.drawText(box, CENTRED, text)
                taken = box.right()

    def _place(
        self, painter: QPainter, frame: Frame, mark: Mark, x: float, y: float
    ) -> tuple[str, QRectF]:
        """Choose the words of a mark and the side of the cross that has room for them."""
        metrics = QFontMetricsF(painter.font())
        for text in (mark.text, mark.brief):
            width = metrics.horizontalAdvance(text) + 8
            if x + 8 + width <= frame.area.right():
                return text, QRectF(x + 8, y - 8, width, 16)
            if x - 8 - width >= frame.area.left():
                return text, QRectF(x - 8 - width, y - 8, width, 16)
        return "", QRectF(x, y, 0, 0)


@dataclass
class Dots:
    """Points joined or not: what is measured at single places.

    Attributes
    ----------
    xs, ys
        Positions; a `ys` of None stands in the zero lane.
    colours
        One per point.
    filled
        Filled discs, or rings.
    """

    xs: Sequence[float] = ()
    ys: Sequence[float | None] = ()
    colours: Sequence[QColor] = ()
    filled: bool = True
    radius: float = 3.5
    ringed: int | None = None

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        """Paint the points, the one at index `ringed` with a ring in the accent colour."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for i, (x, y) in enumerate(zip(self.xs, self.ys, strict=True)):
            if y is None and frame.lane is None:
                continue
            centre = QPointF(
                frame.x(x), frame.lane_row(i, len(self.xs)) if y is None else frame.y(y)
            )
            if not frame.whole.adjusted(-4, -4, 4, 4).contains(centre):
                continue
            if i == self.ringed:
                painter.setPen(QPen(theme.color("accent"), 2))
                painter.setBrush(theme.color("bg1"))
                painter.drawEllipse(centre, self.radius + 3.5, self.radius + 3.5)
            if self.filled:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(self.colours[i])
                painter.drawEllipse(centre, self.radius, self.radius)
            else:
                painter.setPen(QPen(self.colours[i], 1.2))
                painter.setBrush(theme.color("bg1"))
                painter.drawEllipse(centre, self.radius - 0.6, self.radius - 0.6)


@dataclass
class OffScale:
    """A triangle at an edge for a curve that has left a range chosen by a person."""

    positions: Sequence[tuple[float, QColor]] = ()

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        """Paint the triangles at the right edge, side by side."""
        above = [c for y, c in self.positions if y > frame.y_high]
        below = [c for y, c in self.positions if y < frame.y_low]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(Qt.PenStyle.NoPen)
        for colours, tip, base in (
            (above, frame.area.top() + 1, 6.0),
            (below, frame.area.bottom() - 1, -6.0),
        ):
            for k, colour in enumerate(colours[:12]):
                x = frame.area.right() - 5 - 8 * k
                painter.setBrush(colour)
                painter.drawPolygon(
                    QPolygonF(
                        [
                            QPointF(x, tip),
                            QPointF(x - 3.5, tip + base),
                            QPointF(x + 3.5, tip + base),
                        ]
                    )
                )


@dataclass
class CrossHair:
    """The dashed line under the pointer, the dot on the curve and the numbers beside it.

    Attributes
    ----------
    x
        Position on the x axis; None hides all.
    y
        Position of the dot; None leaves the line alone.
    title, rows
        What the box says: a bold line, then label and number per line. No title, no box.
    """

    x: float | None = None
    y: float | None = None
    colour: QColor | None = None
    title: str = ""
    rows: Sequence[tuple[str, str]] = ()

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        """Paint line, dot and box; the box keeps inside the plot."""
        if self.x is None:
            return
        x = round(frame.x(self.x)) + 0.5
        area = frame.whole
        if not area.left() - 1 <= x <= area.right() + 1:
            return
        pen = QPen(theme.color("text2"), 1)
        pen.setDashPattern([2, 3])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(pen)
        painter.drawLine(QLineF(x, area.top(), x, area.bottom()))
        y = area.center().y()
        if self.y is not None and self.colour is not None:
            y = frame.y(self.y)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            painter.setPen(QPen(self.colour, 1.6))
            painter.setBrush(theme.color("bg1"))
            painter.drawEllipse(QPointF(x, y), 3.8, 3.8)
        if self.title:
            self._paint_box(painter, frame, theme, QPointF(x, y))

    def _paint_box(self, painter: QPainter, frame: Frame, theme: Theme, at: QPointF) -> None:
        strong, plain, mono = font(11, 600), font(11), font(11, mono=True)
        titles, texts, numbers = (QFontMetricsF(f) for f in (strong, plain, mono))
        label_width = max((texts.horizontalAdvance(a) for a, _ in self.rows), default=0.0)
        number_width = max((numbers.horizontalAdvance(b) for _, b in self.rows), default=0.0)
        inner = max(titles.horizontalAdvance(self.title), label_width + 12 + number_width)
        width, height = inner + 18, 24.0 + 15 * len(self.rows)
        area = frame.whole
        left = at.x() + 12 if at.x() + 12 + width <= area.right() else at.x() - 12 - width
        left = max(left, area.left() + 2)
        top = at.y() + 10 if at.y() + 10 + height <= area.bottom() else at.y() - 10 - height
        box = QRectF(left, max(top, area.top() + 2), width, height)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("bg3", 0.96))
        painter.drawRoundedRect(box, 6, 6)
        line = QRectF(box.left() + 9, box.top() + 5, inner, 15)
        painter.setFont(strong)
        painter.setPen(theme.color("text"))
        painter.drawText(line, LEFT, self.title)
        for label, number in self.rows:
            line.translate(0, 15)
            painter.setFont(plain)
            painter.setPen(theme.color("text2"))
            painter.drawText(line, LEFT, label)
            painter.setFont(mono)
            painter.setPen(theme.color("text"))
            painter.drawText(line, RIGHT, number)
