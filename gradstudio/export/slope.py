"""An activation and its slope over what it sees, and the places where it is flat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gradstudio.export.figure import Floats
from gradstudio.nn.activation import Activation
from gradstudio.nn.saturation import SATURATED, is_flat_at_both_ends, largest_slope

_GRID: Final = 361


@dataclass(frozen=True, eq=False)
class Slope:
    """An activation over a range of what it sees.

    Attributes
    ----------
    z
        Places, (n,), ascending.
    value, slope
        phi(z) and ``|phi'(z)|``, (n,).
    largest
        The largest slope there is.
    is_flat
        Where the slope is below 5 % of the largest, (n,): those units count as saturated. Of an
        activation with one flat side the same mark shows that side.
    can_saturate
        Whether it is flat on both sides.
    """

    z: Floats
    value: Floats
    slope: Floats
    largest: float
    is_flat: NDArray[np.bool_]
    can_saturate: bool

    def flat_runs(self) -> list[tuple[float, float]]:
        """First and last place of each stretch in which it is flat."""
        ends = np.flatnonzero(np.diff(np.concatenate([[False], self.is_flat, [False]]).astype(int)))
        return [
            (float(self.z[start]), float(self.z[stop - 1]))
            for start, stop in zip(ends[::2].tolist(), ends[1::2].tolist(), strict=True)
        ]


def slope_over(activation: Activation, low: float, high: float) -> Slope:
    """Evaluate an activation and its slope between two places."""
    kinks = [kink for kink in activation.kinks if low < kink < high]
    beside = [np.nextafter(kink, side) for kink in kinks for side in (-np.inf, np.inf)]
    z = np.unique(np.concatenate([np.linspace(low, high, _GRID), beside]))
    slope = np.abs(activation.derivative(z)).astype(np.float64)
    largest = largest_slope(activation)
    return Slope(
        z,
        activation.apply(z).astype(np.float64),
        slope,
        largest,
        slope < SATURATED * largest,
        is_flat_at_both_ends(activation),
    )


def telling_range(activation: Activation) -> tuple[float, float]:
    """Return a range of z in which the steep and the flat parts of an activation are seen."""
    z = np.linspace(-8.0, 8.0, 1601)
    flat = np.abs(activation.derivative(z)) < SATURATED * largest_slope(activation)
    below, above = z[flat & (z < 0)], z[flat & (z > 0)]
    low = 1.4 * float(below.max()) if below.size else -2.0
    high = 1.4 * float(above.min()) if above.size else 2.0
    return min(low, -2.0), max(high, 2.0)
