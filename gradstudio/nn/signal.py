"""How large weights, gradients and signals of a step are, layer by layer."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike, NDArray

from gradstudio.nn.arrays import Array
from gradstudio.nn.network import Network
from gradstudio.nn.norms import SAFE, LayerNorms, safe_norm

Floats = NDArray[np.float64]


def weight_norms(net: Network) -> Floats:
    """Euclidean norm of W of each layer, (..., L)."""
    return _norms(net, net.weight_blocks.rows(net.flat))


def weight_grad_norms(net: Network) -> Floats:
    """Euclidean norm of dL/dW of each layer, L being the mean loss, (..., L)."""
    return _norms(net, net.weight_blocks.rows(net.flat_grads))


def delta_rms(net: Network) -> Floats:
    """Root mean square over units and samples of the per-sample dL/dz, (..., L).

    The loss is a mean over the batch, so the per-sample delta is the batch size times the delta of
    the mean loss.
    """
    plan = net.plan_in_use
    return _norms(net, plan.delta_rows) * delta_factors(net, plan.batch)


def delta_factors(net: Network, batch: int) -> Floats:
    """Factors from the norm of a delta of the mean loss to the RMS of the per-sample one, (L,)."""
    return np.sqrt(batch / np.array(net.sizes[1:], np.float64))


def per_sample_delta(net: Network, layer: int, dtype: DTypeLike = np.float64) -> Array:
    """dL/dz of a 0-based layer, L being the loss of each sample by itself, (..., batch, units).

    The batch size times what the network holds; in double precision nothing of it is lost.
    """
    with np.errstate(all="ignore"):
        result: Array = np.multiply(net.deltas[layer], net.plan_in_use.batch, dtype=dtype)
    return result


def activation_means(net: Network) -> Floats:
    """Mean of the activations of each hidden layer over units and samples, (..., L - 1)."""
    means = [a.mean((-1, -2), np.float64) for a in net.a[:-1]]
    return _side_by_side(net, means)


def activation_spreads(net: Network) -> Floats:
    """Standard deviation of the activations of each hidden layer, (..., L - 1).

    Over units and samples together, around their common mean; divided by their number.
    """
    with np.errstate(all="ignore"):
        spreads = [a.std((-1, -2), np.float64) for a in net.a[:-1]]
    return _side_by_side(net, spreads)


def rms(x: Array) -> Floats:
    """Root mean square over the last two axes, (...,).

    It neither underflows nor overflows before the result does; infinity and NaN stay what they are.
    """
    rows = x.reshape(*x.shape[:-2], -1).astype(np.float64)
    with np.errstate(all="ignore"):
        squares = np.asarray(np.vecdot(rows, rows))
    low, high = SAFE[rows.dtype]
    norms = np.asarray(np.sqrt(squares))
    for lane in np.argwhere(~((squares >= low) & (squares <= high))):
        norms[tuple(lane)] = safe_norm(rows[tuple(lane)])
    return np.asarray(norms / math.sqrt(rows.shape[-1]))


def layer_input(net: Network, X: Array, layer: int) -> Array:
    """Return what a 0-based layer was given in the last batch, (..., batch, fan_in).

    ``X`` is the batch itself, which only layer 0 is given.
    """
    return X if layer == 0 else net.outputs[layer - 1]


def _norms(net: Network, rows: Sequence[Array]) -> Floats:
    norms = np.empty((*net.lanes, net.layer_count))
    with np.errstate(all="ignore"):
        for lane in np.ndindex(net.lanes):
            layers = LayerNorms([array[lane] for array in rows])
            layers.measure()
            norms[lane] = layers.norms
    return norms


def _side_by_side(net: Network, of_layers: Sequence[NDArray[np.float64]]) -> Floats:
    """One number per lane and layer, (..., layers); there may be no layer at all."""
    result = np.empty((*net.lanes, len(of_layers)))
    for index, values in enumerate(of_layers):
        result[..., index] = values
    return result
