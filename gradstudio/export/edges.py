"""Which units and weights of a network are drawn, and how strongly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from gradstudio.export.figure import Floats
from gradstudio.nn.network import Network

MOST_UNITS: Final = 8
MOST_EDGES: Final = 1000
"""Edges drawn at most: more of them are a grey haze, and slow."""
DECADES: Final = 8.0
"""An edge whose gradient lies this many decades below the largest is invisible."""


class Moment(Protocol):
    """Parameters and gradients of a network at one moment, as a snapshot holds them."""

    @property
    def step(self) -> int:
        """Updates done."""

    @property
    def gradients(self) -> NDArray[np.floating[Any]]:
        """Gradients of all weights layer by layer, then of all biases, (parameter_count,)."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """Units of input, hidden layers and output."""

    @property
    def loss(self) -> str:
        """Name of the loss."""

    def network(self) -> Network:
        """Build a network that holds these parameters."""


def units_drawn(sizes: Sequence[int]) -> tuple[int, ...]:
    """Choose how many units of each column are drawn.

    At most 8; fewer where the network is so deep that more than 1,000 edges would have to be
    drawn.
    """
    hops = max(len(sizes) - 1, 1)
    most = max(2, min(MOST_UNITS, int(math.sqrt(MOST_EDGES / hops))))
    return tuple(min(size, most) for size in sizes)


def chosen_units(size: int, drawn: int) -> NDArray[np.intp]:
    """Choose the units drawn of a layer, evenly spread, the first and the last among them."""
    return np.unique(np.linspace(0, size - 1, drawn).round().astype(np.intp))


def edge_gradients(moment: Moment, drawn: Sequence[int]) -> tuple[Floats, ...]:
    """Pick the magnitude of dL/dw of each edge drawn, (units left, units right) per layer."""
    found = []
    start = 0
    for k in range(1, len(moment.sizes)):
        fan_in, fan_out = moment.sizes[k - 1], moment.sizes[k]
        block = moment.gradients[start : start + fan_in * fan_out].reshape(fan_in, fan_out)
        start += fan_in * fan_out
        rows, columns = chosen_units(fan_in, drawn[k - 1]), chosen_units(fan_out, drawn[k])
        found.append(np.abs(block[np.ix_(rows, columns)].astype(np.float64)))
    return tuple(found)


def edge_strengths(moment: Moment, drawn: Sequence[int]) -> tuple[Floats, ...]:
    """Give each edge drawn an opacity, 0 to 1, shape (units left, units right) per layer.

    One at the largest gradient of all, zero at 8 decades below it and for exact zeros.
    """
    with np.errstate(divide="ignore"):
        logs = [np.log10(part) for part in edge_gradients(moment, drawn)]
    known = np.concatenate([part.ravel() for part in logs])
    known = known[np.isfinite(known)]
    if not len(known):
        return tuple(np.zeros_like(part) for part in logs)
    shares = (np.clip(1.0 + (part - known.max()) / DECADES, 0.0, 1.0) for part in logs)
    return tuple(np.nan_to_num(share) for share in shares)
