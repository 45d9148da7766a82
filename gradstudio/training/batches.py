"""The batches of a run, in an order that follows from the seed and the number of the pass."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gradstudio.nn.arrays import aligned_zeros
from gradstudio.nn.plan import Batch, Plan

STRETCH_BYTES: Final = 2**18
"""What is brought near at once, at least one batch: of more the first part would have left the
cache before it is used."""
STRETCH_BATCHES: Final = 64

Array = NDArray[np.floating[Any]]


class Batches:
    """Batches of exactly one size; what is left over at the end of a pass is dropped.

    Some batches at a time are copied, in order, to a fixed place, for which the calls of a step
    have been prepared.

    Parameters
    ----------
    plan
        Prepares the calls; its ``batch`` is the size of the batches.
    x, targets
        All training samples, (samples, ...); the targets in the form of ``Loss.prepare``.
    seed
        Pass number p has an order of its own, drawn from (seed, p).
    """

    def __init__(self, plan: Plan, x: Array, targets: Array, seed: int) -> None:
        self._x, self._targets, self._seed = x, targets, seed
        self._size = plan.batch
        self.per_pass = len(x) // plan.batch
        row_bytes = x[0].nbytes + targets[0].nbytes
        fitting = max(1, STRETCH_BYTES // (row_bytes * plan.batch))
        count = min(self.per_pass, STRETCH_BATCHES, fitting)
        rows = count * plan.batch
        self._near_x = aligned_zeros((rows, *x.shape[1:]), x.dtype)
        self._near_targets = aligned_zeros((rows, *targets.shape[1:]), targets.dtype)
        parts = [slice(i * plan.batch, (i + 1) * plan.batch) for i in range(count)]
        self._batches = [plan.bind(self._near_x[part], self._near_targets[part]) for part in parts]
        self._order: NDArray[np.int64] = np.empty(0, np.int64)
        self._order_pass = -1
        self._first = self._stop = 0

    def at(self, step: int) -> Batch:
        """Return the calls for the batch of a step."""
        if not self._first <= step < self._stop:
            self._bring_near(step)
        return self._batches[step - self._first]

    def _bring_near(self, step: int) -> None:
        number, index = divmod(step, self.per_pass)
        if number != self._order_pass:
            self._order = np.random.default_rng([self._seed, 1, number]).permutation(len(self._x))
            self._order_pass = number
        begin = index - index % len(self._batches)
        count = min(len(self._batches), self.per_pass - begin)
        chosen = self._order[begin * self._size : (begin + count) * self._size]
        np.take(self._x, chosen, 0, self._near_x[: len(chosen)], "clip")
        np.take(self._targets, chosen, 0, self._near_targets[: len(chosen)], "clip")
        self._first = number * self.per_pass + begin
        self._stop = self._first + count
