"""What mean-field theory predicts of a network before it is drawn, layer by layer.

References
----------
Poole et al. 2016, "Exponential expressivity in deep neural networks through transient chaos".
Schoenholz et al. 2017, "Deep information propagation".
Hanin & Nica 2018, "Products of many large random matrices and gradients in deep neural networks":
the scatter between draws, for ReLU.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gradstudio.nn.activation import Activation
from gradstudio.nn.activations import activation as entry
from gradstudio.nn.gaussian import Moments, moments, spreads
from gradstudio.nn.theory import Phi

Floats: TypeAlias = NDArray[np.float64]

_TINY: Final = 1e-300
_HUGE: Final = 1e300


@dataclass(frozen=True)
class Prediction:
    """Expected size of signal and gradient in each layer, the output layer last.

    Attributes
    ----------
    q
        Mean square of the pre-activations z, (L,).
    activation_rms
        Root mean square of phi(z), (L,).
    delta_ratio
        Root mean square of delta over that of the output layer, (L,); 1 in the output layer.
    q_spread
        How ``q`` of one sample scatters between draws of the weights: variance of its logarithm,
        (L,).
    delta_spread
        The same of ``delta_ratio`` squared, (L,). Both shrink as 1 / width, and grow with depth. A
        mean over a batch scatters less, down to the part that its samples have in common.
    """

    q: Floats
    activation_rms: Floats
    delta_ratio: Floats
    q_spread: Floats
    delta_spread: Floats

    def delta_band(self, deviations: float = 2.0) -> tuple[Floats, Floats]:
        """Return between which ``delta_ratio`` of one draw lies, (L,) and (L,).

        Parameters
        ----------
        deviations
            Standard deviations to either side; between 2 of them lie 95 of 100 draws.
        """
        return _band(self.delta_ratio, self.delta_spread, deviations)

    def z_band(self, deviations: float = 2.0) -> tuple[Floats, Floats]:
        """Return between which the root mean square of z of one draw lies, (L,) and (L,)."""
        return _band(np.sqrt(self.q), self.q_spread, deviations)


def predict(
    activations: Sequence[Phi],
    sizes: Sequence[int],
    weight_variances: Sequence[float],
    bias_variances: Sequence[float] | None = None,
    *,
    input_square: float = 1.0,
) -> Prediction:
    """Predict a network of L layers from how it starts; 0.2 ms per layer, repeated 0.005 ms.

    Parameters
    ----------
    activations
        One for each layer; ``"linear"`` for the output layer.
    sizes
        Units of the input and of each layer, L + 1 numbers.
    weight_variances, bias_variances
        Var(w) and Var(b) of each layer, means being 0; no biases if not given.
    input_square
        Mean square of the inputs; 1 for standardised data.

    Raises
    ------
    ValueError
        If there is not one of each for every layer.

    Notes
    -----
    Forward, with n the fan-in: q^l = n Var(w^l) E[phi(z^{l-1})^2] + Var(b^l). Backward, with n the
    units of layer l + 1: rms delta^l = sqrt(n Var(w^{l+1}) E[phi'(z^l)^2]) rms delta^{l+1}.

    Scatter, per layer of n units, from means over n independent numbers: phi^2 scatters with
    (E[phi^4] / E[phi^2]^2 - 1) / n, and delta^2, with normal weights in between, with
    (3 E[phi'^4] / E[phi'^2]^2 - 1) / n: 5 / n for ReLU, as Hanin & Nica find, and 2 / n for linear
    layers. What q scatters, the length map passes on; that it changes phi' too is left out. 300
    draws of 10 layers of 100 units scatter within a third of it.
    """
    phis = [entry(phi) for phi in activations]
    biases = [0.0] * len(phis) if bias_variances is None else list(bias_variances)
    if not len(phis) == len(sizes) - 1 == len(weight_variances) == len(biases) > 0:
        raise ValueError(
            f"{len(phis)} activations, {len(sizes)} sizes, {len(weight_variances)} and "
            f"{len(biases)} variances: a layer has one of each, and the input has a size"
        )
    gains = [n * v for n, v in zip(sizes[:-1], weight_variances, strict=True)]
    known, q, q_spread = _forward(phis, sizes[1:], gains, biases, input_square)
    back = [0.0] * len(phis)
    delta_spread = [0.0] * len(phis)
    for layer in reversed(range(len(phis) - 1)):
        passed = sizes[layer + 2] * weight_variances[layer + 1] * known[layer].slope_square
        back[layer] = back[layer + 1] + (0.5 * math.log(passed) if passed > 0 else -math.inf)
        _, slope_spread = spreads(phis[layer], _within(q[layer]))
        delta_spread[layer] = delta_spread[layer + 1] + (3 * slope_spread - 1) / sizes[layer + 1]
    with np.errstate(over="ignore"):
        delta_ratio = np.exp(back)
    squares = np.array([each.square for each in known])
    return Prediction(
        np.array(q), np.sqrt(squares), delta_ratio, np.array(q_spread), np.array(delta_spread)
    )


def _forward(
    phis: Sequence[Activation],
    units: Sequence[int],
    gains: Sequence[float],
    biases: Sequence[float],
    input_square: float,
) -> tuple[list[Moments], list[float], list[float]]:
    """Moments, q and its scatter in each layer."""
    q, spread = gains[0] * input_square + biases[0], 0.0
    known, lengths, scatter = [], [], []
    for layer, phi in enumerate(phis):
        here = moments(phi, _within(q))
        known.append(here)
        lengths.append(q)
        scatter.append(spread + 2.0 / units[layer])
        if layer + 1 < len(phis):
            weighed = gains[layer + 1] * here.square
            following = weighed + biases[layer + 1]
            if 0 < following < math.inf:
                passed = gains[layer + 1] * here.rate * _within(q) / following
                square_spread, _ = spreads(phi, _within(q))
                own = (weighed / following) ** 2 * (square_spread - 1.0) / units[layer]
                spread = passed * passed * spread + own
            q = following
    return known, lengths, scatter


def _within(q: float) -> float:
    return min(max(q, _TINY), _HUGE)


def _band(middle: Floats, spread: Floats, deviations: float) -> tuple[Floats, Floats]:
    """Band of a root mean square whose square is log-normal with this mean and spread."""
    shift, width = -0.25 * spread, 0.5 * deviations * np.sqrt(spread)
    return middle * np.exp(shift - width), middle * np.exp(shift + width)
