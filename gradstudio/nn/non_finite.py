"""Where the first value of a step that is NaN or infinite appeared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gradstudio.nn.arrays import Array
from gradstudio.nn.network import Network


@dataclass(frozen=True)
class NonFinite:
    """The first value of a step that is NaN or infinite.

    Attributes
    ----------
    layer_index
        0-based; the output layer is the last.
    operation
        What it belongs to: ``"weights"``, ``"matrix product"``, ``"normalisation"``,
        ``"activation"``, ``"dropout"``, ``"shortcut"``, ``"loss"``, ``"delta"`` or ``"weight
        gradient"``; a gradient of what a normalisation or shortcut learns counts to it.
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
        for operation, values in _stages(net, layer) if layer < last else ():
            if (place := _first_bad(values)) is not None:
                return NonFinite(layer, operation, place[-1], place[-2])
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
        for operation, learnt in _learnt_gradients(net, layer):
            if (place := _first_bad(learnt)) is not None:
                return NonFinite(layer, operation, place[-1])
    return None


def _stages(net: Network, layer: int) -> list[tuple[str, Array]]:
    """What a hidden layer makes of z, in order, each with the operation it comes from."""
    pieces = net.plan_in_use.layers[layer]
    stages = [("activation", pieces.a)]
    if pieces.norm is not None:
        stages.insert(0, ("normalisation", pieces.u))
    if pieces.shortcut is not None:
        stages.append(("shortcut", net.outputs[layer]))
    elif pieces.dropout is not None:
        stages.append(("dropout", net.outputs[layer]))
    return stages


def _learnt_gradients(net: Network, layer: int) -> list[tuple[str, Array]]:
    """Gradients of what the normalisation and the shortcut of a layer learn."""
    owners = (
        ("normalisation", net.scale_grads),
        ("normalisation", net.shift_grads),
        ("shortcut", net.factor_grads),
    )
    return [(operation, grads[layer]) for operation, grads in owners if layer in grads]


def _first_bad(values: Array) -> tuple[int, ...] | None:
    is_bad = ~np.isfinite(values)
    if not is_bad.any():
        return None
    return tuple(int(i) for i in np.unravel_index(int(is_bad.argmax()), values.shape))
