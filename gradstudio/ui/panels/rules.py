"""The three rules for starting weights, each with a tick or a cross and its number."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gradstudio.training.audit import Finding
from gradstudio.ui.theme import icon, theme_notifier
from gradstudio.ui.widgets import label

RULES = ("Small", "Not the same", "Good variance")


class RuleList(QWidget):
    """What the audit says of the weights drawn; dashes before there are any."""

    def __init__(self) -> None:
        super().__init__()
        self._marks, self._figures = [], []
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        self._cells: list[QWidget] = []
        for rule, stretch in zip(RULES, (8, 10, 11), strict=True):
            layout.addWidget(self._cell(rule), stretch)
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
        mark, figure = QLabel(), label("", "caption")
        mark.setFixedSize(14, 16)
        name = label(rule, "rule")
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
                mark.setPixmap(icon("ph.minus", "text3").pixmap(13, 13))
                figure.setText("–")
                words = f"{rule}: no weights drawn yet"
            else:
                good = finding.passes
                name, role = ("ph.check-bold", "good") if good else ("ph.x-bold", "critical")
                mark.setPixmap(icon(name, role).pixmap(13, 13))
                figure.setText(finding.figure)
                words = f"{rule}: {'kept' if good else 'broken'}. {finding.sentence}"
            cell.setAccessibleName(words)
            cell.setToolTip(words)
