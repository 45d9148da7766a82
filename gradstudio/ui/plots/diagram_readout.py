"""What a reader finds under the pointer in the picture of a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPen

from gradstudio.export.edges import chosen_units
from gradstudio.export.units import UnitAnswers
from gradstudio.nn.structure import NORMALISATIONS
from gradstudio.numbers import count, figures
from gradstudio.setup.models import LayerSetup
from gradstudio.training.recording import Recording
from gradstudio.training.start import activation_of, initializer_of, parts_of
from gradstudio.ui.plots.diagram_paint import image_of
from gradstudio.ui.plots.diagram_places import Spot
from gradstudio.ui.plots.quantities import layer_name
from gradstudio.ui.theme import current_theme, font

if TYPE_CHECKING:
    from gradstudio.run.snapshot import Snapshot

LINE: Final = 15.0
GAP: Final = 14.0
PICTURE: Final = 132.0
"""Side of the map of one unit, where there is room."""
UNKNOWN: Final = "–"
_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
Rows = list[tuple[str, str]]


@dataclass(frozen=True)
class Words:
    """A bold line, then name and number per row, and the map of a unit."""

    title: str
    rows: Sequence[tuple[str, str]] = ()
    picture: QImage | None = None


@dataclass(frozen=True, eq=False)
class Known:
    """Everything there is to say something about."""

    recording: Recording
    sizes: tuple[int, ...]
    drawn: tuple[int, ...]
    snapshot: Snapshot | None
    answers: UnitAnswers | None
    inputs: Sequence[str] = ()
    """Names of the inputs, where they are known."""

    def unit(self, column: int, position: int) -> int:
        """Index of a unit drawn among all of its layer."""
        return int(chosen_units(self.sizes[column], self.drawn[column])[position])


def words_for(known: Known, spot: Spot) -> Words:
    """Say what there is to know about a line, a unit or a layer."""
    if spot.source is not None and spot.unit is not None:
        return _edge(known, spot.column, spot.source, spot.unit)
    if spot.unit is not None:
        return _unit(known, spot.column, spot.unit)
    return _layer(known, spot.column)


def _edge(known: Known, column: int, source: int, unit: int) -> Words:
    start, end = known.unit(column - 1, source), known.unit(column, unit)
    begin = _input(known, start) if column == 1 else f"unit {count(start + 1)}"
    title = f"{_name(known, column)} · {begin} → unit {count(end + 1)}"
    snapshot = known.snapshot
    if snapshot is None:
        return Words(title, [("w", UNKNOWN)])
    sizes = known.sizes
    before = sum(sizes[k - 1] * sizes[k] for k in range(1, column))
    place = before + start * sizes[column] + end
    weight = float(snapshot.parameters[place])
    rows = [("w", figures(weight)), ("∂L/∂w", figures(float(snapshot.gradients[place])))]
    if snapshot.updates is not None:
        update = float(snapshot.updates[place])
        rows.append(("last update", figures(update)))
        share = abs(update / weight) if weight else np.inf if update else 0.0
        rows.append(("update : weight", figures(share, 2)))
    return Words(title, rows)


def _unit(known: Known, column: int, position: int) -> Words:
    unit, snapshot, answers = known.unit(column, position), known.snapshot, known.answers
    rows: Rows = []
    if column == 0:
        title = f"Input · {_input(known, unit)}"
    else:
        title = f"{_name(known, column)} · unit {count(unit + 1)} of {count(known.sizes[column])}"
        if snapshot is not None:
            sizes = known.sizes
            weights = sum(sizes[k - 1] * sizes[k] for k in range(1, len(sizes)))
            place = weights + sum(sizes[1:column]) + unit
            rows.append(("bias b", figures(float(snapshot.parameters[place]))))
            rows.append(("∂L/∂b", figures(float(snapshot.gradients[place]))))
    picture = None
    if answers is not None:
        what = "mean" if column in (0, len(known.sizes) - 1) else "mean activation"
        rows.append((what, figures(float(answers.means[column][position]))))
        if answers.maps is not None:
            plane, palette = answers.maps[column][position], current_theme().palette
            rows.append(("on the plane", f"{figures(plane.min(), 2)} … {figures(plane.max(), 2)}"))
            picture = image_of(answers.colours_of_maps(column, palette)[position])
    return Words(title, rows, picture)


def _layer(known: Known, column: int) -> Words:
    size, recording = known.sizes[column], known.recording
    if column == 0:
        return Words("Input", [("features", count(size))])
    layer = column - 1
    part = parts_of(recording.setup.network)[layer]
    drawn = known.drawn[column]
    units = count(size) if drawn == size else f"{count(size)} ({drawn} drawn)"
    rows = [("units", units)]
    if isinstance(part, LayerSetup):
        rows.append(("φ", activation_of(part).label))
    rows.append(("initializer", initializer_of(part).label))
    newest = recording.newest() or recording.initial
    if newest is not None:
        rows.append(("‖∂L/∂W‖", figures(float(newest.weight_grad_norm[layer]))))
        ratio = float(newest.update_ratio[layer])
        if np.isfinite(ratio):
            rows.append(("update : weight", figures(ratio, 2)))
    if isinstance(part, LayerSetup) and part.normalisation != "none":
        rows.append(("normalised", NORMALISATIONS[part.normalisation]))
    return Words(_name(known, column), rows)


def _name(known: Known, column: int) -> str:
    return layer_name(known.recording.labels[column - 1])


def _input(known: Known, index: int) -> str:
    return known.inputs[index] if index < len(known.inputs) else f"x{count(index + 1)}"


def paint_words(painter: QPainter, words: Words, at: QPointF, room: QRectF) -> None:
    """Paint the words beside a pixel; in a low strip the rows stand in several columns."""
    theme = current_theme()
    lines = max(int((room.height() - 30.0) / LINE), 1)
    columns = [words.rows[i : i + lines] for i in range(0, len(words.rows), lines)]
    widths = [_widths(rows) for rows in columns]
    inner = sum(name + number for name, number in widths) + GAP * max(len(columns) - 1, 0)
    inner = max(inner, QFontMetricsF(font(11, 600)).horizontalAdvance(words.title))
    height, side = 24.0 + LINE * min(len(words.rows), lines), 0.0
    if words.picture is not None:
        side = min(PICTURE, room.height() - 18.0)
        height = max(height, side + 12.0)
    beside = side + 10.0 if side else 0.0
    box = _beside(at, (inner + beside + 18, height), room)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color("line"), 1))
    painter.setBrush(theme.color("bg3", 0.97))
    painter.drawRoundedRect(box, 6, 6)
    if words.picture is not None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(box.left() + 6, box.top() + 6, side, side), words.picture)
    left, top = box.left() + 9 + beside, box.top() + 5
    painter.setFont(font(11, 600))
    painter.setPen(theme.color("text"))
    painter.drawText(QRectF(left, top, inner, LINE), _LEFT, words.title)
    for rows, (name, number) in zip(columns, widths, strict=True):
        _paint_rows(painter, rows, QRectF(left, top + LINE, name + number, LINE))
        left += name + number + GAP


def _widths(rows: Sequence[tuple[str, str]]) -> tuple[float, float]:
    """Room of the names and of the numbers of some rows."""
    names, numbers = QFontMetricsF(font(11)), QFontMetricsF(font(11, mono=True))
    return (
        max(names.horizontalAdvance(name) for name, _ in rows) + 10.0,
        max(numbers.horizontalAdvance(number) for _, number in rows),
    )


def _paint_rows(painter: QPainter, rows: Sequence[tuple[str, str]], line: QRectF) -> None:
    theme = current_theme()
    for name, number in rows:
        painter.setFont(font(11))
        painter.setPen(theme.color("text2"))
        painter.drawText(line, _LEFT, name)
        painter.setFont(font(11, mono=True))
        painter.setPen(theme.color("text"))
        painter.drawText(line, _RIGHT, number)
        line.translate(0, LINE)


def _beside(at: QPointF, size: tuple[float, float], room: QRectF) -> QRectF:
    width, height = size
    left = at.x() + 14 if at.x() + 14 + width <= room.right() else at.x() - 14 - width
    top = at.y() + 10 if at.y() + 10 + height <= room.bottom() else at.y() - 10 - height
    left = min(max(left, room.left()), max(room.right() - width, room.left()))
    top = min(max(top, room.top()), max(room.bottom() - height, room.top()))
    return QRectF(left, top, width, height)
