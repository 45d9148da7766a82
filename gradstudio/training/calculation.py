"""What one step calculates, part by part."""

from __future__ import annotations

import numpy as np

from gradstudio.nn.arrays import run
from gradstudio.nn.network import Network
from gradstudio.nn.optimizers import OPTIMIZERS, Optimizer
from gradstudio.nn.plan import Batch
from gradstudio.nn.probes import delta_rms
from gradstudio.setup.models import TrainingSetup
from gradstudio.training.batches import Batches
from gradstudio.training.large_meter import update_parts
from gradstudio.training.live import LiveValues
from gradstudio.training.meter import Meter
from gradstudio.training.record import RowLayout, StepRecord
from gradstudio.training.state import Part
from gradstudio.training.surroundings import Surroundings


class Calculation:
    """The parts of a step; whoever calls them decides when, records and stops.

    Parameters
    ----------
    net, optimizer, meter, batches, surroundings, live
        What calculates, is measured and is changed.

    Attributes
    ----------
    loss
        Loss of the newest batch.
    batch
        The calls on it.
    """

    def __init__(
        self,
        net: Network,
        optimizer: Optimizer,
        meter: Meter,
        batches: Batches,
        surroundings: Surroundings,
        live: LiveValues,
    ) -> None:
        self._net, self._optimizer, self._meter = net, optimizer, meter
        self.batches, self.surroundings, self._live = batches, surroundings, live
        self.batch: Batch = batches.at(0)
        self.loss = 0.0

    def forward(self, step: int) -> None:
        """Forward pass of the batch of a step, and its loss."""
        if self.surroundings.draws_masks:
            self.surroundings.draw_masks(step)
        self.batch = batch = self.batches.at(step)
        run(batch.forward)
        self.loss = float(batch.loss())

    def backpropagate(self) -> None:
        """The deltas of all layers, from the output to the input."""
        run(self.batch.backward)

    def differentiate(self) -> None:
        """The gradients of all weights and biases; measures them."""
        run(self.batch.gradients)
        self._meter.before_update(self.loss)

    def update(self, step: int) -> None:
        """Change the parameters by the optimizer, at the rate of a step; measures the change."""
        meter, live, net = self._meter, self._live, self._net
        learning_rate = live.rate(step)
        for call in self.surroundings.before_update:
            call()
        rate = self._optimizer.update(
            net.flat,
            net.flat_grads,
            learning_rate,
            momentum=live.momentum,
            scale=live.scale(meter.grad_norm),
            weight_decay=live.weight_decay,
            clip_value=live.clip_value,
            watch=meter.watch,
        )
        meter.after_update(rate, learning_rate)
        for call in self.surroundings.after_update:
            call()

    def shown(self, step: int, part: Part | None, layout: RowLayout) -> StepRecord:
        """What the parts of a step up to ``part`` have shown; what is still to come is NaN."""
        record = StepRecord(step, layout.new_row(), layout)
        done = 0 if part is None else part
        if done >= Part.GRADIENTS:
            record.row[:] = self._meter.row
            if done == Part.GRADIENTS:
                record.update_ratio[:] = np.nan
        elif done >= Part.BACKPROPAGATION:
            record.delta_rms[:] = delta_rms(self._net)
        if done >= Part.FORWARD:
            record.row[layout.slice_of("loss")] = self.loss
        return record


def make_optimizer(training: TrainingSetup, net: Network) -> Optimizer:
    """Return the optimizer of a setup, with its parts cut for measuring on the way."""
    return OPTIMIZERS[training.optimizer](
        net.flat.shape,
        net.dtype,
        update_parts(net),
        alpha=training.alpha,
        beta1=training.beta1,
        beta2=training.beta2,
        epsilon=training.epsilon,
    )
