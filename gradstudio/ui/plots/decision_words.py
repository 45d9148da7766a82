"""The words of the decision plot: how many are right, against guessing."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from gradstudio.data.task import Data
from gradstudio.export.classes import class_colours, class_shape
from gradstudio.export.score import ClassScore, ValueScore
from gradstudio.numbers import count, figures
from gradstudio.ui.plots.answer import Answer
from gradstudio.ui.plots.class_shapes import add_shape
from gradstudio.ui.theme import current_theme, font

HEAD: Final = 28.0
UNEVEN: Final = 0.05
"""How far always answering the commonest class is above chance before it is said."""


def answer_words(data: Data, answer: Answer | None) -> list[str]:
    """Return the lines beside the picture, the largest first."""
    if answer is None:
        return ["–", "Press Space: what the network decides"]
    score = answer.score
    if isinstance(score, ValueScore):
        return _value_words(score)
    return _class_words(data, answer, score)


def _value_words(score: ValueScore) -> list[str]:
    number, part = count(len(score.true)), score.part
    bar = f"always the mean: {figures(score.error_of_mean)}"
    if score.unanswered:
        return [
            figures(score.error),
            f"{count(score.unanswered)} of {number} {part} answers are not finite",
            bar,
        ]
    return [
        figures(score.error),
        f"RMS error, {number} {part} samples",
        bar,
        f"R² = {figures(score.explained, 2)}",
        f"half are off by less than {figures(score.typical_error)}",
    ]


def _class_words(data: Data, answer: Answer, score: ClassScore) -> list[str]:
    thing = "points" if data.plane else "samples"
    words = [
        f"{figures(100 * score.share)} %",
        f"of {count(score.total)} {score.part} {thing} right",
        f"chance is {figures(100 * score.chance, 2)} %",
    ]
    if score.unanswered:
        words.append(f"{count(score.unanswered)} answers are not finite")
    index, share = score.commonest
    if share > score.chance + UNEVEN:
        words.append(f"always {data.class_names[index]}: {figures(100 * share)} %")
    flat = None if answer.map is None else answer.map.flat_share()
    if flat is not None:
        words.append(f"p({data.class_names[-1]}) = {figures(flat, 2)} everywhere")
    return words


def paint_strip(painter: QPainter, place: QRectF, data: Data, answer: Answer | None) -> None:
    """Paint the words side by side, above a picture; below them the classes of a plane."""
    theme = current_theme()
    head, *lines = answer_words(data, answer)
    _paint_head(painter, place, head, 18)
    beside = painter.fontMetrics().horizontalAdvance(head) + 12
    painter.setFont(font(11))
    room, metrics = place.width() - beside, painter.fontMetrics()
    joined = " · ".join(lines[1:])
    if metrics.horizontalAdvance(joined) > room:
        joined = " · ".join(lines[1:3])
    if metrics.horizontalAdvance(joined) > room:
        joined = "".join(lines[1:2])
    for row, line in enumerate((lines[0], joined)):
        painter.setPen(theme.color("text2" if row == 0 else "text3"))
        box = QRectF(place.left() + beside, place.top() + 1 + 14 * row, room, 16)
        text = metrics.elidedText(line, Qt.TextElideMode.ElideRight, int(room))
        painter.drawText(box, Qt.AlignmentFlag.AlignTop, text)
    if has_legend(data):
        paint_legend(painter, place.adjusted(0, 32, 0, 0), data)


def paint_column(painter: QPainter, place: QRectF, data: Data, answer: Answer | None) -> None:
    """Paint the words one below the other, as many as fit."""
    head, *lines = answer_words(data, answer)
    _paint_head(painter, place, head, 22)
    y = _paint_lines(painter, place.adjusted(0, 30, 0, 0), lines[:2])
    if has_legend(data) and y + 20 < place.bottom():
        y = paint_legend(painter, QRectF(place.left(), y + 4, place.width(), 80), data)
    rest = QRectF(place.left(), y + 2, place.width(), place.bottom() - y - 2)
    _paint_lines(painter, rest, lines[2:], after=1)


def has_legend(data: Data) -> bool:
    """Whether classes are points whose shapes need names."""
    return data.kind == "classification" and data.plane


def _paint_head(painter: QPainter, place: QRectF, head: str, size: int) -> None:
    painter.setFont(font(size, 600))
    painter.setPen(current_theme().color("text"))
    painter.drawText(QRectF(place.left(), place.top(), place.width(), HEAD), head)


def _paint_lines(painter: QPainter, place: QRectF, lines: list[str], after: int = 0) -> float:
    """Paint wrapped lines, as many as fit; return where the next one would stand."""
    theme = current_theme()
    painter.setFont(font(11))
    y = place.top()
    flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop
    for row, line in enumerate(lines, after):
        box = QRectF(place.left(), y, place.width(), 60)
        used = painter.boundingRect(box, flags, line)
        if used.bottom() > place.bottom() + 2:
            break
        painter.setPen(theme.color("text2" if row == 0 else "text3"))
        painter.drawText(box, flags, line)
        y = used.bottom() + 1
    return y


def paint_legend(painter: QPainter, place: QRectF, data: Data) -> float:
    """Paint shape, colour and name of the classes; return where the next line would stand."""
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


def paint_empty(painter: QPainter, place: QRectF, text: str) -> None:
    """Say in the middle why there is nothing yet."""
    painter.setFont(font(12))
    painter.setPen(current_theme().color("text3"))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
