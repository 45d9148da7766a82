"""Measures a step into one row, with as few calls as there are kinds of layers."""

from __future__ import annotations

from math import isfinite, sqrt

import numpy as np

from gradstudio.nn.network import Network
from gradstudio.nn.norms import LayerNorms
from gradstudio.nn.optimizers import Optimizer
from gradstudio.nn.plan import Plan
from gradstudio.nn.probes import delta_factors
from gradstudio.training.record import RowLayout


class Meter:
    """Fills the row of a step.

    Parameters
    ----------
    net, plan
        What is measured.
    optimizer
        Whose ``direction`` is what the rate is multiplied with; None when that is the gradient.
    layout
        Where each quantity lies in the row.
    """

    def __init__(
        self, net: Network, plan: Plan, optimizer: Optimizer, layout: RowLayout
    ) -> None:
        direction = optimizer.direction
        self.grad_norm = 0.0
        self.is_finite = True
        layers = layout.layer_count
        self.row = layout.new_row()
        biases = net.flat_grads[net.weight_count :].reshape(1, -1)
        self._sums = LayerNorms(
            [
                *net.weight_blocks.rows(net.flat_grads),
                *plan.delta_rows,
                *net.weight_blocks.rows(net.flat),
                biases,
            ]
        )
        self._gradients = self._sums.norms[:layers]
        self._factors = np.ones(3 * layers)
        self._factors[layers : 2 * layers] = delta_factors(net, plan.batch)
        start = layout.slice_of("weight_grad_norm").start
        self._norms = self.row[start : start + 3 * layers]
        self._weight_grad_norm = self.row[layout.slice_of("weight_grad_norm")]
        self._weight_norm = self.row[layout.slice_of("weight_norm")]
        self._update_ratio = self.row[layout.slice_of("update_ratio")]
        self._update = (
            None if direction is None else LayerNorms(net.weight_blocks.rows(direction))
        )

    def before_update(self, loss: float, learning_rate: float) -> None:
        """Measure loss, gradients, deltas and weights."""
        sums = self._sums
        sums.measure()
        np.multiply(sums.norms[:-1], self._factors, self._norms)
        norm = sqrt(np.dot(self._gradients, self._gradients) + sums.norms[-1] ** 2)
        self.row[0] = loss
        self.row[1] = norm
        self.row[2] = learning_rate
        self.grad_norm = norm
        self.is_finite = isfinite(loss) and isfinite(norm)

    def without_update(self) -> None:
        """Note that no update was made."""
        self._update_ratio.fill(np.nan)

    def after_update(self, factor: float) -> None:
        """Measure the update: `factor` times the gradient, or times the optimizer's direction."""
        ratio = self._update_ratio
        if self._update is None:
            np.multiply(self._weight_grad_norm, factor, ratio)
        else:
            self._update.measure()
            np.multiply(self._update.norms, factor, ratio)
        np.divide(ratio, self._weight_norm, ratio)
