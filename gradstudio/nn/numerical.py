"""The derivative of a function of one number from its values, and how far it can be trusted.

Central differences with steps that are halved again and again, extrapolated to a step of 0 as in
Romberg's method: each column of the table takes one more power of h^2 out of the error. What two
neighbouring entries differ by shows the error that is left of cutting off; rounding of the values
adds 1e-16 of them over the step.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

EPSILON: Final = 2.0**-52
LEVELS: Final = 26
"""Times the step is halved at the most: from 0.25 to 4e-9 times the scale."""
_FIRST: Final = 0.25
_ENOUGH: Final = 1e-12
_COLUMNS: Final = 6
_NEAR: Final = 2.0**-17  # step of one-sided derivatives: 8 digits of a smooth function
_LEFT: Final = 0.01  # share of their first correction that may be left behind it


@dataclass(frozen=True)
class Derivative:
    """A numerical derivative.

    Attributes
    ----------
    value
        The derivative; NaN where no value near the place is finite.
    error
        How far off it can be.
    left, right
        One-sided derivatives.
    one_sided_error
        How far off these can be.
    """

    value: float
    error: float
    left: float
    right: float
    one_sided_error: float

    @property
    def has_kink(self) -> bool:
        """Whether the function turns a corner here: both sides differ by more than their errors."""
        return abs(self.right - self.left) > 10 * self.one_sided_error


def derivative(f: Callable[[float], float], at: float, scale: float) -> Derivative:
    """Differentiate ``f`` at a place.

    Parameters
    ----------
    f
        The function; called about 10 times where it is smooth, 50 times at the most.
    at
        Where.
    scale
        Distance over which ``f`` may change much, above 0: the first step is a quarter of it.
    """
    table = _Table(f, at)
    unit = 2.0 ** math.floor(math.log2(scale))
    step = _FIRST * unit
    for _ in range(LEVELS):
        table.add(step)
        if table.is_done:
            break
        step *= 0.5
    left, right, one_sided_error = table.one_sided(min(table.best_step, _NEAR * unit))
    return Derivative(table.value, table.error, left, right, one_sided_error)


class _Table:
    """Romberg's table, one row per step.

    Attributes
    ----------
    value, error, best_step
        Of the entry with the smallest error so far.
    """

    def __init__(self, f: Callable[[float], float], at: float) -> None:
        self._f, self._at, self._here = f, at, f(at)
        self._row: list[float] = []
        self._noise = math.inf
        self.value = math.nan
        self.error = math.inf
        self.best_step = EPSILON

    def add(self, step: float) -> None:
        """Take one more central difference, and all that can be extrapolated from it."""
        difference, noise = self._central(step)
        self._noise = noise
        if not math.isfinite(difference):
            self._row = []
            return
        row = [difference]
        for column, before in enumerate(self._row[:_COLUMNS], 1):
            correction = (row[-1] - before) / (4.0**column - 1.0)
            row.append(row[-1] + correction)
            error = max(abs(correction), abs(row[-1] - before)) + 2 * noise
            if error < self.error:
                self.value, self.error, self.best_step = row[-1], error, step
        self._row = row

    @property
    def is_done(self) -> bool:
        """Whether smaller steps cannot do better: rounding alone would be the larger error."""
        return self.error <= _ENOUGH * abs(self.value) or self._noise > self.error

    def one_sided(self, step: float) -> tuple[float, float, float]:
        """Left and right derivative and their error, each from two steps."""
        (left, right, noise), (left_half, right_half, noise_half) = (
            self._sides(step),
            self._sides(0.5 * step),
        )
        # the error of each is proportional to the step: twice the better less the other has none
        bends = abs(left_half - left) + abs(right_half - right)
        error = 2 * noise_half + noise + _LEFT * bends
        return 2 * left_half - left, 2 * right_half - right, error

    def _central(self, step: float) -> tuple[float, float]:
        low, high = self._at - step, self._at + step
        below, above = self._f(low), self._f(high)
        width = high - low
        return (above - below) / width, EPSILON * (abs(above) + abs(below)) / width

    def _sides(self, step: float) -> tuple[float, float, float]:
        low, high = self._at - step, self._at + step
        below, above = self._f(low), self._f(high)
        left = (self._here - below) / (self._at - low)
        right = (above - self._here) / (high - self._at)
        noise = 2 * EPSILON * (abs(above) + abs(below) + abs(self._here)) / (high - low)
        return left, right, noise
