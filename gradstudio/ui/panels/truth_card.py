"""What is to be known about an initializer: formula, use, names elsewhere, source."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradstudio.nn.initializer import Initializer
from gradstudio.ui.formula import FormulaLabel
from gradstudio.ui.panels.fit import truth_card
from gradstudio.ui.widgets import label


class TruthCard(QWidget):
    """The formula in general, and under it one line for each thing that is known."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("truthCard")
        self.formula = FormulaLabel(15)
        self.text = label("", "caption")
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.RichText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.formula)
        layout.addWidget(self.text)

    def show_entry(self, entry: Initializer) -> None:
        """Show another initializer."""
        self.formula.set_tex(entry.formula, f"{entry.label}: {entry.formula}")
        lines = truth_card(entry)
        rows = "".join(
            f"<tr><td>{escape(heading)}&nbsp;&nbsp;</td><td>{escape(words)}</td></tr>"
            for heading, words in lines
        )
        self.text.setText(f"<table cellspacing='0' cellpadding='1'>{rows}</table>")
        self.text.setAccessibleName("\n".join(f"{heading}: {words}" for heading, words in lines))
