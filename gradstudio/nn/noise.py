"""How much of a gradient is signal and how much is scatter between the samples of the batch.

The gradient of one sample is the product of what the layer was given and of its delta,
g_i = a_i^T delta_i, so that its norm is the product of two norms. No gradient of a single sample is
ever formed: a layer of n inputs and m units costs n + m per sample, not n m.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gradstudio.nn.arrays import Array
from gradstudio.nn.network import Network
from gradstudio.nn.signal import layer_input, weight_grad_norms

Floats = NDArray[np.float64]

HALF_EPSILON: Final = 2.0**-10
"""Distance from 1 to the next number of half precision."""


@dataclass(frozen=True)
class GradientNoise:
    """Scatter of the single-sample weight gradients of each layer.

    Attributes
    ----------
    signal_to_noise
        ``||E g|| / sqrt(tr Cov g)``, (..., L), with the covariance of n - 1 degrees of freedom.
        Infinite where all samples agree, NaN for one sample or a gradient of 0.
    cancellation
        ``||mean g|| / mean ||g_i||``, (..., L): 1 where all samples pull the same way, 0 where they
        cancel each other. NaN for a gradient of 0.
    floor
        ``1 / sqrt(n)``: what both come to for n samples that have nothing in common. What is not
        above it is no sign of a signal.

    Notes
    -----
    With batch normalisation g_i is the part of the gradient that goes through sample i.
    """

    signal_to_noise: Floats
    cancellation: Floats
    floor: float


def gradient_noise(net: Network, X: Array) -> GradientNoise:
    """Compare single-sample gradients with their mean, dL/dW; after the gradients of a batch.

    Parameters
    ----------
    net
        The network.
    X
        Inputs of this batch, (..., batch, inputs).

    Raises
    ------
    ValueError
        If it is another batch by its size.
    """
    count = net.plan_in_use.batch
    if X.shape[-2] != count:
        raise ValueError(f"{X.shape[-2]} samples are not the last batch, of {count}")
    correction = count / (count - 1) if count > 1 else math.nan
    means = weight_grad_norms(net)
    ratios, cancellation = np.empty_like(means), np.empty_like(means)
    rounding = 16 * (HALF_EPSILON if net.is_half else float(np.finfo(net.dtype).eps))
    with np.errstate(all="ignore"):
        for layer in range(net.layer_count):
            # in a unit in which neither is far from 1, so that squares can be taken
            (inputs, unit), (deltas, other) = _lengths(net, X, layer)
            norms = inputs * deltas
            mean = means[..., layer] / unit[..., 0] / other[..., 0]
            square = mean * mean
            trace = (np.mean(norms * norms, -1) - square) * correction
            # where all agree, rounding leaves something of either sign
            ratios[..., layer] = mean / np.sqrt(np.where(trace < rounding * square, 0.0, trace))
            cancellation[..., layer] = mean / norms.mean(-1)
    return GradientNoise(ratios, cancellation, 1.0 / math.sqrt(count))


def sample_gradient_norms(net: Network, X: Array, layer: int) -> Floats:
    """Norm of the weight gradient of each sample, ``||a_i|| ||delta_i||``, (..., batch).

    After backpropagation of the batch ``X``; the mean of the gradients is dL/dW.
    """
    with np.errstate(all="ignore"):
        (inputs, unit), (deltas, other) = _lengths(net, X, layer)
        return (inputs * unit) * (deltas * other)


def _lengths(net: Network, X: Array, layer: int) -> tuple[tuple[Floats, Floats], ...]:
    """Norms of inputs and per-sample deltas, (..., batch), each with its unit (..., 1)."""
    batch = net.plan_in_use.batch
    lanes = (*net.lanes, batch, net.sizes[layer])
    inputs = np.broadcast_to(layer_input(net, X, layer), lanes)
    a, unit = _row_norms(inputs)
    delta, other = _row_norms(net.deltas[layer])
    return (a, unit), (delta * batch, other)


def _row_norms(x: Array) -> tuple[Floats, Floats]:
    """Norms of the rows (..., batch), in units of the largest number of each lane (..., 1)."""
    unit = np.abs(x).max((-1, -2), initial=0.0).astype(np.float64)[..., None]
    unit[unit == 0.0] = 1.0
    rows = x / unit[..., None]
    return np.sqrt(np.vecdot(rows, rows)), unit
