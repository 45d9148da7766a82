"""The legend of a header: line styles in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradstudio.ui.theme import current_theme, font, theme_notifier

SAMPLE = 14.0
GAP = 12.0


@dataclass(frozen=True)
class Entry:
    """One line style and its name; `colour` is a role of the palette."""

    text: str
    colour: str
    pattern: tuple[float, ...] = ()
    width: float = 1.6


class Legend(QWidget):
    """A row of line samples with their names; hides itself where there is no room."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__()
        self._entries = tuple(entries)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Legend: " + ", ".join(e.text for e in entries))
        theme_notifier().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Just wide enough."""
        metrics = QFontMetricsF(font(11))
        width = sum(SAMPLE + 5 + metrics.horizontalAdvance(e.text) + GAP for e in self._entries)
        return QSize(round(width), 20)

    def minimumSizeHint(self) -> QSize:
        """Allow it to vanish."""
        return QSize(0, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the samples and the words."""
        if self.width() < self.sizeHint().width() - 2:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(11))
        metrics, theme, x, y = QFontMetricsF(font(11)), current_theme(), 0.0, self.height() / 2
        for entry in self._entries:
            pen = QPen(theme.color(entry.colour), entry.width)
            if entry.pattern:
                pen.setDashPattern(entry.pattern)
            painter.setPen(pen)
            painter.drawLine(QPointF(x, y), QPointF(x + SAMPLE, y))
            painter.setPen(theme.color("text2"))
            width = metrics.horizontalAdvance(entry.text)
            painter.drawText(
                QRectF(x + SAMPLE + 5, 0, width + 2, self.height()),
                Qt.AlignmentFlag.AlignVCenter,
                entry.text,
            )
            x += SAMPLE + 5 + width + GAP
        painter.end()
