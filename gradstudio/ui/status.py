"""The status bar: state, epoch, pace, time, and in one sentence what the run shows."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QWidget

from gradstudio.numbers import count, duration, figures
from gradstudio.run.status import RunState, RunStatus
from gradstudio.ui.theme import current_theme, theme_notifier
from gradstudio.ui.widgets import FittingLabel, label, rule_line

STATUS_HEIGHT: Final = 26
WORDS: Final = {
    RunState.EMPTY: "Empty",
    RunState.PREPARING: "Preparing",
    RunState.READY: "Ready. Space starts.",
    RunState.RUNNING: "Running",
    RunState.PAUSED: "Paused",
    RunState.FINISHED: "Finished",
    RunState.DIVERGED: "Diverged",
    RunState.FAILED: "Could not start",
}


class StateDot(QWidget):
    """The state as a shape: filled running, ring paused, square finished, cross diverged."""

    def __init__(self) -> None:
        super().__init__()
        self.state = RunState.EMPTY
        self.setFixedSize(QSize(12, 12))
        theme_notifier().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(2, 2, 8, 8)
        if self.state in (RunState.DIVERGED, RunState.FAILED):
            painter.setPen(QPen(theme.color("critical"), 2))
            painter.drawLine(area.topLeft(), area.bottomRight())
            painter.drawLine(area.topRight(), area.bottomLeft())
        elif self.state is RunState.RUNNING:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent"))
            painter.drawEllipse(area)
        elif self.state is RunState.FINISHED:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("good"))
            painter.drawRect(area)
        else:
            painter.setPen(QPen(theme.color("text3"), 1.5))
            painter.drawEllipse(area)
        painter.end()


class StatusLine(QWidget):
    """The whole status bar as one widget; numbers at the left, the sentence after them."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("status_line")
        self.setFixedHeight(STATUS_HEIGHT)
        self._dot = StateDot()
        self._word = label("", "label")
        self._epoch = label("", "label")
        self._pace = label("", "label")
        self._time = label("", "label")
        self._sentence = FittingLabel()
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setFixedWidth(120)
        self._progress.setRange(0, 1000)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 0)
        layout.setSpacing(9)
        layout.addWidget(self._dot)
        for item in (self._word, self._epoch, self._pace, self._time):
            layout.addWidget(item)
            layout.addWidget(rule_line(vertical=True))
        layout.addWidget(self._sentence, 1)
        layout.addWidget(self._progress)

    def word(self) -> str:
        """The state in words."""
        return self._word.text()

    def sentence(self) -> str:
        """The sentence shown."""
        return self._sentence.text()

    def show_status(self, status: RunStatus, *, is_stale: bool) -> None:
        """Show state, epoch, pace and time."""
        if self._dot.state is not status.state:
            self._dot.state = status.state
            self._dot.update()
        word = WORDS[status.state]
        if status.message and status.state in (RunState.FINISHED, RunState.DIVERGED):
            word = f"{word}: {status.message}"
        elif status.state is RunState.PAUSED and status.part is not None:
            word = f"Paused after part {status.part.value} of step {count(status.step)}"
        if is_stale and status.step > 0:
            word += " · edited: Ctrl+Return applies"
        _set(self._word, word)
        _set(self._epoch, f"epoch {figures(status.epoch, 4)}")
        pace = status.steps_per_second
        _set(self._pace, f"{count(round(pace))} steps/s" if pace >= 10 else f"{pace:.1f} steps/s")
        _set(self._time, duration(status.elapsed))

    def show_progress(self, share: float | None) -> None:
        """Show how far the run is towards its stop rule, 0 to 1; None hides the bar."""
        self._progress.setVisible(share is not None)
        if share is not None:
            self._progress.setValue(round(1000 * min(max(share, 0.0), 1.0)))

    def show_sentence(self, text: str) -> None:
        """Show what the run means, in one sentence."""
        self._sentence.setText(text)


def _set(target: QLabel, text: str) -> None:
    if target.text() != text:
        target.setText(text)
