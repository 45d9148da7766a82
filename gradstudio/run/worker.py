"""The worker's side of a run: the loop, and what each command does in each state.

Everything here but the attributes named in ``Worker`` as shared runs on the worker thread.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from time import perf_counter
from typing import Final, TypeAlias

from gradstudio.errors import GradStudioError, SetupError
from gradstudio.run.pace import Pace
from gradstudio.run.snapshot import Snapshot
from gradstudio.run.status import RunState, RunStatus
from gradstudio.run.threads import limit_blas_threads
from gradstudio.setup.models import Setup, StopSetup
from gradstudio.training.reading import Reading
from gradstudio.training.state import Part, TrainState
from gradstudio.training.trainer import Trainer

Command: TypeAlias = Callable[[], None]

GATE_POLL_S: Final = 0.1
"""Longest time that a command waits while the gate is closed."""
CAN_TRAIN: Final = frozenset({RunState.READY, RunState.RUNNING, RunState.PAUSED, RunState.FINISHED})

log = logging.getLogger(__name__)


class Worker:
    """Takes commands one after the other and trains between them.

    Shared with the caller are ``commands``, ``gate``, ``stopping``, ``newest_prepare``,
    ``snapshot_asked``, ``probes`` and ``reading_asked``, which the caller sets, and ``status``,
    ``snapshot``, ``trainer``, ``reading`` and ``first_reading``, which it reads: each is replaced
    as a whole, never changed in parts.
    """

    def __init__(self) -> None:
        self.commands: SimpleQueue[Command] = SimpleQueue()
        self.gate = threading.Event()
        self.gate.set()
        self.changed = threading.Condition()
        self.stopping = False
        self.newest_prepare = 0
        self.snapshot_asked = False
        self.probes: frozenset[str] = frozenset()
        self.reading_asked = False
        self.reading: Reading | None = None
        self.first_reading: Reading | None = None
        self.status = RunStatus()
        self.snapshot: Snapshot | None = None
        self.trainer: Trainer | None = None
        self._state = RunState.EMPTY
        self._message = ""
        self._goal: int | None = None
        self._pace = Pace()
        self._elapsed = 0.0
        self._clock = 0.0
        self._revision = 0
        self._handled = 0

    def work(self) -> None:
        """Carry out commands and train until told to stop."""
        while not self.stopping:
            try:
                self._turn()
            except Exception as error:
                self._fail(error)

    def _turn(self) -> None:
        command = self._next_command()
        if command is not None:
            self._handled += 1
            command()
            self._publish()
        else:
            self._burst()

    def _next_command(self) -> Command | None:
        """Wait for a command at rest, until the next step is due when paced, else not at all."""
        if self._state is not RunState.RUNNING:
            return self.commands.get()
        wait = self._pace.wait_time(perf_counter())
        if wait == 0.0 and self.commands.empty():
            return None
        try:
            return self.commands.get(timeout=wait)
        except Empty:
            return None

    def _burst(self) -> None:
        """Do as many steps as are due and fit into a burst."""
        if not self.gate.is_set():
            self.gate.wait(GATE_POLL_S)
            return
        trainer = self._trained()
        begin = perf_counter()
        steps = self._pace.burst(begin)
        if self._goal is not None:
            steps = min(steps, self._goal - trainer.step_count)
        done = trainer.run(steps)
        self.reading = trainer.reading
        self._pace.note(begin, perf_counter(), done, trainer.step_count)
        if trainer.state is not TrainState.ACTIVE or trainer.step_count == self._goal:
            self._settle()
        self._publish()

    def prepare(self, setup: Setup, number: int) -> None:
        """Replace the run, unless a newer ``prepare`` is already waiting."""
        self._enter(RunState.PREPARING)
        self._publish()
        if number != self.newest_prepare:
            return
        trainer = Trainer(setup)
        limit_blas_threads()  # the first trainer loads the BLAS that it calls directly
        trainer.ask(self.probes)
        trainer.recording.initial = trainer.measure()
        snapshot = Snapshot.of(trainer)
        if number != self.newest_prepare:
            return
        self.trainer, self.snapshot = trainer, snapshot
        self.reading = self.first_reading = trainer.reading
        self._elapsed = 0.0
        self._enter(RunState.READY)

    def reset(self) -> None:
        """Replace the run by the same one at step 0."""
        if self.trainer is not None and self._state is not RunState.PREPARING:
            self.prepare(self.trainer.setup, self.newest_prepare)

    def run(self) -> None:
        """Train without a goal."""
        if self._can_train():
            self._start(None)

    def step_epoch(self) -> None:
        """Train to the next multiple of the steps of an epoch."""
        if self._can_train():
            trainer = self._trained()
            passes = trainer.step_count // trainer.steps_per_epoch
            self._start((passes + 1) * trainer.steps_per_epoch)

    def step(self) -> None:
        """Do one step and pause."""
        if self._can_train():
            self._start(None)
            self._trained().ask(self.probes)
            self._trained().step()
            self._settle()

    def advance_part(self) -> None:
        """Do one part of a step."""
        if self._can_train():
            self._trained().ask(self.probes)
            self._trained().advance_part()
            self._settle()

    def pause(self) -> None:
        """Stop training."""
        if self._state is RunState.RUNNING:
            self._settle()

    def change(self, field: str, value: float | None) -> None:
        """Make a live edit; one that cannot be is refused in the message."""
        if self.trainer is not None:
            try:
                self.trainer.set(field, value)
            except SetupError as error:
                self._message = str(error)
                self._revision += 1

    def change_stop(self, stop: StopSetup) -> None:
        """Replace the stop rules."""
        if self.trainer is not None:
            self.trainer.set_stop(stop)

    def change_pace(self, steps_per_second: float | None) -> None:
        """Replace the limit of the pace."""
        self._pace.limit(steps_per_second, perf_counter())

    def take_snapshot(self) -> None:
        """Copy the network."""
        self.snapshot_asked = False
        if self.trainer is not None:
            self.snapshot = Snapshot.of(self.trainer)

    def take_reading(self) -> None:
        """Let the probes measure the next step; at rest the next batch, without an update.

        At rest nothing is measured again that has been.
        """
        self.reading_asked = False
        trainer = self.trainer
        if trainer is None or self._state not in CAN_TRAIN:
            return
        if self._state is RunState.RUNNING:
            trainer.ask(self.probes)
        else:
            self._read_at_rest()

    def _read_at_rest(self) -> None:
        """Have measured what is watched, of the next batch, where it has not been of the last."""
        trainer = self._trained()
        if trainer.part in (None, Part.REPEAT) and self.probes and not self._has_read():
            trainer.ask(self.probes)
            trainer.measure()
            self.reading = trainer.reading
            if trainer.step_count == 0:
                self.first_reading = self.reading

    def _has_read(self) -> bool:
        """Whether the newest reading is of the last step or of the next, and of all probes."""
        reading, step = self.reading, self._trained().step_count
        return reading is not None and reading.step >= step - 1 and reading.covers(self.probes)

    def _can_train(self) -> bool:
        """Whether training may go on; takes away the stop rule that has ended the run."""
        if self._state is RunState.FINISHED:
            self._trained().pass_stop()
        return self._state in CAN_TRAIN

    def _trained(self) -> Trainer:
        if self.trainer is None:
            raise RuntimeError(f"no trainer in state {self._state.name}")
        return self.trainer

    def _start(self, goal: int | None) -> None:
        self._goal = goal
        if self._state is not RunState.RUNNING:
            now = perf_counter()
            self._clock = now
            self._pace.start(now, self._trained().step_count)
            self._enter(RunState.RUNNING)

    def _settle(self) -> None:
        """Come to rest in the state that the trainer says."""
        trainer = self._trained()
        self.reading = trainer.reading
        if trainer.state is not TrainState.DIVERGED:
            self._read_at_rest()
        if trainer.state is TrainState.DIVERGED:
            self._enter(RunState.DIVERGED, trainer.ending)
        elif trainer.state is TrainState.FINISHED:
            self._enter(RunState.FINISHED, trainer.ending)
        else:
            self._enter(RunState.PAUSED)

    def _fail(self, error: Exception) -> None:
        """Say what broke; the thread lives on for the next ``prepare``."""
        if isinstance(error, GradStudioError):
            message = str(error)
        elif isinstance(error, MemoryError):
            message = "Not enough memory for this network. Fewer or smaller layers need less."
        else:
            log.exception("the run failed in state %s", self._state.name)
            message = f"{type(error).__name__}: {error}"
        self._enter(RunState.FAILED, message)
        self._publish()

    def _enter(self, state: RunState, message: str = "") -> None:
        if self._state is RunState.RUNNING:
            self._elapsed += perf_counter() - self._clock
        self._state = state
        self._message = message
        self._revision += 1

    def _publish(self) -> None:
        """Replace the status and wake whoever waits for it."""
        trainer = self.trainer
        step = 0 if trainer is None else trainer.step_count
        now = perf_counter()
        running = self._state is RunState.RUNNING
        self.status = RunStatus(
            state=self._state,
            step=step,
            epoch=0.0 if trainer is None else trainer.epoch,
            elapsed=self._elapsed + (now - self._clock if running else 0.0),
            steps_per_second=self._pace.steps_per_second(now, step) if running else 0.0,
            message=self._message,
            part=None if trainer is None else trainer.part,
            revision=self._revision,
            handled=self._handled,
        )
        with self.changed:
            self.changed.notify_all()
