"""Layer-sequential unit variance: scale the weights by what training data make of them."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from gradstudio.nn.arrays import Array
from gradstudio.nn.network import Network

TOLERANCE: Final = 0.1
MAX_ITERATIONS: Final = 10


def rescale_to_unit_variance(
    net: Network,
    X: ArrayLike,
    layers: Collection[int],
    *,
    tol: float = TOLERANCE,
    max_iterations: int = MAX_ITERATIONS,
) -> dict[int, float]:
    """Divide the weights of layers by the standard deviation of z until it is about 1.

    The layers are taken from the input on, so that each sees what those before it really pass.
    Var(z) is over the samples and the units of a layer. A layer that gets nothing which varies,
    or something that is not finite, is left alone.

    Parameters
    ----------
    net
        Its weights are changed in place. It has no lanes.
    X
        Training inputs, (batch, inputs).
    layers
        Indices of the layers to scale, 0 being the first hidden one.
    tol
        How far Var(z) may stay from 1.
    max_iterations
        Divisions per layer at most; one is enough where the biases are 0.

    Returns
    -------
    dict
        By which factor the weights of each of ``layers`` were multiplied.

    References
    ----------
    Mishkin & Matas 2016, "All you need is a good init".
    """
    factors = {}
    with np.errstate(all="ignore"):
        for layer in sorted(layers):
            biases = net.biases[layer]
            product = net.pre_activations(X, layer) - biases
            factors[layer] = _factor(product, biases, tol, max_iterations)
            net.weights[layer][...] *= factors[layer]
    return factors


def _factor(product: Array, biases: Array, tol: float, max_iterations: int) -> float:
    """Return what brings the variance of ``factor * product + biases`` to about 1."""
    factor = 1.0
    if not 0 < float(product.var()) < math.inf:
        return factor
    for _ in range(max_iterations):
        variance = float((factor * product + biases).var())
        if abs(variance - 1) < tol:
            break
        factor /= math.sqrt(variance)
    return factor
