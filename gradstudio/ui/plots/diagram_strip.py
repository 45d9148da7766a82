"""The strip in which a network is painted: units, weights, shortcuts, normalised layers."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradstudio.ui.plots.canvas import KEYBOARD_REASONS
from gradstudio.ui.plots.diagram_paint import Drawing, paint_lines, paint_units
from gradstudio.ui.plots.diagram_places import Places, Spot
from gradstudio.ui.plots.diagram_readout import Words, paint_words
from gradstudio.ui.theme import current_theme, font


class Strip(QWidget):
    """Paints the network once per snapshot; selection and words beside the pointer on top of it."""

    layer_clicked = Signal(int)
    menu_asked = Signal(QPoint)
    pressed = Signal()
    hovered = Signal(object)
    """What is under the pointer, or None."""

    def __init__(self) -> None:
        super().__init__()
        self._drawing = Drawing()
        self._selected: int | None = None
        self._picture: QPixmap | None = None
        self._picture_size = QSize()
        self._units: tuple[object, QPixmap] | None = None
        self._is_ringed = False
        self._pointer: QPointF | None = None
        self._spot: Spot | None = None
        self._words: Words | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(200, 60)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMouseTracking(True)

    @property
    def drawing(self) -> Drawing:
        """What is shown."""
        return self._drawing

    @property
    def spot(self) -> Spot | None:
        """What is under the pointer."""
        return self._spot

    @property
    def words(self) -> Words | None:
        """The words beside the pointer."""
        return self._words

    @property
    def picture(self) -> QPixmap | None:
        """What was painted last, without selection and words."""
        return self._picture

    def places(self, drawing: Drawing | None = None) -> Places:
        """Where everything lies now."""
        drawing = drawing or self._drawing
        return Places(self.width(), self.height(), drawing.drawn, drawing.extras)

    @property
    def shows_maps(self) -> bool:
        """Whether units are maps of the plane."""
        return bool(self._drawing.sizes) and self._drawing.shows_maps(self.places())

    def show_drawing(self, drawing: Drawing) -> None:
        """Show another network, or the same one in another look."""
        self._drawing = drawing
        self._picture = None
        self._find_spot()
        self.update()

    def show_words(self, words: Words | None) -> None:
        """Put words beside the pointer, or take them away."""
        if words is not None or self._words is not None:
            self._words = words
            self.update()

    def select(self, index: int | None) -> None:
        """Outline one layer."""
        self._selected = index
        self.update()

    def column(self, position: float) -> float:
        """Pixels from the left of column `position`, 0 being the input."""
        return self.places().column(position)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the layer nearest to the pointer."""
        self.pressed.emit()
        if event.button() == Qt.MouseButton.LeftButton and len(self._drawing.sizes) > 1:
            self.layer_clicked.emit(self.places().layer_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Find what the pointer means."""
        self._pointer = event.position()
        self._find_spot()

    def leaveEvent(self, event: QEvent) -> None:
        """Take the words away."""
        self._pointer = None
        self._find_spot()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose the first layer or the output; Up and Down are those of the window."""
        last = len(self._drawing.sizes) - 2
        if last >= 0 and event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.layer_clicked.emit(0 if event.key() == Qt.Key.Key_Home else last)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu."""
        self.menu_asked.emit(event.globalPos())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring after a key, not after a click."""
        self._is_ringed = event.reason() in KEYBOARD_REASONS
        super().focusInEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cached network, the outline of the selected layer, and the words."""
        painter = QPainter(self)
        if not self._drawing.sizes:
            self._paint_empty(painter)
            painter.end()
            return
        places = self.places()
        if self._picture is None or self._picture_size != self.size():
            self._picture, self._picture_size = self._painted(places), self.size()
        painter.drawPixmap(0, 0, self._picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_selection(painter, places)
        if self._spot is not None:
            self._paint_spot(painter, places, self._spot)
        if self._words is not None and self._pointer is not None:
            paint_words(painter, self._words, self._pointer, QRectF(self.rect()))
        if self._is_ringed and self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(current_theme().color("accent"), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        painter.end()

    def _painted(self, places: Places) -> QPixmap:
        """Paint the weights anew, and what lies over them where it has changed."""
        drawing, size, ratio = self._drawing, self.size(), self.devicePixelRatioF()
        look = (drawing.look_of_units(places), size, ratio)
        if self._units is None or self._units[0] != look:
            self._units = look, paint_units(drawing, places, size, ratio)
        picture = paint_lines(drawing, places, size, ratio)
        painter = QPainter(picture)
        painter.drawPixmap(0, 0, self._units[1])
        painter.end()
        return picture

    def _paint_empty(self, painter: QPainter) -> None:
        painter.setPen(current_theme().color("text3"))
        painter.setFont(font(12))
        text = "The network appears with its first run"
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)

    def _paint_selection(self, painter: QPainter, places: Places) -> None:
        if self._selected is not None and self._selected < places.last:
            box = places.outline(self._selected + 1, has_maps=self.shows_maps)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(current_theme().color("accent"), 1.5))
            painter.drawRoundedRect(box, 4, 4)

    def _paint_spot(self, painter: QPainter, places: Places, spot: Spot) -> None:
        """Bring out the line or the unit that the words are about."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(current_theme().color("text"), 1.5))
        if spot.source is not None and spot.unit is not None:
            index = spot.source * places.drawn[spot.column] + spot.unit
            x0, y0, x1, y1 = places.edges(spot.column)[index].tolist()
            painter.drawLine(QPointF(x0, y0), QPointF(x1, y1))
        elif spot.unit is not None and self.shows_maps:
            painter.drawRect(places.box(spot.column, spot.unit, places.side).adjusted(-1, -1, 1, 1))
        elif spot.unit is not None:
            box = places.box(spot.column, spot.unit, 2 * places.radius + 4)
            painter.drawEllipse(box)

    def _find_spot(self) -> None:
        """Find what is under the pointer now, and tell who knows about it."""
        spot = None
        if self._pointer is not None and len(self._drawing.sizes) > 1:
            spot = self.places().spot_at(self._pointer, has_maps=self.shows_maps)
        is_new = spot != self._spot
        self._spot = spot
        if spot is not None or is_new:
            self.hovered.emit(spot)
            self.update()
