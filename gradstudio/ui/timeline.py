"""The step that is looked at: one cross-hair, one cursor and one window over all instruments."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from gradstudio.training.recording import Recording
from gradstudio.ui.plots.instrument import Instrument
from gradstudio.ui.plots.stepplot import StepPlot


class Timeline(QObject):
    """Ties the instruments to one step.

    The *cross-hair* is where the pointer is in one of the plots over time; the others show it at
    the same step. The *cursor* stays where it was put and says what "now" means to whoever can
    show the past; None is the newest step, which it then follows. Zoom, scale and newest steps of
    one plot over time are those of all.
    """

    moved = Signal(object)
    """The cursor stands at another step; None is the newest."""

    def __init__(self, instruments: Iterable[Instrument], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._instruments = tuple(instruments)
        self._recording: Recording | None = None
        self._cursor: int | None = None
        self._is_steering = False
        for instrument in self._instruments:
            instrument.step_hovered.connect(lambda step, i=instrument: self._hover(i, step))
            if isinstance(instrument, StepPlot):
                instrument.x_axis.steered.connect(lambda i=instrument: self._steer(i))

    @property
    def cursor(self) -> int | None:
        """The step looked at; None when it is the newest, whichever that is."""
        return self._cursor

    @property
    def newest(self) -> int:
        """The newest recorded step; 0 before the first one."""
        return 0 if self._recording is None else max(self._recording.step_count - 1, 0)

    def set_recording(self, recording: Recording | None) -> None:
        """Look at another run, at its newest step."""
        self._recording = recording
        self._put(None)

    def set_cursor(self, step: int | None) -> None:
        """Look at a recorded step; at the newest one the cursor follows the run from then on."""
        if step is not None:
            step = max(step, 0)
        self._put(None if step is None or step >= self.newest else step)

    def go_live(self) -> None:
        """Look at the newest step again."""
        self.set_cursor(None)

    def _put(self, step: int | None) -> None:
        if step == self._cursor:
            return
        self._cursor = step
        for instrument in self._instruments:
            instrument.set_cursor(step)
        self.moved.emit(step)

    def _hover(self, source: Instrument, step: int | None) -> None:
        for instrument in self._instruments:
            if instrument is not source:
                instrument.show_step(step)

    def _steer(self, source: StepPlot) -> None:
        if self._is_steering:
            return
        self._is_steering = True
        for instrument in self._instruments:
            if isinstance(instrument, StepPlot) and instrument is not source:
                instrument.take_window(source)
        self._is_steering = False
