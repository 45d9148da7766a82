"""Where the numbers of each layer are: what to draw, count and say of one reading.

The counts come on fixed bins (:mod:`gradstudio.nn.histograms`); nothing here is interpolated,
smoothed or binned anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gradstudio.export.figure import Floats
from gradstudio.nn.half_octaves import CENTRES, SIDE_EDGES, ZERO
from gradstudio.nn.histograms import Counts, Histogram
from gradstudio.nn.saturation import Idleness
from gradstudio.training.reading import Reading

QUANTILES: Final = (0.01, 0.25, 0.5, 0.75, 0.99)
"""Those given of a layer."""
TAIL: Final = 0.005
"""Share of a layer's smallest numbers that an axis of magnitudes need not reach: the numbers near
0 of any layer lie over many decades, too few in each to be seen."""


@dataclass(frozen=True)
class Quantity:
    """What can be counted of each layer.

    Attributes
    ----------
    probe
        The probe that counts it.
    symbol, noun
        As in a formula; as the subject of a sentence.
    meaning
        What it is, in a line.
    is_backward
        Whether it comes from the output, so that a sentence begins there.
    has_sizes
        Whether it is its sizes that matter, over many decades: a logarithmic axis.
    """

    probe: str
    symbol: str
    noun: str
    meaning: str
    is_backward: bool = False
    has_sizes: bool = False


QUANTITIES: Final = {
    one.probe: one
    for one in (
        Quantity("weight_grads", "∂L/∂w", "∂L/∂w", "gradient of each weight", True, True),
        Quantity("deltas", "δ", "δ", "signal per unit and sample, ∂L/∂z", True, True),
        Quantity("weights", "w", "the weights", "weights"),
        Quantity("pre_activations", "z", "z", "pre-activations, per unit and sample"),
        Quantity("activations", "a", "the activations", "activations of the hidden layers"),
    )
}
SEEN: Final = Quantity("activation_inputs", "u", "what φ sees", "z normalised, what φ sees")
"""In place of z where a layer normalises it."""
STEADY: Final = 1.15
LOWEST_TOP: Final = 0.12
"""A ridge whose highest place is lower than this, per factor of 2, does not fill its row: that of a
normal distribution is 0.34, without the numbers that are 0."""
PROBE_OF_IDLENESS: Final = "idleness"

POSITIONS: Final[Floats] = np.log10(CENTRES[ZERO + 1 :])
"""log10 of the centre of each bin of magnitudes, (510,)."""
_OCTAVES: Final[Floats] = np.concatenate(
    [[1.0], np.log2(SIDE_EDGES[2:-1] / SIDE_EDGES[1:-2]), [1.0]]
)
"""Width of each in factors of 2; those at the ends have none, theirs counts as 1."""


@dataclass(frozen=True, eq=False)
class Ridges:
    """One quantity of every layer at one step.

    Attributes
    ----------
    quantity, step
        What was counted, and the 0-based number of the update that came next.
    counts
        Histograms of signed numbers with leading axis (layers,).
    heights
        Share of a layer's numbers per factor of 2 in magnitude, (layers, 510).
    zeros
        Share that is exactly 0, (layers,).
    idleness
        Saturated and dead units of the hidden layers.
    """

    quantity: Quantity
    step: int
    counts: Histogram
    heights: Floats
    zeros: Floats
    idleness: Idleness

    @property
    def layers(self) -> int:
        """Number of layers counted: without the output layer where only hidden ones have it."""
        return len(self.zeros)

    @cached_property
    def magnitudes(self) -> Counts:
        """Numbers in each bin of magnitudes, both signs together, (layers, 510)."""
        return magnitudes_of(self.counts.counts)

    @cached_property
    def extent(self) -> tuple[float, float] | None:
        """Positions that an axis must cover; None where all numbers are 0 or not finite.

        All magnitudes, but for the smallest 0.5 % of each layer.
        """
        return extent_of(self.magnitudes)

    @cached_property
    def spans(self) -> list[slice]:
        """Bins of each ridge: from the one before its first number to the one after its last."""
        filled = self.magnitudes > 0
        first, last = filled.argmax(axis=1), filled.shape[1] - 1 - filled[:, ::-1].argmax(axis=1)
        low, high = np.maximum(first - 1, 0), np.where(filled.any(axis=1), last + 2, 0)
        return [slice(*ends) for ends in np.stack([low, high], axis=1).tolist()]

    @cached_property
    def is_strange(self) -> NDArray[np.bool_]:
        """Whether a layer has numbers that are not finite, (layers,)."""
        counts = self.counts
        return np.asarray(counts.nan + counts.plus_infinity + counts.minus_infinity) > 0

    def medians(self) -> Floats:
        """Median magnitude of each layer, (layers,); NaN of nothing."""
        medians: Floats = self.counts.magnitudes.quantile(0.5)[:, 0]
        return medians


def ridges_of(reading: Reading | None, name: str) -> Ridges | None:
    """Take one quantity from a reading; None where it was not measured."""
    if reading is None or not reading.covers(frozenset({name, PROBE_OF_IDLENESS})):
        return None
    counts: Histogram = reading.values[name]
    size = np.maximum(counts.size, 1)
    heights = magnitudes_of(counts.counts) / (size[:, None] * _OCTAVES)
    idleness: Idleness = reading.values[PROBE_OF_IDLENESS]
    quantity = SEEN if name == SEEN.probe else QUANTITIES[name]
    return Ridges(quantity, reading.step, counts, heights, counts.zero / size, idleness)


def magnitudes_of(counts: Counts) -> Counts:
    """Add up both signs of counts in signed bins, (..., BINS) to (..., 510)."""
    both: Counts = counts[..., ZERO + 1 :] + counts[..., ZERO - 1 :: -1]
    return both


def extent_of(sizes: Counts) -> tuple[float, float] | None:
    """Positions of magnitudes in their bins, (layers, 510); None where there are none.

    Left out are the smallest 0.5 % of each layer.
    """
    reached = np.cumsum(sizes, axis=1)
    filled = reached[:, -1] > 0
    if not filled.any():
        return None
    first = np.argmax(reached >= np.maximum(TAIL * reached[:, -1:], 1), axis=1)[filled]
    last = sizes.shape[1] - 1 - np.argmax(sizes[filled, ::-1] > 0, axis=1)
    return float(POSITIONS[first.min()]), float(POSITIONS[last.max()])


def full_heights(now: Ridges, first: Ridges | None) -> Floats:
    """Height of each layer that fills its row, (layers,): that of its own highest place.

    Now and step 0 of a layer have one scale; different layers do not, since one whose numbers are
    all alike would leave no height to the others. A layer that is mostly zeros stays low.
    """
    tops = now.heights.max(axis=1, initial=0.0)
    if first is not None and first.layers == now.layers:
        tops = np.maximum(tops, first.heights.max(axis=1, initial=0.0))
    return np.asarray(rounded_up(np.maximum(tops, LOWEST_TOP)))


def rounded_up(top: Floats | float) -> Floats:
    """Return the next of a row of heights that stand 15 % apart: a scale that seldom changes."""
    steady: Floats = STEADY ** np.ceil(np.log(top) / np.log(STEADY))
    return steady
