"""Measures a large network where its numbers have just been written, while they are in the cache.

The weight gradients are measured behind their products, the weights and the direction of the
optimizer behind the update of each stretch.
"""

from __future__ import annotations

from gradstudio.nn.arrays import Array, Blocks, run
from gradstudio.nn.network import Network
from gradstudio.nn.norms import Norms, row_squares
from gradstudio.nn.optimizer import Optimizer
from gradstudio.nn.plan import Plan
from gradstudio.nn.stretches import Stretch, StretchSquares, weight_stretches, whole_layers
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
        blocks = net.weight_blocks
        self._optimizer, self._blocks = optimizer, blocks
        self._stretches = weight_stretches(blocks)
        self._weights = StretchSquares(net.flat, self._stretches)
        grads = StretchSquares(
            net.flat_grads, [whole_layers(blocks, members) for members in plan.gradient_runs]
        )
        plan.watch_gradients(grads.calls)
        rest = net.flat_grads[None, net.weight_count :]
        layers = layout.layer_count
        norms = Norms(
            [
                *_flat(blocks, net.flat_grads),
                *(row for rows in plan.delta_rows for row in rows),
                *_flat(blocks, net.flat),
                rest[0],
            ],
            lambda squares: [
                grads.into(squares[:layers]),
                *row_squares(plan.delta_rows, squares[layers : 2 * layers]),
                self._weights.into(squares[2 * layers : 3 * layers]),
                *row_squares([rest], squares[3 * layers :]),
            ],
        )
        super().__init__(net, plan, layout, norms)
        self._knows_weights = False
        self._moving: _Moving | None = None
        self.watch = self

    def forget(self) -> None:
        """See ``Meter.forget``."""
        self._knows_weights = False

    def before_update(self, loss: float) -> None:
        """See ``Meter.before_update``."""
        if not self._knows_weights:
            run(self._weights.calls)
            self._knows_weights = True
        super().before_update(loss)

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
                self._moving.squares.calls[place]()

    def _moved(self) -> Floats:
        if self._moving is None:
            return self._weight_grad_norm
        self._moving.norms.measure()
        return self._moving.norms.norms

    def _follow(self, direction: Array | None) -> None:
        """Measure the direction that the optimizer writes now, if it is not the gradient."""
        if direction is None:
            self._moving = None
        elif self._moving is None or self._moving.direction is not direction:
            self._moving = _Moving(direction, self._blocks, self._stretches)


class _Moving:
    """The norms of a direction, of which the squares are taken stretch by stretch."""

    def __init__(self, direction: Array, blocks: Blocks, stretches: list[Stretch]) -> None:
        self.direction = direction
        self.squares = squares = StretchSquares(direction, stretches)
        self.norms = Norms(_flat(blocks, direction), lambda sums: [squares.into(sums)])


def update_parts(net: Network) -> list[slice]:
    """Parts in which to update a network: its stretches of weights, then everything else.

    The last stretch comes first: then the weights of the first layer are still in the cache when
    the next step begins.
    """
    parts = [stretch.part for stretch in reversed(weight_stretches(net.weight_blocks))]
    return [*parts, slice(net.weight_count, net.parameter_count)]


def _flat(blocks: Blocks, flat: Array) -> list[Array]:
    """Each array of a flat buffer as a vector."""
    return [array.reshape(-1) for array in blocks.views(flat)]
