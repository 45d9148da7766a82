"""The one run of the window and its tie to the document: what an edit means for the run."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from PySide6.QtCore import QObject, QTimer, Signal

from gradstudio.run.runner import Runner
from gradstudio.run.snapshot import Snapshot
from gradstudio.run.status import RunState, RunStatus
from gradstudio.setup.models import Setup, TrainingSetup
from gradstudio.training.build import setup_problem
from gradstudio.training.live import LIVE_FIELDS
from gradstudio.training.reading import Reading
from gradstudio.training.recording import Recording
from gradstudio.ui.clock import FrameClock
from gradstudio.ui.document import Document
from gradstudio.ui.seeds import rolled_seed

PREPARE_AFTER_MS = 120
"""Edits that follow each other within this time make one new start, not several."""
SNAPSHOT_S = 0.25
"""Seconds between two copies of the weights for the map and the diagram."""
READING_S = 0.1
"""Seconds between two measurements of the probes that are looked at."""
MEASURE_S = 1.0
"""How long a measurement that somebody waits for may take."""


class Session(QObject):
    """Keeps the document and the run together.

    An edit before the first step starts afresh at once. An edit of the design later leaves the
    run alone and makes it *stale*: "Apply and run" starts a new one; so does a design that cannot
    be run, which has to be put right first. Learning rate, momentum, weight decay, clipping and
    stop rules go to the run as it is.
    """

    refused = Signal(str)
    """Why the design cannot be run, for a person who wanted to run it."""
    recording_changed = Signal(object)
    """A new run stands at step 0; its Recording."""
    status_changed = Signal(object)
    """The state of the run or of its tie to the document has changed; the RunStatus."""
    ticked = Signal(int)
    """A frame: time to draw. The number of the frame."""
    snapshot_taken = Signal(object)
    """A Snapshot of weights and gradients, at most about four a second."""
    reading_taken = Signal(object, object)
    """The newest Reading of the watched probes and the one at step 0, about ten a second; None
    where nothing was measured."""

    def __init__(self, document: Document, runner: Runner) -> None:
        super().__init__()
        self.document = document
        self.runner = runner
        self.clock = FrameClock(runner, self._has_news)
        self.clock.ticked.connect(self._tick)
        self._status: RunStatus | None = None
        self._recording: Recording | None = None
        self._snapshot: Snapshot | None = None
        self._reading: Reading | None = None
        self._watched: frozenset[str] = frozenset()
        self._done: dict[str, float] = {}
        self._snapshot_step: tuple[int, int, object] | None = None
        self._requested: Setup | None = None
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(PREPARE_AFTER_MS)
        self._delay.timeout.connect(self.prepare)
        document.changed.connect(self._follow_document)

    # -- what is the case ------------------------------------------------------------------

    @property
    def status(self) -> RunStatus:
        """State, step and pace of the run."""
        return self.runner.status

    @property
    def recording(self) -> Recording | None:
        """What was recorded of the run on screen."""
        return self._recording

    @property
    def is_stale(self) -> bool:
        """Whether the design has changed since the run on screen began."""
        if self._requested is None:
            return True
        return design_of(self.document.setup) != design_of(self._requested)

    @property
    def is_busy(self) -> bool:
        """Whether the worker is preparing or training."""
        return self.status.state in (RunState.PREPARING, RunState.RUNNING)

    def setup_to_save(self) -> Setup:
        """The setup that repeats the run on screen, changes made while it ran included."""
        setup = self.document.setup
        trainer = self.runner.trainer
        if self.is_stale or trainer is None or self._requested is None or not trainer.live.edits:
            return setup
        start = {name: getattr(self._requested.training, name) for name in LIVE_FIELDS}
        training = setup.training.model_copy(update={**start, "edits": tuple(trainer.live.edits)})
        return setup.model_copy(update={"training": training})

    # -- commands --------------------------------------------------------------------------

    def prepare(self) -> bool:
        """Start afresh at step 0 with the setup of the document; whether that was possible.

        A design that cannot be run is refused and leaves the run as it is.
        """
        self._delay.stop()
        problem = setup_problem(self.document.setup)
        if problem is not None:
            self.refused.emit(f"{problem}. The run stays as it is.")
            return False
        self._requested = self.document.setup
        self.runner.prepare(self.document.setup)
        self.clock.wake()
        return True

    def run(self) -> None:
        """Train, from where the run stands; a stale or ended run starts afresh."""
        self._command(self.runner.run)

    def toggle(self) -> None:
        """Run, or pause what runs."""
        if self.status.state is RunState.RUNNING:
            self.runner.pause()
            self.clock.wake()
        else:
            self.run()

    def apply(self) -> None:
        """Start a new run of the edited setup; without an edit run, or pause what runs."""
        if self.is_stale:
            self.run()
        else:
            self.toggle()

    def step(self) -> None:
        """One update."""
        self._command(self.runner.step)

    def step_epoch(self) -> None:
        """To the end of this pass over the data."""
        self._command(self.runner.step_epoch)

    def advance_part(self) -> None:
        """The next part of a step."""
        self._command(self.runner.advance_part)

    def advance_to(self, part: int) -> None:
        """The parts up to and with number `part`, 1 to 5, of this step or the next."""
        done = self.status.part
        count = (part - (done.value if done is not None else 0) - 1) % 5 + 1
        for _ in range(count):
            self.advance_part()

    def reset(self) -> None:
        """Back to step 0 with the same weights."""
        self.prepare()

    def reroll(self) -> None:
        """New random start, same design."""
        setup = self.document.setup
        seed = rolled_seed(setup.network.seed)
        network = setup.network.model_copy(update={"seed": seed})
        self.document.edit(
            setup.model_copy(update={"network": network}),
            f"Reroll, seed {setup.network.seed} to {seed}",
        )
        self.prepare()

    def set_learning_rate(self, value: float) -> None:
        """Take another learning rate, from the next step on."""
        setup = self.document.setup
        training = setup.training.model_copy(update={"learning_rate": value, "edits": ()})
        self.document.edit(
            setup.model_copy(update={"training": training}),
            f"Learning rate {setup.training.learning_rate:g} to {value:g}",
            merge_key="training.learning_rate",
        )

    def watch(self, probes: frozenset[str]) -> None:
        """Have these probes measure from now on, and at once if the run rests."""
        if probes != self._watched:
            self._watched = probes
            self.runner.watch(probes)
            self.runner.request_reading()
            self.clock.wake()

    def measure(self, probes: frozenset[str]) -> None:
        """Have probes measure once though nobody looks; waits until they have, or a second."""
        watched = self._watched
        self.runner.watch(watched | probes)
        self.runner.request_reading()
        self.runner.wait(lambda _: _covers(self.runner.reading, probes), timeout=MEASURE_S)
        self.runner.watch(watched)
        self._take_reading()

    def is_time(self, what: str, seconds: float) -> bool:
        """Whether something was last done so long ago; if so, it counts as done now."""
        now = perf_counter()
        if now - self._done.get(what, 0.0) < seconds:
            return False
        self._done[what] = now
        return True

    def shut_down(self) -> bool:
        """End the worker; whether it ended in time."""
        self._delay.stop()
        self.clock.stop()
        return self.runner.shut_down()

    # -- inside ----------------------------------------------------------------------------

    def _command(self, command: Callable[[], None]) -> None:
        over = (RunState.EMPTY, RunState.FAILED, RunState.DIVERGED)
        must_start = self.is_stale or self._delay.isActive() or self.status.state in over
        if must_start and not self.prepare():
            return
        command()
        self.clock.wake()

    def _follow_document(self, old: Setup, new: Setup) -> None:
        if self.is_stale:
            if setup_problem(new) is not None:
                self._delay.stop()
            elif self.status.step == 0 and self.status.state is not RunState.RUNNING:
                self._delay.start()
        elif old.training != new.training:
            self._send_live(new.training)
        self.clock.wake()
        self.status_changed.emit(self.status)

    def _send_live(self, training: TrainingSetup) -> None:
        if self._requested is None:
            return
        shown = self._requested.training
        for name in LIVE_FIELDS:
            value = getattr(training, name)
            if value != getattr(shown, name) or self.status.step > 0:
                self._send(name, value)
        self.runner.set_stop(training.stop)

    def _send(self, name: str, value: float | None) -> None:
        trainer = self.runner.trainer
        if trainer is not None and getattr(trainer.live, name) != value:
            self.runner.set(name, value)

    def _has_news(self) -> bool:
        runner = self.runner
        is_new = self.status != self._status or runner.snapshot is not self._snapshot
        return is_new or runner.reading is not self._reading or not runner.is_idle

    def _tick(self, frame: int) -> None:
        status = self.runner.status
        recording = self.runner.recording
        if recording is not None and recording is not self._recording:
            self._recording = recording
            self._snapshot_step = None
            self.recording_changed.emit(recording)
        self._take_snapshot()
        if self.is_time("snapshot", SNAPSHOT_S) if self.is_busy else self._is_snapshot_old(status):
            self.runner.request_snapshot()
        self._take_reading()
        if self._watched and self.is_busy and self.is_time("reading", READING_S):
            self.runner.request_reading()
        self.ticked.emit(frame)
        old, self._status = self._status, status
        if old is None or status.revision != old.revision:
            self.status_changed.emit(status)

    def _is_snapshot_old(self, status: RunStatus) -> bool:
        drawn = (id(self._recording), status.step, status.part)
        return self._recording is not None and self._snapshot_step != drawn

    def _take_reading(self) -> None:
        reading = self.runner.reading
        if reading is not self._reading:
            self._reading = reading
            self.reading_taken.emit(reading, self.runner.first_reading)

    def _take_snapshot(self) -> None:
        snapshot: Snapshot | None = self.runner.snapshot
        if snapshot is None:
            return
        if snapshot is not self._snapshot:
            self._snapshot = snapshot
            self._snapshot_step = (id(self._recording), snapshot.step, self.status.part)
            self.snapshot_taken.emit(snapshot)


def _covers(reading: Reading | None, probes: frozenset[str]) -> bool:
    return reading is not None and reading.covers(probes)


def design_of(setup: Setup) -> Setup:
    """The part of a setup that a running run cannot take over: all but its live fields."""
    plain = TrainingSetup()
    live = {name: getattr(plain, name) for name in (*LIVE_FIELDS, "stop", "edits")}
    training = setup.training.model_copy(update=live)
    return setup.model_copy(update={"name": "design", "notes": "", "training": training})
