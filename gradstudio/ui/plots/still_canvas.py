"""A canvas whose axes follow the data alone: no zoom and no panning, but two sizes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QWheelEvent

from gradstudio.ui.plots.axis import Axis
from gradstudio.ui.plots.canvas import Canvas
from gradstudio.ui.plots.decorations import paint_note
from gradstudio.ui.plots.frame import Frame
from gradstudio.ui.theme import Theme


class _Note:
    """Paints the few words."""

    def __init__(self, canvas: StillCanvas) -> None:
        self._canvas = canvas

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        if self._canvas.note:
            paint_note(painter, frame, theme, self._canvas.note)


class StillCanvas(Canvas):
    """Draws all there is at once; Enter and a double-click change between all and one, Esc back."""

    toggled = Signal()
    """A person asked for the other size."""
    left = Signal()
    """A person wants back."""

    def __init__(self, x: Axis, y: Axis) -> None:
        super().__init__(x, y)
        self.takes_escape = False
        """Whether Esc means something here; else it is for whoever has it as a shortcut."""
        self.note = ""
        """A few words in the upper right corner."""
        self.layers.live.append(_Note(self))

    def show_note(self, text: str) -> None:
        """Put a few words into the upper right corner, or take them away."""
        if text != self.note:
            self.note = text
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to what is around."""
        event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Report where the pointer is."""
        self.hovered.emit(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for the other size."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.toggled.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Enter and, where it means something, Esc."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.toggled.emit()
        elif event.key() == Qt.Key.Key_Escape and self.takes_escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keep Esc from the shortcuts of the window while it means something here."""
        is_key = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if is_key and self.takes_escape and event.key() == Qt.Key.Key_Escape:  # type: ignore[attr-defined]
            event.accept()
            return True
        return super().event(event)
