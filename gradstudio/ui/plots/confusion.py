"""The confusion matrix: right answers as framed squares, mistakes as discs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from gradstudio.data.task import Data
from gradstudio.export.figures.confusion import COUNTED, DISC_SHARE, INK, disc_radius
from gradstudio.export.mistakes import Cell
from gradstudio.export.score import ClassScore
from gradstudio.palette import interpolate
from gradstudio.ui.theme import current_theme, font

CAPTION: Final = 14.0
NAMES: Final = 15.0
_CENTRED: Final = Qt.AlignmentFlag.AlignCenter


@dataclass(frozen=True)
class MatrixPlace:
    """Where the cells are: upper left corner, side of a cell, number of classes."""

    left: float
    top: float
    cell: float
    classes: int

    @classmethod
    def inside(cls, place: QRectF, classes: int) -> MatrixPlace:
        """Return the largest matrix with room for names and captions left and below."""
        room = CAPTION + NAMES
        cell = min(place.width() - room, place.height() - room) / classes
        return cls(place.left() + room, place.top(), cell, classes)

    def box(self, cell: Cell) -> QRectF:
        """Return the rectangle of a cell; a pixel is left between two."""
        left, top = self.left + cell[1] * self.cell, self.top + cell[0] * self.cell
        return QRectF(left, top, self.cell - 1, self.cell - 1)

    @property
    def whole(self) -> QRectF:
        """Rectangle of all cells."""
        side = self.cell * self.classes
        return QRectF(self.left, self.top, side, side)

    def cell_at(self, at: QPointF) -> Cell | None:
        """Return the cell under a pixel."""
        if not self.whole.contains(at):
            return None
        last = self.classes - 1
        row, column = (at.y() - self.top) / self.cell, (at.x() - self.left) / self.cell
        return min(int(row), last), min(int(column), last)


def paint_confusion(
    painter: QPainter, at: MatrixPlace, data: Data, score: ClassScore, chosen: Cell | None
) -> None:
    """Paint true classes by row and predicted ones by column, the chosen cell with a ring."""
    theme = current_theme()
    samples = np.bincount(score.labels, minlength=at.classes)
    shares = score.confusion / np.maximum(samples[:, None], 1)
    cells = [(row, column) for row in range(at.classes) for column in range(at.classes)]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("bg2"))
    painter.drawRects([at.box(cell) for cell in cells])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    inks = [_paint_right(painter, at.box((k, k)), float(shares[k, k])) for k in range(at.classes)]
    wrong = [cell for cell in cells if cell[0] != cell[1] and score.confusion[cell]]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("critical", DISC_SHARE if at.cell >= COUNTED else 1))
    for cell in wrong:
        radius = disc_radius(float(shares[cell]), at.cell)
        painter.drawEllipse(at.box(cell).center(), radius, radius)
    if at.cell >= COUNTED:
        size = 10 if at.cell >= 22 else 9
        painter.setFont(font(size, 500))
        painter.setPen(theme.color("text"))
        for cell in wrong:
            painter.drawText(at.box(cell), _CENTRED, str(score.confusion[cell]))
        painter.setFont(font(size, 600))
        for k, ink in enumerate(inks):
            painter.setPen(ink)
            painter.drawText(at.box((k, k)), _CENTRED, str(score.confusion[k, k] or ""))
    if chosen is not None:
        painter.setPen(QPen(theme.color("accent"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(at.box(chosen).adjusted(-1, -1, 1, 1))
    _paint_names(painter, at, data)


def _paint_right(painter: QPainter, box: QRectF, share: float) -> QColor:
    """Paint a cell of right answers; return the colour of words on it."""
    theme = current_theme()
    shade = QColor(interpolate(theme.palette.size, share))
    painter.setPen(QPen(theme.color("text3"), 1))
    painter.setBrush(shade)
    painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
    return QColor(INK[shade.lightnessF() < 0.45])


def _paint_names(painter: QPainter, at: MatrixPlace, data: Data) -> None:
    """Name classes and directions at the left and below; long names at the left are turned."""
    theme = current_theme()
    is_short = max(map(len, data.class_names)) <= 2
    small = font(10 if at.cell >= 11 else 9)
    metrics, every = QFontMetricsF(small), 1 if at.cell >= 8 else 2
    for k, name in enumerate(data.class_names):
        if k % every:
            continue
        text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, at.cell - 4)
        text = name if is_short else text
        painter.setPen(theme.color("text2"))
        painter.setFont(small)
        middle = (k + 0.5) * at.cell
        below = QRectF(at.left + middle - at.cell, at.whole.bottom(), 2 * at.cell, NAMES)
        painter.drawText(below, _CENTRED, text)
        beside = QRectF(at.left - NAMES, at.top + middle - 8, NAMES - 3, 16)
        if is_short:
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(beside, right, text)
        else:
            _paint_turned(painter, at.left - NAMES, at.top + middle, at.cell, text)
    painter.setPen(theme.color("text3"))
    painter.setFont(font(10))
    whole = at.whole
    under = QRectF(whole.left(), whole.bottom() + NAMES - 1, whole.width(), CAPTION)
    painter.drawText(under, _CENTRED, "predicted")
    _paint_turned(painter, at.left - NAMES - CAPTION, whole.center().y(), whole.height(), "true")


def _paint_turned(painter: QPainter, left: float, middle: float, room: float, text: str) -> None:
    painter.save()
    painter.translate(left, middle + room / 2)
    painter.rotate(-90)
    painter.drawText(QRectF(0, 0, room, CAPTION), _CENTRED, text)
    painter.restore()
