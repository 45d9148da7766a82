"""What a step needs beside the plain loop: dropout masks, running statistics, half precision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from gradstudio.nn.network import Network
from gradstudio.nn.norms import LayerNorms
from gradstudio.training.meter import Meter
from gradstudio.training.record import RowLayout

MASKS: Final = 3
"""Number of the random stream of the dropout masks among those of a seed."""


class Surroundings:
    """Decides once what is to be done around each step; for a plain network nothing.

    Parameters
    ----------
    net, meter, layout
        What is trained, and what measures it.
    seed
        Step number s has dropout masks of its own, drawn from (seed, s).

    Attributes
    ----------
    draws_masks
        Whether ``draw_masks`` is to be called before a forward pass.
    before_update, after_update
        What is to be called before an update, and once it has been measured.
    """

    def __init__(self, net: Network, meter: Meter, layout: RowLayout, seed: int) -> None:
        self._net, self._seed = net, seed
        self.draws_masks = net.has_dropout
        self.before_update: tuple[Callable[[], None], ...] = ()
        self.after_update: tuple[Callable[[], None], ...] = ()
        if any(structure.normalisation == "batch" for structure in net.structures):
            self.after_update = (net.statistics.update,)
        if net.is_half:
            rounded = _RoundedUpdate(net, meter, layout)
            self.before_update = (rounded.before,)
            self.after_update = (*self.after_update, rounded.after)

    def draw_masks(self, step: int) -> None:
        """Draw the units that drop out at a step."""
        self._net.draw_masks(np.random.default_rng([self._seed, MASKS, step]))


class _RoundedUpdate:
    """Rounds the parameters after an update, and measures what is left of it.

    A weight in half precision has 11 bits: an update of less than 1 part in 4096 is lost.
    """

    def __init__(self, net: Network, meter: Meter, layout: RowLayout) -> None:
        self._net, self._meter = net, meter
        self._moved = np.zeros_like(net.flat)
        self._norms = LayerNorms(net.weight_blocks.rows(self._moved))
        self._ratio = meter.row[layout.slice_of("update_ratio")]
        self._weight_norm = meter.row[layout.slice_of("weight_norm")]

    def before(self) -> None:
        np.copyto(self._moved, self._net.flat)

    def after(self) -> None:
        self._net.round()
        self._meter.forget()
        np.subtract(self._net.flat, self._moved, self._moved)
        self._norms.measure()
        np.divide(self._norms.norms, self._weight_norm, self._ratio)
