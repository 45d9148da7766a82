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

from gradstudio.data import make_data
from gradstudio.errors import GradStudioError
from gradstudio.nn.activation import Activation
from gradstudio.nn.prediction import Floats, Prediction, predict
from gradstudio.nn.theory import length_map
from gradstudio.setup.models import LayerSetup, Setup
from gradstudio.training.build import layer_sizes, number_type
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
    delta_ratio
        rms(delta^l) / rms(delta^L), (L,), above 0 and finite; None where theory says nothing.
    low, high
        Two standard deviations of a draw below and above, (L,): as wide as 1 / sqrt(width).
    reason
        A sentence that says why it says nothing; empty where it does.
    beyond
        What it does not cover, in a few words for a corner of a plot.
    """

    delta_ratio: Floats | None
    low: Floats | None = None
    high: Floats | None = None
    reason: str = ""
    beyond: str = ""

    @property
    def per_layer(self) -> float:
        """Decades per layer from the output to layer 1; NaN where theory says nothing."""
        if self.delta_ratio is None or len(self.delta_ratio) < 2:
            return math.nan
        return math.log10(self.delta_ratio[0]) / (len(self.delta_ratio) - 1)


@lru_cache(maxsize=8)
def expected_deltas(setup: Setup, input_square: float | None = None) -> Expectation:
    """Ask mean-field theory about the starting network of a setup; 0.2 ms per layer at first.

    Parameters
    ----------
    setup
        The design. Theory covers plain layers whose parameters are drawn around 0: no
        normalisation, shortcut or dropout.
    input_square
        Mean square of the training inputs as the network gets them; None measures it.

    References
    ----------
    Schoenholz et al. 2017, "Deep information propagation".
    """
    parts, sizes = parts_of(setup.network), layer_sizes(setup)
    for number, (part, fans) in enumerate(zip(parts, pairwise(sizes), strict=True), 1):
        trouble, beyond = _trouble(part, *fans)
        if trouble:
            name = "The output layer" if number == len(parts) else f"Layer {number}"
            reason = f"Theory does not cover this network. {name} {trouble}."
            return Expectation(None, reason=reason, beyond=beyond)
    if input_square is None:
        try:
            inputs = make_data(setup.data, setup.training.loss, number_type(setup)).x_train
        except GradStudioError as error:
            return Expectation(None, reason=f"Theory needs the data: {error}")
        input_square = float(np.mean(np.square(inputs, dtype=np.float64)))
    found = _prediction(parts, sizes, input_square)
    ratio = found.delta_ratio
    if not (np.isfinite(ratio).all() and (ratio > 0).all()):
        reason = "Theory expects a gradient of 0 or without bounds in some layer."
        return Expectation(None, reason=reason, beyond="0 or without bounds")
    return Expectation(ratio, *found.delta_band(DEVIATIONS))


def _trouble(part: Part, fan_in: int, fan_out: int) -> tuple[str, str]:
    """Say what theory does not cover in a layer, and what that is called; empty where nothing."""
    if isinstance(part, LayerSetup):
        if part.normalisation != "none":
            return "is normalised", "normalisation"
        if part.residual != "none":
            return "ends a shortcut", "shortcuts"
        if part.dropout > 0:
            return "has dropout", "dropout"
    entry, given = initializer_of(part), start_arguments(part, fan_in)
    if entry.name in DEPENDENT or not entry.std(fan_in, fan_out, **given):
        return "has weights that depend on each other", "dependent weights"
    if entry.mean(fan_in, fan_out, **given):
        return "has weights whose mean is not 0", "weights not around 0"
    if part.bias.name == "constant" and part.bias.value:
        return "has biases whose mean is not 0", "biases not around 0"
    return "", ""


def _prediction(parts: tuple[Part, ...], sizes: tuple[int, ...], input_square: float) -> Prediction:
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
