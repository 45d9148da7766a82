"""The gradient by depth as theory expects it, beside what was measured."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from gradstudio.export.figure import Area, Curve, Floats, Item, LegendEntry
from gradstudio.export.figures.sentences import decades_per_layer
from gradstudio.export.ticks import is_zero, positions
from gradstudio.numbers import count, signed
from gradstudio.palette import Palette
from gradstudio.training.recording import Recording

THEORY: Final = "mean-field theory"
THEORY_DASH: Final = (5.0, 4.0)
BAND_OPACITY: Final = 0.16
NOT_MEASURED: Final = "predicted, not yet measured"


@dataclass(frozen=True, eq=False)
class Expected:
    """The profile by theory, with the output layer where it was measured at step 0.

    Attributes
    ----------
    middle, low, high
        RMS delta of each layer and its band, (L,).
    per_layer
        Decades per layer; NaN where there is no such number.
    """

    middle: Floats
    low: Floats
    high: Floats
    per_layer: float


def expected_profile(recording: Recording, quantity: str) -> Expected | None:
    """Return the profile by theory; None where it says nothing.

    It is known for ``delta_rms`` alone: the gradient of the weights and with it the update also
    depend on how alike the samples of a batch are, which the theory of one sample leaves open.
    Before anything is measured the output layer stands at 1.
    """
    if quantity != "delta_rms":
        return None
    found, anchor = recording.expectation, 1.0
    if found.delta_ratio is None or found.low is None or found.high is None:
        return None
    if recording.step_count:
        anchor = float(recording.history.at(quantity, 0).mean[-1])
    elif recording.initial is not None:
        anchor = float(recording.initial.delta_rms[-1])
    if not 0 < anchor < math.inf:
        return None
    with np.errstate(over="ignore"):
        middle, low, high = (anchor * part for part in (found.delta_ratio, found.low, found.high))
    return Expected(middle, low, high, found.per_layer)


def headline(values: Floats) -> str:
    """Say the rate of a measured profile in a few words."""
    zeros = int(is_zero(values).sum())
    if zeros:
        return f"{count(zeros)} of {count(len(values))} layers get exactly 0"
    rate = decades_per_layer(values)
    return f"{signed(rate)} decade per layer" if math.isfinite(rate) else "not finite"


def aside(
    recording: Recording, quantity: str, expected: Expected | None, before: Floats | None
) -> str:
    """Say under the headline what theory expects, and the rate of step 0 where there is a newer."""
    said = []
    if expected is not None and math.isfinite(expected.per_layer):
        said.append(f"theory {signed(expected.per_layer)}")
    elif quantity == "delta_rms" and recording.expectation.beyond:
        said.append(f"no theory: {recording.expectation.beyond}")
    if before is not None and math.isfinite(decades_per_layer(before)):
        said.append(f"step 0 {signed(decades_per_layer(before))}")
    return " · ".join(said)


def theory_items(expected: Expected, palette: Palette, *, log: bool) -> tuple[list[Item], Floats]:
    """Draw band and line, and return the positions of the line, (L,)."""
    x = np.arange(1.0, len(expected.middle) + 1.0)
    middle, low, high = (
        positions(values, log=log) for values in (expected.middle, expected.low, expected.high)
    )
    colour = palette.text2
    band = Area(x, low, high, colour, BAND_OPACITY, "theory band")
    return [band, Curve(x, middle, colour, "theory", THEORY_DASH, 1.4)], middle


def theory_legend(palette: Palette) -> LegendEntry:
    """Name the dashed line."""
    return LegendEntry(THEORY, palette.text2, THEORY_DASH)
