"""One sentence above the panels: an error or a note, with its details, until it is closed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from gradstudio.ui.widgets import IconButton, label


class MessageBar(QFrame):
    """Says what happened and what was kept; never asks, never blocks."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("message_bar")
        self.setProperty("role", "message")
        self._text = label("", "body")
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = IconButton("ph.x", "Close this message")
        close.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 6, 8, 6)
        layout.addWidget(self._text, 1)
        layout.addWidget(close)
        self.hide()

    def text(self) -> str:
        """The sentence shown; empty when there is none."""
        return self._text.text() if not self.isHidden() else ""

    def label(self) -> QLabel:
        """The label that shows the sentence."""
        return self._text

    def show_error(self, sentence: str) -> None:
        """Show what went wrong."""
        self._show(sentence, "error")

    def show_note(self, sentence: str) -> None:
        """Show what was done."""
        self._show(sentence, "note")

    def _show(self, sentence: str, kind: str) -> None:
        self._text.setText(sentence)
        self.setAccessibleName(sentence)
        self.setProperty("kind", kind)
        self.style().unpolish(self)
        self.style().polish(self)
        self.show()
