"""The training loop: forward, loss, backpropagation, gradients, update, repeat."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import isfinite
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gradstudio.data import make_data
from gradstudio.errors import SetupError
from gradstudio.nn.optimizers import OPTIMIZERS
from gradstudio.nn.probes import first_non_finite
from gradstudio.numbers import count
from gradstudio.setup.models import Edit, Setup, StopSetup, TrainingSetup
from gradstudio.training.build import build_network, check_setup
from gradstudio.training.evaluation import Evaluation
from gradstudio.training.meter import Meter
from gradstudio.training.record import StepRecord
from gradstudio.training.recording import Recording
from gradstudio.training.stopping import StopRules

LIVE_FIELDS: Final = ("learning_rate", "momentum", "clip_norm")


class TrainState(Enum):
    """Whether a run goes on."""

    ACTIVE = "active"
    """It can take the next step."""
    FINISHED = "finished"
    """A stop rule has ended it."""
    DIVERGED = "diverged"
    """A value was not finite; the update was not made."""


class Part(Enum):
    """The parts of a step, in order."""

    FORWARD = 1
    """Forward pass and loss."""
    BACKPROPAGATION = 2
    """The deltas of all layers, from the output to the input."""
    GRADIENTS = 3
    """dL/dW by the chain rule."""
    UPDATE = 4
    """W_new = W_old - eta dL/dW."""
    REPEAT = 5
    """The step is recorded and the loop starts again."""


@dataclass(frozen=True)
class Divergence:
    """Where the first value that is not finite appeared.

    Attributes
    ----------
    step
        0-based number of the update that was not made.
    layer_label
        ``"1"``, ``"2"``, ... or ``"out"``.
    operation
        What produced it.
    unit, sample
        0-based; None where that means nothing.
    """

    step: int
    layer_label: str
    operation: str
    unit: int | None
    sample: int | None


@dataclass(frozen=True, eq=False)
class TrainingState:
    """All that the next step depends on; what was recorded is not part of it."""

    step: int
    parameters: NDArray[np.floating[Any]]
    optimizer: tuple[int, tuple[NDArray[np.floating[Any]], ...]]
    live: dict[str, float | None]
    losses: tuple[float, ...]


class Trainer:
    """Trains the network of a setup, one exact and repeatable step after the other.

    A run is a function of the setup, its seeds and its edits: the same ones give the same weights
    bit for bit on the same NumPy, BLAS and number of threads.

    Parameters
    ----------
    setup
        What is trained.
    recording
        Where the steps are recorded; a new one if none is given.

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
        self.data = make_data(setup.data, training.loss, np.dtype(training.precision))
        self.network = build_network(setup)
        self.optimizer = OPTIMIZERS[training.optimizer](
            self.network.flat.shape, self.network.dtype
        )
        samples = len(self.data.x_train)
        self.batch_size = min(training.batch_size, samples)
        self.steps_per_epoch = samples // self.batch_size
        self._evaluation = Evaluation(self.network, self.data, self.batch_size)
        self.recording = recording or Recording(
            setup,
            chance=self.network.loss.chance(self.data.class_count or 0),
            class_count=self.data.class_count or 0,
            evaluation_interval=self._evaluation.interval,
        )
        self._plan = self.network.plan(self.batch_size)
        self._meter = Meter(
            self.network, self._plan, self.recording.layout, self.optimizer.direction
        )
        self._stop = StopRules(training.stop, self.steps_per_epoch)
        self._order: NDArray[np.int64] = np.empty(0, np.int64)
        self._order_epoch = -1
        self._start_over(training)

    def _start_over(self, training: TrainingSetup) -> None:
        self.step_count = 0
        self.state = TrainState.ACTIVE
        self.ending = ""
        self.part: Part | None = None
        self.learning_rate = training.learning_rate
        self.momentum = training.momentum
        self.clip_norm = training.clip_norm
        self.edits: list[Edit] = list(training.edits)
        self._due_edits = sorted(training.edits, key=lambda edit: edit.step)
        self._loss = 0.0
        self._is_sound = True

    # -- the loop --------------------------------------------------------------------------

    @property
    def epoch(self) -> float:
        """Passes over the training data done, with fraction."""
        return self.step_count / self.steps_per_epoch

    @property
    def divergence(self) -> Divergence | None:
        """Where the first value that is not finite appeared."""
        return self.recording.divergence

    def step(self) -> StepRecord:
        """Do one update, or the rest of one begun by hand; returns what was measured."""
        if self.state is TrainState.DIVERGED:
            raise SetupError(f"the run has ended: {self.ending}")
        step = self.step_count
        with np.errstate(all="ignore"):
            self._step()
        return StepRecord(step, self._meter.row.copy(), self.recording.layout)

    def run(self, steps: int) -> int:
        """Do up to `steps` updates; fewer when the run ends. Returns the number done."""
        start = self.step_count
        with np.errstate(all="ignore"):
            for _ in range(steps):
                if self.state is not TrainState.ACTIVE:
                    break
                self._step()
        return self.step_count - start

    def advance_part(self) -> Part:
        """Do the next part of a step; five of them are one step, bit for bit."""
        done = 0 if self.part is None else self.part.value
        if done == Part.REPEAT.value:
            done = 0
        if self.state is TrainState.DIVERGED:
            raise SetupError(f"the run has ended: {self.ending}")
        with np.errstate(all="ignore"):
            self._parts()[done]()
        self.part = None if self.state is TrainState.DIVERGED else Part(done + 1)
        return Part(done + 1)

    def measure(self) -> StepRecord:
        """Measure the first batch at the present weights without an update."""
        self._finish_parts()
        with np.errstate(all="ignore"):
            self._forward()
            self._plan.backward()
            self._plan.gradients()
            self._meter.before_update(self._loss, self.learning_rate)
        return StepRecord(self.step_count, self._meter.row.copy(), self.recording.layout)

    def _parts(self) -> tuple[Any, ...]:
        return (self._forward, self._plan.backward, self._gradients, self._update, self._repeat)

    def _step(self) -> None:
        if self.part is not None:
            self._finish_parts()
            return
        self._forward()
        self._plan.backward()
        self._gradients()
        self._update()
        self._repeat()

    def _finish_parts(self) -> None:
        if self.part is None:
            return
        if self.part is Part.REPEAT:
            self.part = None
            self._step()
            return
        parts = self._parts()
        for index in range(self.part.value, len(parts)):
            parts[index]()
        self.part = None

    def _forward(self) -> None:
        self._apply_due_edits()
        if self._evaluation.is_due(self.step_count, self.recording):
            self._evaluation.record(self.recording)
        epoch, index = divmod(self.step_count, self.steps_per_epoch)
        if epoch != self._order_epoch:
            rng = np.random.default_rng([self.setup.network.seed, 1, epoch])
            self._order = rng.permutation(len(self.data.x_train))
            self._order_epoch = epoch
        batch = self._order[index * self.batch_size : (index + 1) * self.batch_size]
        np.take(self.data.x_train, batch, 0, self._plan.x, "clip")
        np.take(self.data.y_train, batch, 0, self._plan.y, "clip")
        self._loss = float(self._plan.forward())

    def _gradients(self) -> None:
        self._plan.gradients()
        self._grad_norm = self._meter.before_update(self._loss, self.learning_rate)
        self._is_sound = isfinite(self._loss) and isfinite(self._grad_norm)

    def _update(self) -> None:
        if not self._is_sound:
            return
        clip, scale = self.clip_norm, 1.0
        if clip is not None and self._grad_norm > clip:
            scale = clip / self._grad_norm
        net, rate = self.network, self.learning_rate
        self.optimizer.update(
            net.flat, net.flat_grads, rate, momentum=self.momentum, scale=scale
        )
        self._meter.after_update(rate * scale if self.optimizer.direction is None else rate)

    def _repeat(self) -> None:
        self.recording.history.append(self._meter.row)
        if not self._is_sound:
            self._diverge()
            return
        self.step_count += 1
        self.ending = self._stop.ending(self.step_count, self._loss)
        if self.ending:
            self.state = TrainState.FINISHED

    def _diverge(self) -> None:
        bad = first_non_finite(self.network, self._loss)
        layer = bad.layer_index if bad else self.network.layer_count - 1
        divergence = Divergence(
            self.step_count,
            self.recording.labels[layer],
            bad.operation if bad else "gradient norm",
            bad.unit if bad else None,
            bad.sample if bad else None,
        )
        self.recording.divergence = divergence
        self.state = TrainState.DIVERGED
        name = divergence.layer_label
        where = "output layer" if name == "out" else f"layer {name}"
        self.ending = f"not finite at step {count(divergence.step)}: {where}, {divergence.operation}"

    # -- changes while it runs -------------------------------------------------------------

    def set(self, field: str, value: float | None) -> None:
        """Change ``learning_rate``, ``momentum`` or ``clip_norm`` from the next update on.

        Raises
        ------
        SetupError
            If there is no such field or the value is out of its range.
        """
        if field not in LIVE_FIELDS:
            raise SetupError(
                f"cannot change while running; {', '.join(LIVE_FIELDS)} can", f"training.{field}"
            )
        _check_live(field, value)
        self.edits = [
            edit
            for edit in self.edits
            if edit.step < self.step_count or (edit.step, edit.field) != (self.step_count, field)
        ]
        self.edits.append(Edit.model_validate({"step": self.step_count, "field": field, "value": value}))
        setattr(self, field, value)

    def set_stop(self, stop: StopSetup) -> None:
        """Put other stop rules in force."""
        self._stop.change(stop)

    def pass_stop(self) -> None:
        """Go on past the stop rule that has ended the run."""
        if self.state is TrainState.FINISHED:
            self._stop.pass_by(self.step_count)
            self.state = TrainState.ACTIVE
            self.ending = ""

    def _apply_due_edits(self) -> None:
        while self._due_edits and self._due_edits[0].step <= self.step_count:
            edit = self._due_edits.pop(0)
            setattr(self, edit.field, edit.value)

    # -- going back ------------------------------------------------------------------------

    def snapshot(self) -> TrainingState:
        """Copy all that the next step depends on; only between two steps."""
        return TrainingState(
            self.step_count,
            self.network.flat.copy(),
            self.optimizer.state(),
            {name: getattr(self, name) for name in LIVE_FIELDS},
            self._stop.state(),
        )

    def restore(self, state: TrainingState) -> None:
        """Put back what `snapshot` returned; the recording stays as it is."""
        np.copyto(self.network.flat, state.parameters)
        self.optimizer.restore(state.optimizer)
        self.step_count = state.step
        for name, value in state.live.items():
            setattr(self, name, value)
        self._stop.restore(state.losses)
        self._due_edits = sorted(
            (edit for edit in self.edits if edit.step >= state.step), key=lambda edit: edit.step
        )
        self.part, self.state, self.ending = None, TrainState.ACTIVE, ""


def _check_live(field: str, value: float | None) -> None:
    from pydantic import ValidationError

    try:
        TrainingSetup.model_validate({field: value})
    except ValidationError as error:
        raise SetupError(error.errors()[0]["msg"], f"training.{field}") from None
