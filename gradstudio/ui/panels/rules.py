"""The three rules for starting weights, each with a tick or a cross and its number."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from gradstudio.training.audit import Finding
from gradstudio.ui.theme import icon, theme_notifier
from gradstudio.ui.widgets import label

RULES = ("Small", "Not the same", "Good variance")


class _Mark(QWidget):
    """A tick, a cross or a dash, sharp at any scale."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(14, 16)
        self._icon = ("ph.minus", "text3")

    def show_icon(self, name: str, role: str) -> None:
        self._icon = (name, role)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        icon(*self._icon).paint(QPainter(self), self.rect().adjusted(0, 1, 0, -1))


class RuleList(QWidget):
    """What the audit says of the weights drawn; dashes before there are any."""

    def __init__(self) -> None:
        super().__init__()
        self._marks: list[_Mark] = []
        self._figures: list[QLabel] = []
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self._cells: list[QWidget] = []
        for index, rule in enumerate(RULES):
            layout.addWidget(self._cell(rule), 1 if index < len(RULES) - 1 else 0)
        self._findings: tuple[Finding, ...] = ()
        theme_notifier().changed.connect(self._draw)
        self._draw()

    def findings(self) -> tuple[Finding, ...]:
        """What is shown."""
        return self._findings

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Show one finding per rule, or none at all."""
        self._findings = tuple(findings)
        self._draw()

    def _cell(self, rule: str) -> QWidget:
        cell = QWidget()
        cell.setObjectName(f"rule{rule.title().replace(' ', '')}")
        mark, figure = _Mark(), label("", "caption")
        name = label(rule, "small-label")
        head = QHBoxLayout()
        head.setSpacing(3)
        head.addWidget(mark)
        head.addWidget(name, 1)
        column = QVBoxLayout(cell)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addLayout(head)
        column.addWidget(figure)
        figure.setIndent(17)
        figure.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._marks.append(mark)
        self._figures.append(figure)
        self._cells.append(cell)
        return cell

    def _draw(self) -> None:
        findings: tuple[Finding | None, ...] = self._findings or (None,) * len(RULES)
        for rule, mark, figure, cell, finding in zip(
            RULES, self._marks, self._figures, self._cells, findings, strict=True
        ):
            if finding is None:
                mark.show_icon("ph.minus", "text3")
                figure.setText("–")
                words = f"{rule}: no weights drawn yet"
            else:
                good = finding.passes
                name, role = ("ph.check-bold", "good") if good else ("ph.x-bold", "critical")
                mark.show_icon(name, role)
                figure.setText(_short(finding.figure))
                words = f"{rule}: {'kept' if good else 'broken'}. {finding.sentence}"
            cell.setAccessibleName(words)
            cell.setToolTip(words)


def _short(figure: str) -> str:
    """``"6,402 of 6,402"`` as ``"all 6,402"``, which always fits."""
    part, _, whole = figure.partition(" of ")
    return f"all {whole}" if part == whole else figure
