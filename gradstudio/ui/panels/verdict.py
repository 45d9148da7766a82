"""The diagnosis: verdict, evidence in numbers, cause and what to try."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gradstudio.training.diagnosis import Diagnosis, Verdict
from gradstudio.ui.theme import icon, theme_notifier
from gradstudio.ui.widgets import PanelHeader, label

SEVERITY_ROLES: Final = {"none": "good", "mild": "warning", "critical": "critical"}
ICONS: Final = {
    Verdict.HEALTHY: "ph.check-circle",
    Verdict.VANISHING: "ph.trend-down",
    Verdict.EXPLODING: "ph.trend-up",
    Verdict.DIVERGED: "ph.x-circle",
    Verdict.DEAD: "ph.prohibit",
    Verdict.SYMMETRIC: "ph.equals",
    Verdict.TOO_EARLY: "ph.hourglass",
}


class VerdictPanel(QWidget):
    """What a reader learns: what is wrong, how it is known, why, and what would help."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self._diagnosis: Diagnosis | None = None
        self.header = PanelHeader("Diagnosis", "rate of the signal per layer")
        self._card = QFrame()
        self._card.setProperty("role", "verdict")
        self._symbol = QLabel()
        self._title = label("", "verdict-title")
        self._pill = label("", "pill")
        self._sentence = _paragraph()
        self._cause = _paragraph()
        self._fix = _paragraph()
        self._names: list[QLabel] = []
        self._values: list[QLabel] = []
        self._arrange()
        theme_notifier().changed.connect(self._refresh_symbol)
        self.show_diagnosis(None)

    def shown_title(self) -> str:
        """The verdict shown."""
        return self._title.text()

    def shown_sentence(self) -> str:
        """The sentence shown."""
        return self._sentence.text()

    def shown_evidence(self) -> dict[str, str]:
        """The numbers shown, by name."""
        pairs = zip(self._names, self._values, strict=True)
        return {name.text(): value.text() for name, value in pairs if name.text()}

    def show_diagnosis(self, diagnosis: Diagnosis | None, note: str = "") -> None:
        """Show a verdict; `note` is a remark such as "of the old design"."""
        if diagnosis == self._diagnosis and self.header.subtitle() == note and diagnosis:
            return
        self._diagnosis = diagnosis
        self.header.set_subtitle(note)
        if diagnosis is None:
            self._title.setText("No run yet")
            self._sentence.setText("Press Space to train. The verdict needs gradients.")
            pairs: list[tuple[str, str]] = []
            self._cause.hide()
            self._fix.hide()
        else:
            self._title.setText(diagnosis.title)
            self._sentence.setText(diagnosis.sentence)
            pairs = list(diagnosis.evidence)
            _show(self._cause, "Cause", diagnosis.cause)
            _show(self._fix, "Cure", diagnosis.fix)
        for index, (name, value) in enumerate(zip(self._names, self._values, strict=True)):
            pair = pairs[index] if index < len(pairs) else ("", "")
            name.setText(pair[0])
            value.setText(pair[1])
        severity = diagnosis.severity if diagnosis else "none"
        self._pill.setText(severity.upper() if severity != "none" else "")
        self._pill.setVisible(severity != "none")
        for widget in (self._card, self._pill):
            widget.setProperty("severity", severity if diagnosis else "idle")
            widget.style().unpolish(widget)
            widget.style().polish(widget)
        self._card.setAccessibleName(f"{self._title.text()}. {self._sentence.text()}")
        self._refresh_symbol()

    def _refresh_symbol(self) -> None:
        name, role = "ph.info", "text3"
        if self._diagnosis is not None:
            name = ICONS.get(self._diagnosis.verdict, "ph.warning-circle")
            role = SEVERITY_ROLES[self._diagnosis.severity]
        self._symbol.setPixmap(icon(name, role).pixmap(QSize(20, 20)))

    def _arrange(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        body = QVBoxLayout()
        body.setContentsMargins(12, 2, 12, 12)
        body.setSpacing(10)
        body.addWidget(self._card)
        body.addWidget(self._cause)
        body.addWidget(self._fix)
        layout.addLayout(body)
        card = QVBoxLayout(self._card)
        card.setContentsMargins(14, 12, 14, 12)
        card.setSpacing(9)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._symbol)
        top.addWidget(self._title, 1)
        top.addWidget(self._pill)
        card.addLayout(top)
        card.addWidget(self._sentence)
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(1)
        for column in range(4):
            name, value = label("", "caption"), label("", "figure")
            grid.addWidget(name, 0, column)
            grid.addWidget(value, 1, column)
            grid.setColumnStretch(column, 1)
            self._names.append(name)
            self._values.append(value)
        card.addLayout(grid)


def _paragraph() -> QLabel:
    made = label("", "body")
    made.setWordWrap(True)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def _show(paragraph: QLabel, head: str, text: str) -> None:
    paragraph.setText(f'<span style="font-weight:600">{head}</span>&nbsp; {text}')
    paragraph.setVisible(bool(text))
