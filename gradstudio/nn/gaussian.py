"""Means of an activation over normal pre-activations, which is all that mean-field theory asks.

z is normal with mean 0 and variance q; a pair (u, v) has this variance and correlation c. Where no
closed form is known, integrals are composite Gauss-Legendre sums over z. Their panels are as short
as the curve wants near 0 and as short as the density wants further out, and end at the kinks of the
curves (0, -1 and 1). They agree with the closed forms to 1e-11 and with adaptive quadrature to
1e-12, for q from 1e-6 to 1e6; they hold up to 1e300.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from gradstudio.nn.activation import Activation
from gradstudio.nn.arrays import Array

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)
_REACH: Final = 9  # standard deviations; what lies outside weighs 1e-19
_BORDERS: Final = np.concatenate(
    ([0.0, 0.5], np.outer(2.0 ** np.arange(520), (1.0, 1.5)).ravel())
)  # 0, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, ...
_NEAR: Final = np.array([0.0, 1.0, 2.0, 4.0, 8.0])


@dataclass(frozen=True)
class Moments:
    """Means over z of variance q.

    Attributes
    ----------
    mean
        E[phi].
    square
        E[phi^2].
    slope_square
        E[phi'^2].
    rate
        d E[phi^2] / dq = E[phi phi' z] / q, the same as E[phi'^2] + E[phi'' phi], but without a
        second derivative.
    """

    mean: float
    square: float
    slope_square: float
    rate: float


@dataclass(frozen=True)
class PairMoments:
    """Means over pairs (u, v) of variance q and correlation c.

    Attributes
    ----------
    product
        E[phi(u) phi(v)].
    slope_product
        E[phi'(u) phi'(v)], which is d E[phi(u) phi(v)] / d(q c).
    """

    product: float
    slope_product: float


@lru_cache(maxsize=8192)
def moments(phi: Activation, q: float) -> Moments:
    """Return E[phi], E[phi^2], E[phi'^2] and d E[phi^2] / dq at variance q, from 1e-24 to 1e300.

    Closed forms take 2 us (linear, ReLU, leaky ReLU, erf, hard tanh), all others 0.1 ms.
    """
    if phi.name in _CLOSED:
        return _CLOSED[phi.name](phi, q)
    z, weights = _points(q)
    a, slope = phi.apply(z), phi.derivative(z)
    return Moments(
        float(weights @ a),
        float(weights @ (a * a)),
        float(weights @ (slope * slope)),
        float(weights @ (a * slope * (z / q))),
    )


@lru_cache(maxsize=8192)
def spreads(phi: Activation, q: float) -> tuple[float, float]:
    """Return E[phi^4] / E[phi^2]^2 and E[phi'^4] / E[phi'^2]^2, at least 1; 0.1 ms."""
    z, weights = _points(q)
    found = []
    for curve in (phi.apply(z), phi.derivative(z)):
        square = float(weights @ (curve * curve))
        share = curve / math.sqrt(square) if square > 0 else np.ones_like(curve)
        found.append(float(weights @ share**4))
    return found[0], found[1]


@lru_cache(maxsize=1024)
def pair_moments(phi: Activation, q: float, c: float) -> PairMoments:
    """Return E[phi(u) phi(v)] and E[phi'(u) phi'(v)] at variance q and correlation c in [-1, 1].

    For c of either sign both are squares of smoothed curves: with y and y' independent,
    u = m + s y and v = +-m + s y', where m has variance q |c| and s^2 = q (1 - |c|).

    Closed forms take 2 us (linear, ReLU, leaky ReLU, erf), all others 2 to 30 ms.
    """
    if phi.name in _CLOSED_PAIRS:
        return _CLOSED_PAIRS[phi.name](phi, q, c)
    width = math.sqrt(q * (1.0 - abs(c)))
    points: tuple[Array, Array] = np.zeros(1), np.ones(1)
    if c != 0.0:
        kinks = np.array(phi.kinks)[:, None]
        near = np.abs(kinks + width * np.concatenate((_NEAR, -_NEAR))).ravel()
        points = _points(q * abs(c), near)
    m, weights = points
    smooth, slope = _smoothed(phi, m, width)
    mirror = slice(None) if c >= 0 else slice(None, None, -1)
    return PairMoments(
        float(weights @ (smooth * smooth[mirror])), float(weights @ (slope * slope[mirror]))
    )


def _points(q: float, near: Array | None = None) -> tuple[Array, Array]:
    """Points z from left to right, mirrored at 0, and their weights under the normal density.

    ``near`` holds places, at least 0, where panels shall end too.
    """
    width = math.sqrt(q)
    reach = _REACH * width
    borders = [_BORDERS[: _BORDERS.searchsorted(reach)], width * np.arange(_REACH + 1)]
    if near is not None:
        borders.append(near[near < reach])
    ends = np.unique(np.concatenate(borders))
    half = 0.5 * np.diff(ends)[:, None]
    z = (ends[:-1, None] + half * (1.0 + _NODES)).ravel()
    weights = (half * _WEIGHTS).ravel() * _density(z / width) / width
    return np.concatenate((-z[::-1], z)), np.concatenate((weights[::-1], weights))


def _smoothed(phi: Activation, m: Array, width: float) -> tuple[Array, Array]:
    """E[phi(m + width y)] and E[phi'(m + width y)] over standard normal y, for each m."""
    if width == 0.0:
        return phi.apply(m), phi.derivative(m)
    reach = _REACH * width
    low, high = m[:, None] - reach, m[:, None] + reach
    inner = _BORDERS[: _BORDERS.searchsorted(np.abs(m).max() + reach)]
    ends = np.concatenate(
        (
            np.clip(np.concatenate((-inner, inner)), low, high),
            m[:, None] + width * np.arange(-_REACH, _REACH + 1),
        ),
        axis=1,
    )
    ends.sort(axis=1)
    half = 0.5 * np.diff(ends, axis=1)[..., None]
    z = ends[:, :-1, None] + half * (1.0 + _NODES)
    weights = half * _WEIGHTS * _density((z - m[:, None, None]) / width) / width
    smooth, slope = (np.sum(weights * f(z), axis=(1, 2)) for f in (phi.apply, phi.derivative))
    return smooth, slope


def _density(g: Array) -> Array:
    density: Array = np.exp(-0.5 * g * g) / math.sqrt(2 * math.pi)
    return density


def _leak(phi: Activation) -> float:
    """Slope for negative z of the activations made of two straight lines."""
    return {"linear": 1.0, "relu": 0.0}.get(phi.name, phi.leak or 0.0)


def _two_lines(phi: Activation, q: float) -> Moments:
    leak = _leak(phi)
    half = 0.5 * (1.0 + leak * leak)
    return Moments((1.0 - leak) * math.sqrt(q / (2 * math.pi)), half * q, half, half)


def _two_lines_pair(phi: Activation, q: float, c: float) -> PairMoments:
    # phi(z) = p z + r |z|, and E|u v| = q (2 / pi) (sqrt(1 - c^2) + c asin c)
    leak = _leak(phi)
    p, r = 0.5 * (1.0 + leak), 0.5 * (1.0 - leak)
    turn = 2.0 / math.pi * math.asin(c)
    bent = 2.0 / math.pi * math.sqrt((1.0 - c) * (1.0 + c)) + c * turn
    return PairMoments(q * (p * p * c + r * r * bent), p * p + r * r * turn)


def _erf(phi: Activation, q: float) -> Moments:
    root = math.sqrt(1.0 + 4.0 * q)
    # asin(2q / (1 + 2q)), which loses digits for large q, by its tangent
    square = 2.0 / math.pi * math.atan2(2.0 * q, root)
    return Moments(0.0, square, 4.0 / math.pi / root, 4.0 / math.pi / ((1.0 + 2.0 * q) * root))


def _erf_pair(phi: Activation, q: float, c: float) -> PairMoments:
    root = math.sqrt((1.0 + 2.0 * q * (1.0 - c)) * (1.0 + 2.0 * q * (1.0 + c)))
    product = 2.0 / math.pi * math.atan2(2.0 * q * c, root)
    return PairMoments(product, 4.0 / math.pi / root)


def _hard_tanh(phi: Activation, q: float) -> Moments:
    from scipy.special import gammainc  # 0.15 s

    t = 1.0 / math.sqrt(q)
    rate = float(gammainc(1.5, 0.5 * t * t))  # E[g^2; |g| < t] of standard normal g
    inside, outside = math.erf(t / math.sqrt(2.0)), math.erfc(t / math.sqrt(2.0))
    return Moments(0.0, q * rate + outside, inside, rate)


_CLOSED: Final[dict[str, Callable[[Activation, float], Moments]]] = {
    "linear": _two_lines,
    "relu": _two_lines,
    "leaky_relu": _two_lines,
    "erf": _erf,
    "hard_tanh": _hard_tanh,
}
_CLOSED_PAIRS: Final[dict[str, Callable[[Activation, float, float], PairMoments]]] = {
    "linear": _two_lines_pair,
    "relu": _two_lines_pair,
    "leaky_relu": _two_lines_pair,
    "erf": _erf_pair,
}
