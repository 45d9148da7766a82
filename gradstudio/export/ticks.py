"""Ticks, number texts and ranges of an axis; the window and the exported pictures share them.

Logarithmic axes hold log10 of the value in a linear frame, so that a zero or a non-finite value
is never turned into a gap by the drawing library: :func:`positions` says which is which.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from gradstudio.numbers import count, figures

FloatArray = npt.NDArray[np.float64]
Ticks = tuple[tuple[float, str], ...]

ZERO_FLOOR: Final = 1e-300
"""Magnitudes below this are drawn as exact zeros, in the zero lane."""
LOG_MARGIN: Final = 0.5
"""Room above and below the data on a logarithmic axis, in decades."""
LINEAR_MARGIN: Final = 0.08
"""Room above and below the data on a linear axis, as a share of their span."""
LOG_STEP_OF_ZERO: Final = 0.5
"""Step 0 has no logarithm; on a logarithmic step axis it stands where 0.5 would."""

_DECADE_STEPS: Final = (1, 2, 3, 5, 10, 20, 30, 50, 100)
_SUPERSCRIPTS: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def superscript(number: int) -> str:
    """Return `number` in raised figures: -12 becomes ``⁻¹²``."""
    return str(number).translate(_SUPERSCRIPTS)


def power_of_ten(exponent: int) -> str:
    """Tick text of 10 to the `exponent`: ``1``, ``10``, ``10⁻²``."""
    if exponent in (0, 1):
        return "1" if exponent == 0 else "10"
    return "10" + superscript(exponent)


def decade_ticks(low: float, high: float, most: int = 8) -> Ticks:
    """Ticks of a logarithmic axis whose positions are log10 of the value.

    Decades, every 1, 2, 3, 5 or 10, so that 4 to 8 labels show (at most `most`); below about two
    decades also the values 2 and 5 of each decade, below a third of a decade a linear division.
    """
    if not (math.isfinite(low) and math.isfinite(high) and high > low):
        return ()
    whole = math.floor(high + 1e-9) - math.ceil(low - 1e-9) + 1
    if whole >= 3:
        step = next(
            (s for s in _DECADE_STEPS if _multiples(low, high, s) <= most), _DECADE_STEPS[-1]
        )
        first = math.ceil(low / step - 1e-9) * step
        return tuple(
            (float(e), power_of_ten(e)) for e in range(first, math.floor(high + 1e-9) + 1, step)
        )
    if high - low >= 0.6:
        return _parts_of_decades(low, high, most)
    values = linear_ticks(10.0**low, 10.0**high, most)
    return tuple((math.log10(v), text) for v, text in _with_values(values) if v > 0)


def linear_ticks(low: float, high: float, most: int = 7) -> Ticks:
    """Ticks at multiples of 1, 2 or 5 times a power of ten, at most `most` of them."""
    span = high - low
    if not (math.isfinite(span) and span > 0):
        return ()
    size = 10.0 ** math.floor(math.log10(span / max(most, 1)))
    step = next(
        (f * size for f in (1.0, 2.0, 5.0, 10.0, 20.0) if _multiples(low, high, f * size) <= most),
        50.0 * size,
    )
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple((i * step, _plain(i * step, step)) for i in range(first, last + 1))


def step_ticks(low: float, high: float, *, log: bool = False, most: int = 7) -> Ticks:
    """Ticks of the step axis: whole steps with thousands separators, or powers of ten."""
    if not log:
        span = high - low
        if span < most:
            first, last = math.ceil(low), math.floor(high)
            return tuple((float(i), _whole(i)) for i in range(first, last + 1))
        return tuple((v, _whole(v)) for v, _ in linear_ticks(low, high, most) if v == round(v))
    zero = math.log10(LOG_STEP_OF_ZERO)
    ticks: Ticks = ((zero, "0"),) if low <= zero <= high else ()
    decades = range(max(math.ceil(low - 1e-9), 0), math.floor(high + 1e-9) + 1)
    stride = max(1, math.ceil(len(decades) / most))
    named = tuple(
        (float(e), _whole(10**e) if e < 5 else power_of_ten(e)) for e in decades[::stride]
    )
    if len(named) > 1:
        return ticks + named
    parts = tuple(
        (math.log10(m * 10**e), _whole(m * 10**e))
        for e in range(max(math.floor(low), 0), math.floor(high) + 1)
        for m in (1, 2, 5)
        if low <= math.log10(m * 10**e) <= high
    )
    return ticks + parts


def layer_ticks(layer_count: int, most: int = 8) -> Ticks:
    """Ticks of the depth axis: position i + 1 for layer index i, the last one named ``out``."""
    stride = next(s for s in (1, 2, 5, 10, 20, 50) if (layer_count - 1) / s <= most)
    first = 1 if stride <= 2 else stride
    clear = layer_count - (0 if stride == 1 else stride * 0.45)
    inner = tuple((float(i), str(i)) for i in range(first, layer_count, stride) if i <= clear)
    if stride > 2:
        inner = ((1.0, "1"), *inner)
    return (*inner, (float(layer_count), "out"))


def number_ticks(layer_count: int, most: int = 8) -> Ticks:
    """Ticks of hidden layers alone, 1 to ``layer_count``, the last one among them."""
    return (*layer_ticks(layer_count, most)[:-1], (float(layer_count), str(layer_count)))


def step_positions(steps: npt.ArrayLike, *, log: bool = False) -> FloatArray:
    """Where steps stand on the step axis: themselves, or log10 with step 0 at 0.5."""
    array = np.asarray(steps, dtype=np.float64)
    return np.log10(np.maximum(array, LOG_STEP_OF_ZERO)) if log else array


def positions(values: npt.ArrayLike, *, log: bool) -> FloatArray:
    """Where values stand on a value axis; NaN where a value has no place on it.

    On a logarithmic axis zeros and magnitudes below :data:`ZERO_FLOOR` have none: they belong in
    the zero lane (:func:`is_zero`). Non-finite values never have one.
    """
    array = np.asarray(values, dtype=np.float64)
    if not log:
        return np.where(np.isfinite(array), array, np.nan)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        place = np.log10(array)
    return np.where(np.isfinite(array) & (array >= ZERO_FLOOR), place, np.nan)


def is_zero(values: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Which values belong in the zero lane of a logarithmic axis."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.asarray(values, dtype=np.float64) < ZERO_FLOOR)


def smoothed(values: npt.ArrayLike, weight: float, stride: float = 1.0) -> FloatArray:
    """Exponential moving average of a series, unbiased at its start.

    Parameters
    ----------
    values
        Shape (n,); non-finite entries are passed over and stay gaps.
    weight
        Share of the past kept per step, 0 (off) to below 1.
    stride
        Steps between two entries; a bin of q steps keeps ``weight ** q``.
    """
    array = np.asarray(values, dtype=np.float64)
    if weight <= 0.0 or array.size == 0:
        return array.copy()
    kept = weight**stride
    total = share = 0.0
    out: list[float] = []
    for value in array.tolist():
        if math.isfinite(value):
            total = kept * total + (1.0 - kept) * value
            share = kept * share + (1.0 - kept)
            out.append(total / share)
        else:
            out.append(math.nan)
    return np.array(out)


@dataclass
class AxisRange:
    """A range that grows at once and shrinks only when told, so that a live axis stays calm.

    Attributes
    ----------
    low, high
        Ends in positions (log10 of the value when `log`); None before the first data.
    log
        Whether positions are log10 of the value: fixes the margin.
    """

    log: bool = True
    low: float | None = None
    high: float | None = None

    def cover(self, low: float, high: float) -> bool:
        """Grow so that `low` to `high` lies inside with a margin; True if the range changed."""
        if not (math.isfinite(low) and math.isfinite(high)):
            return False
        if self.low is None or self.high is None:
            self.low, self.high = padded(low, high, log=self.log)
            return True
        wanted = padded(min(low, self.low), max(high, self.high), log=self.log)
        changed = False
        if low < self.low:
            self.low, changed = wanted[0], True
        if high > self.high:
            self.high, changed = wanted[1], True
        return changed

    def set(self, low: float, high: float) -> None:
        """Take exactly these ends."""
        self.low, self.high = low, high

    def clear(self) -> None:
        """Forget the ends; the next data set them."""
        self.low = self.high = None


def padded(low: float, high: float, *, log: bool) -> tuple[float, float]:
    """Return ends of a fitted range: the data with half a decade or 8 % of room on either side."""
    if log:
        return low - LOG_MARGIN, high + LOG_MARGIN
    span = high - low
    margin = span * LINEAR_MARGIN if span > 0 else max(abs(high) * LINEAR_MARGIN, 1e-12)
    return low - margin, high + margin


def finite_span(arrays: Sequence[npt.NDArray[np.float64]]) -> tuple[float, float] | None:
    """Smallest and largest finite entry of `arrays`; None when there is none."""
    lows, highs = [], []
    for array in arrays:
        finite = array[np.isfinite(array)]
        if finite.size:
            lows.append(float(finite.min()))
            highs.append(float(finite.max()))
    return (min(lows), max(highs)) if lows else None


def _whole(number: float) -> str:
    return count(round(number))


def _multiples(low: float, high: float, step: float) -> int:
    return math.floor(high / step + 1e-9) - math.ceil(low / step - 1e-9) + 1


def _parts_of_decades(low: float, high: float, most: int) -> Ticks:
    found: list[tuple[float, str]] = []
    for exponent in range(math.floor(low), math.floor(high) + 1):
        for factor in (1, 2, 5):
            place = exponent + math.log10(factor)
            if low <= place <= high:
                found.append((place, _part_text(factor, exponent)))
    stride = math.ceil(len(found) / max(most, 1))
    return tuple(found[::stride]) if found else ()


def _part_text(factor: int, exponent: int) -> str:
    if -3 <= exponent <= 3:
        return _plain(factor * 10.0**exponent, 10.0**exponent)
    return power_of_ten(exponent) if factor == 1 else f"{factor}·{power_of_ten(exponent)}"


def _with_values(ticks: Ticks) -> Ticks:
    """Ticks whose texts would need more than four zeros, written with an exponent."""
    return tuple((v, text if v == 0 or 1e-4 < abs(v) < 1e5 else figures(v)) for v, text in ticks)


def _plain(value: float, step: float) -> str:
    """Return a tick text with just the decimals that `step` needs."""
    if abs(value) < step * 1e-9:
        return "0"
    if not 1e-4 <= step < 1e5 and not 1e-4 <= abs(value) < 1e6:
        return figures(value, 2)
    decimals = 0
    while decimals < 9 and abs(round(step, decimals) - step) > step * 1e-6:
        decimals += 1
    return f"{value:,.{decimals}f}".replace("-", "−")
