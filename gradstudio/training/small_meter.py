"""Measures a small network: everything before the update, in a few calls for all layers."""

from __future__ import annotations

from gradstudio.nn.arrays import Array
from gradstudio.nn.network import Network
from gradstudio.nn.norms import LayerNorms
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
        blocks = net.weight_blocks
        norms = LayerNorms(
            [
                *blocks.rows(net.flat_grads),
                *plan.delta_rows,
                *blocks.rows(net.flat),
                net.flat_grads[None, net.weight_count :],
            ]
        )
        super().__init__(net, plan, layout, norms)
        self._optimizer, self._blocks = optimizer, blocks
        self._direction: tuple[Array, LayerNorms] | None = None

    def _moved(self) -> Floats:
        direction = self._optimizer.direction
        if direction is None:
            return self._weight_grad_norm
        if self._direction is None or self._direction[0] is not direction:
            self._direction = direction, LayerNorms(self._blocks.rows(direction))
        self._direction[1].measure()
        return self._direction[1].norms
