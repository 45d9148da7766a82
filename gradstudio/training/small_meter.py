"""Measures a small network: everything before the update, in a few calls for all layers."""

from __future__ import annotations

import math

import numpy as np

from gradstudio.nn.arrays import Array
from gradstudio.nn.network import Network
from gradstudio.nn.norms import LayerNorms, safe_norm
from gradstudio.nn.optimizer import Optimizer
from gradstudio.nn.plan import Plan
from gradstudio.training.meter import Meter
from gradstudio.training.record import Floats, RowLayout


class SmallMeter(Meter):
    """See ``Meter``.

    Parameters
    ----------
    net, plan, optimizer, layout
        What is measured, and where each quantity lies in the row.
    """

    def __init__(self, net: Network, plan: Plan, optimizer: Optimizer, layout: RowLayout) -> None:
        super().__init__(net, plan, layout)
        layers = layout.layer_count
        blocks = net.weight_blocks
        self._norms = LayerNorms(
            [
                *blocks.rows(net.flat_grads),
                *plan.delta_rows,
                *blocks.rows(net.flat),
                net.flat_grads[None, net.weight_count :],
            ]
        )
        self._of_layers = self._norms.norms[: 3 * layers]
        self._factors = np.ones(3 * layers)
        self._factors[layers : 2 * layers] = self._delta_factors
        start = layout.slice_of("weight_grad_norm").start
        self._measured = self.row[start : start + 3 * layers]
        self._in_gradient = np.zeros(3 * layers + 1)
        self._in_gradient[:layers] = self._in_gradient[-1] = 1.0
        self._optimizer, self._blocks = optimizer, blocks
        self._direction: tuple[Array, LayerNorms] | None = None

    def before_update(self, loss: float) -> None:
        """See ``Meter.before_update``."""
        norms = self._norms
        if norms.measure():
            self.grad_norm = math.sqrt(np.dot(norms.squares, self._in_gradient))
            self.is_finite = math.isfinite(loss)
        else:
            self.grad_norm = safe_norm(norms.norms[self._in_gradient > 0])
            self.is_finite = math.isfinite(loss) and bool(np.isfinite(norms.norms).all())
        np.multiply(self._of_layers, self._factors, self._measured)
        self.row[0] = loss
        self.row[1] = self.grad_norm

    def _moved(self) -> Floats:
        direction = self._optimizer.direction
        if direction is None:
            return self._weight_grad_norm
        if self._direction is None or self._direction[0] is not direction:
            self._direction = direction, LayerNorms(self._blocks.rows(direction))
        self._direction[1].measure()
        return self._direction[1].norms
