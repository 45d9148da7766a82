"""Measures a tiny network: keeps the numbers of some steps and measures them together.

Of a step of 2-4-2-1, 24 microseconds, measuring it at once takes 7; a copy of its 100 numbers takes
2, and measuring 64 such copies together little more than measuring one.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gradstudio.nn.network import Network
from gradstudio.nn.norms import FEW
from gradstudio.nn.optimizer import Optimizer
from gradstudio.nn.plan import Plan
from gradstudio.training.record import Floats, RowLayout
from gradstudio.training.small_meter import SmallMeter

STEPS: Final = 64
"""Steps kept at the most."""
SAFE: Final = 1e30
"""Sum of squares above which a step is measured at once, with care."""


class TinyMeter(SmallMeter):
    """See ``Meter``; what it measures together has the bits it would have alone.

    Parameters
    ----------
    net, plan, optimizer, layout
        What is measured, and where each quantity lies in the row.
    """

    def __init__(self, net: Network, plan: Plan, optimizer: Optimizer, layout: RowLayout) -> None:
        super().__init__(net, plan, optimizer, layout)
        blocks, weights = net.weight_blocks, net.weight_count
        deltas = [rows.reshape(-1) for rows in plan.delta_rows]
        self._parts = [
            net.flat_grads[:weights],
            *deltas,
            net.flat[:weights],
            net.flat_grads[weights:],
        ]
        sizes = [*blocks.sizes, *plan.blocks.sizes, *blocks.sizes, self._parts[-1].size]
        self._starts = np.cumsum([0, *sizes[:-1]]).astype(np.intp)
        self._kept = np.zeros((STEPS, sum(sizes)), net.dtype)
        self._rows = list(self._kept)
        self._moves = np.zeros((STEPS, weights), net.dtype)
        self._turned = np.zeros(STEPS, bool)
        self._losses, self._rates, self._learning_rates = np.zeros((3, STEPS))
        self._weights = weights
        self._count = 0

    @staticmethod
    def suits(net: Network, plan: Plan) -> bool:
        """Whether a network is so small that its numbers can be kept."""
        numbers = 2 * net.weight_count + plan.blocks.stop + net.parameter_count - net.weight_count
        return numbers <= FEW and net.dtype == np.float32 and not (net.is_half or net.lanes)

    def before_update(self, loss: float) -> None:
        """See ``Meter.before_update``."""
        self.keeps = False
        if self.may_keep:
            row = self._rows[self._count]
            np.concatenate(self._parts, 0, row)
            self.keeps = bool(np.dot(row, row) <= SAFE) and math.isfinite(loss)
        if self.keeps:
            self._losses[self._count] = loss
            self.is_finite = True
        else:
            super().before_update(loss)

    def after_update(self, rate: float, learning_rate: float) -> None:
        """See ``Meter.after_update``."""
        if not self.keeps:
            super().after_update(rate, learning_rate)
            return
        index = self._count
        direction = self._optimizer.direction
        self._turned[index] = direction is not None
        if direction is not None:
            np.copyto(self._moves[index], direction[: self._weights])
        self._rates[index] = rate
        self._learning_rates[index] = learning_rate
        self._count = index + 1
        self.is_full = self._count == STEPS

    def release(self) -> Floats:
        """Return the rows of the steps kept, (n, layout.width), and keep none."""
        count, self._count = self._count, 0
        self.is_full = False
        rows = np.empty((count, len(self.row)))
        if not count:
            return rows
        squares = _sums(self._kept[:count], self._starts)
        layers = len(self._weight_norm)
        moved = squares[:, :layers]
        if self._turned[:count].any():
            turned = _sums(self._moves[:count], self._starts[:layers])
            moved = np.where(self._turned[:count, None], turned, moved)
        measured = np.sqrt(squares[:, : 3 * layers]) * self._factors
        weight_norms = measured[:, 2 * layers :]
        rows[:, 0] = self._losses[:count]
        rows[:, 1] = [math.sqrt(np.dot(row, self._in_gradient)) for row in squares]
        rows[:, 2] = self._learning_rates[:count]
        rows[:, 3 : 3 + 3 * layers] = measured
        with np.errstate(all="ignore"):
            ratios = np.sqrt(moved) / weight_norms
            rows[:, 3 + 3 * layers :] = ratios * self._rates[:count, None]
        if self.keeps:  # otherwise the newest step has been measured already
            self.row[:] = rows[-1]
            self.grad_norm = float(rows[-1, 1])
        return rows


def _sums(kept: NDArray[np.floating[Any]], starts: NDArray[np.intp]) -> Floats:
    """Sums of squares of each stretch of each row, in double precision."""
    wide = kept.astype(np.float64)
    np.multiply(wide, wide, wide)
    sums: Floats = np.add.reduceat(wide, starts, axis=1)
    return sums
