"""Buffers and calls for batches of one size, prepared once so that a step allocates nothing.

All z of a batch lie in one buffer, likewise all outputs of layers and all deltas. Small layers of
one width are then one array with an axis more, and what does not depend on the layer before is
done for all of them in one call: biases, slopes, bias gradients, weight gradients, norms. Large
layers are done one by one, so that what one call writes is still in the cache for the next.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from gradstudio.nn.arrays import Array, Blocks, Call, aligned_zeros, equal_runs, run
from gradstudio.nn.half import rounding
from gradstudio.nn.layer import HiddenLayer
from gradstudio.nn.losses import Mean
from gradstudio.nn.products import (
    adds_to_biases,
    backward_product,
    column_sums,
    forward_product,
    gradient_product,
    is_small,
)

if TYPE_CHECKING:
    from gradstudio.nn.network import Network

TOGETHER: Final = 8192
"""Numbers of a layer up to which slopes of neighbouring layers are taken in one call."""


class Batch:
    """The calls of one step on inputs and targets at a fixed place in memory.

    Attributes
    ----------
    x
        The inputs, (..., batch, inputs).
    forward
        Calls of the forward pass; then ``loss()`` is the loss.
    backward
        Calls that write the deltas, from the output to the input, and the gradients of what a
        layer has beside weights and biases.
    gradients
        Calls that write the gradients of weights and biases.
    """

    __slots__ = ("backward", "forward", "gradients", "loss", "x")

    def __init__(
        self, x: Array, forward: list[Call], loss: Mean, backward: list[Call], gradients: list[Call]
    ) -> None:
        self.x = x
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
    layers
        The hidden layers with their arrays.
    z, outputs, deltas
        Of each layer, (..., batch, units). The output layer has no activation: its output is its z.
    delta_rows
        Deltas of layers of one width side by side, each (..., layers, batch * units).
    gradient_runs
        The layers whose weight gradients are taken one after the other, those of a run in one call.
    """

    def __init__(self, net: Network, batch: int) -> None:
        self._net = net
        self.batch = batch
        # all lanes of a layer lie side by side: what is done number by number needs no lanes
        self.blocks = Blocks([(*net.lanes, batch, units) for units in net.sizes[1:]])
        self._hidden = Blocks(self.blocks.shapes[:-1])
        self._z, self._delta = (aligned_zeros((self.blocks.stop,), net.dtype) for _ in range(2))
        self._out = aligned_zeros((self._hidden.stop,), net.dtype)
        self.z = self.blocks.views(self._z)
        self.deltas = self.blocks.views(self._delta)
        self.delta_rows = _rows(self.blocks, self._delta)
        self.outputs = (*self._hidden.views(self._out), self.z[-1])
        largest = max(self._hidden.sizes, default=0)
        scratch = [aligned_zeros((largest,), net.dtype) for _ in range(2)]
        self.layers = [
            HiddenLayer(net, layer, self.z[layer], self.outputs[layer], self._views(layer, scratch))
            for layer in range(net.layer_count - 1)
        ]
        self._round_z = rounding(net, self.z)
        self._pass = [self._layer_forward(layer) for layer in range(1, net.layer_count)]
        self._start = self._prefill()
        self._back = self._prepare_backward()
        self._bias_gradients = self._prepare_bias_gradients()
        inner = self._prepare_weight_gradients()
        self.gradient_runs = [range(1), *(members for members, _ in inner)]
        self._inner_gradients = [calls for _, calls in inner]
        self._gradient_watch: list[Call] = []
        self.x = aligned_zeros((*net.lanes, batch, net.sizes[0]), net.dtype)
        self.targets = aligned_zeros((*net.lanes, batch, net.sizes[-1]), net.dtype)
        self.own = self.bind(self.x, self.targets)

    @property
    def a(self) -> tuple[Array, ...]:
        """Activations of each layer, (..., batch, units); of the output layer its z."""
        return (*(layer.a for layer in self.layers), self.z[-1])

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
        forward = [
            *self._start,
            *forward_product(x, net.weights[0], net.biases[0], self.z[0]),
            *self._finish_layer(0, x),
        ]
        for layer, calls in enumerate(self._pass, 1):
            forward += calls
            forward += self._finish_layer(layer, x)
        loss, start = net.loss.bind(self.z[-1], targets, self.deltas[-1])
        start = [*start, *rounding(net, [self.deltas[-1]])]
        return Batch(x, forward, loss, [*start, *self._back], self._gradients(x))

    def watch_gradients(self, calls: list[Call]) -> None:
        """Have a call behind the gradients of each run of layers, in batches bound from now on.

        Parameters
        ----------
        calls
            One for each of ``gradient_runs``; it finds the gradients still in the cache.
        """
        self._gradient_watch = calls

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

    def _views(self, layer: int, scratch: list[Array]) -> tuple[Array, Array]:
        """Scratch in the shape of a hidden layer."""
        size, shape = self._hidden.sizes[layer], self._hidden.shapes[layer]
        first, second = (flat[:size].reshape(shape) for flat in scratch)
        return first, second

    def _run(self, blocks: Blocks, flat: Array, members: range) -> Array:
        """Layers of one width as one array, (..., layers, batch, units)."""
        return np.moveaxis(blocks.run_view(flat, members), 0, -3)

    def _layer_forward(self, layer: int) -> list[Call]:
        net = self._net
        return forward_product(
            self.outputs[layer - 1], net.weights[layer], net.biases[layer], self.z[layer]
        )

    def _finish_layer(self, layer: int, x: Array) -> list[Call]:
        """From z to the output of a layer; ``x`` is what a shortcut from the input adds."""
        calls = self._round_z[layer : layer + 1]
        if layer == self._net.layer_count - 1:
            return calls
        source = layer - self._net.structures[layer].span
        return calls + self.layers[layer].forward(x if source < 0 else self.outputs[source])

    def _prefill(self) -> list[Call]:
        """Calls that write the biases into z, for the layers whose product adds to it."""
        net = self._net
        adding = [adds_to_biases(W, z) for W, z in zip(net.weights, self.z, strict=True)]
        return [
            partial(
                np.copyto,
                self._run(self.blocks, self._z, members),
                net.bias_blocks.run_view(net.flat, members)[..., None, :],
            )
            for members in equal_runs(list(zip(adding, net.sizes[1:], strict=True)))
            if adding[members.start]
        ]

    def _prepare_backward(self) -> list[Call]:
        """From the last hidden layer to the first: delta W^T, then through the layer."""
        net = self._net
        calls = self._slopes_together()
        for index in reversed(range(net.layer_count - 1)):
            layer, G = self.layers[index], self.deltas[index]
            calls += backward_product(self.deltas[index + 1], net.weights[index + 1], G)
            calls += [
                partial(np.add, G, self.layers[end].carried, G)
                for end in range(index + 1, net.layer_count - 1)
                if net.structures[end].has_shortcut and end - net.structures[end].span == index
            ]
            calls += layer.backward(G)
            calls += rounding(net, [G])
        return calls

    def _slopes_together(self) -> list[Call]:
        """Slopes of small neighbouring layers of one activation, taken in one call each."""
        net, hidden = self._net, self._hidden
        calls: list[Call] = []
        keys = [
            (net.activations[index], layer.is_simple and hidden.sizes[index] <= TOGETHER)
            for index, layer in enumerate(self.layers)
        ]
        for members in equal_runs(keys):
            activation, is_together = keys[members.start]
            if not is_together or activation.name == "linear":
                continue
            begin, end = hidden.offsets[members.start], hidden.offsets[members.stop]
            z, out = self._z[begin:end], self._out[begin:end]
            slope, work = (aligned_zeros(z.shape, z.dtype) for _ in range(2))
            calls.append(partial(activation.slope, z, out, slope, work))
            slopes = Blocks(hidden.shapes[members.start : members.stop]).views(slope)
            for index, view in zip(members, slopes, strict=True):
                self.layers[index].slope_is_in(view)
        return calls

    def _gradients(self, x: Array) -> list[Call]:
        net = self._net
        first = gradient_product(x, self.deltas[0], net.weight_grads[0])
        calls: list[Call] = []
        for index, products in enumerate([first, *self._inner_gradients]):
            calls += [*products, *self._gradient_watch[index : index + 1]]
        return [*calls, *self._bias_gradients, *rounding(net, [net.flat_grads])]

    def _prepare_bias_gradients(self) -> list[Call]:
        net = self._net
        return [
            call
            for members in self.blocks.runs
            for call in column_sums(
                self._run(self.blocks, self._delta, members),
                net.bias_blocks.run_view(net.flat_grads, members),
            )
        ]

    def _prepare_weight_gradients(self) -> list[tuple[range, list[Call]]]:
        """Gradients of all weights but those of the first layer, small neighbours in one call."""
        net = self._net
        runs: list[tuple[range, list[Call]]] = []
        shapes = list(pairwise(net.sizes))
        for inner in equal_runs(shapes[1:]):
            members = range(inner.start + 1, inner.stop + 1)
            if len(members) == 1 or not is_small((self.batch, *shapes[members.start])):
                runs += [
                    (
                        range(layer, layer + 1),
                        gradient_product(
                            self.outputs[layer - 1], self.deltas[layer], net.weight_grads[layer]
                        ),
                    )
                    for layer in members
                ]
            else:
                inputs = self._run(self._hidden, self._out, inner)
                deltas = self._run(self.blocks, self._delta, members)
                grads = net.weight_blocks.run_view(net.flat_grads, members)
                runs.append((members, [partial(np.matmul, inputs.mT, deltas, grads)]))
        return runs


def _rows(blocks: Blocks, flat: Array) -> list[Array]:
    """Layers of one width as rows, (..., layers, batch * units)."""
    views = (blocks.run_view(flat, members) for members in blocks.runs)
    return [np.moveaxis(view.reshape(*view.shape[:-2], -1), 0, -2) for view in views]
