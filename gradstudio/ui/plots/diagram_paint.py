"""Paints the picture of a network: lines, units, shortcuts, names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPixmap, QPolygonF

from gradstudio.export.arcs import Extras, arc
from gradstudio.export.edges import DASH, Edges
from gradstudio.export.figure import Floats
from gradstudio.export.units import UnitAnswers
from gradstudio.numbers import count
from gradstudio.ui.plots.diagram_places import Places
from gradstudio.ui.theme import current_theme, font

LEVELS: Final = 10
"""Steps of opacity; lines of one layer and step are drawn at once."""
OPACITY: Final = 0.85
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


def paint_network(drawing: Drawing, places: Places, size: QSize, ratio: float) -> QPixmap:
    """Paint everything but what changes with selection and pointer."""
    picture = QPixmap(size * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(current_theme().color("bg1"))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for pen, lines in batches(drawing, places):
        painter.setPen(pen)
        painter.drawLines(lines)
    if drawing.shows_maps(places):
        _paint_maps(painter, drawing, places)
    else:
        _paint_dots(painter, drawing, places)
    _paint_extras(painter, drawing, places)
    _paint_names(painter, drawing, places)
    painter.end()
    return picture


def batches(drawing: Drawing, places: Places) -> list[tuple[QPen, list[QLineF]]]:
    """Lines of equal look, the faint ones first.

    Their colours are mixed with the ground instead of being transparent: in an enlarged strip of
    832 lines that takes 5 ms instead of 40, and strong lines stay clear where many cross.
    """
    theme, edges = current_theme(), drawing.edges
    colours = theme.depth(places.last)
    found: list[tuple[int, QPen, list[QLineF]]] = []
    for k in range(1, places.last + 1):
        ends = places.edges(k)
        if edges is None:
            found += _by_level(ends, np.full(len(ends), FAINT), colours[k - 1], ())
            continue
        strengths = edges.strengths[k - 1].ravel()
        if edges.negative is None:
            found += _by_level(ends, strengths, colours[k - 1], ())
            continue
        is_negative = edges.negative[k - 1].ravel()
        for part, role, dash in ((~is_negative, "class_1", ()), (is_negative, "class_0", DASH)):
            found += _by_level(ends[part], strengths[part], theme.color(role), dash)
    return [(pen, lines) for _, pen, lines in sorted(found, key=lambda batch: batch[0])]


def _by_level(
    ends: Floats, strengths: Floats, colour: QColor, dash: tuple[float, ...]
) -> list[tuple[int, QPen, list[QLineF]]]:
    levels = np.ceil(strengths * LEVELS).astype(np.intp)
    found = []
    for level in np.unique(levels[levels > 0]).tolist():
        pen = QPen(mixed(colour, OPACITY * level / LEVELS), 1)
        if dash:
            pen.setDashPattern(dash)
        found.append((level, pen, [QLineF(*line) for line in ends[levels == level].tolist()]))
    return found


def mixed(colour: QColor, share: float) -> QColor:
    """Colour of which a share lies on the ground."""
    ground = current_theme().color("bg1")
    channels = zip(colour.getRgb()[:3], ground.getRgb()[:3], strict=True)  # type: ignore[index]
    return QColor(*(round(a * share + b * (1.0 - share)) for a, b in channels))


def image_of(pixels: NDArray[np.uint8]) -> QImage:
    """Picture of colours, (height, width, 4)."""
    height, width, _ = pixels.shape
    data = np.ascontiguousarray(pixels)
    return QImage(data.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


def _paint_dots(painter: QPainter, drawing: Drawing, places: Places) -> None:
    theme, answers, radius = current_theme(), drawing.answers, places.radius
    colours = [theme.color("text3"), *theme.depth(places.last)]
    for k, heights in enumerate(places.units):
        fills = [mixed(colours[k], 0.35)] * len(heights)
        if k and drawing.has_fills and answers is not None:
            shades = answers.colours_of_means(k, theme.palette)
            fills = [QColor(*shade) for shade in shades.tolist()]
        painter.setPen(QPen(colours[k], 1.3))
        for y, fill in zip(heights.tolist(), fills, strict=True):
            painter.setBrush(fill if k else theme.color("bg1"))
            painter.drawEllipse(QPointF(places.column(k), y), radius, radius)


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
    longest = max(extras.longest, 1)
    for begin, end in extras.shortcuts:
        first, last = ((places.column(k), float(places.units[k][0]) - above) for k in (begin, end))
        apex = places.head - (places.head - 3.0) * (0.4 + 0.6 * (end - begin) / longest)
        curve = arc(first, last, apex)
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
