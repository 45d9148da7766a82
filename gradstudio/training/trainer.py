"""The training loop: forward, loss, backpropagation, gradients, update, repeat."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from gradstudio.data import make_data
from gradstudio.nn.half import as_stored
from gradstudio.nn.probes import PROBES, first_non_finite, measure
from gradstudio.setup.models import Setup, StopSetup
from gradstudio.training.batches import Batches
from gradstudio.training.build import build_network, check_setup, number_type
from gradstudio.training.calculation import Calculation, make_optimizer
from gradstudio.training.checks import check_batch
from gradstudio.training.evaluation import Evaluation
from gradstudio.training.live import LiveValues
from gradstudio.training.meters import make_meter
from gradstudio.training.reading import Reading
from gradstudio.training.record import StepRecord
from gradstudio.training.recording import Recording
from gradstudio.training.state import Divergence, Part, TrainingState, TrainState
from gradstudio.training.stopping import StopRules
from gradstudio.training.surroundings import Surroundings

__all__ = ["Divergence", "Part", "TrainState", "Trainer", "TrainingState"]


class Trainer:
    """Trains the network of a setup, one exact and repeatable step after the other.

    A run is a function of the setup, its seeds and its edits: the same ones give the same weights
    bit for bit on the same machine, whether in one run, step by step or part by part.

    Parameters
    ----------
    setup
        What is trained.
    recording
        Where the steps are recorded; a new one if none is given.

    Attributes
    ----------
    setup, data, network, optimizer, recording
        What it was made of.
    batch_size, steps_per_epoch
        Samples of a batch; batches of a pass.
    step_count
        Updates done.
    state, ending
        Whether the run goes on, and in words why not.
    part
        Part of a step done last by hand; None after a whole step.
    reading
        What the probes asked last have measured; None before.
    live
        What may change during the run, and its changes; ``set`` makes them.

    Raises
    ------
    SetupError
        If the parts of the setup do not fit each other.
    DataError
        If the data set cannot be made.
    """

    def __init__(self, setup: Setup, recording: Recording | None = None) -> None:
        check_setup(setup)
        self.setup = setup
        training = setup.training
        self.data = make_data(setup.data, training.loss, number_type(setup))
        check_batch(setup, len(self.data.x_train))
        self.network = net = build_network(setup)
        self.optimizer = make_optimizer(training, net)
        self.batch_size = training.batch_size
        plan = net.plan(self.batch_size)
        self._evaluation = Evaluation(net, self.data, self.batch_size)
        self.recording = recording or Recording(
            setup,
            chance=net.loss.chance(self.data.class_count),
            class_count=self.data.class_count or 0,
            evaluation_interval=self._evaluation.interval,
            input_square=float(np.mean(np.square(self.data.x_train, dtype=np.float64))),
        )
        self._evaluation.interval = self.recording.evaluation_interval
        self._meter = make_meter(net, plan, self.optimizer, self.recording.layout)
        targets = net.loss.prepare(self.data.y_train, self.batch_size)
        x_train = as_stored(net, self.data.x_train)
        batches = Batches(plan, x_train, targets, setup.network.seed)
        self.steps_per_epoch = batches.per_pass
        layout = self.recording.layout
        surroundings = Surroundings(net, self._meter, layout, setup.network.seed)
        self.live = LiveValues(training)
        self._calculation = Calculation(
            net, self.optimizer, self._meter, batches, surroundings, self.live
        )
        self._stop = StopRules(training.stop, self.steps_per_epoch)
        self.step_count = 0
        self.state = TrainState.ACTIVE
        self.ending = ""
        self.part: Part | None = None
        self.reading: Reading | None = None
        self._asked: frozenset[str] = frozenset()

    # -- the loop --------------------------------------------------------------------------

    @property
    def learning_rate(self) -> float:
        """Learning rate of the next update, by the schedule."""
        return self.live.rate(self.step_count)

    @property
    def epoch(self) -> float:
        """Passes over the training data done, with fraction."""
        return self.step_count / self.steps_per_epoch

    @property
    def divergence(self) -> Divergence | None:
        """Where the first value that is not finite appeared."""
        return self.recording.divergence

    def step(self) -> StepRecord:
        """Do one update, or the rest of one begun by hand; returns what was measured.

        A diverged run stays as it is: its last record is returned.
        """
        step = self.step_count
        if self.state is not TrainState.DIVERGED:
            with np.errstate(all="ignore"):
                self._step()
        return StepRecord(step, self._meter.row.copy(), self.recording.layout)

    def run(self, steps: int) -> int:
        """Do up to ``steps`` updates, fewer when the run ends. Returns the number done."""
        start = self.step_count
        is_new = len(self.recording.history) == start
        self._meter.may_keep = is_new and not self.live.may_clip
        try:
            with np.errstate(all="ignore"):
                for _ in range(steps):
                    if self.state is not TrainState.ACTIVE:
                        break
                    self._step()
        finally:
            self._meter.may_keep = False
            self._release()
        return self.step_count - start

    def advance_part(self) -> Part:
        """Do the next part of a step; five of them are one step, bit for bit."""
        part = Part.FORWARD if self.part is None else self.part.following
        if self.state is not TrainState.DIVERGED:
            with np.errstate(all="ignore"):
                self._do(part)
            self.part = None if self.has_diverged else part
        return part

    @property
    def has_diverged(self) -> bool:
        """Whether a value was not finite."""
        return self.state is TrainState.DIVERGED

    @property
    def step_under_way(self) -> StepRecord:
        """What the parts done by hand have shown; what is still to come is NaN."""
        return self._calculation.shown(self.step_count, self.part, self.recording.layout)

    def ask(self, probes: frozenset[str]) -> None:
        """Let probes measure the next gradients, before their update; ``reading`` is the answer.

        Raises
        ------
        KeyError
            If there is no such probe.
        """
        self._asked = frozenset(PROBES[name].name for name in probes)

    def measure(self) -> StepRecord:
        """Measure the next batch at the present weights; nothing is updated or recorded.

        The ratio of the update is that of the update which would be made.
        """
        before = self.snapshot()
        with np.errstate(all="ignore"):
            for part in (Part.FORWARD, Part.BACKPROPAGATION, Part.GRADIENTS):
                self._do(part)
            if self._meter.is_finite:
                self._calculation.update(self.step_count)
            else:
                self._meter.without_update(self.learning_rate)
        self._put_back(before)
        return StepRecord(self.step_count, self._meter.row.copy(), self.recording.layout)

    def _step(self) -> None:
        if self.part is None or self.part is Part.REPEAT:
            self._forward()
            self._calculation.backpropagate()
            self._differentiate()
            self._update()
            self._repeat()
        else:
            for part in range(self.part + 1, Part.REPEAT + 1):
                self._do(Part(part))
        self.part = None

    def _do(self, part: Part) -> None:
        if part is Part.FORWARD:
            self._forward()
        elif part is Part.BACKPROPAGATION:
            self._calculation.backpropagate()
        elif part is Part.GRADIENTS:
            self._differentiate()
        elif part is Part.UPDATE:
            self._update()
        else:
            self._repeat()

    def _forward(self) -> None:
        step = self.step_count
        self.live.take_effect(step)
        if self._evaluation.is_due(step):
            self._evaluation.record(self.recording)
        self._calculation.forward(step)

    def _differentiate(self) -> None:
        self._calculation.differentiate()
        if self._asked:
            inputs = self._calculation.batch.x
            values = {name: measure(name, self.network, inputs) for name in self._asked}
            self.reading = Reading(self.step_count, MappingProxyType(values))
            self._asked = frozenset()

    def _update(self) -> None:
        if self._meter.is_finite:
            self._calculation.update(self.step_count)
        else:
            self._diverge()

    def _repeat(self) -> None:
        if self.state is TrainState.DIVERGED:
            return
        self._record()
        self.step_count = step_count = self.step_count + 1
        ending = self._stop.ending(step_count, self._calculation.loss)
        if ending:
            self.ending = ending
            self.state = TrainState.FINISHED

    def _record(self) -> None:
        """Append the row, unless the step was recorded before the run went back."""
        meter = self._meter
        if meter.keeps:
            if meter.is_full:
                self._release()
            return
        self._release()
        if len(self.recording.history) == self.step_count:
            self.recording.history.append(meter.row)

    def _release(self) -> None:
        """Append the rows of the steps that the meter has kept."""
        for row in self._meter.release():
            self.recording.history.append(row)

    def _diverge(self) -> None:
        """Record the step that cannot be done, and where it went wrong."""
        self._meter.without_update(self.learning_rate)
        self._record()
        bad = first_non_finite(self.network, self._calculation.loss)
        if bad is None:
            raise RuntimeError(f"step {self.step_count} was not finite, but no value of it is not")
        self.recording.divergence = Divergence(
            self.step_count,
            self.recording.labels[bad.layer_index],
            bad.operation,
            bad.unit,
            bad.sample,
        )
        self.ending = self.recording.divergence.sentence
        self.state = TrainState.DIVERGED

    # -- changes while it runs -------------------------------------------------------------

    def set(self, field: str, value: float | None) -> None:
        """Change one of ``LIVE_FIELDS`` from the next update on.

        Raises
        ------
        SetupError
            If there is no such field or the value is out of its range.
        """
        self.live.change(self.step_count + (self.part is Part.UPDATE), field, value)

    def set_stop(self, stop: StopSetup) -> None:
        """Put other stop rules in force; a run that one of the old ones has ended goes on."""
        self._stop.change(stop)
        self._resume()

    def pass_stop(self) -> None:
        """Go on past the stop rule that has ended the run."""
        if self.state is TrainState.FINISHED:
            self._stop.pass_by(self.step_count)
            self._resume()

    def _resume(self) -> None:
        if self.state is TrainState.FINISHED:
            self.state, self.ending = TrainState.ACTIVE, ""

    # -- going back ------------------------------------------------------------------------

    def snapshot(self) -> TrainingState:
        """Copy all that the next step depends on; completes a step whose update is done."""
        if self.part is Part.UPDATE:
            self.advance_part()
        return TrainingState(
            self.step_count,
            self.network.flat.copy(),
            self.optimizer.state(),
            self.live.state(),
            self._stop.losses(),
            self.network.statistics.state(),
        )

    def restore(self, state: TrainingState) -> None:
        """Put back what ``snapshot`` returned; the recording keeps what was recorded since.

        Raises
        ------
        ValueError
            If the recording does not reach the step of the snapshot.
        """
        if state.step > len(self.recording.history):
            raise ValueError(
                f"step {state.step} is not reached: {len(self.recording.history)} are recorded"
            )
        self._put_back(state)
        self.part, self.state, self.ending = None, TrainState.ACTIVE, ""
        self.recording.divergence = None

    def _put_back(self, state: TrainingState) -> None:
        np.copyto(self.network.flat, state.parameters)
        self.network.statistics.restore(state.statistics)
        self._meter.forget()
        self.optimizer.restore(state.optimizer)
        self.step_count = state.step
        self.live.put_back(state.live)
        self._stop.put_back(state.losses)
