"""The starting weights of one layer against the density they were drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from gradstudio.export.weight_bins import density_of, weight_bins
from gradstudio.numbers import count, figures
from gradstudio.setup.models import InitializerSetup
from gradstudio.ui.plots.instrument import Instrument
from gradstudio.ui.plots.menu import Choices, plot_menu
from gradstudio.ui.theme import current_theme, font

if TYPE_CHECKING:
    from gradstudio.export.figure import Figure

Floats = npt.NDArray[np.float64]


class WeightHistogram(Instrument):
    """The weights as drawn, in the colour of their layer, under the density of the initializer.

    A reader sees the width of the start (the factor that the weights pass back grows with it)
    and whether the draw is a fair sample of it.
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
        self._initializer = InitializerSetup()

    def set_weights(
        self,
        weights: npt.NDArray[np.floating],
        layer: int,
        layer_count: int,
        initializer: InitializerSetup,
    ) -> None:
        """Show the starting weights, shape (fan_in, fan_out), of layer index `layer`."""
        self._weights = np.asarray(weights, dtype=np.float64)
        self._layer, self._layer_count = layer, layer_count
        self._initializer = initializer
        self.header.set_title(self.title)
        self.refresh_anew()

    def state(self) -> object:
        """Return what the picture depends on."""
        return (id(self._weights), self._layer, self._layer_count, self._initializer)

    def draw(self) -> None:
        """Count the weights and ask the initializer for its density."""
        weights = self._weights
        if weights is None or not np.isfinite(weights).all():
            self.bars.show_bars(np.empty(0), np.empty(0), None, self._colour())
            return
        edges, heights = weight_bins(weights)
        x, density = density_of(self._initializer, weights.shape, edges)
        curve = None if density is None else (x, density)
        self.bars.show_bars(edges, heights, curve, self._colour(), named_values(weights))
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
        return (
            f"Layer {name}: {count(weights.size)} weights between {figures(low)} "
            f"and {figures(high)}, mean {figures(float(weights.mean()))}, "
            f"standard deviation {figures(float(weights.std()))}."
        )

    def figure(self, palette_name: str = "light") -> Figure:
        """Return the same weights, bins and density as on screen."""
        from gradstudio.export.figures import histogram_figure

        return histogram_figure(
            self._weights,
            self._layer,
            self._layer_count,
            self._initializer,
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
        self._edges: Floats = np.empty(0)
        self._heights: Floats = np.empty(0)
        self._density: tuple[Floats, Floats] | None = None
        self._colour = QColor()
        self._named: tuple[float, ...] = ()
        self.setFixedHeight(86)

    def sizeHint(self) -> QSize:
        return QSize(280, 86)

    def show_bars(
        self,
        edges: Floats,
        heights: Floats,
        density: tuple[Floats, Floats] | None,
        colour: QColor,
        named: tuple[float, ...] = (),
    ) -> None:
        """Show bars (as densities), the curve over them and ticks at the values `named`."""
        self._named = named
        self._edges, self._heights = edges, heights
        self._density, self._colour = density, colour
        self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu."""
        self.menu_asked.emit(event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = current_theme()
        if not len(self._edges):
            painter.setPen(theme.color("text3"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "The drawn weights")
            painter.end()
            return
        area = QRectF(self.rect()).adjusted(12, 6, -12, -18)
        low, high = float(self._edges[0]), float(self._edges[-1])
        top = float(self._heights.max())
        if self._density is not None:
            top = max(top, float(self._density[1].max()))
        scale_x, scale_y = area.width() / (high - low), area.height() / (top * 1.04)
        fill = QColor(self._colour)
        fill.setAlphaF(0.62)
        xs = area.left() + (self._edges - low) * scale_x
        for left, right, height in zip(xs[:-1], xs[1:], self._heights * scale_y, strict=True):
            if height > 0:
                bar = QRectF(left + 0.5, area.bottom() - height, right - left - 1.0, height)
                painter.fillRect(bar, fill)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._density is not None:
            self._paint_density(painter, area, low, scale_x, scale_y)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        self._paint_ticks(painter, area, low, scale_x)
        painter.end()

    def _paint_density(
        self, painter: QPainter, area: QRectF, low: float, scale_x: float, scale_y: float
    ) -> None:
        assert self._density is not None
        x, y = self._density
        path = QPainterPath()
        for k, (px, py) in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
            point = (area.left() + (px - low) * scale_x, area.bottom() - py * scale_y)
            path.moveTo(*point) if k == 0 else path.lineTo(*point)
        pen = QPen(current_theme().color("text"), 1.2)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.drawPath(path)

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
