"""Buffers and calls for batches of one size, prepared once so that a step allocates nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from gradstudio.nn.arrays import Array

if TYPE_CHECKING:
    from gradstudio.nn.network import Network


class Plan:
    """Forward pass, backpropagation and gradients of one network and one batch size.

    Deltas of neighbouring layers of one width lie side by side in one buffer, so that they are
    measured together. The inputs are written to `x` and the targets to `y` before `forward`.

    Parameters
    ----------
    net
        The network whose parameters and gradients are read and written.
    batch
        Number of samples.
    """

    def __init__(self, net: Network, batch: int) -> None:
        self.batch = batch
        widths = net.sizes[1:]
        self.x: Array = np.zeros((*net.lanes, batch, net.sizes[0]), net.dtype)
        self.y: Array = np.zeros((*net.lanes, batch, net.sizes[-1]), net.dtype)
        self.z = tuple(np.zeros((*net.lanes, batch, units), net.dtype) for units in widths)
        hidden = tuple(np.zeros_like(z) for z in self.z[:-1])
        self.a = (*hidden, self.z[-1])
        self.delta_runs: list[tuple[slice, Array]] = []
        """Layers of one width in a row, each as (layers, view (count, ..., batch * units))."""
        self.deltas = self._make_deltas(net, widths)
        self._loss = net.loss
        self._probabilities = np.zeros_like(self.z[-1])
        self._forward = self._prepare_forward(net)
        self._backward = self._prepare_backward(net)
        self._gradients = self._prepare_gradients(net)
        self._ones = np.ones((1, batch), net.dtype)

    def forward(self) -> Any:
        """Forward pass of `x` and the loss against `y`, one per lane."""
        matmul, add = np.matmul, np.add
        for a, W, z, b, value, out in self._forward:
            matmul(a, W, z)
            add(z, b, z)
            if value is not None:
                value(z, out)
        return self._loss.forward(self.z[-1], self.y, self._probabilities)

    def backward(self) -> None:
        """Write dL/dz of all layers, from the output to the input."""
        self._loss.backward(self.z[-1], self.y, self._probabilities, self.deltas[-1])
        matmul = np.matmul
        multiply = np.multiply
        for above, W, delta, slope, z, a, work in self._backward:
            matmul(above, W, delta)
            slope(z, a, work)
            multiply(delta, work, delta)

    def gradients(self) -> None:
        """Write dL/dW and dL/db of all layers."""
        matmul, ones = np.matmul, self._ones
        for a, delta, dW, db in self._gradients:
            matmul(a, delta, dW)
            matmul(ones, delta, db)

    def _make_deltas(self, net: Network, widths: Sequence[int]) -> tuple[Array, ...]:
        deltas: list[Array] = []
        for layers in layer_runs(widths):
            count, units = layers.stop - layers.start, widths[layers.start]
            block = np.zeros((count, *net.lanes, self.batch, units), net.dtype)
            self.delta_runs.append((layers, block.reshape(count, *net.lanes, self.batch * units)))
            deltas.extend(block)
        return tuple(deltas)

    def _prepare_forward(
        self, net: Network
    ) -> list[tuple[Array, Array, Array, Array, Callable[..., object] | None, Array]]:
        inputs = (self.x, *self.a)
        values = [activation.value for activation in net.activations]
        return [
            (
                inputs[layer],
                net.weights[layer],
                self.z[layer],
                net.biases[layer][..., None, :],
                values[layer] if layer < len(values) else None,
                self.a[layer],
            )
            for layer in range(net.layer_count)
        ]

    def _prepare_backward(
        self, net: Network
    ) -> list[tuple[Array, Array, Array, Callable[..., object], Array, Array, Array]]:
        work = {z.shape: np.zeros_like(z) for z in self.z}
        return [
            (
                self.deltas[layer + 1],
                net.weights[layer + 1].mT,
                self.deltas[layer],
                net.activations[layer].slope,
                self.z[layer],
                self.a[layer],
                work[self.z[layer].shape],
            )
            for layer in reversed(range(net.layer_count - 1))
        ]

    def _prepare_gradients(self, net: Network) -> list[tuple[Array, Array, Array, Array]]:
        inputs = (self.x, *self.a)
        return [
            (
                inputs[layer].mT,
                self.deltas[layer],
                net.weight_grads[layer],
                net.bias_grads[layer][..., None, :],
            )
            for layer in range(net.layer_count)
        ]


def layer_runs(keys: Sequence[object]) -> list[slice]:
    """Slices of layers in a row that share a key."""
    runs, start = [], 0
    for _, group in groupby(keys):
        end = start + sum(1 for _ in group)
        runs.append(slice(start, end))
        start = end
    return runs
