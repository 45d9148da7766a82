"""Three rules for starting weights, audited on the weights actually drawn.

Weights should be small, not the same, and of good variance. "Good" depends on the activation: a
layer of ``n`` inputs multiplies the gradient by the square root of

    chi = n Var(w) E[phi'(sqrt(q) g)^2],   g ~ N(0, 1)

where ``q`` is the fixed point of ``q = n Var(w) E[phi(sqrt(q) g)^2] + Var(b)``: mean-field theory
of wide layers, `gradstudio.nn.theory`. Either the fan-in or the fan-out may stand for ``n``:
keeping one of both directions level is enough (He et al. 2015, section 2.2).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gradstudio.nn.symmetry import distinct_units
from gradstudio.nn.theory import Phi, gradient_factor, length_map
from gradstudio.numbers import count, figures
from gradstudio.training.start import (
    Part,
    activation_of,
    bias_variance,
    initializer_of,
    start_arguments,
)

SMALL: Final = 1.0
"""Root mean square of the weights below which they count as small."""
LEVEL: Final = 0.05
"""Decades per layer within which the gradient counts as level: a factor of 0.89 to 1.12."""

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


def audit(
    weights: Sequence[Weights],
    activations: Sequence[Phi],
    bias_variances: Sequence[float] | None = None,
) -> tuple[Finding, ...]:
    """Audit the three rules on one or more layers.

    Parameters
    ----------
    weights
        Weights of each layer, shape (fan_in, fan_out).
    activations
        Activation that follows each layer, or its name; ``"linear"`` for the output layer.
    bias_variances
        Variance of the biases of each layer; 0 if not given.

    Raises
    ------
    ValueError
        If there is no layer, or not one activation for each.
    """
    if not weights:
        raise ValueError("there is no layer to audit")
    spreads = [0.0] * len(weights) if bias_variances is None else bias_variances
    parts = zip(weights, activations, spreads, strict=True)
    factors = [drawn_factor(W, phi, spread) for W, phi, spread in parts]
    return _small(weights), _not_the_same(weights), _good_variance(factors)


def drawn_factor(weights: Weights, activation: Phi, bias_variance: float = 0.0) -> float:
    """Factor by which a stack of such layers multiplies the gradient, per layer.

    A mean that is not 0 counts when it is more than chance. Equal weights have no variance and
    the factor 0.
    """
    fan_in, fan_out = weights.shape
    W = weights.astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        mean, variance = float(W.mean()), float(W.var())
    if not math.isfinite(variance):
        return math.nan
    common = mean if mean * mean > 25 * variance / W.size else 0.0
    passed = max(_passed(mean, variance, 1), _passed(common, variance, fan_in * fan_out))
    if W.size > 1 and W.min() == W.max():  # the variance of equal weights is 0 but for rounding
        passed = 0.0
    return predicted_factor(passed, fan_in, fan_out, activation, bias_variance)


def expected_factor(part: Part, fan_in: int, fan_out: int) -> float:
    """Factor per layer that a layer has by the formulas of its initializers, before any draw."""
    entry, phi, spread = initializer_of(part), activation_of(part), bias_variance(part.bias, fan_in)
    if entry.by_data:
        # the data have made q equal to 1 in every layer
        gain = max(1.0 - spread, 0.0) / length_map(phi, 1.0, 0.0, 1.0)
        return gradient_factor(phi, math.sqrt(gain), math.sqrt(spread), 1.0)
    given = start_arguments(part, fan_in)
    mean, std = entry.mean(fan_in, fan_out, **given), entry.std(fan_in, fan_out, **given)
    passed = _passed(mean, std * std, fan_in * fan_out) if std or fan_in * fan_out == 1 else 0.0
    return predicted_factor(passed, fan_in, fan_out, phi, spread)


def _passed(mean: float, variance: float, size: int) -> float:
    """Variance of weights of mean 0 that pass on as much as weights of some mean and variance.

    A common mean adds one direction in which all units move together. In a deep stack the
    stronger of both wins: this direction, or all the others.
    """
    with np.errstate(over="ignore"):
        square = float(np.square(np.float64(mean)))
    return max(variance + square, math.sqrt(size) * square)


def predicted_factor(
    variance: float, fan_in: int, fan_out: int, activation: Phi, bias_variance: float = 0.0
) -> float:
    """Factor per layer of weights of a variance, counted by the fan that suits them best.

    Between ``fan_in`` and ``fan_out`` the factor nearest to 1 is taken.
    """
    by_in = level_factor(fan_in * variance, activation, bias_variance)
    by_out = level_factor(fan_out * variance, activation, bias_variance)
    if min(by_in, by_out) <= 1 <= max(by_in, by_out):
        return 1.0
    return min(by_in, by_out, key=lambda factor: abs(math.log(factor)) if factor else math.inf)


def level_factor(gain: float, activation: Phi, bias_variance: float = 0.0) -> float:
    """Root of chi for layers with ``n Var(w) = gain``, far from the input.

    Parameters
    ----------
    gain
        ``n Var(w)``, at least 0.
    activation
        The activation, or its name.
    bias_variance
        ``Var(b)``.
    """
    return gradient_factor(activation, math.sqrt(gain), math.sqrt(bias_variance))


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


def _rms(weights: Weights) -> float:
    scale = float(np.abs(weights).max())
    if scale == 0 or not math.isfinite(scale):
        return scale
    return scale * float(np.sqrt(np.mean(np.square(weights / scale, dtype=np.float64))))
