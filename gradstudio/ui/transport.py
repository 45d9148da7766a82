"""The bar on top: reset, run, step, reroll, the loop, the pace, the learning rate, the step."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gradstudio.numbers import count
from gradstudio.run.status import RunState
from gradstudio.ui.actions import Actions, tooltip
from gradstudio.ui.panels.learning_rate import LearningRateField
from gradstudio.ui.stepper import LoopStepper
from gradstudio.ui.theme import icon, theme_notifier
from gradstudio.ui.widgets import IconButton, label, rule_line

BAR_HEIGHT: Final = 52
BUTTON_SIZE: Final = 34
PACES: Final = (
    ("1/s", 1.0),
    ("10/s", 10.0),
    ("60/s", 60.0),
    ("600/s", 600.0),
    ("Max", None),
)


class Transport(QWidget):
    """Runs the loop; always in the same place."""

    pace_chosen = Signal(object)
    """Steps per second, or None for as fast as it goes."""

    def __init__(self, actions: Actions, left_width: int) -> None:
        super().__init__()
        self.setFixedHeight(BAR_HEIGHT)
        self.setProperty("role", "panel")
        self.stepper = LoopStepper()
        self.learning_rate = LearningRateField()
        self.pace = self._make_pace()
        self._step = label("0", "key-figure")
        self._step.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._step.setMinimumWidth(74)
        self._run_button = QPushButton("Run")
        self._run_button.setProperty("role", "primary")
        self._run_button.setObjectName("run_button")
        self._run_button.setFixedHeight(BUTTON_SIZE)
        self._run_action = actions["run"]
        self._apply_action = actions["apply"]
        self._run_button.clicked.connect(self._press)
        self._is_running = self._is_stale = False
        self._arrange(actions, left_width)
        theme_notifier().changed.connect(self._refresh_icon)
        self.show_state(RunState.EMPTY, is_stale=False)

    def run_text(self) -> str:
        """What the primary button says."""
        return self._run_button.text()

    def show_state(self, state: RunState, *, is_stale: bool) -> None:
        """Show on the primary button what it will do."""
        self._is_running, self._is_stale = state is RunState.RUNNING, is_stale
        if is_stale:
            text, tip = "Apply and run", "Start a new run of the edited setup.  (Ctrl+Return)"
        elif self._is_running:
            text, tip = "Pause", "Pause after this step.  (Space)"
        elif state in (RunState.FINISHED, RunState.PAUSED):
            text, tip = "Continue", "Go on training.  (Space)"
        elif state is RunState.DIVERGED:
            text, tip = "Run again", "From step 0, with the same weights.  (Space)"
        else:
            text, tip = "Run", tooltip("run")
        self._run_button.setText(text)
        self._run_button.setToolTip(tip)
        self._run_button.setAccessibleName(text)
        self._run_action.setText("&Pause" if self._is_running else f"&{text}")
        self._refresh_icon()

    def show_step(self, step: int) -> None:
        """Show the number of updates done."""
        self._step.setText(count(step))

    def shown_step(self) -> int:
        """The number of updates shown."""
        return int(self._step.text().replace(",", ""))

    def set_pace(self, steps_per_second: float | None) -> None:
        """Show a pace and tell it."""
        self.pace.setCurrentIndex([value for _, value in PACES].index(steps_per_second))

    def _make_pace(self) -> QComboBox:
        box = QComboBox()
        for text, value in PACES:
            box.addItem(text, value)
        box.setCurrentIndex(len(PACES) - 1)
        box.setToolTip("Limits the pace so that you can watch.")
        box.setAccessibleName("Speed, steps per second")
        box.setObjectName("speed")
        box.setFixedWidth(74)
        box.currentIndexChanged.connect(lambda index: self.pace_chosen.emit(PACES[index][1]))
        return box

    def _arrange(self, actions: Actions, left_width: int) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 14, 0)
        layout.setSpacing(10)
        buttons = QWidget()
        buttons.setFixedWidth(left_width)
        row = QHBoxLayout(buttons)
        row.setContentsMargins(10, 0, 10, 0)
        row.setSpacing(5)
        row.addWidget(_button(actions["reset"], "ph.skip-back", "reset"))
        row.addWidget(self._run_button, 1)
        row.addWidget(_button(actions["step"], "ph.caret-right", "step"))
        row.addWidget(_button(actions["step_epoch"], "ph.skip-forward", "step_epoch"))
        row.addWidget(_button(actions["reroll"], "ph.dice-five", "reroll"))
        layout.addWidget(buttons)
        layout.addWidget(rule_line(vertical=True))
        layout.addWidget(self.stepper, 1)
        self._next_part = _button(actions["advance_part"], "ph.list-numbers", "advance_part")
        layout.addWidget(self._next_part)
        layout.addWidget(label("Speed"))
        layout.addWidget(self.pace)
        layout.addWidget(rule_line(vertical=True))
        layout.addWidget(self.learning_rate)
        layout.addWidget(_counter(self._step))

    def _press(self) -> None:
        (self._apply_action if self._is_stale else self._run_action).trigger()

    def _refresh_icon(self) -> None:
        is_pause = self._is_running and not self._is_stale
        name = "ph.pause-fill" if is_pause else "ph.play-fill"
        self._run_button.setIcon(icon(name, "on_accent", "on_accent"))


def _button(action: QAction, icon_name: str, name: str) -> IconButton:
    button = IconButton(icon_name, tooltip(name), "text")
    button.setProperty("role", "transport")
    button.setObjectName(f"{name}_button")
    button.setFixedSize(BUTTON_SIZE, BUTTON_SIZE)
    button.setIconSize(QSize(18, 18))
    if name == "step":
        button.setAutoRepeat(True)
    button.clicked.connect(action.trigger)
    action.enabledChanged.connect(button.setEnabled)
    return button


def _counter(figure: QLabel) -> QWidget:
    box = QWidget()
    layout = QVBoxLayout(box)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    caption = label("step", "caption")
    caption.setAlignment(Qt.AlignmentFlag.AlignRight)
    layout.addStretch(1)
    layout.addWidget(figure)
    layout.addWidget(caption)
    layout.addStretch(1)
    return box
