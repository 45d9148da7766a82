"""A network outside training: no dropout, and batch normalisation by running statistics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from gradstudio.nn.arrays import Array
from gradstudio.nn.half import as_stored
from gradstudio.nn.structure import EPSILON, branch_count

if TYPE_CHECKING:
    from gradstudio.nn.network import Network

OUTPUT_NUMBERS: Final = 1_000_000
"""Numbers per layer that ``output`` calculates at once: 4 MB in single precision."""
SHARE: Final = 0.1
"""Share of the newest batch in the running statistics, once ten batches have been seen."""


class Statistics:
    """Running mean and variance of each unit of the layers with batch normalisation.

    The mean over the first ten batches, then nine parts of the old and one of the new. Before the
    first batch there are none, and a network is evaluated with those of the samples it is given.

    Parameters
    ----------
    net
        The network.

    Attributes
    ----------
    count
        Batches seen.
    mean, variance
        By 0-based layer, (..., units).
    """

    def __init__(self, net: Network) -> None:
        self._net = net
        self.count = 0
        layers = [i for i, s in enumerate(net.structures) if s.normalisation == "batch"]
        shapes = {layer: (*net.lanes, net.sizes[layer + 1]) for layer in layers}
        self.mean = {layer: np.zeros(shape, net.dtype) for layer, shape in shapes.items()}
        self.variance = {layer: np.ones(shape, net.dtype) for layer, shape in shapes.items()}

    def update(self) -> None:
        """Take in the last batch."""
        if not self.mean:
            return
        self.count += 1
        share = max(SHARE, 1.0 / self.count)
        plan = self._net.plan_in_use
        correction = plan.batch / max(plan.batch - 1, 1)
        for layer, mean in self.mean.items():
            norm = plan.layers[layer].norm
            assert norm is not None
            mean += share * (norm.mean[..., 0, :] - mean)
            variance = self.variance[layer]
            variance += share * (correction * norm.variance[..., 0, :] - variance)

    def state(self) -> tuple[int, tuple[Array, ...]]:
        """Copy everything."""
        return self.count, tuple(
            array.copy() for array in (*self.mean.values(), *self.variance.values())
        )

    def restore(self, state: tuple[int, tuple[Array, ...]]) -> None:
        """Put back what ``state`` returned."""
        self.count, arrays = state
        kept = (*self.mean.values(), *self.variance.values())
        for mine, theirs in zip(kept, arrays, strict=True):
            np.copyto(mine, theirs)


def output(net: Network, X: Array, stop: int | None = None) -> Array:
    """Pre-activations of the output layer, or of the 0-based layer ``stop``.

    Parameters
    ----------
    net
        The network.
    X
        Inputs, (..., samples, inputs); taken some rows at a time where they are many.
    """
    needs_all = any(s.normalisation == "batch" for s in net.structures) and not net.statistics.count
    rows = X.shape[-2] if needs_all else max(1, OUTPUT_NUMBERS // max(net.sizes))
    last = net.layer_count - 1 if stop is None else stop
    with np.errstate(all="ignore"):
        parts = [
            _output(net, X[..., start : start + rows, :], last)
            for start in range(0, max(X.shape[-2], 1), rows)
        ]
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-2)


def unit_outputs(net: Network, X: Array, units: Sequence[NDArray[np.intp]]) -> list[Array]:
    """What some units of each layer hand on; of the output layer its pre-activations.

    Parameters
    ----------
    net
        The network.
    X
        Inputs, (samples, inputs); taken all at once.
    units
        Indices of the units of each layer that are returned.

    Returns
    -------
    One array per layer, (samples, units chosen).
    """
    outputs, found = [as_stored(net, np.asarray(X, net.dtype))], []
    with np.errstate(all="ignore"):
        for layer, chosen in enumerate(units):
            z = _pre_activations(net, layer, outputs[-1])
            if layer < net.layer_count - 1:
                outputs.append(as_stored(net, _through(net, layer, z, outputs)))
            handed_on: Array = z if layer == net.layer_count - 1 else outputs[-1]
            found.append(handed_on[:, chosen])
    return found


def _pre_activations(net: Network, layer: int, inputs: Array) -> Array:
    z: Array = np.matmul(inputs, net.weights[layer])
    np.add(z, net.biases[layer][..., None, :], z)
    return as_stored(net, z)


def _output(net: Network, X: Array, last: int) -> Array:
    has_shortcuts = branch_count(net.structures) > 0
    outputs = [X]
    for layer in range(last + 1):
        z = _pre_activations(net, layer, outputs[-1])
        if layer == last:
            break
        result = as_stored(net, _through(net, layer, z, outputs))
        outputs = [*outputs, result] if has_shortcuts else [result]
    return z


def _through(net: Network, layer: int, z: Array, outputs: list[Array]) -> Array:
    """From z to the output of a hidden layer."""
    structure = net.structures[layer]
    u = _normalised(net, layer, z) if structure.has_norm else z
    a: Array = np.empty_like(u)
    net.activations[layer].value(u, a, np.empty_like(u))
    if not structure.has_shortcut:
        return a
    if structure.has_learnt_factor:
        np.multiply(a, net.factors[layer][..., None], a)
    elif structure.residual == "scaled":
        np.multiply(a, np.asarray(branch_count(net.structures) ** -0.5, a.dtype), a)
    a += outputs[-structure.span]
    return a


def _normalised(net: Network, layer: int, z: Array) -> Array:
    statistics = net.statistics
    if net.structures[layer].normalisation == "batch" and statistics.count:
        mean = statistics.mean[layer][..., None, :]
        variance = statistics.variance[layer][..., None, :]
    else:
        axis = -2 if net.structures[layer].normalisation == "batch" else -1
        mean = z.mean(axis, keepdims=True)
        variance = z.var(axis, keepdims=True)
    rate = 1.0 / np.sqrt(variance + np.asarray(EPSILON, z.dtype))
    result: Array = (z - mean) * rate * net.scales[layer][..., None, :]
    np.add(result, net.shifts[layer][..., None, :], result)
    return result
