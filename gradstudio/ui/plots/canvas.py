"""The plotting widget; the only module that imports pyqtgraph.

It takes pyqtgraph's array-to-path code and leaves its scene: 20 curves of 500 points cost 1.1 ms
a frame on a plain widget and 3.1 ms as items of a scene (offscreen, 2-core VM). Curves are drawn
1 px wide with a cosmetic pen; the one wide pen goes through line segments, since a wide
antialiased path costs 28 to 184 times as much.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from pyqtgraph.graphicsItems.PlotCurveItem import arrayToLineSegments
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QEnterEvent,
    QFocusEvent,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from gradstudio.ui.plots.axis import Axis
from gradstudio.ui.plots.decorations import (
    TICK_PIXELS,
    Decoration,
    paint_grid,
    paint_lane,
    paint_note,
    paint_ticks,
)
from gradstudio.ui.plots.frame import LANE_HEIGHT, Frame
from gradstudio.ui.theme import current_theme, font

Floats = npt.NDArray[np.float64]
ZOOM_PER_NOTCH = 1.2
DOT_RADIUS = 1.9
FINE_POINTS = 300
"""Longer pale curves are drawn without antialiasing: 20 of 490 noisy points take 4 ms, not 9."""
KEYBOARD_REASONS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


def path_through(xs: Floats, ys: Floats) -> QPainterPath:
    """Return the line through finite places in pixels, (n,) each, as a path."""
    if len(xs) < 2:
        return QPainterPath()  # of no points pyqtgraph makes a path that crashes Qt
    made: QPainterPath = pg.arrayToQPath(xs, ys, connect="all", finiteCheck=False)
    return made


@dataclass
class Curve:
    """One line of a plot.

    Attributes
    ----------
    x, y
        Positions on the axes, shape (m,); NaN in `y` is a gap.
    pattern
        Dash and gap lengths in pixels; empty for a solid line.
    """

    x: Floats
    y: Floats
    colour: QColor
    width: int = 1
    opacity: float = 1.0
    pattern: tuple[float, ...] = ()
    label: str = ""

    def pen(self) -> QPen:
        """Return the pen it is drawn with."""
        colour = QColor(self.colour)
        colour.setAlphaF(self.opacity)
        pen = QPen(colour, self.width)
        pen.setCosmetic(True)
        if self.pattern:
            pen.setDashPattern(self.pattern)
        return pen


@dataclass
class Layers:
    """What is painted around the curves, in painting order."""

    under: list[Decoration] = field(default_factory=list)
    over: list[Decoration] = field(default_factory=list)
    live: list[Decoration] = field(default_factory=list)
    """Painted on top of the cached picture at every repaint: cross-hair and cursor."""


class Canvas(QWidget):
    """Curves over two axes, with a zero lane; draws what it is given and reports the mouse.

    Wheel zooms x, Shift+wheel y, dragging pans, a double-click fits, a click reports its place.
    All but the live decorations are kept in a pixmap, so following the mouse is cheap.
    """

    hovered = Signal(object)
    """Pixel position of the pointer as QPointF, or None when it has left."""
    clicked = Signal(QPointF)
    """Pixel position of a click that was no drag."""
    pressed = Signal()
    """A mouse button went down here."""
    focused = Signal()
    """The keyboard focus has come here: now its description should be true."""
    menu_asked = Signal(QPoint)
    """Global position at which to open the context menu."""

    def __init__(self, x: Axis, y: Axis, *, zero_lane: bool = False, right: int = 38) -> None:
        super().__init__()
        self.x_axis, self.y_axis = x, y
        self.has_zero_lane = zero_lane
        self.lane_caption = ""
        self.notice = ""
        self.curves: list[Curve] = []
        self.layers = Layers()
        self._right = right
        self._picture: QPixmap | None = None
        self._ringed = False
        self._pressed_at: QPointF | None = None
        self._dragged_from: QPointF | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(120, 60)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        x.changed.connect(self.redraw)
        y.changed.connect(self.redraw)

    def use_y_axis(self, axis: Axis) -> None:
        """Draw over another y axis, for instance one shared with a neighbour."""
        self.y_axis.changed.disconnect(self.redraw)
        self.y_axis = axis
        axis.changed.connect(self.redraw)
        self.redraw()

    def redraw(self) -> None:
        """Draw everything again at the next repaint."""
        self._picture = None
        self.update()

    def frame(self) -> Frame:
        """Return the plotting area as it is now."""
        left, right, top, bottom = 42.0, float(self._right), 8.0, 20.0
        lane = LANE_HEIGHT if self.has_zero_lane and self.y_axis.log else 0
        width = max(self.width() - left - right, 10.0)
        height = max(self.height() - top - bottom - lane, 10.0)
        area = QRectF(left, top, width, height)
        x, y = self.x_axis, self.y_axis
        room = 16 + QFontMetricsF(font(TICK_PIXELS)).horizontalAdvance(f"{x.high:,.0f}")
        return Frame(
            area=area,
            lane=QRectF(left, area.bottom(), width, lane) if lane else None,
            x_low=x.low,
            x_high=x.high,
            y_low=y.low,
            y_high=y.high,
            x_ticks=x.ticks(width, 28 if x.kind == "layer" else room),
            y_ticks=y.ticks(height, 26),
        )

    def plot_pixels(self) -> int:
        """Width of the plotting area: as many bins as are worth reading."""
        return max(int(self.width() - 42 - self._right), 10)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cached picture, then what follows the mouse."""
        frame = self.frame()
        if self._picture is None:
            self._picture = self._painted(frame)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        theme = current_theme()
        for decoration in self.layers.live:
            decoration.paint(painter, frame, theme)
        if self._ringed and self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()

    def _painted(self, frame: Frame) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        theme = current_theme()
        picture.fill(theme.color("bg1"))
        painter = QPainter(picture)
        paint_grid(painter, frame, theme)
        paint_lane(painter, frame, theme, self.lane_caption)
        for decoration in self.layers.under:
            decoration.paint(painter, frame, theme)
        self._paint_curves(painter, frame)
        for decoration in self.layers.over:
            decoration.paint(painter, frame, theme)
        paint_ticks(painter, frame, theme)
        if self.notice:
            painter.setFont(font(12))
            painter.setPen(theme.color("text3"))
            painter.drawText(
                frame.area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.notice
            )
        elif not (self.x_axis.automatic and self.y_axis.automatic):
            paint_note(painter, frame, theme, "zoomed · double-click fits")
        painter.end()
        return picture

    def _paint_curves(self, painter: QPainter, frame: Frame) -> None:
        painter.setClipRect(frame.area.adjusted(-DOT_RADIUS, -1, 1, 1))
        shared, xs = None, np.empty(0)
        for curve in sorted(self.curves, key=lambda c: c.width):
            if not len(curve.x):
                continue
            if curve.x is not shared:
                shared, xs = curve.x, frame.xs(curve.x)
            ys = frame.ys(curve.y)
            painter.setPen(curve.pen())
            is_coarse = curve.opacity < 1.0 and len(xs) > FINE_POINTS
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, not is_coarse)
            gaps = np.isnan(ys)
            connect = "finite" if gaps.any() else "all"
            if len(xs) < 2 or connect == "finite":
                self._paint_lonely(painter, curve, xs, ys, gaps)
            if curve.width > 1 and not curve.pattern:
                painter.drawLines(
                    *arrayToLineSegments(xs, ys, connect=connect, finiteCheck=False).drawargs()
                )
            else:
                painter.drawPath(pg.arrayToQPath(xs, ys, connect=connect, finiteCheck=False))
        painter.setClipping(False)

    def _paint_lonely(
        self, painter: QPainter, curve: Curve, xs: Floats, ys: Floats, gaps: npt.NDArray[np.bool_]
    ) -> None:
        """Paint points without a neighbour as dots: a line through one point is invisible."""
        walled = np.concatenate(([True], gaps, [True]))
        lonely = np.flatnonzero(~gaps & walled[:-2] & walled[2:])
        if not len(lonely):
            return
        pen = painter.pen()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(curve.colour)
        for i in lonely.tolist():
            painter.drawEllipse(QPointF(xs[i], ys[i]), DOT_RADIUS, DOT_RADIUS)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw anew at the new size."""
        self._picture = None
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Draw anew where the device pixel ratio may have changed."""
        self._picture = None
        super().changeEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom x about the pointer; with Shift zoom y."""
        notches = (event.angleDelta().y() or event.angleDelta().x()) / 120.0
        if notches == 0:
            return
        factor, frame = ZOOM_PER_NOTCH**-notches, self.frame()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.y_axis.zoom(factor, frame.y_position(event.position().y()))
        elif self.x_axis.kind == "step":
            self.x_axis.zoom(factor, frame.x_position(event.position().x()))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a drag."""
        self.pressed.emit()
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = event.position()
            self._dragged_from = None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan while the button is down, otherwise report where the pointer is."""
        here = event.position()
        if self._pressed_at is None:
            self.hovered.emit(here)
            return
        start = self._dragged_from or self._pressed_at
        far = (here - self._pressed_at).manhattanLength()
        if self._dragged_from is None and far < QApplication.startDragDistance():
            return
        frame = self.frame()
        self._dragged_from = here
        if self.x_axis.kind == "step" and here.x() != start.x():
            self.x_axis.pan(frame.x_position(start.x()) - frame.x_position(here.x()))
        # a level drag means time alone, so that the y axis keeps following the data
        if not self.y_axis.automatic or abs(here.y() - self._pressed_at.y()) > 24:
            self.y_axis.pan(frame.y_position(start.y()) - frame.y_position(here.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a click or a drag."""
        if event.button() != Qt.MouseButton.LeftButton or self._pressed_at is None:
            return
        dragged, self._pressed_at = self._dragged_from is not None, None
        self._dragged_from = None
        if not dragged:
            self.clicked.emit(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Give both axes back to the data."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.fit()

    def fit(self) -> None:
        """Give both axes back to the data."""
        self.x_axis.fit()
        self.y_axis.fit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell that the description will be read; keys, not clicks, show the ring."""
        self._ringed = event.reason() in KEYBOARD_REASONS
        self.focused.emit()
        super().focusInEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Report where the pointer is."""
        self.hovered.emit(event.position())

    def leaveEvent(self, event: QEvent) -> None:
        """Report that the pointer has left."""
        self.hovered.emit(None)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu at the pointer, or in the middle when it was asked by key."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        self.menu_asked.emit(
            self.mapToGlobal(self.rect().center()) if by_key else event.globalPos()
        )
