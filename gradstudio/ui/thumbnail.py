"""A small picture of a short run: size of the signal by depth, and the loss."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradstudio.numbers import figures
from gradstudio.run.previews import Preview
from gradstudio.ui.theme import current_theme, font, theme_notifier

ZERO_LANE: Final = 14.0
"""Pixels from the axis down to the row of layers that get exactly 0."""


class Thumbnail(QWidget):
    """What a reader learns: whether the points are level, and whether the loss falls."""

    def __init__(self) -> None:
        super().__init__()
        self._preview: Preview | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme_notifier().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(220, 92)

    def show_preview(self, preview: Preview) -> None:
        """Draw another run."""
        self._preview = preview
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("soft"), 1))
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)
        if self._preview is not None:
            self._paint_profile(painter, self._preview, QRectF(40, 12, self.width() * 0.5, 64))
            left = 40 + self.width() * 0.5 + 22
            self._paint_loss(painter, self._preview, QRectF(left, 16, self.width() - left - 14, 50))
        painter.end()

    def _paint_profile(self, painter: QPainter, preview: Preview, area: QRectF) -> None:
        theme = current_theme()
        delta = preview.delta_rms
        is_positive = np.isfinite(delta) & (delta > 0)
        logs = np.log10(delta, where=is_positive, out=np.full(len(delta), np.nan))
        low, high = (np.nanmin(logs), np.nanmax(logs)) if is_positive.any() else (-1.0, 0.0)
        middle = (low + high) / 2
        low, high = min(low, middle - 1.5), max(high, middle + 1.5)
        is_zero = delta == 0
        if is_zero.any():
            area = area.adjusted(0, 0, 0, -ZERO_LANE)
        painter.setFont(font(10))
        painter.setPen(theme.color("text3"))
        ends = ((high, area.top()), (low, area.bottom()))
        ticks = [(f"10{_superscript(round(value))}", at) for value, at in ends]
        if is_zero.any():
            ticks.append(("0", area.bottom() + ZERO_LANE))
        for text, at in ticks:
            box = QRectF(0, at - 7, 34, 14)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        painter.setPen(QPen(theme.color("grid"), 1))
        painter.drawLine(area.topLeft(), area.topRight())
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.setPen(Qt.PenStyle.NoPen)
        for index, colour in enumerate(theme.depth(len(delta))):
            x = area.left() + area.width() * (index + 0.5) / len(delta)
            if not is_positive[index] and not is_zero[index]:
                continue
            share = (logs[index] - low) / (high - low) if is_positive[index] else 0.0
            y = area.bottom() + (ZERO_LANE if is_zero[index] else -area.height() * share)
            painter.setBrush(colour)
            painter.drawEllipse(QPointF(x, y), 2.6, 2.6)

    def _paint_loss(self, painter: QPainter, preview: Preview, area: QRectF) -> None:
        loss = preview.loss[np.isfinite(preview.loss)]
        if len(loss) < 2:
            return
        theme = current_theme()
        high = max(float(np.quantile(loss, 0.9)), 1.3 * (preview.chance or 0.0), 1e-30)

        def height(value: float) -> float:
            return area.bottom() - area.height() * min(value / high, 1.1)

        painter.setFont(font(10))
        painter.setPen(theme.color("text2"))
        painter.drawText(
            QRectF(area.left(), area.bottom() + 4, area.width(), 14),
            Qt.AlignmentFlag.AlignRight,
            f"loss {figures(float(preview.loss[-1]))}",
        )
        if preview.chance is not None:
            painter.setPen(QPen(theme.color("text3"), 1, Qt.PenStyle.DotLine))
            y = height(preview.chance)
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        xs = np.linspace(area.left(), area.right(), len(loss))
        points = [QPointF(x, height(float(y))) for x, y in zip(xs, loss, strict=True)]
        painter.setPen(QPen(theme.color("text"), 1.2))
        painter.drawPolyline(QPolygonF(points))


def _superscript(number: int) -> str:
    return str(number).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
