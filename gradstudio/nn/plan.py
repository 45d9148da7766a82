"""Buffers and calls for batches of one size, prepared once so that a step allocates nothing.

All z of a batch lie in one buffer, likewise all activations, slopes phi' and deltas. Layers of
one width are then one array with an axis more, and what does not depend on the layer before is
done for all of them in one call: biases, slopes, bias gradients, weight gradients, norms.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gradstudio.nn.activations import Activation
from gradstudio.nn.arrays import Array, Blocks, Call, aligned_zeros, equal_runs, run
from gradstudio.nn.losses import Mean
from gradstudio.nn.products import (
    backward_product,
    column_sums,
    forward_product,
    gradient_product,
    is_small,
)

if TYPE_CHECKING:
    from gradstudio.nn.network import Network


class Batch:
    """The calls of one step on inputs and targets at a fixed place in memory.

    Attributes
    ----------
    forward
        Calls of the forward pass; then ``loss()`` is the loss.
    backward
        Calls that write the deltas, from the output to the input.
    gradients
        Calls that write the gradients of weights and biases.
    """

    __slots__ = ("backward", "forward", "gradients", "loss")

    def __init__(
        self, forward: list[Call], loss: Mean, backward: list[Call], gradients: list[Call]
    ) -> None:
        self.forward = forward
        self.loss = loss
        self.backward = backward
        self.gradients = gradients


class Plan:
    """Forward pass, backpropagation and gradients of one network and one batch size.

    Parameters
    ----------
    net
        The network whose parameters and gradients are read and written.
    batch
        Number of samples.

    Attributes
    ----------
    x, targets
        Room for inputs and for targets as the loss prepares them, for the calls of ``own``.
    z, a, deltas
        Of each layer, (..., batch, units). The output layer has no activation: its a is its z.
    delta_rows
        Deltas of layers of one width side by side, each (..., layers, batch * units).
    """

    def __init__(self, net: Network, batch: int) -> None:
        self._net = net
        self.batch = batch
        self.blocks = Blocks([(batch, units) for units in net.sizes[1:]])
        hidden = self.blocks.offsets[-2]
        self._z, self._delta = (
            aligned_zeros((*net.lanes, self.blocks.stop), net.dtype) for _ in range(2)
        )
        self._a, self._slope = (aligned_zeros((*net.lanes, hidden), net.dtype) for _ in range(2))
        self.z = self.blocks.views(self._z)
        self.deltas = self.blocks.views(self._delta)
        self.delta_rows = self.blocks.rows(self._delta)
        self._hidden = Blocks(self.blocks.shapes[:-1])
        activations = self._hidden.views(self._a)
        self._slopes = self._hidden.views(self._slope)
        self.a = (*activations, self.z[-1])
        self._pass = [self._layer_forward(layer) for layer in range(1, net.layer_count)]
        self._start = self._prefill()
        self._back = self._prepare_backward()
        self._inner_gradients = self._prepare_gradients()
        self.x = aligned_zeros((*net.lanes, batch, net.sizes[0]), net.dtype)
        self.targets = aligned_zeros((*net.lanes, batch, net.sizes[-1]), net.dtype)
        self.own = self.bind(self.x, self.targets)

    def bind(self, x: Array, targets: Array) -> Batch:
        """Prepare the calls for inputs and prepared targets at a place in memory.

        Parameters
        ----------
        x
            (..., batch, inputs), contiguous in its last two axes.
        targets
            (..., batch, outputs), in the form of ``Loss.prepare``.
        """
        net = self._net
        first = forward_product(x, net.weights[0], net.biases[0], self.z[0])
        forward = [*self._start, *first, *self._activate(0)]
        for calls in self._pass:
            forward += calls
        loss, start = net.loss.bind(self.z[-1], targets, self.deltas[-1])
        gradients = [
            *gradient_product(x, self.deltas[0], net.weight_grads[0]),
            *self._inner_gradients,
        ]
        return Batch(forward, loss, [*start, *self._back], gradients)

    def load(self, X: Array, y: Array) -> None:
        """Copy a batch to ``x`` and ``targets``."""
        np.copyto(self.x, X)
        np.copyto(self.targets, self._net.loss.prepare(np.asarray(y, self._net.dtype), self.batch))

    def forward(self) -> float | NDArray[np.float64]:
        """Forward pass of ``x``; returns the loss against ``targets``, one per lane."""
        run(self.own.forward)
        return self.own.loss()

    def backward(self) -> None:
        """Write dL/dz of all layers, from the output to the input."""
        run(self.own.backward)

    def gradients(self) -> None:
        """Write the gradients of all weights and biases."""
        run(self.own.gradients)

    # -- preparation -----------------------------------------------------------------------

    def _layer_forward(self, layer: int) -> list[Call]:
        net = self._net
        product = forward_product(
            self.a[layer - 1], net.weights[layer], net.biases[layer], self.z[layer]
        )
        return product + self._activate(layer)

    def _activate(self, layer: int) -> list[Call]:
        if layer == self._net.layer_count - 1:
            return []
        return [partial(self._net.activations[layer].value, self.z[layer], self.a[layer])]

    def _prefill(self) -> list[Call]:
        """Calls that write the biases into z, for the layers whose product adds to it."""
        net = self._net
        small = [is_small(self.batch, *shape) for shape in net.weight_blocks.shapes]
        keys = list(zip(small, net.sizes[1:], strict=True))
        return [
            partial(
                np.copyto,
                self.blocks.run_view(self._z, members),
                net.bias_blocks.run_view(net.flat, members)[..., None, :],
            )
            for members in equal_runs(keys)
            if small[members.start]
        ]

    def _prepare_backward(self) -> list[Call]:
        """Slopes of all hidden layers first, then delta W^T times the slope, layer by layer."""
        net = self._net
        calls = self._slope_calls(net.activations)
        for layer in reversed(range(net.layer_count - 1)):
            slope = None if net.activations[layer].name == "linear" else self._slopes[layer]
            calls += backward_product(
                self.deltas[layer + 1], net.weights[layer + 1], slope, self.deltas[layer]
            )
        return calls

    def _slope_calls(self, activations: Sequence[Activation]) -> list[Call]:
        calls: list[Call] = []
        for members in equal_runs([activation.name for activation in activations]):
            activation = activations[members.start]
            if activation.name != "linear":
                start, stop = (self._hidden.offsets[i] for i in (members.start, members.stop))
                parts = (flat[..., start:stop] for flat in (self._z, self._a, self._slope))
                calls.append(partial(activation.slope, *parts))
        return calls

    def _prepare_gradients(self) -> list[Call]:
        """Gradients of all biases, and of all weights but those of the first layer."""
        net = self._net
        calls: list[Call] = []
        for members in self.blocks.runs:
            calls += column_sums(
                self.blocks.run_view(self._delta, members),
                net.bias_blocks.run_view(net.flat_grads, members),
            )
        shapes = net.weight_blocks.shapes
        for inner in equal_runs(shapes[1:]):
            members = range(inner.start + 1, inner.stop + 1)
            if len(members) == 1 or not is_small(self.batch, *shapes[members.start]):
                for layer in members:
                    calls += gradient_product(
                        self.a[layer - 1], self.deltas[layer], net.weight_grads[layer]
                    )
            else:
                inputs = self._hidden.run_view(self._a, inner)
                deltas = self.blocks.run_view(self._delta, members)
                grads = net.weight_blocks.run_view(net.flat_grads, members)
                calls.append(partial(np.matmul, inputs.mT, deltas, grads))
        return calls
