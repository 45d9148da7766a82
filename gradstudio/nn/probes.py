"""What is measured of one step; each quantity has its one definition here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradstudio.nn.arrays import Array
from gradstudio.nn.network import Network
from gradstudio.nn.norms import LayerNorms

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
    plan = net.plan(net.deltas[0].shape[-2])
    return _norms(net, plan.delta_rows) * delta_factors(net, plan.batch)


def delta_factors(net: Network, batch: int) -> Floats:
    """Factors from the norm of a delta of the mean loss to the RMS of the per-sample one, (L,)."""
    return np.sqrt(batch / np.array(net.sizes[1:], np.float64))


def _norms(net: Network, rows: Sequence[Array]) -> Floats:
    norms = np.empty((*net.lanes, net.layer_count))
    with np.errstate(all="ignore"):
        for lane in np.ndindex(net.lanes):
            layers = LayerNorms([array[lane] for array in rows])
            layers.measure()
            norms[lane] = layers.norms
    return norms


@dataclass(frozen=True)
class NonFinite:
    """The first value of a step that is NaN or infinite.

    Attributes
    ----------
    layer_index
        0-based; the output layer is the last.
    operation
        What it belongs to: ``"weights"``, ``"matrix product"``, ``"activation"``, ``"loss"``,
        ``"delta"`` or ``"weight gradient"``.
    unit, sample
        Where in the layer and in the batch, 0-based; None where that means nothing.
    """

    layer_index: int
    operation: str
    unit: int | None = None
    sample: int | None = None


def first_non_finite(net: Network, loss: ArrayLike) -> NonFinite | None:
    """Find the first value, in the order of computation, that is not finite.

    To be called after forward pass, backpropagation and gradients of a network without lanes.
    """
    return _in_forward_pass(net, loss) or _in_backpropagation(net)


def _in_forward_pass(net: Network, loss: ArrayLike) -> NonFinite | None:
    last = net.layer_count - 1
    for layer in range(net.layer_count):
        for parameters in (net.weights[layer], net.biases[layer]):
            if (place := _first_bad(parameters)) is not None:
                return NonFinite(layer, "weights", place[-1])
        if (place := _first_bad(net.z[layer])) is not None:
            return NonFinite(layer, "matrix product", place[-1], place[-2])
        if layer < last and (place := _first_bad(net.a[layer])) is not None:
            return NonFinite(layer, "activation", place[-1], place[-2])
    return None if np.isfinite(loss).all() else NonFinite(last, "loss")


def _in_backpropagation(net: Network) -> NonFinite | None:
    layers = range(net.layer_count - 1, -1, -1)
    for layer in layers:
        if (place := _first_bad(net.deltas[layer])) is not None:
            return NonFinite(layer, "delta", place[-1], place[-2])
    for layer in layers:
        for gradients in (net.weight_grads[layer], net.bias_grads[layer]):
            if (place := _first_bad(gradients)) is not None:
                return NonFinite(layer, "weight gradient", place[-1])
    return None


def _first_bad(values: Array) -> tuple[int, ...] | None:
    is_bad = ~np.isfinite(values)
    if not is_bad.any():
        return None
    return tuple(int(i) for i in np.unravel_index(int(is_bad.argmax()), values.shape))
