"""The wrong samples: pictures side by side, or rows of a table."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen

from gradstudio.data.task import Data
from gradstudio.export.mistakes import Cell, brightness, list_words, mistakes, probability
from gradstudio.export.prediction import Floats
from gradstudio.export.score import ClassScore, Indices
from gradstudio.ui.theme import current_theme, font

HEAD: Final = 18.0
"""Height of the line above the samples."""
SMALLEST_TILE: Final = 48.0
NARROWEST: Final = 56.0
"""Room for the words under a picture."""
LARGEST_TILE: Final = 112.0
MOST_TILES: Final = 96
"""Where more would have room they are larger instead: 96 cost 2.7 ms."""
WORDS: Final = 15.0
"""Height of the words under a picture."""
ROW: Final = 17.0
ROW_WIDTH: Final = 230.0
PART_BREAK: Final = " · "
_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Tiles:
    """Equal boxes in rows; the first one is at the upper left."""

    left: float
    top: float
    width: float
    height: float
    columns: int
    rows: int

    @classmethod
    def of_pictures(cls, area: QRectF, number: int) -> Tiles:
        """Return the largest boxes of which `number` have room, or as many of the smallest."""
        evenly = math.sqrt(area.width() * area.height() / MOST_TILES)
        smallest = min(max(evenly, SMALLEST_TILE), LARGEST_TILE)
        for side in np.arange(LARGEST_TILE, smallest - 1, -2.0).tolist():
            columns = int(area.width() // max(side, NARROWEST))
            rows = int(area.height() // (side + WORDS - 6))
            if columns * rows >= number:
                break
        columns = max(columns, 1)
        width = min(area.width() / columns, max(side, NARROWEST) + 8)
        return cls(area.left(), area.top(), width, side + WORDS - 6, columns, max(rows, 0))

    @classmethod
    def of_rows(cls, area: QRectF) -> Tiles:
        """Return lines of a table, in as many columns as have room."""
        columns, rows = max(int(area.width() // ROW_WIDTH), 1), max(int(area.height() // ROW), 0)
        width = min(area.width() / columns, ROW_WIDTH + 30)
        return cls(area.left(), area.top(), width, ROW, columns, rows)

    @property
    def room(self) -> int:
        """Number of boxes."""
        return self.columns * self.rows

    def box(self, index: int) -> QRectF:
        """Return the rectangle of one box."""
        row, column = divmod(index, self.columns)
        left, top = self.left + column * self.width, self.top + row * self.height
        return QRectF(left, top, self.width, self.height)

    def index_at(self, at: QPointF) -> int | None:
        """Return the box under a pixel."""
        row, column = (at.y() - self.top) // self.height, (at.x() - self.left) // self.width
        if not (0 <= row < self.rows and 0 <= column < self.columns):
            return None
        return int(row * self.columns + column)


class MistakeList:
    """The wrong samples of an answer in a rectangle.

    Attributes
    ----------
    found
        Indices of all of them, the most certain first, as they are scored.
    words
        What the list holds, in parts, the most important first.
    """

    def __init__(self, place: QRectF, data: Data, score: ClassScore, cell: Cell | None) -> None:
        self.found: Indices = mistakes(score, cell)
        self._data, self._score, self._cell = data, score, cell
        self.head = QRectF(place.left(), place.top(), place.width(), HEAD)
        area = place.adjusted(0, HEAD + 2 + (ROW if data.side is None else 0), 0, 0)
        self.tiles = (
            Tiles.of_rows(area) if data.side is None else Tiles.of_pictures(area, len(self.found))
        )
        self.words = list_words(score, data, cell, len(self.shown))

    @property
    def shown(self) -> Indices:
        """Those that have room."""
        return self.found[: self.tiles.room]

    def sample_at(self, at: QPointF) -> int | None:
        """Return the sample under a pixel."""
        index = self.tiles.index_at(at)
        return int(self.shown[index]) if index is not None and index < len(self.shown) else None

    def box_of(self, sample: int) -> QRectF | None:
        """Return where a sample is drawn."""
        found = np.flatnonzero(self.shown == sample)
        return self.tiles.box(int(found[0])) if len(found) else None

    def paint(self, painter: QPainter) -> None:
        """Paint the line above, and the samples that have room."""
        self._paint_head(painter)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._data.side is None:
            self._paint_columns(painter)
            for k, sample in enumerate(self.shown.tolist()):
                self._paint_row(painter, self.tiles.box(k), sample)
        elif len(self.shown):
            self._paint_pictures(painter, self._data.side)

    def _paint_head(self, painter: QPainter) -> None:
        theme, parts = current_theme(), list(self.words)
        if self._cell is not None:
            parts.append("Esc: all")
        painter.setFont(font(11, 500))
        metrics = QFontMetricsF(painter.font())
        while len(parts) > 1 and metrics.horizontalAdvance(PART_BREAK.join(parts)) > (
            self.head.width()
        ):
            parts.pop(-2 if self._cell is not None and len(parts) > 2 else -1)
        text = PART_BREAK.join(parts)
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, self.head.width())
        painter.setPen(theme.color("text2" if self._cell is None else "accent"))
        painter.drawText(self.head, _LEFT, text)

    def _paint_pictures(self, painter: QPainter, side: int) -> None:
        theme, score = current_theme(), self._score
        strip = drawn_samples(self._data, self.shown)
        is_coarse = side < 16
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not is_coarse)
        words: list[tuple[QRectF, str, str]] = []
        size = min(self.tiles.width - 6, self.tiles.height - WORDS - 3)
        if is_coarse:
            size = side * max(size // side, 1)
        for k, sample in enumerate(self.shown.tolist()):
            box = self.tiles.box(k)
            picture = QRectF(round(box.left()), round(box.top()), size, size)
            painter.drawImage(picture, strip, QRectF(0, k * side, side, side))
            true, given = int(score.labels[sample]), int(score.chosen[sample])
            names = self._data.class_names
            under = QRectF(picture.left(), picture.bottom(), self.tiles.width - 8, WORDS)
            share = probability(float(score.shares[sample, given]))
            words.append((under, f"{names[true]}→{names[given]}", share))
        painter.setFont(font(10, 600))
        painter.setPen(theme.color("text"))
        for under, pair, _ in words:
            painter.drawText(under.bottomLeft() + QPointF(0, -4), pair)
        painter.setFont(font(10))
        painter.setPen(theme.color("text3"))
        metrics = QFontMetricsF(painter.font())
        for under, _, share in words:
            room = QPointF(metrics.horizontalAdvance(share), 4)
            painter.drawText(under.bottomRight() - room, share)

    def _paint_columns(self, painter: QPainter) -> None:
        """Name the columns of the rows."""
        if not len(self.shown):
            return
        box = self.tiles.box(0).translated(0, -ROW)
        painter.setFont(font(10))
        painter.setPen(current_theme().color("text3"))
        painter.drawText(box, _LEFT, "no.")
        painter.drawText(box.adjusted(36, 0, 0, 0), _LEFT, "true → predicted")
        painter.drawText(box.adjusted(0, 0, -14, 0), _RIGHT, "p")

    def _paint_row(self, painter: QPainter, box: QRectF, sample: int) -> None:
        theme, score, names = current_theme(), self._score, self._data.class_names
        true, given = int(score.labels[sample]), int(score.chosen[sample])
        painter.setFont(font(11))
        painter.setPen(theme.color("text3"))
        painter.drawText(box.adjusted(0, 0, -box.width() + 34, 0), _LEFT, str(sample + 1))
        metrics = QFontMetricsF(painter.font())
        text = metrics.elidedText(
            f"{names[true]} → {names[given]}", Qt.TextElideMode.ElideRight, box.width() - 86
        )
        painter.setPen(theme.color("text"))
        painter.drawText(box.adjusted(36, 0, -48, 0), _LEFT, text)
        painter.setPen(theme.color("text2"))
        share = probability(float(score.shares[sample, given]))
        painter.drawText(box.adjusted(0, 0, -14, 0), _RIGHT, share)


def paint_frame(painter: QPainter, box: QRectF) -> None:
    """Frame the sample under the pointer."""
    painter.setPen(QPen(current_theme().color("accent"), 1.4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box.adjusted(-2, -1, -3, -1), 3, 3)


def drawn_samples(data: Data, samples: Indices) -> QImage:
    """Draw samples that are pictures, one below the other, dark to bright from ground to ink."""
    assert data.side is not None
    theme, side = current_theme(), data.side
    ground, ink = (_channels(theme.color(role)) for role in ("bg2", "text"))
    shades = np.full((256, 4), 255, dtype=np.uint8)
    shades[:, :3] = ground + (ink - ground) * np.linspace(0.0, 1.0, 256)[:, None]
    grey = (brightness(data, samples) * 255.0).astype(np.uint8)
    strip, high = shades.view(np.uint32)[:, 0][grey], len(samples) * side
    return QImage(strip.tobytes(), side, high, 4 * side, QImage.Format.Format_RGB32).copy()


def _channels(colour: QColor) -> Floats:
    """Blue, green and red, as they stand in an image."""
    return np.array([colour.blue(), colour.green(), colour.red()], dtype=np.float64)
