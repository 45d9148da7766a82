"""The length map of one layer as it is drawn: curves, stairs, fixed point; screen and export."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gradstudio.nn.activation import Activation
from gradstudio.nn.gains import Settling, mean_squares, settling, variances
from gradstudio.training.gain import LayerGain

Floats = NDArray[np.float64]

STAIRS: Final = 40
"""Layers after the first whose stairs are drawn at the most."""
LEAST_SPAN: Final = (-2.0, 1.0)
"""Decades of q that are always shown."""
FARTHEST: Final = (-5.0, 5.0)
"""Decades beyond which nothing is shown."""


@dataclass(frozen=True, eq=False)
class GainMap:
    """One layer of an activation at one sigma_w; positions are log10.

    Attributes
    ----------
    phi, sigma_w, sigma_b
        What is drawn.
    start
        Variance of z that the first such layer makes of the data.
    x
        log10 q, (n,).
    q_next, chi
        log10 of the variance after one more layer, and of the factor of the squared gradient, (n,).
    stairs
        Corners of the way from the data to the fixed point, (m, 2).
    goal
        Where the way leads.
    """

    phi: Activation
    sigma_w: float
    sigma_b: float
    start: float
    x: Floats
    q_next: Floats
    chi: Floats
    stairs: Floats
    goal: Settling

    @property
    def fixed_point(self) -> tuple[float, float] | None:
        """Position of the fixed point; None where it is 0, without end, or everywhere."""
        if not 0 < self.goal.q < math.inf or self.goal.is_anywhere:
            return None
        place = math.log10(self.goal.q)
        return place, place

    @property
    def span(self) -> tuple[float, float]:
        """Whole decades of q that show start and fixed point with room around them."""
        places = [math.log10(self.start)] if self.start > 0 else []
        if self.fixed_point is not None:
            places.append(self.fixed_point[0])
        low = math.floor(min([LEAST_SPAN[0] + 0.4, *places]) - 0.4)
        high = math.ceil(max([LEAST_SPAN[1] - 0.4, *places]) + 0.4)
        return max(float(low), FARTHEST[0]), min(float(high), FARTHEST[1])

    def chi_span(self, low: float, high: float) -> tuple[float, float]:
        """Range of log10 chi between two positions of q, with chi = 1 in it."""
        inside = self.chi[(self.x >= low) & (self.x <= high) & np.isfinite(self.chi)]
        bottom, top = float(inside.min(initial=0.0)), float(inside.max(initial=0.0))
        room = max(0.12 * (top - bottom), 0.25)
        return max(bottom - room, -4.0), min(top + 2.0 * room, 4.0)

    def q_next_at(self, position: float) -> float:
        """Return log10 of the next q at a position of q."""
        return float(np.interp(position, self.x, self.q_next))

    def chi_at(self, position: float) -> float:
        """Return log10 chi at a position of q."""
        return float(np.interp(position, self.x, self.chi))


def gain_map(layer: LayerGain, sigma_w: float | None = None) -> GainMap:
    """Return the map of a layer, or what it would be at another sigma_w."""
    sigma = layer.sigma_w if sigma_w is None else sigma_w
    return _gain_map(layer.phi, sigma, layer.sigma_b, layer.first_variance(sigma))


@lru_cache(maxsize=256)
def _gain_map(phi: Activation, sigma_w: float, sigma_b: float, start: float) -> GainMap:
    means = mean_squares(phi)
    with np.errstate(divide="ignore"):
        q_next: Floats = np.log10(sigma_w**2 * means.square + sigma_b**2)
        chi: Floats = np.log10(sigma_w**2 * means.slope_square)
    first = max(start, 1e-300)
    way = variances(phi, sigma_w, sigma_b, first, STAIRS)
    goal = settling(phi, sigma_w, sigma_b, first)
    return GainMap(phi, sigma_w, sigma_b, first, means.log_q, q_next, chi, _stairs(way), goal)


def _stairs(way: tuple[float, ...]) -> Floats:
    """Corners: up to the curve, across to the diagonal, and so on."""
    corners: list[tuple[float, float]] = []
    for q, q_next in pairwise(way):
        if q_next <= 0:
            break
        a, b = math.log10(q), math.log10(q_next)
        corners += [(a, a), (a, b)]
    if corners:
        corners.append((corners[-1][1], corners[-1][1]))
    return np.array(corners, dtype=np.float64).reshape(-1, 2)
