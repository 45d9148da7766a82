"""What is drawn of the numbers of one layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradstudio.export.distributions import QUANTILES, rounded_up
from gradstudio.export.figure import Floats
from gradstudio.export.signed_bars import (
    Outline,
    SignedScale,
    is_beyond,
    linear_extent,
    magnitude_range,
    signed_linear,
    signed_logarithmic,
)
from gradstudio.export.slope import Slope, slope_over, telling_range
from gradstudio.export.ticks import Ticks, linear_ticks
from gradstudio.nn.activation import Activation
from gradstudio.nn.histograms import Histogram


@dataclass(frozen=True, eq=False)
class LayerPicture:
    """What is drawn of one layer.

    Attributes
    ----------
    now, first
        Bars at the step and at step 0; both signs apart on a logarithmic axis.
    zeros
        Share that is exactly 0.
    quantiles
        Signed numbers below which 1, 25, 50, 75 and 99 % lie, (5,).
    low, high, top
        Ends of the axis in positions, and the largest height.
    scale
        The logarithmic axis; None where it is linear.
    slope
        The activation, where the numbers are what it sees.
    """

    now: tuple[Outline, ...]
    first: tuple[Outline, ...]
    zeros: float
    quantiles: Floats
    low: float
    high: float
    top: float
    scale: SignedScale | None
    slope: Slope | None = None

    @property
    def axis_range(self) -> tuple[float, float]:
        """What the axis covers; log10 of magnitudes where it has a scale."""
        if self.scale is None:
            return self.low, self.high
        return self.scale.low, self.scale.high

    @property
    def unit(self) -> str:
        """What heights are."""
        return "share per unit" if self.scale is None else "share per factor of 2"

    @property
    def leans_right(self) -> bool:
        """Whether the highest bar is in the right half, so that words have room in the left one."""
        tops = [(one.heights.max(), one) for one in self.now if len(one.heights)]
        if not tops:
            return False
        _, side = max(tops, key=lambda pair: float(pair[0]))
        return bool(side.edges[int(np.argmax(side.heights))] > 0.5 * (self.low + self.high))

    def x_ticks(self, most: int) -> Ticks:
        """Ticks of the axis."""
        return (
            linear_ticks(self.low, self.high, most)
            if self.scale is None
            else self.scale.ticks(most)
        )

    def y_ticks(self, most: int) -> Ticks:
        """Ticks of the heights: per cent of the numbers where the unit is a factor of 2."""
        if self.scale is None:
            return linear_ticks(0.0, self.top, most)
        return tuple(
            (place / 100.0, f"{text} %") for place, text in linear_ticks(0.0, 100 * self.top, most)
        )

    def places(self, values: Floats) -> Floats:
        """Positions of signed numbers on the axis."""
        if self.scale is None:
            return values
        with np.errstate(divide="ignore"):
            sizes = self.scale.places(np.log10(np.abs(values)))
        places: Floats = np.where(values == 0.0, 0.0, np.copysign(sizes, values))
        return places

    def curves(self) -> tuple[Floats, Floats]:
        """Heights at which phi and phi' are drawn: over the whole height, and from the ground."""
        assert self.slope is not None
        value = self.slope.value
        low, high = float(value.min()), float(value.max())
        span = high - low if high > low else 1.0
        raised = (0.05 + 0.9 * (value - low) / span) * self.top
        return raised, 0.85 * self.slope.slope / self.slope.largest * self.top


def layer_picture(
    now: Histogram,
    first: Histogram | None,
    *,
    log: bool,
    activation: Activation | None = None,
    before: LayerPicture | None = None,
) -> LayerPicture:
    """Make the picture of the numbers of one layer.

    Parameters
    ----------
    now, first
        Counts at the step and, where it is another, at step 0.
    log
        Whether the axis is logarithmic to either side of 0; it is where numbers are beyond a
        linear one.
    activation
        The activation that sees the numbers; drawn on a linear axis only.
    before
        An earlier picture of the same layer, whose range this one covers as well.
    """
    both = [counts for counts in (now, first) if counts is not None]
    log = log or any(is_beyond(counts) for counts in both)
    known = before if before is not None and (before.scale is not None) == log else None
    low, high = _range(both, log, activation, known)
    scale, slope = None, None
    outlines: list[tuple[Outline, ...]]
    if log:
        scale = SignedScale(low, max(high, low + 1.0))
        low, high = -scale.end, scale.end
        outlines = [signed_logarithmic(counts, scale) for counts in both]
    else:
        outlines = [(signed_linear(counts, high - low),) for counts in both]
        slope = None if activation is None else slope_over(activation, low, high)
    top = max(float(one.heights.max(initial=0.0)) for outline in outlines for one in outline)
    return LayerPicture(
        now=outlines[0],
        first=outlines[1] if first is not None else (),
        zeros=float(now.zero) / max(int(now.size), 1),
        quantiles=now.quantile(QUANTILES),
        low=low,
        high=high,
        top=float(rounded_up(1.04 * top)) if top > 0 else 1.0,
        scale=scale,
        slope=slope,
    )


def _range(
    both: list[Histogram], log: bool, activation: Activation | None, before: LayerPicture | None
) -> tuple[float, float]:
    """Ends of the axis that all is seen on; log10 of magnitudes where it is logarithmic."""
    if log:
        spans = [magnitude_range(counts) or (-3.0, 0.0) for counts in both]
    else:
        spans = [linear_extent(counts) or (-1.0, 1.0) for counts in both]
        spans += [telling_range(activation)] if activation is not None else []
    spans += [before.axis_range] if before is not None else []
    return min(low for low, _ in spans), max(high for _, high in spans)
