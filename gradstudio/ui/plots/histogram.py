"""The starting weights of one layer against the density they were drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from gradstudio.export.weight_bins import WeightPicture, shares_of, weight_picture
from gradstudio.numbers import count, figures
from gradstudio.setup.models import LayerSetup
from gradstudio.training.start import Part
from gradstudio.ui.plots.instrument import Instrument
from gradstudio.ui.plots.menu import Choices, plot_menu
from gradstudio.ui.theme import current_theme, font

if TYPE_CHECKING:
    from gradstudio.export.figure import Figure

Floats = npt.NDArray[np.float64]


class WeightHistogram(Instrument):
    """The weights as drawn, in the colour of their layer, under the density of the initializer.

    A reader sees the width of the start (the factor that the weights pass back grows with it)
    and whether the draw is a fair sample of it. Values that many weights have exactly stand apart
    as stems, as high as their share of all weights.
    """

    title = "Initial weights"
    subtitle = ""

    def __init__(self) -> None:
        super().__init__()
        self.header.hide()
        self.bars = _Bars()
        self.bars.setAccessibleName(self.title)
        self.bars.menu_asked.connect(lambda at: self.menu().popup(at))
        self._body.addWidget(self.bars)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._weights: Floats | None = None
        self._layer, self._layer_count = 0, 1
        self._part: Part = LayerSetup()
        self._picture: WeightPicture | None = None

    def set_weights(
        self, weights: npt.NDArray[np.floating] | None, layer: int, layer_count: int, part: Part
    ) -> None:
        """Show the starting weights, shape (fan_in, fan_out), of layer index `layer`.

        `part` is the layer that they were drawn for; without weights only words show.
        """
        self._weights = None if weights is None else np.asarray(weights, dtype=np.float64)
        self._layer, self._layer_count = layer, layer_count
        self._part = part
        self.header.set_title(self.title)
        self.refresh_anew()

    def state(self) -> object:
        """Return what the picture depends on."""
        return (id(self._weights), self._layer, self._layer_count, self._part)

    def draw(self) -> None:
        """Count the weights and ask the initializer for its density."""
        weights = self._weights
        if weights is None or not np.isfinite(weights).all():
            self._picture = None
            self.bars.show_picture(None, self._colour())
            return
        self._picture = weight_picture(weights, self._part)
        self.bars.show_picture(self._picture, self._colour(), named_values(weights))
        self.bars.setAccessibleDescription(self.sentence())
        self.bars.setToolTip(self.sentence())

    def sentence(self) -> str:
        """Return number, mean, deviation and range of the weights."""
        weights = self._weights
        if weights is None:
            return "No weights drawn yet."
        name = "out" if self._layer == self._layer_count - 1 else str(self._layer + 1)
        low, high = float(weights.min()), float(weights.max())
        if low == high:
            return f"Layer {name}: all {count(weights.size)} weights are {figures(low)}."
        atoms = self._picture.atoms if self._picture is not None else ()
        equal = "".join(f" {share} are exactly {figures(v)}." for v, share in shares_of(atoms))
        return (
            f"Layer {name}: {count(weights.size)} weights between {figures(low)} "
            f"and {figures(high)}, mean {figures(float(weights.mean()))}, "
            f"standard deviation {figures(float(weights.std()))}.{equal}"
        )

    def figure(self, palette_name: str = "light") -> Figure:
        """Return the same weights, bins and density as on screen."""
        from gradstudio.export.figures import histogram_figure

        return histogram_figure(
            self._weights,
            self._layer,
            self._layer_count,
            self._part,
            palette_name=palette_name,
        )

    def menu(self) -> QMenu:
        """Return the context menu as it would open now."""
        return plot_menu(self, Choices())

    def _colour(self) -> QColor:
        colours = self.theme.depth(self._layer_count)
        return colours[min(self._layer, self._layer_count - 1)]


class _Bars(QWidget):
    menu_asked = Signal(QPoint)

    def __init__(self) -> None:
        super().__init__()
        self._picture: WeightPicture | None = None
        self._colour = QColor()
        self._named: tuple[float, ...] = ()
        self.setFixedHeight(86)

    def sizeHint(self) -> QSize:
        return QSize(280, 86)

    def picture(self) -> WeightPicture | None:
        """What is shown."""
        return self._picture

    def show_picture(
        self, picture: WeightPicture | None, colour: QColor, named: tuple[float, ...] = ()
    ) -> None:
        """Show bars and stems, the density over them and ticks at the values `named`."""
        self._picture, self._colour, self._named = picture, colour, named
        self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu."""
        self.menu_asked.emit(event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = current_theme()
        picture = self._picture
        if picture is None:
            painter.setPen(theme.color("text3"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "The drawn weights")
            painter.end()
            return
        area = QRectF(self.rect()).adjusted(12, 6, -12, -18)
        low, high = float(picture.edges[0]), float(picture.edges[-1])
        scale_x = area.width() / (high - low)
        self._paint_bars(painter, picture, area, scale_x)
        self._paint_stems(painter, picture, area, scale_x)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        self._paint_ticks(painter, area, low, scale_x)
        painter.end()

    def _paint_bars(
        self, painter: QPainter, picture: WeightPicture, area: QRectF, scale_x: float
    ) -> None:
        """Paint the weights that are spread out, and their density."""
        if picture.top <= 0:
            return
        scale_y = area.height() / (picture.top * 1.04)
        fill = QColor(self._colour)
        fill.setAlphaF(0.62)
        xs = area.left() + (picture.edges - picture.edges[0]) * scale_x
        for left, right, height in zip(xs[:-1], xs[1:], picture.heights * scale_y, strict=True):
            if height > 0:
                bar = QRectF(left + 0.5, area.bottom() - height, right - left - 1.0, height)
                painter.fillRect(bar, fill)
        if picture.density is None:
            return
        path = QPainterPath()
        places = (area.left() + (picture.x - picture.x[0]) * scale_x).tolist()
        for k, (x, height) in enumerate(zip(places, picture.density * scale_y, strict=True)):
            y = area.bottom() - float(height)
            path.moveTo(x, y) if k == 0 else path.lineTo(x, y)
        pen = QPen(current_theme().color("text"), 1.2)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPath(path)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_stems(
        self, painter: QPainter, picture: WeightPicture, area: QRectF, scale_x: float
    ) -> None:
        """Paint what many weights are exactly: as high as their share, with the share beside.

        A gap keeps them apart from the bars, of which they are none.
        """
        painter.setFont(font(10))
        theme, low = current_theme(), float(picture.edges[0])
        named = shares_of(picture.atoms)
        for (value, share), (_, words) in zip(picture.atoms, named, strict=True):
            x, height = area.left() + (value - low) * scale_x, max(2.0, share * area.height())
            top = area.bottom() - height
            painter.fillRect(QRectF(x - 4.5, area.top(), 9.0, area.height()), theme.color("bg1"))
            painter.fillRect(QRectF(x - 1.5, top, 3.0, height), self._colour)
            width = painter.fontMetrics().horizontalAdvance(words) + 4.0
            left = x + 4.5 if x + 4.5 + width < self.width() else x - 4.5 - width
            box = QRectF(left, min(max(top - 2, area.top()), area.bottom() - 13), width, 13)
            painter.fillRect(box, theme.color("bg1"))
            painter.setPen(theme.color("text2"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_ticks(self, painter: QPainter, area: QRectF, low: float, scale: float) -> None:
        painter.setFont(font(10))
        painter.setPen(current_theme().color("text3"))
        for value in self._named:
            text = figures(value) if value <= 0 else "+" + figures(value)
            box = QRectF(area.left() + (value - low) * scale - 40, area.bottom() + 2, 80, 14)
            box.moveLeft(min(max(box.left(), -12.0), self.width() - 68.0))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def named_values(weights: Floats) -> tuple[float, ...]:
    """Return the values worth a tick: smallest, zero where it lies well between, largest."""
    low, high = float(weights.min()), float(weights.max())
    if high == low:
        return (low,)
    room = 0.2 * (high - low)
    return (low, 0.0, high) if low + room < 0 < high - room else (low, high)
