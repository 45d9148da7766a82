"""A dense network on flat buffers: forward pass, backpropagation, gradients."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from gradstudio.nn.activations import ACTIVATIONS
from gradstudio.nn.arrays import Array
from gradstudio.nn.losses import LOSSES
from gradstudio.nn.plan import Plan, layer_runs


class Network:
    """Dense layers ``z = a W + b``, ``a = phi(z)``; the output layer has no activation.

    All weights lie layer by layer in one flat buffer, then all biases; the gradients in another one
    of the same form. `weights`, `biases`, `weight_grads` and `bias_grads` are views of them.

    Parameters
    ----------
    sizes
        Units of the input, of each hidden layer and of the output.
    activation
        Name of the activation of all hidden layers, or one name for each.
    loss
        Name of the loss.
    dtype
        float32 or float64.
    lanes
        Shape of the leading axes: independent networks trained in lockstep.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str | Sequence[str] = "tanh",
        *,
        loss: str = "softmax_cross_entropy",
        dtype: DTypeLike = np.float32,
        lanes: tuple[int, ...] = (),
    ) -> None:
        self.sizes = tuple(int(size) for size in sizes)
        hidden = len(self.sizes) - 2
        names = [activation] * hidden if isinstance(activation, str) else list(activation)
        if hidden < 0 or len(names) != hidden:
            raise ValueError(
                f"{len(names)} activations for {max(hidden, 0)} hidden layers: one each is needed"
            )
        self.activations = tuple(ACTIVATIONS[name] for name in names)
        self.loss = LOSSES[loss]
        self.dtype = np.dtype(dtype)
        self.lanes = tuple(lanes)
        self.layer_count = len(self.sizes) - 1
        self.shapes = tuple(pairwise(self.sizes))
        self.weight_count = sum(fan_in * fan_out for fan_in, fan_out in self.shapes)
        self.parameter_count = self.weight_count + sum(self.sizes[1:])
        self.flat: Array = np.zeros((*self.lanes, self.parameter_count), self.dtype)
        self.flat_grads: Array = np.zeros_like(self.flat)
        self.weights, self.biases = self.views(self.flat)
        self.weight_grads, self.bias_grads = self.views(self.flat_grads)
        self._plans: dict[int, Plan] = {}
        self._plan: Plan | None = None

    def views(self, flat: Array) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
        """Weights (..., fan_in, fan_out) and biases (..., units) as views of a flat buffer."""
        weights, biases, start = [], [], 0
        for shape in self.shapes:
            end = start + shape[0] * shape[1]
            weights.append(flat[..., start:end].reshape(*self.lanes, *shape))
            start = end
        for units in self.sizes[1:]:
            biases.append(flat[..., start : start + units])
            start += units
        return tuple(weights), tuple(biases)

    def weight_runs(self, flat: Array) -> list[tuple[slice, Array]]:
        """Layers of one shape in a row, each as (layers, view (count, ..., size))."""
        runs, start = [], 0
        for layers in layer_runs(self.shapes):
            count = layers.stop - layers.start
            size = self.shapes[layers.start][0] * self.shapes[layers.start][1]
            part = flat[..., start : start + count * size]
            view = part.reshape(*self.lanes, count, size)
            runs.append((layers, np.moveaxis(view, -2, 0)))
            start += count * size
        return runs

    def plan(self, batch: int) -> Plan:
        """The prepared buffers and calls for batches of one size; the last few are kept."""
        plan = self._plans.get(batch)
        if plan is None:
            if len(self._plans) >= 2:
                self._plans.clear()
            plan = self._plans[batch] = Plan(self, batch)
        self._plan = plan
        return plan

    def forward(self, X: Array, y: Array) -> Any:
        """Forward pass and loss of a batch; one loss per lane.

        Parameters
        ----------
        X
            Inputs, (..., batch, fan_in).
        y
            Targets, (..., batch, outputs).
        """
        plan = self.plan(X.shape[-2])
        np.copyto(plan.x, X)
        np.copyto(plan.y, y)
        return plan.forward()

    def backward(self) -> None:
        """Backpropagation: the deltas of all layers, from the output to the input."""
        self._current().backward()

    def gradients(self) -> None:
        """Gradients of weights and biases, by the chain rule from activations and deltas."""
        self._current().gradients()

    def loss_and_gradients(self, X: Array, y: Array) -> Any:
        """Forward pass, loss, backpropagation and gradients of a batch; returns the loss."""
        loss = self.forward(X, y)
        self.backward()
        self.gradients()
        return loss

    @property
    def z(self) -> tuple[Array, ...]:
        """Pre-activations of the last batch, each (..., batch, units)."""
        return self._current().z

    @property
    def a(self) -> tuple[Array, ...]:
        """Activations of the last batch; the output layer's are its pre-activations."""
        return self._current().a

    @property
    def deltas(self) -> tuple[Array, ...]:
        """dL/dz of each layer, L being the mean loss of the last batch, (..., batch, units)."""
        return self._current().deltas

    def output(self, X: Array) -> Array:
        """Pre-activations of the output layer for any inputs; leaves the last batch alone."""
        a: Array = np.asarray(X, self.dtype)
        last = self.layer_count - 1
        with np.errstate(all="ignore"):
            for layer, (W, b) in enumerate(zip(self.weights, self.biases, strict=True)):
                a = np.matmul(a, W)
                np.add(a, b[..., None, :], a)
                if layer < last:
                    self.activations[layer].value(a, a)
        return a

    def _current(self) -> Plan:
        if self._plan is None:
            raise RuntimeError("there is no batch yet: call forward first")
        return self._plan
