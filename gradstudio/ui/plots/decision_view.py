"""The picture and the words of the decision plot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QWidget

from gradstudio.data.task import Data
from gradstudio.export.classes import class_colours, class_shape
from gradstudio.export.prediction import ClassMap, Predict, values_of
from gradstudio.export.score import ClassScore, ValueScore
from gradstudio.numbers import count, figures
from gradstudio.ui.plots.class_shapes import add_shape
from gradstudio.ui.plots.pictures import (
    drawn_points,
    paint_confusion,
    paint_fit,
    paint_map,
    paint_scatter,
)
from gradstudio.ui.theme import current_theme, font

Floats = npt.NDArray[np.float64]

WORDS_WIDTH = 132
WORDS_HEIGHT = 54
FIT_POINTS = 200


@dataclass(frozen=True, eq=False)
class Answer:
    """What the network said at one step."""

    step: int
    step_key: int
    score: ClassScore | ValueScore
    map: ClassMap | None
    fit: tuple[Floats, Floats] | None


def value_fit(predict: Predict, data: Data) -> tuple[Floats, Floats]:
    """Return the fitted curve of a regression with one input: inputs and values, shape (200,)."""
    x = np.concatenate([data.x_train, data.x_test])
    low, high = float(x.min()), float(x.max())
    inputs = np.linspace(low, high, FIT_POINTS)
    return inputs, values_of(predict(inputs[:, None].astype(data.x_train.dtype)), data)


class DecisionView(QWidget):
    """Paints an answer: the picture left or below, the words right or above."""

    menu_asked = Signal(QPoint)

    def __init__(self) -> None:
        super().__init__()
        self._data: Data | None = None
        self._answer: Answer | None = None
        self._points: QPixmap | None = None
        self._points_key: object = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(120, 80)

    def show_answer(self, data: Data | None, answer: Answer | None) -> None:
        """Show an answer, or the samples alone before there is one."""
        self._data, self._answer = data, answer
        is_matrix = data is not None and data.kind == "classification" and not data.plane
        names = data.class_names if data is not None and is_matrix else ()
        self.setToolTip("\n".join(f"{k}: {name}" for k, name in enumerate(names)))
        self.update()

    def words(self) -> list[str]:
        """Return the lines beside the picture, the largest first."""
        return [] if self._data is None else self._words_of(self._data)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu."""
        self.menu_asked.emit(event.globalPos())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring."""
        self.update()
        super().focusInEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint picture and words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        data = self._data
        if data is None:
            painter.setFont(font(12))
            painter.setPen(current_theme().color("text3"))
            painter.drawText(
                self.rect(), Qt.AlignmentFlag.AlignCenter, "Press Space: what the network decides"
            )
        else:
            picture, words = self._places()
            self._paint_picture(painter, picture, data)
            self._paint_words(painter, words, data)
        painter.end()

    def _places(self) -> tuple[QRectF, QRectF]:
        """Rectangles of the picture and of the words."""
        whole = QRectF(self.rect()).adjusted(12, 2, -12, -10)
        beside = whole.width() - WORDS_WIDTH - 16
        if self._is_square():
            side = min(whole.height(), beside)
            is_beside = side >= min(whole.height() - WORDS_HEIGHT, whole.width())
            picture = QRectF(whole.left(), whole.top(), side, side)
        else:
            is_beside = beside + 16 >= whole.height()
            picture = QRectF(whole.left(), whole.top(), beside, whole.height())
        if is_beside:
            return picture, whole.adjusted(picture.width() + 16, 0, 0, 0)
        words = QRectF(whole.left(), whole.top(), whole.width(), WORDS_HEIGHT)
        below = whole.adjusted(0, WORDS_HEIGHT, 0, 0)
        if not self._is_square():
            return below, words
        side = min(below.width(), below.height())
        left = whole.left() + (whole.width() - side) / 2
        return QRectF(left, below.top(), side, side), words

    def _is_square(self) -> bool:
        """Tell whether the picture is square, as maps and confusion matrices are."""
        return self._data is not None and self._data.kind == "classification"

    def _paint_picture(self, painter: QPainter, place: QRectF, data: Data) -> None:
        answer = self._answer
        if data.kind == "classification" and data.plane:
            picture = None if answer is None else answer.map
            paint_map(painter, place, data, picture, self._drawn_points(place, data))
        elif data.kind == "regression" and data.input_size == 1:
            paint_fit(painter, place, data, None if answer is None else answer.fit)
        elif answer is None:
            painter.setFont(font(12))
            painter.setPen(current_theme().color("text3"))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, "Press Space")
        elif isinstance(answer.score, ClassScore):
            paint_confusion(painter, place, data, answer.score)
        else:
            paint_scatter(painter, place, answer.score)

    def _drawn_points(self, place: QRectF, data: Data) -> QPixmap:
        """Return the points of the data set, drawn once per size, scheme and data set."""
        ratio = self.devicePixelRatioF()
        key = (place.width(), ratio, current_theme().name, id(data))
        if self._points is None or self._points_key != key:
            self._points, self._points_key = drawn_points(place, ratio, data), key
        return self._points

    def _paint_words(self, painter: QPainter, place: QRectF, data: Data) -> None:
        theme = current_theme()
        head, *lines = self._words_of(data)
        is_column = place.height() > WORDS_HEIGHT + 1
        painter.setFont(font(22 if is_column else 18, 600))
        painter.setPen(theme.color("text"))
        painter.drawText(QRectF(place.left(), place.top(), place.width(), 28), head)
        beside = painter.fontMetrics().horizontalAdvance(head) + 12
        if not is_column:
            painter.setFont(font(11))
            joined = " · ".join(lines[1:])
            fits = painter.fontMetrics().horizontalAdvance(joined) <= place.width() - beside
            for row, line in enumerate((lines[0], joined if fits else lines[1])):
                painter.setPen(theme.color("text2" if row == 0 else "text3"))
                box = place.adjusted(beside, 1 + 14 * row, 0, 0)
                painter.drawText(box, Qt.AlignmentFlag.AlignTop, line)
            if data.kind == "classification" and data.plane:
                self._paint_legend(painter, place.adjusted(0, 32, 0, 0), data)
            return
        y = self._paint_lines(painter, place.adjusted(0, 30, 0, 0), lines[:2])
        if data.kind == "classification" and data.plane and y + 20 < place.bottom():
            y = self._paint_legend(painter, QRectF(place.left(), y + 4, place.width(), 80), data)
        self._paint_lines(painter, QRectF(place.left(), y + 2, place.width(), 80), lines[2:])

    def _paint_lines(self, painter: QPainter, place: QRectF, lines: list[str]) -> float:
        """Paint wrapped lines, as many as fit; return where the next one would stand."""
        theme = current_theme()
        painter.setFont(font(11))
        y = place.top()
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop
        for row, line in enumerate(lines):
            box = QRectF(place.left(), y, place.width(), 60)
            used = painter.boundingRect(box, flags, line)
            if used.bottom() > self.height():
                break
            painter.setPen(theme.color("text2" if row == 0 else "text3"))
            painter.drawText(box, flags, line)
            y = used.bottom() + 1
        return y

    def _paint_legend(self, painter: QPainter, place: QRectF, data: Data) -> float:
        theme = current_theme()
        colours = [QColor(c) for c in class_colours(theme.palette, len(data.class_names))]
        painter.setFont(font(11))
        x, y = place.left(), place.top()
        named = zip(colours, data.class_names, strict=True)
        entries = [(class_shape(k), c, n, True) for k, (c, n) in enumerate(named)]
        entries.append(("circle", theme.color("text2"), "test", False))
        for shape, colour, name, filled in entries:
            width = 20 + painter.fontMetrics().horizontalAdvance(name)
            if x + width > place.right() and x > place.left():
                x, y = place.left(), y + 17
            path = QPainterPath()
            add_shape(path, shape, QPointF(x + 5, y + 8), 3.4)
            painter.setPen(Qt.PenStyle.NoPen if filled else QPen(colour, 1.2))
            painter.setBrush(colour if filled else Qt.BrushStyle.NoBrush)
            painter.drawPath(path)
            painter.setPen(theme.color("text2"))
            painter.drawText(QRectF(x + 13, y, width, 16), Qt.AlignmentFlag.AlignVCenter, name)
            x += width + 6
        return y + 17

    def _words_of(self, data: Data) -> list[str]:
        answer = self._answer
        if answer is None:
            return ["–", "Press Space: what the network decides"]
        score = answer.score
        if isinstance(score, ValueScore):
            return [
                figures(score.error),
                f"RMS error, {count(len(score.true))} {score.part} samples",
                f"always the mean: {figures(score.error_of_mean)}",
                f"R² = {figures(score.explained, 2)}",
            ]
        words = [
            f"{figures(100 * score.share)} %",
            f"of {count(score.total)} {score.part} points right",
            f"chance is {figures(100 * score.chance, 2)} %",
        ]
        flat = None if answer.map is None else answer.map.flat_share()
        if flat is not None:
            words.append(f"p({data.class_names[-1]}) = {figures(flat, 2)} everywhere")
        return words
