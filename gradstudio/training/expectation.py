"""What mean-field theory expects of a setup before it is drawn, or why it expects nothing.

The theory knows wide layers whose weights are drawn independently around 0. A setup is taken by its
formulas, not by its draw: the variance of each initializer, the variance of the biases, and the
mean square of the training inputs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np

from gradstudio.nn.activation import Activation
from gradstudio.nn.prediction import Floats, Prediction, predict
from gradstudio.nn.theory import length_map
from gradstudio.setup.models import NetworkSetup
from gradstudio.training.start import (
    Part,
    activation_of,
    bias_variance,
    initializer_of,
    parts_of,
    start_arguments,
)

DEVIATIONS: Final = 2.0
"""Half the width of the band, in standard deviations by which draws scatter."""
DEPENDENT: Final = ("identity", "identical_units", "constant", "zeros")
"""Initializers whose weights are not drawn independently of each other."""


@dataclass(frozen=True, eq=False)
class Expectation:
    """The size of the signal of each layer over that of the output layer.

    Attributes
    ----------
    ratio
        rms(delta^l) / rms(delta^L), (L,); empty where the theory says nothing.
    low, high
        Two standard deviations of a draw below and above, (L,): as wide as 1 / sqrt(width).
    reason
        What the theory does not cover, in a few words; empty where it holds.
    """

    ratio: Floats
    low: Floats
    high: Floats
    reason: str = ""

    @property
    def per_layer(self) -> float:
        """Decades per layer from the output to layer 1; NaN where there is no such number."""
        if len(self.ratio) < 2 or not 0 < self.ratio[0] < math.inf:
            return math.nan
        return math.log10(self.ratio[0]) / (len(self.ratio) - 1)


@lru_cache(maxsize=8)
def expectation(
    network: NetworkSetup, sizes: tuple[int, ...], input_square: float | None
) -> Expectation:
    """Return what the theory expects of a network; 0.2 ms per layer at first.

    Parameters
    ----------
    network
        Its layers and how they start.
    sizes
        Units of the input and of each layer, the output layer last.
    input_square
        Mean square of the training inputs as the network gets them; None when not known.
    """
    reason = _what_is_beyond(network, sizes)
    if input_square is None or not 0 < input_square < math.inf:
        reason = reason or "inputs without a size"
    if reason or input_square is None:
        nothing = np.empty(0)
        return Expectation(nothing, nothing, nothing, reason)
    found = _prediction(network, sizes, input_square)
    low, high = found.delta_band(DEVIATIONS)
    return Expectation(found.delta_ratio, low, high)


def _what_is_beyond(network: NetworkSetup, sizes: tuple[int, ...]) -> str:
    """Name the first part of a network that the theory does not cover."""
    layers = network.layers
    if any(layer.normalisation != "none" for layer in layers):
        return "normalisation"
    if any(layer.residual != "none" for layer in layers):
        return "shortcuts"
    if any(layer.dropout > 0 for layer in layers):
        return "dropout"
    for part, (fan_in, fan_out) in zip(parts_of(network), pairwise(sizes), strict=True):
        entry, given = initializer_of(part), start_arguments(part, fan_in)
        if entry.name in DEPENDENT or not entry.std(fan_in, fan_out, **given):
            return "weights that depend on each other"
        if entry.mean(fan_in, fan_out, **given):
            return "weights whose mean is not 0"
        if part.bias.name == "constant" and part.bias.value:
            return "biases whose mean is not 0"
    return ""


def _prediction(network: NetworkSetup, sizes: tuple[int, ...], input_square: float) -> Prediction:
    parts = parts_of(network)
    phis = [activation_of(part) for part in parts]
    biases = [bias_variance(part.bias, n) for part, n in zip(parts, sizes[:-1], strict=True)]
    weights = []
    square = input_square  # E[a^2] of what comes in
    for part, phi, bias, (fan_in, fan_out) in zip(
        parts, phis, biases, pairwise(sizes), strict=True
    ):
        variance = _weight_variance(part, fan_in, fan_out, square, bias)
        weights.append(variance)
        square = _square_after(phi, fan_in * variance * square + bias)
    return predict(phis, sizes, weights, biases, input_square=input_square)


def _weight_variance(part: Part, fan_in: int, fan_out: int, square: float, bias: float) -> float:
    """Var(w) of a layer by its formula; weights scaled by data are those that make q equal to 1."""
    entry = initializer_of(part)
    if entry.by_data:
        return max(1.0 - bias, 0.0) / (fan_in * square) if square > 0 else 0.0
    return entry.std(fan_in, fan_out, **start_arguments(part, fan_in)) ** 2


def _square_after(phi: Activation, q: float) -> float:
    """E[phi(z)^2] at variance q of z."""
    return length_map(phi, 1.0, 0.0, min(q, 1e300))
