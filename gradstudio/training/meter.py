"""Measures a step into one row of numbers."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import numpy as np

from gradstudio.nn.network import Network
from gradstudio.nn.norms import Norms, safe_norm
from gradstudio.nn.optimizer import Watch
from gradstudio.nn.plan import Plan
from gradstudio.nn.probes import delta_factors
from gradstudio.training.record import Floats, RowLayout


class Meter(ABC):
    """Fills the row of a step.

    Parameters
    ----------
    net, plan
        What is measured.
    layout
        Where each quantity lies in the row.
    norms
        Of the weight gradients, the deltas and the weights of each layer, then of all other
        gradients together, (3 L + 1,).

    Attributes
    ----------
    row
        The numbers of the newest step, (layout.width,).
    grad_norm
        Norm of the whole gradient, before clipping.
    is_finite
        Whether loss, gradients, deltas and weights are.
    watch
        What the optimizer is to call around each part of its update, if anything.
    may_keep
        Whether steps may be kept and measured later, together: nobody asks for their numbers now.
    keeps
        Whether the newest step is kept: its row comes with ``release``.
    is_full
        Whether no more steps can be kept.
    """

    watch: Watch | None = None
    may_keep: bool = False
    keeps: bool = False
    is_full: bool = False

    def __init__(self, net: Network, plan: Plan, layout: RowLayout, norms: Norms) -> None:
        layers = layout.layer_count
        self.row = layout.new_row()
        self.grad_norm = math.nan
        self.is_finite = True
        self._norms = norms
        self._of_layers = norms.norms[: 3 * layers]
        self._factors = np.ones(3 * layers)
        self._factors[layers : 2 * layers] = delta_factors(net, plan.batch)
        start = layout.slice_of("weight_grad_norm").start
        self._measured = self.row[start : start + 3 * layers]
        self._in_gradient = np.zeros(3 * layers + 1)
        self._in_gradient[:layers] = self._in_gradient[-1] = 1.0
        self._weight_grad_norm = self.row[layout.slice_of("weight_grad_norm")]
        self._weight_norm = self.row[layout.slice_of("weight_norm")]
        self._update_ratio = self.row[layout.slice_of("update_ratio")]

    def before_update(self, loss: float) -> None:
        """Measure loss, gradients, deltas and weights."""
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

    def after_update(self, rate: float, learning_rate: float) -> None:
        """Measure the update: minus ``rate`` times the optimizer's direction."""
        self.row[2] = learning_rate
        np.divide(self._moved(), self._weight_norm, self._update_ratio)
        np.multiply(self._update_ratio, rate, self._update_ratio)

    def without_update(self, learning_rate: float) -> None:
        """Note that there was none: its ratio is not known."""
        self.row[2] = learning_rate
        self._update_ratio.fill(math.nan)

    def release(self) -> Floats:
        """Return the rows of the steps kept, (n, layout.width), and keep none."""
        return np.empty((0, len(self.row)))

    def forget(self) -> None:
        """Take nothing for known of the weights: they were changed by somebody else."""
        return

    @abstractmethod
    def _moved(self) -> Floats:
        """Norm of the optimizer's direction of each layer, (L,)."""
