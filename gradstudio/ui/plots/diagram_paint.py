"""Paints the picture of a network: lines, units, shortcuts, names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from gradstudio.export.arcs import Extras, arc
from gradstudio.export.edges import DASH, Edges
from gradstudio.export.figure import Floats
from gradstudio.export.units import UnitAnswers
from gradstudio.numbers import count
from gradstudio.ui.plots.diagram_places import Places
from gradstudio.ui.theme import current_theme, font, laid_over

LEVELS: Final = 10
"""Steps of opacity; lines of one layer and step are drawn at once."""
OPACITY: Final = 0.85
TINY: Final = 2.0
"""Below this radius a unit is a plain dot: its ring would leave nothing to fill."""
Look = tuple[QColor, tuple[float, ...]]
"""A colour, and lengths of line and gap."""
FAINT: Final = 0.18
"""Opacity of the lines before there is anything to show."""


@dataclass(frozen=True, eq=False)
class Drawing:
    """A network and what of it is drawn.

    Attributes
    ----------
    sizes
        Units of input, hidden layers and output; nothing is drawn without any.
    drawn
        How many of them are drawn.
    edges
        How the weights look; None for faint lines.
    extras
        Shortcuts and normalised layers.
    answers
        What units answer: their maps where there is room, or the filling of their dots.
    has_fills
        Whether dots are filled by their mean activation.
    """

    sizes: tuple[int, ...] = ()
    drawn: tuple[int, ...] = ()
    edges: Edges | None = None
    extras: Extras = field(default_factory=Extras)
    answers: UnitAnswers | None = None
    has_fills: bool = False

    def shows_maps(self, places: Places) -> bool:
        """Whether units are maps of the plane."""
        has_any = self.answers is not None and self.answers.maps is not None
        return has_any and places.side > 0

    def look_of_units(self, places: Places) -> object:
        """Return what everything but the weights depends on, beside the size."""
        has_answers = self.has_fills or self.shows_maps(places)
        answers = self.answers if has_answers else None
        return (self.sizes, self.drawn, self.extras, answers, current_theme().name)


def paint_lines(drawing: Drawing, places: Places, size: QSize, ratio: float) -> QPixmap:
    """Paint the weights, on the ground."""
    picture, painter = _begin(size, ratio, current_theme().color("bg1"))
    for pen, lines in batches(drawing, places):
        painter.setPen(pen)
        painter.drawLines(lines)
    painter.end()
    return picture


def paint_units(drawing: Drawing, places: Places, size: QSize, ratio: float) -> QPixmap:
    """Paint what lies over the weights, on nothing: units, shortcuts, names.

    Apart from the weights, since it seldom changes: of 100 layers it takes 4 ms, the lines 1.
    """
    picture, painter = _begin(size, ratio, QColor(0, 0, 0, 0))
    if drawing.shows_maps(places):
        _paint_maps(painter, drawing, places)
    else:
        _paint_dots(painter, drawing, places)
    _paint_extras(painter, drawing, places)
    _paint_names(painter, drawing, places)
    painter.end()
    return picture


def _begin(size: QSize, ratio: float, ground: QColor) -> tuple[QPixmap, QPainter]:
    picture = QPixmap(size * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(ground)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return picture, painter


def batches(drawing: Drawing, places: Places) -> list[tuple[QPen, list[QLineF]]]:
    """Lines of equal look, the faint ones first.

    Their colours are mixed with the ground instead of being transparent: in an enlarged strip of
    832 lines that takes 5 ms instead of 40, and strong lines stay clear where many cross.
    """
    theme, edges, layers = current_theme(), drawing.edges, range(1, places.last + 1)
    parts = [places.edges(k) for k in layers]
    ends = np.concatenate(parts)
    if edges is None:
        strengths = np.full(len(ends), FAINT)
    else:
        strengths = np.concatenate([part.ravel() for part in edges.strengths])
    if edges is None or edges.negative is None:
        looks: list[Look] = [(colour, ()) for colour in theme.depth(places.last)]
        look = np.repeat(np.arange(places.last), [len(part) for part in parts])
    else:
        looks = [(theme.color("class_1"), ()), (theme.color("class_0"), DASH)]
        look = np.concatenate([part.ravel() for part in edges.negative]).astype(np.intp)
    return _sorted(ends, strengths, look, looks)


def _sorted(
    ends: Floats, strengths: Floats, look: NDArray[np.intp], looks: Sequence[Look]
) -> list[tuple[QPen, list[QLineF]]]:
    """Put lines of one look and level of opacity together."""
    levels = np.ceil(strengths * LEVELS).astype(np.intp)
    keys = levels * len(looks) + look
    order = np.argsort(keys, kind="stable")
    order = order[levels[order] > 0]
    lines = [QLineF(*line) for line in ends[order].tolist()]
    kinds, starts = np.unique(keys[order], return_index=True)
    made = []
    for key, (first, stop) in zip(
        kinds.tolist(), pairwise([*starts.tolist(), len(lines)]), strict=True
    ):
        level, index = divmod(key, len(looks))
        colour, dash = looks[index]
        pen = QPen(mixed(colour, OPACITY * level / LEVELS), 1)
        if dash:
            pen.setDashPattern(dash)
        made.append((pen, lines[first:stop]))
    return made


def mixed(colour: QColor, share: float) -> QColor:
    """Colour of which a share lies on the ground."""
    return laid_over(colour, current_theme().color("bg1"), share)


def image_of(pixels: NDArray[np.uint8]) -> QImage:
    """Picture of colours, (height, width, 4)."""
    height, width, _ = pixels.shape
    data = np.ascontiguousarray(pixels)
    return QImage(data.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


def _paint_dots(painter: QPainter, drawing: Drawing, places: Places) -> None:
    theme, answers, radius = current_theme(), drawing.answers, places.radius
    colours = [theme.color("text3"), *theme.depth(places.last)]
    is_filled = drawing.has_fills and answers is not None
    for k, heights in enumerate(places.units):
        centres = [QPointF(places.column(k), y) for y in heights.tolist()]
        painter.setPen(QPen(colours[k], 1.3))
        if k and radius < TINY and not is_filled:
            path = QPainterPath()
            for centre in centres:
                path.addEllipse(centre, radius + 0.5, radius + 0.5)
            painter.fillPath(path, colours[k])
            continue
        if k and is_filled and answers is not None:
            shades = answers.colours_of_means(k, theme.palette).tolist()
            for centre, shade in zip(centres, shades, strict=True):
                painter.setBrush(QColor(*shade))
                painter.drawEllipse(centre, radius, radius)
            continue
        painter.setBrush(mixed(colours[k], 0.35) if k else theme.color("bg1"))
        for centre in centres:
            painter.drawEllipse(centre, radius, radius)


def _paint_maps(painter: QPainter, drawing: Drawing, places: Places) -> None:
    """Paint what each unit answers over the plane, framed in the colour of its layer."""
    theme, answers, side = current_theme(), drawing.answers, places.side
    if answers is None or answers.maps is None:
        return
    colours = [theme.color("text3"), *theme.depth(places.last)]
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for k, colour in enumerate(colours):
        painter.setPen(QPen(colour, 1))
        for unit, pixels in enumerate(answers.colours_of_maps(k, theme.palette)):
            box = places.box(k, unit, side)
            painter.drawImage(box, image_of(pixels))
            painter.drawRect(box.adjusted(-0.5, -0.5, 0.5, 0.5))


def _paint_extras(painter: QPainter, drawing: Drawing, places: Places) -> None:
    """Shortcuts as arcs over the units, the longer the higher; normalised layers as bars."""
    colour, extras = current_theme().color("text2"), drawing.extras
    painter.setPen(QPen(colour, 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    above = (places.side / 2 if drawing.shows_maps(places) else places.radius) + 2.0
    for begin, end in extras.shortcuts:
        first, last = ((places.column(k), float(places.units[k][0]) - above) for k in (begin, end))
        curve = arc(first, last, places.apex(begin, end, above))
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in curve.tolist()]))
    half = min(5.0, max(0.3 * places.spacing, 1.0))
    painter.setPen(QPen(colour, 2))
    y = places.height - places.foot + 2.0
    for k in extras.normalised:
        x = places.column(k)
        painter.drawLine(QPointF(x - half, y), QPointF(x + half, y))


def _paint_names(painter: QPainter, drawing: Drawing, places: Places) -> None:
    theme, last, spacing = current_theme(), places.last, places.spacing
    stride = next((s for s in (1, 2, 5, 10, 20, 50) if s * spacing >= 24), 100)
    y = places.height - places.foot + 3.0
    painter.setFont(font(10))
    for k in range(last + 1):
        is_end = k in (0, last)
        if not is_end and (k % stride or (last - k) * spacing < 26):
            continue
        if stride > 1 and k > 0 and k * spacing < 22:
            continue
        text = "x" if k == 0 else "out" if k == last else str(k)
        painter.setPen(theme.color("text2"))
        box = QRectF(places.column(k) - 20, y, 40, 16)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        if places.is_tall and stride * spacing >= 40:
            shown, size = drawing.drawn[k], drawing.sizes[k]
            text = count(size) if shown == size else f"{shown} of {count(size)}"
            painter.setPen(theme.color("text3"))
            box = QRectF(places.column(k) - 30, y + 14, 60, 14)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
