"""The strip in which a network is painted: units, weights, shortcuts, normalised layers."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradstudio.export.arcs import Extras, arc
from gradstudio.export.edges import units_drawn
from gradstudio.ui.plots.canvas import KEYBOARD_REASONS
from gradstudio.ui.theme import current_theme, font

Floats = npt.NDArray[np.float64]

HEAD: Final = 18.0
"""Room for the arcs of shortcuts, in pixels."""
STRENGTHS: Final = 10
"""Steps of opacity; edges of one layer and step are drawn in one batch."""


class Strip(QWidget):
    """Paints the network once per snapshot and the selection on top of it."""

    layer_clicked = Signal(int)
    menu_asked = Signal(QPoint)
    pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._sizes: tuple[int, ...] = ()
        self._strengths: tuple[Floats, ...] = ()
        self._extras = Extras()
        self._selected: int | None = None
        self._picture: QPixmap | None = None
        self._picture_size = QSize()
        self._is_ringed = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(200, 60)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_network(
        self, sizes: tuple[int, ...], strengths: tuple[Floats, ...], extras: Extras
    ) -> None:
        """Show a network of these sizes, x first; one array of opacities per layer."""
        self._sizes, self._strengths, self._extras = sizes, strengths, extras
        self._picture = None
        self.update()

    def select(self, index: int | None) -> None:
        """Outline one layer."""
        self._selected = index
        self.update()

    def column(self, position: int) -> float:
        """Pixels from the left of column `position`, 0 being the input."""
        left, right = 30.0, self.width() - 30.0
        return left + (right - left) * position / max(len(self._sizes) - 1, 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the layer nearest to the pointer."""
        self.pressed.emit()
        if event.button() != Qt.MouseButton.LeftButton or len(self._sizes) < 2:
            return
        reach = [abs(self.column(k) - event.position().x()) for k in range(1, len(self._sizes))]
        self.layer_clicked.emit(int(np.argmin(reach)))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu."""
        self.menu_asked.emit(event.globalPos())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring after a key, not after a click."""
        self._is_ringed = event.reason() in KEYBOARD_REASONS
        super().focusInEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cached network and the outline of the selected layer."""
        painter = QPainter(self)
        theme = current_theme()
        if not self._sizes:
            painter.setPen(theme.color("text3"))
            painter.setFont(font(12))
            painter.drawText(
                self.rect(), Qt.AlignmentFlag.AlignCenter, "The network appears with its first run"
            )
            painter.end()
            return
        if self._picture is None or self._picture_size != self.size():
            self._picture, self._picture_size = self._painted(), self.size()
        painter.drawPixmap(0, 0, self._picture)
        if self._selected is not None and self._selected < len(self._sizes) - 1:
            spacing = self.column(1) - self.column(0)
            half = min(11.0, max(spacing * 0.45, 3.0))
            x = self.column(self._selected + 1)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.color("accent"), 1.5))
            painter.drawRoundedRect(QRectF(x - half, 2.5, 2 * half, self.height() - 23.0), 4, 4)
        if self._is_ringed and self.hasFocus():
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        painter.end()

    def _painted(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        theme = current_theme()
        picture.fill(theme.color("bg1"))
        colours = theme.depth(len(self._sizes) - 1)
        drawn = units_drawn(self._sizes)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        columns = [self._units(k, drawn) for k in range(len(drawn))]
        for k in range(1, len(drawn)):
            strengths = self._strengths[k - 1] if self._strengths else None
            paint_edges(painter, columns[k - 1], columns[k], colours[k - 1], strengths)
        spacing = self.column(1) - self.column(0)
        radius = min(3.2, max(1.2, spacing / 5, 0.0), self._gap(drawn) / 2.4)
        for k, units in enumerate(columns):
            colour = theme.color("text3") if k == 0 else colours[k - 1]
            painter.setPen(QPen(colour, 1.3))
            fill = QColor(colour)
            fill.setAlphaF(0.35 if k else 0.0)
            painter.setBrush(fill if k else Qt.BrushStyle.NoBrush)
            for unit in units:
                painter.drawEllipse(unit, radius, radius)
        self._paint_extras(painter, columns, radius)
        self._paint_names(painter)
        painter.end()
        return picture

    def _paint_extras(self, painter: QPainter, columns: list[list[QPointF]], radius: float) -> None:
        """Shortcuts as arcs over the units, the longer the higher; normalised layers as bars."""
        colour = current_theme().color("text2")
        painter.setPen(QPen(colour, 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        longest = max(self._extras.longest, 1)
        for begin, end in self._extras.shortcuts:
            first, last = (
                (point.x(), point.y() - radius - 2.0)
                for point in (columns[begin][0], columns[end][0])
            )
            apex = self._head - (self._head - 3.0) * (0.4 + 0.6 * (end - begin) / longest)
            curve = arc(first, last, apex)
            painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in curve.tolist()]))
        half = min(5.0, max(0.3 * (self.column(1) - self.column(0)), 1.0))
        painter.setPen(QPen(colour, 2))
        y = self.height() - 20.0
        for k in self._extras.normalised:
            painter.drawLine(QPointF(self.column(k) - half, y), QPointF(self.column(k) + half, y))

    @property
    def _head(self) -> float:
        """Room for arcs above the units, in pixels."""
        return min(HEAD, 0.2 * self.height()) if self._extras.shortcuts else 0.0

    def _paint_names(self, painter: QPainter) -> None:
        theme = current_theme()
        last = len(self._sizes) - 1
        spacing = self.column(1) - self.column(0)
        stride = next((s for s in (1, 2, 5, 10, 20, 50) if s * spacing >= 24), 100)
        y = self.height() - 19.0
        for k in range(last + 1):
            is_end = k in (0, last)
            if not is_end and (k % stride or (last - k) * spacing < 26):
                continue
            if stride > 1 and k > 0 and k * spacing < 22:
                continue
            text = "x" if k == 0 else "out" if k == last else str(k)
            painter.setFont(font(10))
            painter.setPen(theme.color("text2"))
            painter.drawText(
                QRectF(self.column(k) - 20, y, 40, 16), Qt.AlignmentFlag.AlignCenter, text
            )

    def _gap(self, drawn: tuple[int, ...]) -> float:
        return (self.height() - 30.0 - self._head) / max(*drawn, 2)

    def _units(self, position: int, drawn: tuple[int, ...]) -> list[QPointF]:
        """Places of the units of one column, centred."""
        gap = min(self._gap(drawn), 22.0)
        middle = (self.height() - 22.0 + self._head) / 2 + 1
        x, count = self.column(position), drawn[position]
        return [QPointF(x, middle + (i - (count - 1) / 2) * gap) for i in range(count)]


def paint_edges(
    painter: QPainter,
    left: list[QPointF],
    right: list[QPointF],
    colour: QColor,
    strengths: Floats | None,
) -> None:
    """Lines from every unit of one column to every unit of the next, in batches of opacity.

    `strengths` has shape (left, right), 0 to 1; None draws faint lines of equal strength.
    """
    batches: dict[int, list[QLineF]] = {}
    for i, start in enumerate(left):
        for j, end in enumerate(right):
            strength = 0.18 if strengths is None else float(strengths[i, j])
            level = math.ceil(strength * STRENGTHS)
            if level > 0:
                batches.setdefault(level, []).append(QLineF(start, end))
    for level, batch in sorted(batches.items()):
        pen_colour = QColor(colour)
        pen_colour.setAlphaF(0.85 * level / STRENGTHS)
        painter.setPen(QPen(pen_colour, 1))
        painter.drawLines(batch)
