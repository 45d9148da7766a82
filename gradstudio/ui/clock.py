"""The window's clock: one tick per frame, at which the run is read and drawn."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, Signal

from gradstudio.run.runner import Runner
from gradstudio.run.status import MOVING

FRAME_SECONDS = 1 / 30
"""Shortest time between two frames."""
COST_SHARE = 5.0
"""A frame that costs c seconds is followed by at least this many times c for the training, if there
is any."""

LONGEST_PAUSE = 0.5
"""Seconds after which the next frame comes all the same: a dear one must not look like a stop."""


class FrameClock(QObject):
    """Ticks while something changes and closes the worker's gate while the window draws.

    The gate gives the interpreter to the window for just one frame: with a small network the
    worker would otherwise hold it most of the time (10 frames a second instead of 30). The pause
    between frames grows with what a frame costs, so that drawing never takes more than a sixth
    of the time of training.
    """

    ticked = Signal(int)
    """The number of the frame."""

    def __init__(self, runner: Runner, is_busy: Callable[[], bool]) -> None:
        """`is_busy` says whether the clock has to go on ticking."""
        super().__init__()
        self._runner = runner
        self._is_busy = is_busy
        self._frame = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self.cost = 0.0
        """Seconds that the last frame took, painting included."""

    def wake(self) -> None:
        """Tick from now on, until there is nothing more to show.

        What a person does is shown within a frame, whatever the last one cost.
        """
        if not self._timer.isActive():
            self._timer.start(0)
        elif self._timer.remainingTime() > 1000 * FRAME_SECONDS:
            self._timer.start(round(1000 * FRAME_SECONDS))

    def stop(self) -> None:
        """Tick no more; the gate is left open."""
        self._timer.stop()
        self._runner.open_gate()

    def _tick(self) -> None:
        started = perf_counter()
        self._runner.close_gate()
        try:
            self.ticked.emit(self._frame)
            # Paint now, behind the gate: wherever painting gives the interpreter away, a running
            # worker takes it and gives it back half a millisecond later.
            QCoreApplication.sendPostedEvents()
        finally:
            self._frame += 1
            self._runner.open_gate()
            self.cost = perf_counter() - started
            if self._is_busy():
                is_moving = self._runner.status.state in MOVING
                least = min(COST_SHARE * self.cost, LONGEST_PAUSE) if is_moving else 0.0
                self._timer.start(round(1000 * max(FRAME_SECONDS - self.cost, least)))
