"""Which units and weights of a network are drawn, and how strongly."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from gradstudio.export.figure import Floats
from gradstudio.nn.network import Network

Number = TypeVar("Number", np.float64, np.bool_)
Shown = Literal["gradient", "weight", "update"]
"""What of the weights their lines show."""
MOST_UNITS: Final = 8
MOST_EDGES: Final = 1000
"""Edges drawn at most: more of them are a grey haze, and slow."""
DECADES: Final = 8.0
"""An edge whose gradient lies this many decades below the largest is invisible."""
DASH: Final = (4.0, 3.0)
"""Line and gap of negative weights, in pixels."""


@dataclass(frozen=True)
class EdgeKind:
    """One thing that lines can show.

    Attributes
    ----------
    key, segment, meaning
        In the code, on the switch, and in a line.
    symbol, column
        What is drawn, in the header and at the head of a column of a table.
    noun
        In a sentence.
    """

    key: Shown
    segment: str
    meaning: str
    symbol: str
    column: str
    noun: str


KINDS: Final = {
    kind.key: kind
    for kind in (
        EdgeKind(
            "gradient",
            "∂L/∂w",
            "Size of the gradient of each weight: how far the signal reaches",
            "|∂L/∂w|",
            "|dL/dw|",
            "signal",
        ),
        EdgeKind(
            "weight",
            "w",
            "Each weight by size and sign: negative ones are dashed",
            "w",
            "w",
            "weights",
        ),
        EdgeKind(
            "update",
            "Δw",
            "Size of the last update of each weight: what the optimizer made of the gradient",
            "|Δw|",
            "|update of w|",
            "update",
        ),
    )
}


class Moment(Protocol):
    """Gradients of a network at one moment, as a snapshot holds them."""

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


class FullMoment(Moment, Protocol):
    """Parameters and the last update as well."""

    @property
    def parameters(self) -> NDArray[np.floating[Any]]:
        """Parameters in the order of the gradients, (parameter_count,)."""

    @property
    def updates(self) -> NDArray[np.floating[Any]] | None:
        """What the last update added to the weights, (weights,); None where it is not known."""


@dataclass(frozen=True, eq=False)
class Edges:
    """How the weights drawn look; one array per layer, (units left, units right).

    Attributes
    ----------
    strengths
        Opacity, 0 to 1.
    negative
        Which are negative; None where the sign is not shown.
    largest
        Largest magnitude among the finite ones; 0 without any.
    is_finite
        Whether any number is finite.
    """

    shown: Shown
    strengths: tuple[Floats, ...]
    negative: tuple[NDArray[np.bool_], ...] | None
    largest: float
    is_finite: bool


def units_drawn(sizes: Sequence[int], most: int = MOST_UNITS) -> tuple[int, ...]:
    """Choose how many units of each column are drawn.

    At most ``most``; fewer where the network is so deep that more than 1,000 edges would have to
    be drawn.
    """
    hops = max(len(sizes) - 1, 1)
    most = max(2, min(most, int(math.sqrt(MOST_EDGES / hops))))
    return tuple(min(size, most) for size in sizes)


@lru_cache(maxsize=64)
def chosen_units(size: int, drawn: int) -> NDArray[np.intp]:
    """Choose the units drawn of a layer, evenly spread, the first and the last among them."""
    return np.unique(np.linspace(0, size - 1, drawn).round().astype(np.intp))


def flat_numbers(moment: FullMoment, shown: Shown) -> NDArray[np.floating[Any]] | None:
    """Return what is shown of all weights, layer by layer; None where it is not known."""
    if shown == "gradient":
        return moment.gradients
    return moment.parameters if shown == "weight" else moment.updates


def edge_numbers(
    moment: FullMoment, drawn: Sequence[int], shown: Shown
) -> tuple[Floats, ...] | None:
    """Pick what is shown of each edge drawn, (units left, units right) per layer."""
    flat = flat_numbers(moment, shown)
    if flat is None:
        return None
    found, start = [], 0
    for k in range(1, len(moment.sizes)):
        fan_in, fan_out = moment.sizes[k - 1], moment.sizes[k]
        block = flat[start : start + fan_in * fan_out].reshape(fan_in, fan_out)
        start += fan_in * fan_out
        rows, columns = chosen_units(fan_in, drawn[k - 1]), chosen_units(fan_out, drawn[k])
        found.append(block[np.ix_(rows, columns)].astype(np.float64))
    return tuple(found)


def look_of_edges(
    moment: FullMoment, drawn: Sequence[int], shown: Shown = "gradient"
) -> Edges | None:
    """Choose how each edge drawn looks; None where what is asked for is not known.

    The opacity of a weight is the root of its share of the largest one drawn: without the root one
    outlier hides all others. That of a gradient or an update is 1 at the largest of all, 0 at 8
    decades below it and for exact zeros.
    """
    numbers = edge_numbers(moment, drawn, shown)
    if numbers is None:
        return None
    flat = np.concatenate([part.ravel() for part in numbers])
    sizes = np.abs(flat)
    known = sizes[np.isfinite(sizes)]
    largest = float(known.max()) if len(known) else 0.0
    if not largest:
        shares = np.zeros_like(sizes)
    elif shown == "weight":
        shares = np.sqrt(sizes / largest)
    else:
        with np.errstate(divide="ignore"):
            shares = 1.0 + (np.log10(sizes) - math.log10(largest)) / DECADES
    shares = np.nan_to_num(np.clip(shares, 0.0, 1.0))
    return Edges(
        shown,
        tuple(_per_layer(shares, numbers)),
        tuple(_per_layer(flat < 0, numbers)) if shown == "weight" else None,
        largest,
        bool(len(known)),
    )


def _per_layer(flat: NDArray[Number], like: Sequence[Floats]) -> Iterator[NDArray[Number]]:
    """Cut numbers of all edges into arrays like those they come from."""
    start = 0
    for part in like:
        yield flat[start : start + part.size].reshape(part.shape)
        start += part.size
