"""Bars of signed numbers, on an axis that is linear or logarithmic to either side of 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from gradstudio.export.figure import Floats
from gradstudio.export.ticks import Ticks, decade_ticks
from gradstudio.nn.half_octaves import BINS, HIGHEST, LOWER, LOWEST, SIDE_EDGES, UPPER, ZERO
from gradstudio.nn.histograms import Counts, Histogram
from gradstudio.numbers import MINUS

FINEST: Final = 48
"""A bar on a linear axis is at least this part of the range wide; narrower bins are added up."""
GAP: Final = 0.09
"""Half the room for exact zeros between the signs of a logarithmic axis, as a share of a side."""

LOGARITHMS: Final[Floats] = np.log10(
    np.concatenate([[LOWEST / 1.5], SIDE_EDGES[1:-1], [1.5 * HIGHEST]])
)
"""log10 of the edges of the bins of magnitudes, (511,); the first and the last bin, which have no
end, are as wide as others."""


@dataclass(frozen=True, eq=False)
class Outline:
    """Bars side by side.

    Attributes
    ----------
    edges
        Positions on the axis, (n + 1,), ascending.
    limits
        The numbers there, (n + 1,).
    counts
        Numbers in each bar, (n,).
    heights
        Share of all numbers of the layer per unit of the axis or per factor of 2, (n,).
    """

    edges: Floats
    limits: Floats
    counts: Counts
    heights: Floats

    def steps(self) -> tuple[Floats, Floats]:
        """Corners of the line along the tops of the bars, from the ground to the ground."""
        x = np.repeat(self.edges, 2)
        y = np.concatenate([[0.0], np.repeat(self.heights, 2), [0.0]])
        return (x, y) if len(self.heights) else (x, x)

    def mirrored(self) -> Outline:
        """Return the same bars on the other side of 0."""
        return Outline(-self.edges[::-1], -self.limits[::-1], self.counts[::-1], self.heights[::-1])

    def bar_at(self, position: float) -> int | None:
        """Index of the bar at a position; None beside them."""
        index = int(np.searchsorted(self.edges, position, "right")) - 1
        return index if 0 <= index < len(self.counts) else None


@dataclass(frozen=True)
class SignedScale:
    """An axis with both signs, logarithmic to either side of 0.

    Attributes
    ----------
    low, high
        log10 of the smallest and of the largest magnitude shown.
    """

    low: float
    high: float

    @property
    def gap(self) -> float:
        """Half the room for exact zeros, in decades."""
        return GAP * (self.high - self.low)

    @property
    def end(self) -> float:
        """Position of the largest magnitude; the axis goes from minus this to this."""
        return self.high - self.low + self.gap

    def places(self, logarithms: Floats) -> Floats:
        """Positions of positive numbers by their log10; those below ``low`` stand at the gap."""
        return np.maximum(logarithms - self.low, 0.0) + self.gap

    def ticks(self, most: int) -> Ticks:
        """Ticks of both signs."""
        side = decade_ticks(self.low, self.high, max(most // 2, 2))
        right = tuple((place - self.low + self.gap, text) for place, text in side)
        left = tuple((-place, MINUS + text) for place, text in reversed(right))
        return (*left, *right)

    def value(self, position: float) -> float:
        """Return the number at a position; 0 in the gap."""
        size = abs(position) - self.gap
        return 0.0 if size < 0 else float(np.copysign(10.0 ** (size + self.low), position))


def signed_logarithmic(counts: Histogram, scale: SignedScale) -> tuple[Outline, Outline]:
    """Bars of the negative and of the positive numbers of one layer.

    Heights are shares of all numbers per factor of 2.
    """
    edges, per_octave = scale.places(LOGARITHMS), counts.per_octave()
    below, above = slice(ZERO - 1, None, -1), slice(ZERO + 1, None)
    negative = _filled(edges, SIDE_EDGES, counts.counts[below], per_octave[below])
    return negative.mirrored(), _filled(edges, SIDE_EDGES, counts.counts[above], per_octave[above])


def magnitude_range(counts: Histogram) -> tuple[float, float] | None:
    """log10 of the outer edges of the bins that hold magnitudes; None where all are 0."""
    both = counts.counts[ZERO + 1 :] + counts.counts[ZERO - 1 :: -1]
    filled = np.flatnonzero(both)
    if not filled.size:
        return None
    return float(LOGARITHMS[filled[0]]), float(LOGARITHMS[filled[-1] + 1])


def is_beyond(counts: Histogram) -> bool:
    """Whether there are finite numbers from 2^128 on, which no linear axis can show."""
    return bool(counts.counts[0] + counts.counts[-1])


def _filled(edges: Floats, limits: Floats, counts: Counts, heights: Floats) -> Outline:
    """Return the bars from the first to the last that has numbers."""
    filled = np.flatnonzero(counts)
    if not filled.size:
        return Outline(np.empty(0), np.empty(0), counts[:0], np.empty(0))
    first, stop = int(filled[0]), int(filled[-1]) + 1
    ends = slice(first, stop + 1)
    return Outline(edges[ends], limits[ends], counts[first:stop], heights[first:stop])


def signed_linear(counts: Histogram, span: float) -> Outline:
    """Bars of the numbers of one layer that are not 0, on a linear axis of length ``span``.

    Heights are shares of all numbers per unit of the axis. Bins narrower than a 48th of the axis
    are added up, which their edges allow: the bars near 0 are all equally wide.
    """
    finest = 2.0 ** np.floor(np.log2(max(span, LOWEST) / FINEST))
    edges = np.concatenate([LOWER[1:ZERO], [0.0], UPPER[ZERO + 1 : BINS - 1]])
    keep = (np.abs(edges) >= 2 * finest) | (np.abs(edges) == finest) | (edges == 0.0)
    numbers = np.concatenate([counts.counts[1:ZERO], counts.counts[ZERO + 1 : BINS - 1]])
    starts = np.flatnonzero(keep)
    sums = np.add.reduceat(numbers, starts[:-1])
    edges = edges[starts]
    return _filled(edges, edges, sums, sums / np.diff(edges) / max(int(counts.size), 1))


def linear_extent(counts: Histogram) -> tuple[float, float] | None:
    """Outer edges of the bins that hold numbers, and 0; None where all of them are 0."""
    filled = np.flatnonzero(counts.counts[1 : BINS - 1]) + 1
    low, high = (float(LOWER[filled[0]]), float(UPPER[filled[-1]])) if filled.size else (0.0, 0.0)
    low, high = min(low, 0.0), max(high, 0.0)
    return (low, high) if low < high else None
