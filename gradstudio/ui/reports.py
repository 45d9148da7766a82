"""What the window says of a run in words: counters, layer table, loop, verdict, status line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradstudio.numbers import count
from gradstudio.run.status import RunState, RunStatus
from gradstudio.training.diagnosis import Diagnosis, diagnose
from gradstudio.training.explanation import (
    PartExplanation,
    explain_step,
    explain_step_by_hand,
    newest_record,
)
from gradstudio.training.moment import record_at
from gradstudio.training.record import StepRecord
from gradstudio.training.recording import Recording
from gradstudio.ui.widgets import PART_BREAK

if TYPE_CHECKING:
    from gradstudio.ui.main_window import MainWindow


class Reports:
    """Writes into the panels of one window what is known of the step looked at.

    That is the newest one, or where the cursor stands; then the texts name it. Counters and the
    status line tell of the run itself, which goes on meanwhile.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._studio = window.studio
        self._session = window.session
        self.diagnosis: Diagnosis | None = None
        """The verdict shown."""

    def refresh(self, layer: int) -> None:
        """Write everything known of the step looked at."""
        self.refresh_numbers(layer)
        self.refresh_verdict()

    def refresh_numbers(self, layer: int) -> None:
        """Write the numbers of the step looked at, in the loop those of layer index `layer`."""
        self._count()
        recording = self._session.recording
        if recording is None:
            return
        self._window.places.show_step()
        step, record = self._looked_at(recording)
        self._studio.network.set_live(None if record is None else record.delta_rms, step)
        layer = min(layer, recording.layer_count - 1)
        self._studio.loop.show_parts(self._explain(recording, layer, step))
        self._studio.loop.header.set_subtitle("" if step is None else f"step {count(step)}")

    def refresh_verdict(self) -> None:
        """Write what is wrong at the step looked at."""
        recording = self._session.recording
        if recording is None:
            return
        step, record = self._looked_at(recording)
        if record is not None:
            reading = self._session.runner.reading if step is None else None
            self._show_diagnosis(diagnose(recording, at_step=step, reading=reading), step)

    def _looked_at(self, recording: Recording) -> tuple[int | None, StepRecord | None]:
        """The step of the cursor, None for the newest one, and what was recorded of it."""
        step = self._window.places.timeline.cursor
        return step, newest_record(recording) if step is None else record_at(recording, step)

    def show_status(self, status: RunStatus) -> None:
        """Show what the run does now, on buttons and in the loop."""
        window = self._window
        is_stale = self._session.is_stale
        is_running = status.state is RunState.RUNNING
        window.transport.show_state(status.state, is_stale=is_stale and status.step > 0)
        window.hero.show_status(status)
        part = status.part.value if status.part is not None else None
        window.transport.stepper.show_part(part, is_running=is_running)
        self._studio.loop.light(None if is_running else part)
        if not is_running:
            self._describe_instruments()
        if status.state is RunState.FAILED:
            window.message_bar.show_error(f"{status.message} The last run is kept.")

    def _count(self) -> None:
        status, window = self._session.status, self._window
        window.transport.show_step(status.step)
        window.hero.show_step(status.step)
        window.status_line.show_status(status, is_stale=self._session.is_stale)
        window.status_line.show_progress(self._progress(status))
        if status.steps_per_second > 0 and window.transport.pace.currentData() is None:
            self._studio.network.set_measured_step(1000 / status.steps_per_second)

    def _explain(
        self, recording: Recording, layer: int, step: int | None
    ) -> tuple[PartExplanation, ...]:
        if step is not None:
            return explain_step(recording, layer, record_at(recording, step))
        trainer = self._session.runner.trainer
        if trainer is not None and self._session.runner.is_idle:
            return explain_step_by_hand(trainer, layer)
        return explain_step(recording, layer)

    def _show_diagnosis(self, diagnosis: Diagnosis, step: int | None) -> None:
        is_other = self.diagnosis is None or self.diagnosis.title != diagnosis.title
        self.diagnosis = diagnosis
        notes = ["of the design that ran"] if self._session.is_stale else []
        notes += [] if step is None else [f"at step {count(step)}"]
        self._studio.verdict.show_diagnosis(diagnosis, PART_BREAK.join(notes))
        if step is None:
            self._window.hero.show_diagnosis(diagnosis)
        self._window.status_line.show_sentence(f"{diagnosis.title}. {diagnosis.sentence}")
        if is_other:
            self._describe_instruments()

    def _describe_instruments(self) -> None:
        """Have a screen reader say what the instruments show, hidden ones as well."""
        for instrument in self._studio.instruments.values():
            instrument.describe()

    def _progress(self, status: RunStatus) -> float | None:
        stop = self._window.document.setup.training.stop
        shares = []
        if stop.steps is not None:
            shares.append(status.step / stop.steps)
        if stop.epochs is not None:
            shares.append(status.epoch / stop.epochs)
        return max(shares) if shares else None
