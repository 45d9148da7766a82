"""Many small networks of one shape, trained in lockstep."""

from __future__ import annotations

from functools import partial

import numpy as np

from gradstudio.nn.arrays import Call, run
from gradstudio.nn.network import Network
from gradstudio.nn.optimizers import OPTIMIZERS

SIZES = (2, 4, 2, 1)
BATCH = 10
LEARNING_RATE = 0.01


class LaneStep:
    """Steps of 2-4-2-1 on one batch: forward, backward, gradients, norms of all layers, update.

    Parameters
    ----------
    count
        Number of networks. One is made without an axis for lanes, as a trainer makes it.
    """

    def __init__(self, count: int) -> None:
        lanes = () if count == 1 else (count,)
        self.net = net = Network(SIZES, "tanh", loss="binary_cross_entropy", lanes=lanes)
        rng = np.random.default_rng(0)
        net.flat[...] = rng.normal(size=net.flat.shape)
        self.plan = net.plan(BATCH)
        labels = rng.integers(2, size=(BATCH, 1)).astype(net.dtype)
        self.plan.load(rng.normal(size=(BATCH, SIZES[0])).astype(net.dtype), labels)
        self.optimizer = OPTIMIZERS["sgd"](net.flat.shape, net.dtype)
        self.norms = self._prepare_norms()

    def run(self, steps: int) -> None:
        """Take a number of steps."""
        net, plan = self.net, self.plan
        with np.errstate(all="ignore"):
            for _ in range(steps):
                plan.forward()
                plan.backward()
                plan.gradients()
                run(self.norms)
                self.optimizer.update(net.flat, net.flat_grads, LEARNING_RATE)

    def _prepare_norms(self) -> list[Call]:
        """Norms of weight gradients, deltas and weights of each layer and lane."""
        net = self.net
        rows = [*net.weight_blocks.rows(net.flat_grads), *net.weight_blocks.rows(net.flat)]
        rows += [delta.reshape(*net.lanes, 1, -1) for delta in self.plan.deltas]
        calls: list[Call] = []
        for row in rows:
            squares = np.empty(row.shape[:-1], row.dtype)
            calls.append(partial(np.vecdot, row, row, squares))
            calls.append(partial(np.sqrt, squares, squares))
        return calls
