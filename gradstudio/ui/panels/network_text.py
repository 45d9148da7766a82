"""The line of text that is the whole network: ``2 → 64×3 tanh, 32 → 2 softmax``."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit

from gradstudio.ui.fields import mark_invalid
from gradstudio.ui.panels.layer_text import LayerTextError
from gradstudio.ui.theme import current_theme, font, theme_notifier

_GAP = 7


class NetworkText(QLineEdit):
    """The hidden layers as editable text between the sizes that follow from the data.

    Enter takes the text, and so does leaving; Esc brings back what is in force.
    """

    entered = Signal(str)
    """The text to read as layers."""
    restored = Signal()
    """The layers in force are back in place of a wrong text."""

    def __init__(self) -> None:
        super().__init__()
        self._good = ""
        self._ends = ("2 →", "→ 2 softmax")
        self.setObjectName("networkText")
        self.setAccessibleName("Hidden layers as text")
        self.setProperty("role", "mono")
        self.setFont(font(12, mono=True))
        help_text = (
            "Hidden layers: units, × how many, activation. 64x3 tanh, 32 means 64, 64, 64 "
            "and 32 units.\nBehind it batchnorm, layernorm, dropout 0.2, +skip (also +scaled, "
            "+rezero, +fixup), +skip 2 around two layers.\nleaky(0.2) has its slope, "
            "(32, 32 +skip 2)x5 comes five times. Enter builds them."
        )
        self.setToolTip(help_text)
        self.setAccessibleDescription(help_text)
        self.setFixedHeight(24)
        self.returnPressed.connect(lambda: self.entered.emit(self.text()))
        theme_notifier().changed.connect(self.update)
        self.textChanged.connect(self._fit)

    def show_layers(self, text: str) -> None:
        """Show the layers in force."""
        self._good = text
        self.setText(text)
        self.setCursorPosition(0)
        mark_invalid(self, False)

    def show_ends(self, inputs: int, outputs: int, output_activation: str) -> None:
        """Show what stands before and after the hidden layers."""
        self._ends = (f"{inputs} →", f"→ {outputs} {output_activation}")
        self._fit()

    def refuse(self, error: LayerTextError) -> None:
        """Mark the text as wrong and select the character that is."""
        mark_invalid(self, True)
        if error.position < len(self.text()):
            self.setSelection(error.position, 1)
        else:
            self.setCursorPosition(len(self.text()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc brings the layers in force back."""
        if event.key() == Qt.Key.Key_Escape and self.text() != self._good:
            self.show_layers(self._good)
            self.restored.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the text when the focus leaves, unless it is already marked as wrong."""
        super().focusOutEvent(event)
        popup = event.reason() == Qt.FocusReason.PopupFocusReason
        if not popup and self.text() != self._good and not self.property("invalid"):
            self.entered.emit(self.text())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make room for what stands around the text."""
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the text and, in grey, its ends where there is room."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(current_theme().color("text3"))
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        before, after = self._ends
        painter.drawText(QRect(8, 0, self.width(), self.height()), middle, before)
        metrics = self.fontMetrics()
        start = 8 + metrics.horizontalAdvance(before) + _GAP
        end = start + metrics.horizontalAdvance(self.text()) + _GAP
        if end + metrics.horizontalAdvance(after) < self.width() - 6:
            painter.drawText(QRect(end, 0, self.width(), self.height()), middle, after)

    def _fit(self) -> None:
        left = self.fontMetrics().horizontalAdvance(self._ends[0]) + _GAP
        if self.textMargins().left() != left - 1:
            self.setTextMargins(left - 1, 0, 0, 0)
        self.update()
