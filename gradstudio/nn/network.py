"""A dense network on flat buffers: forward pass, backpropagation, gradients."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from gradstudio.nn.activations import ACTIVATIONS
from gradstudio.nn.arrays import Array, Blocks, aligned_zeros
from gradstudio.nn.losses import LOSSES
from gradstudio.nn.plan import Plan

KEPT_PLANS: Final = 2
OUTPUT_NUMBERS: Final = 1_000_000
"""Numbers per layer that ``output`` calculates at once: 4 MB in single precision."""


class Network:
    """Dense layers ``z = a W + b``, ``a = phi(z)``; the output layer has no activation.

    All weights lie layer by layer in one flat buffer, then all biases; the gradients in another
    one of the same form. ``weights``, ``biases``, ``weight_grads`` and ``bias_grads`` are views.

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
        self.weight_blocks = Blocks(list(pairwise(self.sizes)))
        self.bias_blocks = Blocks([(units,) for units in self.sizes[1:]], self.weight_blocks.stop)
        self.weight_count = self.weight_blocks.stop
        self.parameter_count = self.bias_blocks.stop
        self.flat = aligned_zeros((*self.lanes, self.parameter_count), self.dtype)
        self.flat_grads = aligned_zeros(self.flat.shape, self.dtype)
        self.weights = self.weight_blocks.views(self.flat)
        self.biases = self.bias_blocks.views(self.flat)
        self.weight_grads = self.weight_blocks.views(self.flat_grads)
        self.bias_grads = self.bias_blocks.views(self.flat_grads)
        self._plans: dict[int, Plan] = {}
        self._plan: Plan | None = None

    def plan(self, batch: int) -> Plan:
        """Return the prepared buffers and calls for batches of one size; the last two are kept."""
        plan = self._plans.pop(batch, None) or Plan(self, batch)
        self._plans[batch] = plan
        if len(self._plans) > KEPT_PLANS:
            del self._plans[next(iter(self._plans))]
        self._plan = plan
        return plan

    def forward(self, X: ArrayLike, y: ArrayLike) -> float | NDArray[np.float64]:
        """Forward pass and loss of a batch; one loss per lane.

        Parameters
        ----------
        X
            Inputs, (..., batch, inputs), or (batch, inputs) for all lanes.
        y
            Targets, (..., batch, outputs), or (batch, outputs) for all lanes.
        """
        X, y = np.asarray(X, self.dtype), np.asarray(y, self.dtype)
        plan = self.plan(X.shape[-2])
        with np.errstate(all="ignore"):
            plan.load(X, y)
            return plan.forward()

    def backward(self) -> None:
        """Backpropagation: the deltas of all layers, from the output to the input."""
        with np.errstate(all="ignore"):
            self._current().backward()

    def gradients(self) -> None:
        """Gradients of weights and biases, by the chain rule from activations and deltas."""
        with np.errstate(all="ignore"):
            self._current().gradients()

    def loss_and_gradients(self, X: ArrayLike, y: ArrayLike) -> float | NDArray[np.float64]:
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

    def output(self, X: ArrayLike) -> Array:
        """Pre-activations of the output layer for any inputs; leaves the last batch alone."""
        X = np.asarray(X, self.dtype)
        rows = max(1, OUTPUT_NUMBERS // max(self.sizes))
        parts = [
            self._output(X[..., start : start + rows, :])
            for start in range(0, max(X.shape[-2], 1), rows)
        ]
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-2)

    def _output(self, a: Array) -> Array:
        with np.errstate(all="ignore"):
            for layer, (W, b) in enumerate(zip(self.weights, self.biases, strict=True)):
                a = np.matmul(a, W)
                np.add(a, b[..., None, :], a)
                if layer < self.layer_count - 1:
                    z, a = a, np.empty_like(a)
                    self.activations[layer].value(z, a)
        return a

    def _current(self) -> Plan:
        if self._plan is None:
            raise RuntimeError("there is no batch yet: call forward first")
        return self._plan
