"""Where gains come from, and where a stack of equal layers leads a signal.

A gain g gives the weights of a layer the standard deviation g / sqrt(n), n being its fan; in wide
layers of equal width it is sigma_w of `gradstudio.nn.theory`. What a gain should keep level, and
for signals of which size, decides which gain is right.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gradstudio.nn.activation import Activation
from gradstudio.nn.gaussian import Moments, moments
from gradstudio.nn.theory import (
    FAR,
    NEAR,
    NEUTRAL,
    chi,
    critical_line,
    fixed_point,
    length_map,
)

DECADES: Final = (-7, 7)
"""log10 of the least and of the largest variance of a curve."""
PER_DECADE: Final = 12
SETTLED: Final = 0.005
"""Decades from the fixed point at which a signal counts as settled."""


@dataclass(frozen=True, eq=False)
class MeanSquares:
    """Means over normal z, for a row of variances; shape (n,) each.

    Attributes
    ----------
    log_q
        log10 of the variance of z.
    square, slope_square
        E[phi(z)^2] and E[phi'(z)^2].
    """

    log_q: NDArray[np.float64]
    square: NDArray[np.float64]
    slope_square: NDArray[np.float64]


@dataclass(frozen=True)
class Gains:
    """Four answers to the question for the right gain of an activation.

    Attributes
    ----------
    small
        1 / rms phi'(z) near z = 0: small signals pass back level.
    gradient
        1 / sqrt(E[phi'(g)^2]), g ~ N(0, 1): the gradient is level where z has variance 1.
    forward
        1 / sqrt(E[phi(g)^2]): z keeps a variance of 1 where biases are 0.
    critical
        sigma_w at which the gradient is level at the variance that z settles at; None where there
        is none.
    critical_q
        That variance; 0 where it is a limit, NaN where there is none.
    """

    small: float
    gradient: float
    forward: float
    critical: float | None
    critical_q: float


@dataclass(frozen=True)
class Settling:
    """Where a stack of equal layers leads the variance q of z.

    Attributes
    ----------
    q
        The fixed point; 0 if the signal dies, inf if it grows without end.
    slope
        dq'/dq there: the factor per layer of a deviation from it.
    chi
        Factor per layer of the squared gradient there.
    signal
        Factor per layer of rms z there: 1 where q is finite and above 0.
    is_anywhere
        Whether every q is a fixed point.
    """

    q: float
    slope: float
    chi: float
    signal: float
    is_anywhere: bool

    @property
    def gradient(self) -> float:
        """Factor per layer of the gradient."""
        return math.sqrt(self.chi)

    @property
    def is_slow(self) -> bool:
        """Whether q falls to 0 as a power of depth, slower than by any factor per layer."""
        return self.q == 0 and self.slope >= 1.0 - 1e-6


@lru_cache(maxsize=64)
def mean_squares(phi: Activation) -> MeanSquares:
    """Return the means from 1e-7 to 1e7, 12 variances to the decade; 20 ms at first."""
    low, high = DECADES
    log_q = np.linspace(low, high, (high - low) * PER_DECADE + 1)
    found = [moments(phi, 10.0**place) for place in log_q.tolist()]
    return MeanSquares(
        log_q,
        np.array([one.square for one in found]),
        np.array([one.slope_square for one in found]),
    )


@lru_cache(maxsize=256)
def gains(phi: Activation, bias_variance: float = 0.0) -> Gains:
    """Return the gains of an activation; biases matter to the critical one alone. 5 ms at first."""
    small, unit = moments(phi, NEAR), moments(phi, 1.0)
    edge = critical_line(phi, bias_variance)
    return Gains(
        1.0 / math.sqrt(small.slope_square),
        1.0 / math.sqrt(unit.slope_square),
        1.0 / math.sqrt(unit.square),
        None if edge is None else math.sqrt(edge.weight_variance),
        math.nan if edge is None else edge.q,
    )


@lru_cache(maxsize=1024)
def settling(phi: Activation, sigma_w: float, sigma_b: float, start: float) -> Settling:
    """Return where the length map leads from the variance ``start``; 1 to 3 ms."""
    q = fixed_point(phi, sigma_w, sigma_b, start)
    there = _moments(phi, q)
    weight_variance = sigma_w * sigma_w
    slope = weight_variance * there.rate
    signal = 1.0
    if q == 0:
        signal = math.sqrt(slope)
    elif math.isinf(q):
        signal = math.sqrt(weight_variance * there.square / FAR)
    is_anywhere = 0 < q < math.inf and abs(length_map(phi, sigma_w, sigma_b, 3 * q) / q - 3) < 1e-9
    return Settling(q, slope, chi(phi, sigma_w, sigma_b, q), signal, is_anywhere)


@lru_cache(maxsize=1024)
def variances(
    phi: Activation, sigma_w: float, sigma_b: float, start: float, most: int
) -> tuple[float, ...]:
    """Return the variance of z layer by layer from ``start`` on, until it has settled.

    Parameters
    ----------
    most
        Number of layers after the first at the most.
    """
    goal = fixed_point(phi, sigma_w, sigma_b, start)
    found = [start]
    for _ in range(most):
        q = found[-1]
        if not NEAR < q < FAR or (0 < goal < math.inf and abs(math.log10(q / goal)) < SETTLED):
            break
        found.append(length_map(phi, sigma_w, sigma_b, q))
    return tuple(found)


def is_level(factor: float) -> bool:
    """Whether a factor per layer is 1 to within rounding."""
    return abs(factor - 1.0) <= math.sqrt(NEUTRAL)


def _moments(phi: Activation, q: float) -> Moments:
    return moments(phi, FAR if math.isinf(q) else max(q, NEAR))
