"""Three rules for starting weights, audited on the weights actually drawn.

Weights should be small, not the same, and of good variance. "Good" depends on the activation: a
layer of ``n`` inputs multiplies the gradient by the square root of

    chi = n Var(w) E[phi'(sqrt(q) g)^2],   g ~ N(0, 1)

where ``q`` is the fixed point of ``q = n Var(w) E[phi(sqrt(q) g)^2]`` (mean-field theory of wide
layers, Poole et al. 2016). Either the fan-in or the fan-out may stand for ``n``: keeping one of
both directions level is enough (He et al. 2015, section 2.2).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gradstudio.nn.activations import ACTIVATIONS
from gradstudio.numbers import count, figures

SMALL: Final = 1.0
"""Root mean square of the weights below which they count as small."""
LEVEL: Final = 0.05
"""Decades per layer within which the gradient counts as level: a factor of 0.89 to 1.12."""

_DEEP: Final = 60  # layers after which q stands still, but for tanh at n Var(w) = 1 exactly
_HUGE: Final = 1e12

Weights = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Finding:
    """What one rule says of the weights.

    Attributes
    ----------
    rule
        ``"Small"``, ``"Not the same"`` or ``"Good variance"``.
    passes
        Whether the weights keep the rule.
    figure
        The number that decides it, in a few characters.
    sentence
        The same with the reason, for a tooltip or a screen reader.
    """

    rule: str
    passes: bool
    figure: str
    sentence: str


def audit(weights: Sequence[Weights], activations: Sequence[str]) -> tuple[Finding, ...]:
    """Audit the three rules on one or more layers.

    Parameters
    ----------
    weights
        Weights of each layer, shape (fan_in, fan_out).
    activations
        Name of the activation that follows each layer; ``"linear"`` for the output layer.

    Raises
    ------
    ValueError
        If there is no layer, or not one activation for each.
    """
    if not weights:
        raise ValueError("there is no layer to audit")
    factors = [drawn_factor(W, phi) for W, phi in zip(weights, activations, strict=True)]
    return _small(weights), _not_the_same(weights), _good_variance(factors)


def drawn_factor(weights: Weights, activation: str) -> float:
    """Factor by which a stack of such layers multiplies the gradient, per layer.

    A mean that is not 0 counts too when it is more than chance: it adds one direction in which
    all units move together. Equal weights have no variance and the factor 0.
    """
    fan_in, fan_out = weights.shape
    W = weights.astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        mean, variance = float(W.mean()), float(W.var())
    if not math.isfinite(variance):
        return math.nan
    if variance > 0 and mean * mean > 25 * variance / W.size:
        variance += math.sqrt(fan_in * fan_out) * mean * mean
    return predicted_factor(variance, fan_in, fan_out, activation)


def predicted_factor(variance: float, fan_in: int, fan_out: int, activation: str) -> float:
    """Factor per layer of weights of a variance, counted by the fan that suits them best.

    Between ``fan_in`` and ``fan_out`` the factor nearest to 1 is taken.
    """
    by_in = level_factor(fan_in * variance, activation)
    by_out = level_factor(fan_out * variance, activation)
    if min(by_in, by_out) <= 1 <= max(by_in, by_out):
        return 1.0
    return min(by_in, by_out, key=lambda factor: abs(math.log(factor)) if factor else math.inf)


@lru_cache(maxsize=4096)
def level_factor(gain: float, activation: str) -> float:
    """Root of chi for layers with ``n Var(w) = gain`` and no bias, far from the input.

    Parameters
    ----------
    gain
        ``n Var(w)``, at least 0.
    activation
        Name in the table of activations.

    References
    ----------
    Poole et al. 2016, "Exponential expressivity in deep neural networks through transient chaos",
    equations 3 to 5; Schoenholz et al. 2017, "Deep information propagation".
    """
    g, density = _gauss()
    phi = ACTIVATIONS[activation]
    q, a = 1.0, np.empty_like(g)
    for _ in range(_DEEP):
        phi.value(math.sqrt(q) * g, a)
        following = min(gain * float(density @ (a * a)), _HUGE)
        done = abs(following - q) <= 1e-9 * q
        q = following
        if done or q == _HUGE or q == 0.0:
            break
    slope = phi.derivative(math.sqrt(q) * g)
    return math.sqrt(gain * float(density @ (slope * slope)))


@lru_cache(maxsize=1)
def _gauss() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points and weights of the normal density, dense near 0 where phi' of large q lives."""
    half = np.geomspace(1e-4, 8.0, 600)
    g = np.concatenate([-half[::-1], half])
    density = np.exp(-0.5 * g * g) * np.gradient(g)
    return g, density / density.sum()


def _small(weights: Sequence[Weights]) -> Finding:
    largest = max(_rms(W) for W in weights)
    passes = largest < SMALL
    relation = "below" if passes else "not below"
    return Finding(
        "Small",
        passes,
        f"RMS {figures(largest)}",
        f"The root mean square of the weights is {figures(largest)}, {relation} {SMALL:g}.",
    )


def _not_the_same(weights: Sequence[Weights]) -> Finding:
    units = sum(W.shape[1] for W in weights)
    distinct = sum(distinct_units(W) for W in weights)
    passes = distinct == units
    reason = "" if passes else " Units that start the same get the same gradient and stay the same."
    return Finding(
        "Not the same",
        passes,
        f"{count(distinct)} of {count(units)}",
        f"{count(distinct)} of {count(units)} units have weights of their own.{reason}",
    )


def _good_variance(factors: Sequence[float]) -> Finding:
    with np.errstate(divide="ignore", invalid="ignore"):
        decades = float(np.mean(np.log10(factors)))
    factor = 10.0**decades if decades < 300 else math.inf
    passes = abs(decades) < LEVEL
    verdict = "level" if passes else "it vanishes" if decades < 0 else "it explodes"
    if math.isnan(decades):
        verdict = "not a number"
    return Finding(
        "Good variance",
        passes,
        f"×{figures(factor, 2)} / layer",
        f"The variance multiplies the gradient by {figures(factor)} per layer: {verdict}. "
        "Level is 0.89 to 1.12.",
    )


def distinct_units(weights: Weights) -> int:
    """Count the units, columns of ``weights``, that differ from every unit before them."""
    columns = np.ascontiguousarray(weights.T) + 0.0  # makes -0.0 the same bytes as 0.0
    return len({column.tobytes() for column in columns})


def _rms(weights: Weights) -> float:
    scale = float(np.abs(weights).max())
    if scale == 0 or not math.isfinite(scale):
        return scale
    return scale * float(np.sqrt(np.mean(np.square(weights / scale, dtype=np.float64))))
