"""Measures a large network where its numbers have just been written, while they are in the cache.

The weight gradients are measured behind their products, the weights and the direction of the
optimizer behind the update of each stretch.
"""

from __future__ import annotations

import math

import numpy as np

from gradstudio.nn.arrays import Array, run
from gradstudio.nn.network import Network
from gradstudio.nn.norms import LayerNorms, Norms, safe_norm
from gradstudio.nn.optimizer import Optimizer
from gradstudio.nn.plan import Plan
from gradstudio.nn.stretches import StretchNorms, weight_stretches, whole_layers
from gradstudio.training.meter import Meter
from gradstudio.training.record import Floats, RowLayout


class LargeMeter(Meter):
    """See ``Meter``.

    Parameters
    ----------
    net, plan, optimizer, layout
        What is measured, and where each quantity lies in the row. The parts of the optimizer must
        be those of ``update_parts``, and the plan must bind its batches afterwards.
    """

    def __init__(self, net: Network, plan: Plan, optimizer: Optimizer, layout: RowLayout) -> None:
        super().__init__(net, plan, layout)
        self._optimizer, self._blocks = optimizer, net.weight_blocks
        self._stretches = weight_stretches(net.weight_blocks)
        self._grads = StretchNorms(
            net.flat_grads,
            net.weight_blocks,
            [whole_layers(net.weight_blocks, members) for members in plan.gradient_runs],
        )
        plan.watch_gradients(self._grads.calls)
        self._weights = StretchNorms(net.flat, net.weight_blocks, self._stretches)
        self._deltas = LayerNorms(plan.delta_rows)
        self._rest = LayerNorms([net.flat_grads[None, net.weight_count :]])
        self._knows_weights = False
        self._moving: tuple[Array, StretchNorms] | None = None
        self.watch = self

    def forget(self) -> None:
        """See ``Meter.forget``."""
        self._knows_weights = False

    def before_update(self, loss: float) -> None:
        """See ``Meter.before_update``."""
        if not self._knows_weights:
            run(self._weights.calls)
            self._weights.finish()
            self._knows_weights = True
        self._grads.finish()
        self._deltas.measure()
        self._rest.measure()
        self.grad_norm = _norm(self._grads, self._rest)
        known = (self._deltas.norms, self._grads.norms, self._rest.norms, self._weights.norms)
        self.is_finite = math.isfinite(loss) and all(
            math.isfinite(np.maximum.reduce(norms)) for norms in known
        )
        np.multiply(self._deltas.norms, self._delta_factors, self._delta_rms)
        np.copyto(self._weight_grad_norm, self._grads.norms)
        np.copyto(self._weight_norm, self._weights.norms)
        self.row[0] = loss
        self.row[1] = self.grad_norm

    def after_update(self, rate: float, learning_rate: float) -> None:
        """See ``Meter.after_update``."""
        super().after_update(rate, learning_rate)
        self._weights.finish()

    def before(self, index: int) -> None:
        """Find out where the optimizer writes its direction."""
        if index == 0:
            self._follow(self._optimizer.direction)

    def after(self, index: int) -> None:
        """Take the squares of a stretch of the weights, and of the direction they went."""
        place = len(self._stretches) - 1 - index
        if place >= 0:
            self._weights.calls[place]()
            if self._moving is not None:
                self._moving[1].calls[place]()

    def _moved(self) -> Floats:
        if self._moving is None:
            return self._weight_grad_norm
        self._moving[1].finish()
        return self._moving[1].norms

    def _follow(self, direction: Array | None) -> None:
        """Measure the direction that the optimizer writes now, if it is not the gradient."""
        if direction is None:
            self._moving = None
        elif self._moving is None or self._moving[0] is not direction:
            norms = StretchNorms(direction, self._blocks, self._stretches)
            self._moving = direction, norms


def update_parts(net: Network) -> list[slice]:
    """Parts in which to update a network: its stretches of weights, then everything else.

    The last stretch comes first: then the weights of the first layer are still in the cache when
    the next step begins.
    """
    parts = [stretch.part for stretch in reversed(weight_stretches(net.weight_blocks))]
    return [*parts, slice(net.weight_count, net.parameter_count)]


def _norm(*parts: Norms) -> float:
    """Norm of all arrays together."""
    norms = [part.norms for part in parts]
    if all(part.is_safe for part in parts):
        return math.sqrt(sum(float(np.dot(values, values)) for values in norms))
    return safe_norm(np.concatenate(norms))
