"""Headline and legend of a plot, where its curves leave room for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from gradstudio.ui.plots.frame import Frame
from gradstudio.ui.theme import Theme, font

Floats = npt.NDArray[np.float64]
Sign: TypeAlias = Literal["filled", "hollow", "dashed"]
"""What stands before a name: a filled point, a hollow one, or a dashed line."""

CLEARANCE: Final = 5.0
"""Pixels between words and the middle of a point."""
BETWEEN: Final = np.linspace(0.0, 1.0, 13)
"""Places on the line from one point to the next that words must not cover either."""
ROW: Final = 16.0
LEGEND_INDENT: Final = 9.0
UNDER: Final = 4
"""Place of a legend under the headline, behind those in the four corners."""


@dataclass
class CornerWords:
    """A headline with a line under it, and a legend of points and lines.

    Attributes
    ----------
    legend
        (text, sign) of each entry.
    curves
        Positions (x, y) of the points that the words keep clear of; NaN is no point.
    """

    headline: str = ""
    aside: str = ""
    legend: Sequence[tuple[str, Sign]] = ()
    falls: bool = True
    curves: Sequence[tuple[Floats, Floats]] = ()
    _corners: dict[str, int] = field(default_factory=dict)

    def places(self, frame: Frame) -> tuple[QRectF, QRectF]:
        """Rectangles of headline and legend, in pixels."""
        area = frame.area.adjusted(8, 4, -8, -4)
        points = self._points(frame)
        upper_first = (0, 1, 2, 3) if self.falls else (1, 0, 3, 2)
        head = self._choose("head", _corners(area, self._head_size()), points, upper_first)
        size = self._legend_size()
        candidates = (*_corners(area, size), _under(head, size, area))
        lower_first = (3, 2, 1, 0, UNDER) if self.falls else (2, 3, 0, 1, UNDER)
        free = [k for k in lower_first if not candidates[k].intersects(head)] or list(lower_first)
        return head, self._choose("legend", candidates, points, free)

    def forget_corners(self) -> None:
        """Choose the corners anew: what is drawn has nothing to do with what was."""
        self._corners.clear()

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        """Paint both, over a pale ground where a curve runs under them all the same."""
        if not self.headline and not self.legend:
            return
        head, legend = self.places(frame)
        for place in (head, legend) if self.legend else (head,):
            painter.fillRect(place.adjusted(-3, -1, 3, 1), theme.color("bg1", 0.8))
        is_right = head.center().x() > frame.area.center().x()
        side = Qt.AlignmentFlag.AlignRight if is_right else Qt.AlignmentFlag.AlignLeft
        painter.setFont(font(13, 600))
        painter.setPen(theme.color("text"))
        painter.drawText(head, side | Qt.AlignmentFlag.AlignTop, self.headline)
        painter.setFont(font(11))
        painter.setPen(theme.color("text2"))
        painter.drawText(head.adjusted(0, 18, 0, 0), side | Qt.AlignmentFlag.AlignTop, self.aside)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for row, (text, sign) in enumerate(self.legend):
            y = legend.top() + ROW * (row + 0.5)
            _paint_sign(painter, sign, QPointF(legend.left() + 4, y), theme)
            painter.setPen(theme.color("text2"))
            box = QRectF(legend.left() + 4 + LEGEND_INDENT, y - 8, legend.width(), ROW)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)

    def _points(self, frame: Frame) -> Floats:
        """Pixels that the curves pass through, shape (m, 2)."""
        parts = [np.empty((0, 2))]
        for x, y in self.curves:
            ends = np.stack([frame.xs(x), frame.ys(y)], axis=1)
            steps = BETWEEN[:, None, None]
            line = (1 - steps) * ends[:-1] + steps * ends[1:]
            parts += [ends, line.reshape(-1, 2)]
        points = np.concatenate(parts)
        return points[np.isfinite(points).all(axis=1)]

    def _choose(
        self, name: str, places: Sequence[QRectF], points: Floats, wished: Sequence[int]
    ) -> QRectF:
        """The corner with the fewest points in it; the last one chosen, then `wished`, if equal."""
        last = self._corners.get(name)
        order = sorted(wished, key=lambda k: k != last)
        chosen = min(order, key=lambda k: _covered(places[k], points))
        self._corners[name] = chosen
        return places[chosen]

    def _head_size(self) -> QSizeF:
        width = QFontMetricsF(font(13, 600)).horizontalAdvance(self.headline)
        if self.aside:
            width = max(width, QFontMetricsF(font(11)).horizontalAdvance(self.aside))
        return QSizeF(width + 2, 34.0 if self.aside else 18.0)

    def _legend_size(self) -> QSizeF:
        metrics = QFontMetricsF(font(11))
        width = max((metrics.horizontalAdvance(text) for text, _ in self.legend), default=0.0)
        return QSizeF(width + LEGEND_INDENT + 6, ROW * len(self.legend))


def _corners(area: QRectF, size: QSizeF) -> tuple[QRectF, QRectF, QRectF, QRectF]:
    """Upper left, upper right, lower left, lower right."""
    right, bottom = area.right() - size.width(), area.bottom() - size.height()
    places = ((area.left(), area.top()), (right, area.top()), (area.left(), bottom))
    upper_left, upper_right, lower_left = (QRectF(QPointF(x, y), size) for x, y in places)
    return upper_left, upper_right, lower_left, QRectF(QPointF(right, bottom), size)


def _under(head: QRectF, size: QSizeF, area: QRectF) -> QRectF:
    """Place under a headline, on its side of the area."""
    is_right = head.center().x() > area.center().x()
    left = head.right() - size.width() if is_right else head.left()
    return QRectF(QPointF(left, head.bottom() + 4), size)


def _covered(place: QRectF, points: Floats) -> int:
    """How many points lie under a rectangle or too near to it."""
    grown = place.adjusted(-CLEARANCE, -CLEARANCE, CLEARANCE, CLEARANCE)
    x, y = points[:, 0], points[:, 1]
    inside = (x > grown.left()) & (x < grown.right()) & (y > grown.top()) & (y < grown.bottom())
    return int(inside.sum())


def _paint_sign(painter: QPainter, sign: Sign, at: QPointF, theme: Theme) -> None:
    colour = theme.color("text2")
    if sign == "dashed":
        pen = QPen(colour, 1.4)
        pen.setDashPattern([3, 2])
        painter.setPen(pen)
        painter.drawLine(at - QPointF(6.0, 0.0), at + QPointF(6.0, 0.0))
        return
    painter.setPen(colour)
    painter.setBrush(colour if sign == "filled" else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(at, 3.2, 3.2)
