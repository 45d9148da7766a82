"""Layers as rows from top to bottom: their axis, the map of their cells, their names."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen

from gradstudio.export.cells import Cells
from gradstudio.export.labels import labelled_layers, place_labels
from gradstudio.export.shades import PARTS, columns_in_pixels, ends_of_map, shade_colours, shades
from gradstudio.export.ticks import Ticks
from gradstudio.palette import Palette
from gradstudio.ui.plots.axis import Axis
from gradstudio.ui.plots.decorations import LEFT, RIGHT, TICK_PIXELS
from gradstudio.ui.plots.frame import Frame
from gradstudio.ui.plots.marks import Marks
from gradstudio.ui.theme import Theme, font

ROOMY = 7.0
"""Height of a row in pixels from which on a cell has a foot and rows are parted by a line."""
LABEL_GAP = 11.0
CHIP = 2.0


class RowAxis(Axis):
    """Layers downwards, all of them always in view, and the range of their colours.

    The range grows at once and shrinks only when the axis is fitted.
    """

    def __init__(self) -> None:
        super().__init__("layer")
        self.ends: tuple[int, int] | None = None

    def follow_layers(self, layer_count: int) -> None:
        """Show the layers 1, on top, to `layer_count`."""
        self.follow(layer_count + 0.5, 0.5)

    def cover(self, low: float, high: float, *, symmetric: bool) -> None:
        """Let the colours reach from `low` to `high`, log10, or farther."""
        self.ends = ends_of_map(low, high, self.ends, symmetric=symmetric)

    def show(self, low: float, high: float) -> None:
        """Stay as it is: rows are not zoomed."""

    def clear(self) -> None:
        """Forget the range of the colours."""
        self.ends = None
        super().clear()

    def ticks(self, pixels: float, room: float) -> Ticks:
        """None: the rows have names of their own."""
        return ()


@dataclass
class HeatMap:
    """The cells as one image.

    Attributes
    ----------
    cells
        None paints nothing.
    ends
        log10 at the ends of the map.
    log
        Whether the step axis is logarithmic.
    diverging
        Whether the map has a middle.
    """

    cells: Cells | None = None
    ends: tuple[float, float] = (-1.0, 0.0)
    log: bool = False
    diverging: bool = False

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        """Paint hatched ground where there are zeros, then the image, then lines between rows."""
        cells, area = self.cells, frame.area
        if cells is None or not len(cells):
            return
        count = cells.places.shape[1]
        height = area.height() / count
        wide = max(round(area.width() * painter.device().devicePixelRatioF()), 1)
        taken = columns_in_pixels(cells, frame.x_low, frame.x_high, wide, log=self.log)
        covered = np.flatnonzero((taken >= 0).any(axis=1))
        if not len(covered):
            return
        start, stop = int(covered[0]), int(covered[-1]) + 1
        parts = PARTS if height >= ROOMY else 1
        numbers = shades(cells, *self.ends, taken[start:stop], parts)
        place = QRectF(area)
        place.setLeft(area.left() + area.width() * start / wide)
        place.setRight(area.left() + area.width() * stop / wide)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if cells.zero.any():
            painter.fillRect(place, theme.color("bg1"))
            painter.fillRect(place, QBrush(theme.color("text3"), Qt.BrushStyle.BDiagPattern))
        pixels = np.ascontiguousarray(_packed(theme.palette, self.diverging)[numbers])
        rows, columns = pixels.shape
        kind = QImage.Format.Format_ARGB32_Premultiplied
        painter.drawImage(place, QImage(pixels.data, columns, rows, 4 * columns, kind))
        if height >= ROOMY:
            painter.setPen(QPen(theme.color("bg1"), 1))
            tops = [round(area.top() + i * height) + 0.5 for i in range(1, count)]
            painter.drawLines([QLineF(place.left(), y, place.right(), y) for y in tops])


@dataclass
class RowOutline:
    """A frame around the row of the selected layer."""

    index: int | None = None

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        """Paint it, parted from the cells by lines in the colour of the ground."""
        if self.index is None:
            return
        top, bottom = frame.y(self.index + 0.5), frame.y(self.index + 1.5)
        left, right = frame.area.left(), frame.area.right()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if bottom - top < ROOMY:  # a frame would hide the row: lines above and below it
            above, below = math.floor(top) - 0.5, math.ceil(bottom) + 0.5
            painter.setPen(QPen(theme.color("accent"), 1))
            painter.drawLines([QLineF(left, y, right, y) for y in (above, below)])
            return
        place = QRectF(left, round(top), right - left, round(bottom) - round(top))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in (("bg1", 3), ("accent", 1)):
            painter.setPen(QPen(theme.color(colour), width))
            painter.drawRect(place)


@dataclass
class MarkGround:
    """Ground under the crosses of marks: cells that are not finite have their colour."""

    marks: Marks

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        """Paint a square behind every cross in view."""
        for mark in self.marks.marks:
            x = frame.x(mark.position)
            if frame.area.left() - 1 <= x <= frame.area.right() + 1:
                place = QRectF(x - 7, frame.area.top() - 1, 14, 14)
                painter.fillRect(place, theme.color("bg1"))


@dataclass
class RowNames:
    """Names of the layers left of their rows, their newest values on the right.

    Attributes
    ----------
    names, values
        One per layer; no values, no texts on the right.
    colours
        Those of the depth map.
    selected
        Index of the layer that is named in any case.
    """

    names: Sequence[str] = ()
    values: Sequence[str] = ()
    colours: Sequence[QColor] = ()
    selected: int | None = None

    def places(self, frame: Frame) -> Mapping[int, float]:
        """Height of the middle of each row that is named, in pixels from the top."""
        area = frame.area
        return _named_rows(len(self.names), self.selected, area.top(), area.height())

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        """Paint a chip of colour at every row and the texts where there is room."""
        area, count = frame.area, len(self.names)
        if not count:
            return
        height = area.height() / count
        gap = 1.0 if height >= 4 else 0.0
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for i, colour in enumerate(self.colours):
            chip = QRectF(area.left() - 2 - CHIP, area.top() + i * height, CHIP, height - gap)
            painter.fillRect(chip, colour)
        for i, y in self.places(frame).items():
            strong = i == self.selected
            painter.setFont(font(TICK_PIXELS, 600 if strong else 500))
            ink = self.colours[i] if theme.name == "dark" else theme.color("text2")
            painter.setPen(theme.color("text") if strong else ink)
            painter.drawText(QRectF(0, y - 8, area.left() - 8, 16), RIGHT, self.names[i])
            if self.values:
                painter.setPen(theme.color("text" if strong else "text2"))
                painter.drawText(QRectF(area.right() + 6, y - 8, 60, 16), LEFT, self.values[i])


@lru_cache(maxsize=32)
def _named_rows(
    layer_count: int, selected: int | None, top: float, height: float
) -> Mapping[int, float]:
    """Heights of the rows worth a name; finding them anew for each frame would take 0.3 ms."""
    wanted = {i: top + (i + 0.5) * height / layer_count for i in range(layer_count)}
    order = labelled_layers(layer_count, selected)
    return place_labels(wanted, order, LABEL_GAP, top + 3, top + height - 3, 3.0)


@lru_cache(maxsize=8)
def _packed(palette: Palette, diverging: bool) -> npt.NDArray[np.uint32]:
    """Every shade as a pixel of a premultiplied image, (256,)."""
    red, green, blue, opacity = shade_colours(palette, diverging=diverging).astype(np.uint32).T
    packed = (opacity << 24) | (red << 16) | (green << 8) | blue
    return np.where(opacity > 0, packed, np.uint32(0))
