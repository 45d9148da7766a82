"""Measures a step into one row, with as few calls as there are kinds of layers."""

from __future__ import annotations

from math import isfinite, sqrt

import numpy as np

from gradstudio.nn.network import Network
from gradstudio.nn.plan import Plan
from gradstudio.nn.probes import SquareSums, delta_factors
from gradstudio.training.record import Floats, RowLayout


class Meter:
    """Fills the row of a step.

    Parameters
    ----------
    net, plan
        What is measured.
    layout
        Where each quantity lies in the row.
    direction
        What the optimizer multiplies by the learning rate; None when that is the gradient.
    """

    def __init__(
        self, net: Network, plan: Plan, layout: RowLayout, direction: np.ndarray | None
    ) -> None:
        layers = layout.layer_count
        self.row = layout.new_row()
        self._squares = np.zeros(3 * layers)
        self._sums = [
            (SquareSums(runs, net.dtype), self._squares[i * layers : (i + 1) * layers])
            for i, runs in enumerate(
                (net.weight_runs(net.flat_grads), plan.delta_runs, net.weight_runs(net.flat))
            )
        ]
        self._whole = self._sums[0][0]
        self._bias_grads = net.flat_grads[..., net.weight_count :]
        self._factors = np.ones(3 * layers)
        self._factors[layers : 2 * layers] = delta_factors(net, plan.batch)
        start = layout.slice_of("weight_grad_norm").start
        self._norms = self.row[start : start + 3 * layers]
        self._weight_grad_norm = self.row[layout.slice_of("weight_grad_norm")]
        self._weight_norm = self.row[layout.slice_of("weight_norm")]
        self._update_ratio = self.row[layout.slice_of("update_ratio")]
        self._update = (
            None if direction is None else SquareSums(net.weight_runs(direction), net.dtype)
        )
        self._update_squares = np.zeros(layers)

    def before_update(self, loss: float, learning_rate: float) -> float:
        """Measure loss, gradients, deltas and weights; returns the norm of the whole gradient."""
        squares = self._squares
        for sums, part in self._sums:
            sums(part)
        if not self._whole.is_safe(squares):
            for sums, part in self._sums:
                sums.repair(part)
        np.sqrt(squares, self._norms)
        np.multiply(self._norms, self._factors, self._norms)
        total = float(squares[: len(self._update_squares)].sum()) + self._bias_square()
        norm = sqrt(total) if total >= 0.0 else float("nan")
        self.row[0] = loss
        self.row[1] = norm
        self.row[2] = learning_rate
        self._update_ratio.fill(np.nan)
        return norm

    def after_update(self, factor: float) -> None:
        """Measure the update: `factor` times the gradient, or times the optimizer's direction."""
        ratio = self._update_ratio
        if self._update is None:
            np.multiply(self._weight_grad_norm, factor, ratio)
        else:
            self._update(self._update_squares)
            if not self._update.is_safe(self._update_squares):
                self._update.repair(self._update_squares)
            np.sqrt(self._update_squares, ratio)
            np.multiply(ratio, factor, ratio)
        np.divide(ratio, self._weight_norm, ratio)

    def _bias_square(self) -> float:
        square = float(np.dot(self._bias_grads, self._bias_grads))
        if isfinite(square) and square > 1e-24:
            return square
        wide = self._bias_grads.astype(np.float64)
        return float(np.dot(wide, wide))
