"""The training loop as five painted segments that show where a step by hand stands."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradstudio.ui.theme import current_theme, font, theme_notifier

PART_NAMES: Final = ("Forward", "Backward", "Gradients", "Update", "Repeat")
ROOM_FOR_ARROW: Final = 105
PART_TIPS: Final = (
    "Forward pass and loss: z = a W + b, a = φ(z), then L.",
    "Backpropagation: δ = φ′(z) ⊙ (δ of the next layer · Wᵀ), layer by layer to the input.",
    "Gradients by the chain rule: ∂L/∂W = aᵀ δ.",
    "Update by the optimizer: W_new = W_old − η ∂L/∂W_old.",
    "Repeat with the next batch until the loss is low enough.",
)


class LoopStepper(QWidget):
    """Five segments: done ones have a full bar, the one reached is lit, the rest are empty.

    What a reader learns: an update is always the same five parts, in this order.
    """

    part_clicked = Signal(int)
    """A segment was clicked, 1 to 5: run up to and with that part."""

    def __init__(self) -> None:
        super().__init__()
        self._part: int | None = None
        self._is_running = False
        self._hovered: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMinimumWidth(340)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Training loop")
        theme_notifier().changed.connect(self.update)
        self.show_part(None, is_running=False)

    def sizeHint(self) -> QSize:
        return QSize(560, 44)

    def part(self) -> int | None:
        """The part done last, 1 to 5; None between two steps."""
        return self._part

    def show_part(self, part: int | None, *, is_running: bool) -> None:
        """Show the part done last and whether the loop turns by itself."""
        self._part, self._is_running = part, is_running
        if is_running:
            said = "The loop is running."
        elif part is None:
            said = "Between two steps."
        else:
            said = f"After part {part}, {PART_NAMES[part - 1]}."
        self.setAccessibleDescription(said)
        self.update()

    def segment_at(self, x: float) -> int:
        """The part under a horizontal position, 1 to 5."""
        return min(max(int(x / (self.width() / len(PART_NAMES))), 0), len(PART_NAMES) - 1) + 1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        part = self.segment_at(event.position().x())
        if part != self._hovered:
            self._hovered = part
            self.setToolTip(f"{PART_TIPS[part - 1]}\nClick to run up to here.")
            self.update()

    def leaveEvent(self, event: object) -> None:
        self._hovered = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.part_clicked.emit(self.segment_at(event.position().x()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.part_clicked.emit((self._part or 0) % len(PART_NAMES) + 1)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = self.width() / len(PART_NAMES)
        for part in range(1, len(PART_NAMES) + 1):
            self._paint_segment(painter, part, QRectF((part - 1) * width, 0, width, self.height()))
        if self.hasFocus():
            painter.setPen(QPen(current_theme().color("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        painter.end()

    def _paint_segment(self, painter: QPainter, part: int, area: QRectF) -> None:
        theme = current_theme()
        is_here = part == self._part and not self._is_running
        is_done = self._part is not None and part <= self._part and not self._is_running
        middle = area.center().y() - 4
        circle = QRectF(area.left() + 4, middle - 9, 18, 18)
        painter.setPen(QPen(theme.color("accent" if is_here or self._is_running else "text3"), 1.2))
        painter.setBrush(theme.color("accent") if is_here else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(circle)
        painter.setFont(font(10, 600))
        painter.setPen(theme.color("on_accent" if is_here else "text2"))
        painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, "↻" if part == 5 else str(part))
        painter.setFont(font(12, 600 if is_here else 400))
        painter.setPen(theme.color("text" if is_here or part == self._hovered else "text2"))
        text = QRectF(circle.right() + 5, middle - 10, area.right() - circle.right() - 7, 20)
        name = painter.fontMetrics().elidedText(
            PART_NAMES[part - 1], Qt.TextElideMode.ElideRight, int(text.width())
        )
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, name)
        bar = QRectF(area.left() + 4, area.bottom() - 9, area.width() - 12, 3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent" if is_done or self._is_running else "bg3"))
        painter.drawRoundedRect(bar, 1.5, 1.5)
        if part < len(PART_NAMES) and area.width() > ROOM_FOR_ARROW:
            painter.setPen(QPen(theme.color("text3", 0.6), 1))
            tip = QPointF(area.right() - 3, middle)
            painter.drawLine(tip + QPointF(-4, -3), tip)
            painter.drawLine(tip + QPointF(-4, 3), tip)
