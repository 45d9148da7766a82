"""The example that already runs when the window opens, on top of the gallery."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gradstudio.numbers import count
from gradstudio.run.status import RunState, RunStatus
from gradstudio.setup.models import Setup
from gradstudio.training.diagnosis import Diagnosis
from gradstudio.ui.panels.verdict import ICONS, SEVERITY_ROLES
from gradstudio.ui.theme import icon
from gradstudio.ui.widgets import label


class Hero(QFrame):
    """What a reader learns in one second: the curves are real, and they lie decades apart."""

    studio_asked = Signal()
    toggle_asked = Signal()

    def __init__(self, plot: QWidget) -> None:
        super().__init__()
        self.setProperty("role", "hero")
        self.setMinimumHeight(270)
        self._pill = label("READY", "pill")
        self._step = label("", "subtitle")
        self._title = label("", "hero-title")
        self._words = label("", "body")
        self._words.setWordWrap(True)
        self._symbol = QLabel()
        self._verdict = label("", "strong")
        self._verdict.setWordWrap(True)
        self._open = QPushButton("Open in Studio")
        self._open.setProperty("role", "primary")
        self._open.setObjectName("open_in_studio")
        self._open.clicked.connect(lambda *_: self.studio_asked.emit())
        self._toggle = QPushButton("Pause")
        self._toggle.setObjectName("hero_toggle")
        self._toggle.clicked.connect(lambda *_: self.toggle_asked.emit())
        self._arrange(plot)

    def verdict(self) -> str:
        """The verdict shown."""
        return self._verdict.text()

    def show_setup(self, setup: Setup) -> None:
        """Show the name and the words of a setup."""
        self._title.setText(setup.name)
        self._words.setText(setup.notes)

    def show_status(self, status: RunStatus) -> None:
        """Show whether it runs, and the step."""
        is_running = status.state is RunState.RUNNING
        self._pill.setText("RUNNING NOW" if is_running else status.state.value.upper())
        self._pill.setProperty("severity", "live" if is_running else "idle")
        self._pill.style().unpolish(self._pill)
        self._pill.style().polish(self._pill)
        self._toggle.setText("Pause" if is_running else "Run")
        self.show_step(status.step)

    def show_step(self, step: int) -> None:
        """Show the number of updates done."""
        self._step.setText(f"step {count(step)}")

    def show_diagnosis(self, diagnosis: Diagnosis | None) -> None:
        """Show the verdict in one sentence."""
        if diagnosis is None:
            self._verdict.setText("")
            return
        role = SEVERITY_ROLES[diagnosis.severity]
        symbol = icon(ICONS.get(diagnosis.verdict, "ph.warning-circle"), role)
        self._symbol.setPixmap(symbol.pixmap(QSize(17, 17)))
        self._verdict.setText(f"{diagnosis.title}. {diagnosis.sentence}")

    def _arrange(self, plot: QWidget) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(22, 18, 14, 14)
        layout.setSpacing(18)
        words = QVBoxLayout()
        words.setSpacing(8)
        top = QHBoxLayout()
        top.addWidget(self._pill)
        top.addWidget(self._step, 1)
        words.addLayout(top)
        words.addWidget(self._title)
        words.addWidget(self._words)
        verdict = QHBoxLayout()
        verdict.setSpacing(7)
        verdict.addWidget(self._symbol, 0, Qt.AlignmentFlag.AlignTop)
        verdict.addWidget(self._verdict, 1)
        words.addLayout(verdict)
        words.addStretch(1)
        buttons = QHBoxLayout()
        buttons.addWidget(self._open)
        buttons.addWidget(self._toggle)
        buttons.addStretch(1)
        words.addLayout(buttons)
        layout.addLayout(words, 4)
        layout.addWidget(plot, 7)
