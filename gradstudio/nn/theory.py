"""Mean-field theory of wide layers: what becomes of signal and gradient with depth.

A layer of many units, with weights of mean 0 and standard deviation sigma_w / sqrt(fan) and biases
of standard deviation sigma_b, makes pre-activations z that are normal with mean 0 and variance q:

    q'  = sigma_w^2 E[phi(z)^2] + sigma_b^2                     length map
    c'  = (sigma_w^2 E[phi(u) phi(v)] + sigma_b^2) / q'         correlation map of two inputs
    chi = sigma_w^2 E[phi'(z)^2]                                gradient: chi per layer, squared

chi below 1: the gradient vanishes, above 1: it explodes. All functions take an activation or its
name, and are told sigma_w and sigma_b. Results of a second call with the same numbers are kept.

References
----------
Poole et al. 2016, "Exponential expressivity in deep neural networks through transient chaos".
Schoenholz et al. 2017, "Deep information propagation".
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

from gradstudio.nn.activation import Activation
from gradstudio.nn.activations import activation as entry
from gradstudio.nn.gaussian import Moments, PairMoments, moments, pair_moments

NEAR: Final = 1e-24
"""Stands for q = 0 where a limit is meant."""
FAR: Final = 1e12
"""Stands for q = inf: curves are straight lines or steps to 1e-6 from there."""
LARGEST: Final = 1e60
"""A q that grows beyond this is infinite."""
NEUTRAL: Final = 1e-9
"""How near to 1 a factor per layer counts as 1: its depth scale is infinite."""
DEPTHS: Final = 6.0
"""Depth scales of the correlation up to which a network can be trained, a prediction."""

Phi = Activation | str


class CriticalPoint(NamedTuple):
    """Where chi is 1 at the fixed point of the length map.

    Attributes
    ----------
    weight_variance
        sigma_w^2.
    q
        The fixed point; 0 where it is reached only as a limit.
    """

    weight_variance: float
    q: float


def length_map(phi: Phi, sigma_w: float, sigma_b: float, q: float) -> float:
    """Return q of the next layer."""
    square = float(entry(phi).apply(0.0)) ** 2 if q == 0 else _moments(entry(phi), q).square
    return sigma_w * sigma_w * square + sigma_b * sigma_b


def fixed_point(phi: Phi, sigma_w: float, sigma_b: float, start: float = 1.0) -> float:
    """Return q*, to which the length map leads from ``start``; 1 to 3 ms.

    Returns
    -------
    float
        inf if q grows without end; 0 if the signal dies. How fast it gets there, ``xi_q`` says: at
        tanh with (1, 0) q falls as 1 / (2 l) in layer l only. Where every q is a fixed point, as
        for ReLU with (sqrt 2, 0), it is ``start``.
    """
    return _fixed_point(entry(phi), float(sigma_w), float(sigma_b), float(start))


def chi(phi: Phi, sigma_w: float, sigma_b: float, q: float | None = None) -> float:
    """Return the factor per layer of the squared gradient, at q or at the fixed point."""
    if q is None:
        q = fixed_point(phi, sigma_w, sigma_b)
    return sigma_w * sigma_w * _moments(entry(phi), q).slope_square


def gradient_factor(phi: Phi, sigma_w: float, sigma_b: float, q: float | None = None) -> float:
    """Return the factor per layer of the gradient going back: the root of chi."""
    return math.sqrt(chi(phi, sigma_w, sigma_b, q))


def xi_q(phi: Phi, sigma_w: float, sigma_b: float) -> float:
    """Return the layers within which a deviation from q* falls to 1/e; inf at a power law."""
    q = fixed_point(phi, sigma_w, sigma_b)
    return depth_scale(sigma_w * sigma_w * _moments(entry(phi), q).rate)


def correlation_map(
    phi: Phi, sigma_w: float, sigma_b: float, c: float, q: float | None = None
) -> float:
    """Return the correlation of two inputs of variance q, by default q*, one layer further.

    5 ms, up to 0.1 s where q is large.

    Parameters
    ----------
    c
        From -1 to 1.
    """
    if q is None:
        q = fixed_point(phi, sigma_w, sigma_b)
    length = sigma_w * sigma_w * _moments(entry(phi), q).square + sigma_b * sigma_b
    product = sigma_w * sigma_w * _pair(entry(phi), q, c).product + sigma_b * sigma_b
    return product / length if length > 0 else c


def fixed_correlation(phi: Phi, sigma_w: float, sigma_b: float) -> float:
    """Return c*, to which the correlation of two different inputs goes at q*; up to 0.1 s.

    1 if they become the same, which they do where chi is at most 1, or where q* is 0 or inf.
    """
    return _fixed_correlation(entry(phi), float(sigma_w), float(sigma_b))


def xi_c(phi: Phi, sigma_w: float, sigma_b: float) -> float:
    """Return the layers within which a deviation from c* falls to 1/e; up to 0.1 s.

    Where q grows without end, deviations are those of the correlation, not of the signals.
    """
    q, c = fixed_point(phi, sigma_w, sigma_b), fixed_correlation(phi, sigma_w, sigma_b)
    rate = sigma_w * sigma_w * _pair(entry(phi), q, c).slope_product
    if math.isinf(q):
        rate *= FAR / length_map(phi, sigma_w, sigma_b, FAR)
    return depth_scale(rate)


def trainable_depth(phi: Phi, sigma_w: float, sigma_b: float) -> float:
    """Return 6 xi_c, the depth up to which a network is predicted to be trainable; up to 0.1 s."""
    return DEPTHS * xi_c(phi, sigma_w, sigma_b)


def depth_scale(rate: float) -> float:
    """Return the layers in which ``rate`` per layer makes 1/e; inf where it does not shrink."""
    if rate <= 0.0:
        return 0.0
    return math.inf if rate >= 1.0 - NEUTRAL else -1.0 / math.log(rate)


@lru_cache(maxsize=4096)
def critical_line(phi: Phi, bias_variance: float) -> CriticalPoint | None:
    """Return sigma_w^2 at which chi is 1 for a sigma_b^2, with q*; None if there is none; 5 ms.

    With sigma_b = 0 it is the limit 1 / E[phi'^2] at q = 0 for activations with phi(0) = 0.
    A point counts only where the length map leads to its q: that of GELU does so from a
    sigma_b^2 of 0.18 on, that of SiLU from 0.55 on; softplus has none.
    """
    phi = entry(phi)
    if bias_variance == 0 and phi.apply(0.0) == 0:
        return _attracting(phi, 0.0)

    def excess(q: float) -> float:
        """Bias variance that makes q the fixed point with chi = 1, beyond the one there is."""
        known = _moments(phi, q)
        return q - known.square / known.slope_square - bias_variance

    low = max(bias_variance, 1e-9)
    stop = 1e6 * max(low, 1.0)
    while low < stop:
        high = 1.5 * low
        if excess(high) > 1e-13 * high:
            return _attracting(phi, _root(excess, low, high))
        low = high
    return None


def _attracting(phi: Activation, q: float) -> CriticalPoint | None:
    """Return the point with this q, unless the length map leads away from it."""
    near = _moments(phi, max(q, 1e-3))
    if near.rate > near.slope_square * (1.0 + NEUTRAL):
        return None
    return CriticalPoint(1.0 / _moments(phi, q).slope_square, q)


def _moments(phi: Activation, q: float) -> Moments:
    return moments(phi, _within(q))


def _pair(phi: Activation, q: float, c: float) -> PairMoments:
    return pair_moments(phi, _within(q), c)


def _within(q: float) -> float:
    return FAR if math.isinf(q) else max(q, NEAR)


@lru_cache(maxsize=8192)
def _fixed_point(phi: Activation, sigma_w: float, sigma_b: float, start: float) -> float:
    # The map grows with q, so that the sequence of its values goes one way: to the next root.
    def excess(q: float) -> float:
        return length_map(phi, sigma_w, sigma_b, q) - q

    first = excess(start)
    if abs(first) <= 1e-12 * start:
        return start
    if first > 0:
        low, step = start, 4.0
        while low < LARGEST:
            high = low * step
            if excess(high) < -NEUTRAL * high:
                return _root(excess, low, high)
            low, step = high, 4.0 if high < 1e6 else 1e4
        return math.inf
    can_die = sigma_b == 0 and phi.apply(0.0) == 0
    high = start
    while high > NEAR:
        if can_die and high < 1e-3 and chi(phi, sigma_w, sigma_b, 0.0) <= 1.0 + NEUTRAL:
            return 0.0
        low = high / 4.0
        if excess(low) > 1e-12 * low:
            return _root(excess, low, high)
        high = low
    return 0.0


@lru_cache(maxsize=1024)
def _fixed_correlation(phi: Activation, sigma_w: float, sigma_b: float) -> float:
    q = _fixed_point(phi, sigma_w, sigma_b, 1.0)
    if q == 0 or math.isinf(q) or chi(phi, sigma_w, sigma_b, q) <= 1.0 + NEUTRAL:
        return 1.0
    # The map is convex on [0, 1] and not below c at 0: Newton's steps climb to its first root.
    c = 0.0
    for _ in range(60):
        pair = _pair(phi, q, c)
        gap = (sigma_w * sigma_w * pair.product + sigma_b * sigma_b) / q - c
        step = gap / (1.0 - sigma_w * sigma_w * pair.slope_product)
        if not 1e-13 < step < 1.0 - c:
            break
        c += step
    return c


def _root(f: Callable[[float], float], low: float, high: float) -> float:
    """Root of f between two q at which its signs differ, to 1e-14 of it.

    False position in ln q with the end that stays counted half, and halving in between.
    """
    x, y = [math.log(low), math.log(high)], [f(low), f(high)]
    for turn in range(100):
        if y[1] == 0.0 or y[0] == y[1] or abs(x[1] - x[0]) < 1e-14:
            break
        middle = 0.5 * (x[0] + x[1])
        between = x[1] - y[1] * (x[1] - x[0]) / (y[1] - y[0])
        new = middle if turn % 4 == 3 else between
        value = f(math.exp(new))
        is_there = abs(new - x[1]) < 1e-14
        if (value > 0) != (y[1] > 0):
            x[0], y[0] = x[1], y[1]
        else:
            y[0] *= 0.5
        x[1], y[1] = new, value
        if is_there:
            break
    return math.exp(x[1])
