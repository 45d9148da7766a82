"""The training loop of the newest step, part by part, with its formulas and numbers."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from gradstudio.training.explanation import FORMULAS, TITLES, PartExplanation
from gradstudio.ui.formula import FormulaLabel
from gradstudio.ui.widgets import PanelHeader, label

FRACTION_HEIGHT: Final = 34


class LoopPanel(QWidget):
    """What a reader learns: the complete working of a network, with this step's numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self.header = PanelHeader("One step of training", "")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        self._rows = [_PartRow(i + 1, TITLES[i], FORMULAS[i]) for i in range(len(TITLES))]
        for row in self._rows:
            layout.addWidget(row)
        layout.addStretch(1)

    def show_parts(self, parts: tuple[PartExplanation, ...]) -> None:
        """Show the numbers of the five parts."""
        for row, part in zip(self._rows, parts, strict=True):
            row.show_line(part.line)
            row.show_formula(part.formula)

    def light(self, part: int | None) -> None:
        """Mark the part a step by hand has reached, 1 to 5; None marks none."""
        for index, row in enumerate(self._rows):
            row.set_lit(index + 1 == part)

    def lines(self) -> list[str]:
        """The sentences shown, part by part."""
        return [row.line() for row in self._rows]

    def formulas(self) -> list[str]:
        """The formulas shown, part by part, as TeX."""
        return [row.formula() for row in self._rows]


class _PartRow(QWidget):
    def __init__(self, number: int, title: str, formula: str) -> None:
        super().__init__()
        self.setProperty("role", "part")
        self._badge = QLabel("↻" if number == 5 else str(number))
        self._badge.setProperty("role", "badge")
        self._badge.setFixedSize(20, 20)
        self._line = label("", "caption")
        self._line.setWordWrap(True)
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 5, 12, 5)
        grid.setHorizontalSpacing(9)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self._badge, 0, 0)
        grid.addWidget(label(title, "strong"), 0, 1)
        self._title = title
        self._formula = FormulaLabel(12, "text2")
        self.show_formula(formula)
        grid.addWidget(self._formula, 1, 1)
        self._formula.setVisible(bool(formula))
        grid.addWidget(self._line, 2, 1)

    def line(self) -> str:
        return self._line.text()

    def show_line(self, text: str) -> None:
        if text != self._line.text():
            self._line.setText(text)

    def formula(self) -> str:
        return self._formula.tex()

    def show_formula(self, tex: str) -> None:
        if tex != self._formula.tex():
            self._formula.set_tex(tex, self._title)
            height = FRACTION_HEIGHT if r"\frac" in tex else self._formula.sizeHint().height()
            self._formula.setFixedHeight(height)

    def set_lit(self, lit: bool) -> None:
        if self.property("lit") == lit:
            return
        for widget in (self, self._badge):
            widget.setProperty("lit", lit)
            widget.style().unpolish(widget)
            widget.style().polish(widget)
