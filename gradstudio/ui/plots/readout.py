"""Paints the words beside the pointer: a box with lines, and bars of probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from gradstudio.export.mistakes import probability
from gradstudio.ui.theme import current_theme, font

FEW: Final = 4
"""Up to so many classes have a bar with name and number each; more have columns."""
_LINE: Final = 15.0
_COLUMN: Final = 15.0
_COLUMNS_HIGH: Final = 34.0
_BAR: Final = 46.0
_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_CENTRED: Final = Qt.AlignmentFlag.AlignCenter


@dataclass(frozen=True)
class Readout:
    """Words beside the pointer.

    Attributes
    ----------
    title, rows
        A bold line, then label and number per line.
    bars
        Name and probability of each class; none of them is left out.
    true
        Index of the true class among the bars, which is named by a ring; None if unknown.
    """

    title: str
    rows: Sequence[tuple[str, str]] = ()
    bars: Sequence[tuple[str, float]] = ()
    true: int | None = None


def paint_readout(painter: QPainter, readout: Readout, at: QPointF, room: QRectF) -> None:
    """Paint the words beside a pixel, inside `room`."""
    theme = current_theme()
    strong, plain, mono = font(11, 600), font(11), font(11, mono=True)
    texts, numbers = QFontMetricsF(plain), QFontMetricsF(mono)
    is_few = len(readout.bars) <= FEW
    labels = [a for a, _ in readout.rows] + [n for n, _ in readout.bars if is_few]
    label_width = max((texts.horizontalAdvance(a) for a in labels), default=0.0)
    number_width = max((numbers.horizontalAdvance(b) for _, b in readout.rows), default=0.0)
    if readout.bars and is_few:
        number_width = max(number_width, _BAR + 42)
    inner = max(
        QFontMetricsF(strong).horizontalAdvance(readout.title),
        label_width + 12 + number_width,
        0.0 if is_few else _COLUMN * len(readout.bars),
    )
    bars = len(readout.bars) * _LINE if is_few else _COLUMNS_HIGH + _LINE + 4
    size = inner + 18, 24.0 + _LINE * len(readout.rows) + bars
    box = _beside(at, size, room)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color("line"), 1))
    painter.setBrush(theme.color("bg3", 0.97))
    painter.drawRoundedRect(box, 6, 6)
    line = QRectF(box.left() + 9, box.top() + 5, inner, _LINE)
    painter.setFont(strong)
    painter.setPen(theme.color("text"))
    painter.drawText(line, _LEFT, readout.title)
    for label, number in readout.rows:
        line.translate(0, _LINE)
        painter.setFont(plain)
        painter.setPen(theme.color("text2"))
        painter.drawText(line, _LEFT, label)
        painter.setFont(mono)
        painter.setPen(theme.color("text"))
        painter.drawText(line, _RIGHT, number)
    if readout.bars:
        line.translate(0, _LINE)
        (_paint_bars if is_few else _paint_columns)(painter, line, readout)


def _beside(at: QPointF, size: tuple[float, float], room: QRectF) -> QRectF:
    width, height = size
    left = at.x() + 14 if at.x() + 14 + width <= room.right() else at.x() - 14 - width
    top = at.y() + 10 if at.y() + 10 + height <= room.bottom() else at.y() - 10 - height
    left = min(max(left, room.left()), max(room.right() - width, room.left()))
    top = min(max(top, room.top()), max(room.bottom() - height, room.top()))
    return QRectF(left, top, width, height)


def _paint_bars(painter: QPainter, line: QRectF, readout: Readout) -> None:
    """Paint a bar with name and number for each class."""
    theme = current_theme()
    line = QRectF(line)
    for k, (name, share) in enumerate(readout.bars):
        painter.setFont(font(11, 600 if k == readout.true else 400))
        painter.setPen(theme.color("text" if k == readout.true else "text2"))
        painter.drawText(line, _LEFT, name)
        painter.setFont(font(11, mono=True))
        painter.setPen(theme.color("text"))
        painter.drawText(line, _RIGHT, probability(share))
        bar = QRectF(line.right() - 42 - _BAR, line.top() + 4, _BAR, 7)
        painter.fillRect(bar, theme.color("bg1"))
        painter.fillRect(QRectF(bar.topLeft(), bar.size()).adjusted(0, 0, (share - 1) * _BAR, 0),
                         theme.color("text2"))  # fmt: skip
        line.translate(0, _LINE)


def _paint_columns(painter: QPainter, line: QRectF, readout: Readout) -> None:
    """Paint a column for each of many classes, the name of the true one in a ring."""
    theme = current_theme()
    shares = [share for _, share in readout.bars]
    largest = max(range(len(shares)), key=shares.__getitem__)
    base = line.top() + 4 + _COLUMNS_HIGH
    for k, (name, share) in enumerate(readout.bars):
        left = line.left() + k * _COLUMN
        track = QRectF(left + 2, base - _COLUMNS_HIGH, _COLUMN - 5, _COLUMNS_HIGH)
        painter.fillRect(track, theme.color("bg1"))
        height = max(_COLUMNS_HIGH * share, 1.0)
        painter.fillRect(QRectF(track.left(), base - height, track.width(), height),
                         theme.color("text" if k == largest else "text3"))  # fmt: skip
        below = QRectF(left, base, _COLUMN - 1, _LINE)
        if k == readout.true:
            painter.setPen(QPen(theme.color("accent"), 1.2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(below.adjusted(1, 1.5, -1, -0.5), 3, 3)
        painter.setFont(font(10, 600 if k in (readout.true, largest) else 400))
        painter.setPen(theme.color("text2"))
        painter.drawText(below, _CENTRED, name)
