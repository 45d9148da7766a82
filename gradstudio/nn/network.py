"""A dense network on flat buffers: forward pass, backpropagation, gradients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from gradstudio.nn.activations import ACTIVATIONS, Activation
from gradstudio.nn.arrays import Array, Blocks, aligned_zeros
from gradstudio.nn.evaluation import Statistics, output
from gradstudio.nn.half import as_stored, round_to_half
from gradstudio.nn.losses import LOSSES
from gradstudio.nn.plan import Plan
from gradstudio.nn.structure import PLAIN, LayerStructure, misfit
from gradstudio.nn.targets import targets

KEPT_PLANS: Final = 2

Entry = TypeVar("Entry")


class Network:
    """Dense layers ``z = a W + b``, ``a = phi(z)``; the output layer has no activation.

    All weights lie layer by layer in one flat buffer, then all biases, then what normalisations
    and shortcuts learn; the gradients in another one of the same form. ``weights``, ``biases``,
    ``weight_grads`` and ``bias_grads`` are views and can be written to.

    Parameters
    ----------
    sizes
        Units of the input, of each hidden layer and of the output.
    activation
        Activation of all hidden layers, or one for each; names or entries of their table.
    loss
        Name of the loss.
    dtype
        float32, float64, or float16: single precision in which everything stored is rounded to
        half precision.
    lanes
        Shape of the leading axes: independent networks trained in lockstep. Each has the bits it
        would have alone.
    structure
        Normalisation, dropout and shortcut of all hidden layers, or of each.

    Attributes
    ----------
    scales, shifts, factors
        By 0-based hidden layer, where there are any: gamma and beta of a normalisation (..., units)
        and the learnt factor of a shortcut (..., 1). ``scale_grads``, ``shift_grads`` and
        ``factor_grads`` are their gradients.
    statistics
        Running mean and variance of batch normalisations.

    Raises
    ------
    ValueError
        If the sizes, activations and structures do not fit each other.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str | Activation | Sequence[str | Activation] = "tanh",
        *,
        loss: str = "softmax_cross_entropy",
        dtype: DTypeLike = np.float32,
        lanes: tuple[int, ...] = (),
        structure: LayerStructure | Sequence[LayerStructure] = PLAIN,
    ) -> None:
        self.sizes = tuple(int(size) for size in sizes)
        self.layer_count = len(self.sizes) - 1
        if self.layer_count < 1 or min(self.sizes) < 1:
            raise ValueError(
                f"sizes {self.sizes} need an input and an output, each layer of at least one unit"
            )
        self.activations = tuple(
            item if isinstance(item, Activation) else _named(ACTIVATIONS, item, "activation")
            for item in self._one_each(activation, str | Activation, "activations")
        )
        self.structures = self._one_each(structure, LayerStructure, "structures")
        problem = misfit(self.sizes, self.structures)
        if problem is not None:
            raise ValueError(f"hidden layer {problem[0] + 1}: {problem[1]}")
        self.loss = _named(LOSSES, loss, "loss")
        self.is_half = np.dtype(dtype) == np.float16
        self.dtype = np.dtype(np.float32 if self.is_half else dtype)
        self.lanes = tuple(lanes)
        self.weight_blocks = Blocks(list(pairwise(self.sizes)))
        self.bias_blocks = Blocks([(units,) for units in self.sizes[1:]], self.weight_blocks.stop)
        self.weight_count = self.weight_blocks.stop
        normed = [i for i, structure in enumerate(self.structures) if structure.has_norm]
        learnt = [i for i, structure in enumerate(self.structures) if structure.has_learnt_factor]
        units = [(self.sizes[layer + 1],) for layer in normed]
        scale_blocks = Blocks(units, self.bias_blocks.stop)
        shift_blocks = Blocks(units, scale_blocks.stop)
        factor_blocks = Blocks([(1,)] * len(learnt), shift_blocks.stop)
        self.parameter_count = factor_blocks.stop
        self.flat = aligned_zeros((*self.lanes, self.parameter_count), self.dtype)
        self.flat_grads = aligned_zeros(self.flat.shape, self.dtype)
        self.weights = self.weight_blocks.views(self.flat)
        self.biases = self.bias_blocks.views(self.flat)
        self.weight_grads = self.weight_blocks.views(self.flat_grads)
        self.bias_grads = self.bias_blocks.views(self.flat_grads)
        (self.scales, self.shifts, self.factors), grads = (
            tuple(
                dict(zip(layers, blocks.views(flat), strict=True))
                for layers, blocks in (
                    (normed, scale_blocks),
                    (normed, shift_blocks),
                    (learnt, factor_blocks),
                )
            )
            for flat in (self.flat, self.flat_grads)
        )
        self.scale_grads, self.shift_grads, self.factor_grads = grads
        for layer in normed:
            self.scales[layer].fill(1.0)
        for layer in learnt:
            self.factors[layer].fill(float(self.structures[layer].residual == "fixup"))
        self.statistics = Statistics(self)
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
            Targets, (..., batch, outputs), or (batch, outputs) for all lanes; for a classification
            also the classes, whole numbers (batch,).

        Raises
        ------
        ValueError
            If the shapes do not fit the network or a class is not one of its outputs.
        """
        X = self._inputs(X)
        y = targets(y, X.shape[-2], self.sizes[-1], self.loss, self.dtype)
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

    @property
    def outputs(self) -> tuple[Array, ...]:
        """What each layer hands on in the last batch: its activation, dropped out and added to."""
        return self._current().outputs

    def output(self, X: ArrayLike) -> Array:
        """Pre-activations of the output layer for any inputs; leaves the last batch alone.

        There is no dropout, and batch normalisations use their running statistics.
        """
        return output(self, self._inputs(X))

    def pre_activations(self, X: ArrayLike, layer: int) -> Array:
        """Return z of a 0-based layer for any inputs, as in ``output``."""
        return output(self, self._inputs(X), layer)

    def draw_masks(self, rng: np.random.Generator) -> None:
        """Draw which units drop out in the next forward passes of the last batch size."""
        for layer in self._current().layers:
            if layer.dropout is not None:
                layer.dropout.draw(rng)

    def round(self) -> None:
        """Round all parameters to half precision, where that is simulated."""
        if self.is_half:
            round_to_half(self.flat)

    @property
    def has_dropout(self) -> bool:
        """Whether a layer drops units."""
        return any(structure.dropout for structure in self.structures)

    def _inputs(self, X: ArrayLike) -> Array:
        X = as_stored(self, np.asarray(X, self.dtype))
        if X.ndim < 2 or X.shape[-1] != self.sizes[0]:
            raise ValueError(
                f"inputs of shape {X.shape} do not fit: (batch, {self.sizes[0]}) is needed"
            )
        return X

    @property
    def plan_in_use(self) -> Plan:
        """Buffers of the last batch."""
        return self._current()

    def _current(self) -> Plan:
        if self._plan is None:
            raise RuntimeError("there is no batch yet: call forward first")
        return self._plan

    def _one_each(self, given: Any, kind: Any, what: str) -> tuple[Any, ...]:
        """The same thing for every hidden layer, or what is given for each."""
        hidden = self.layer_count - 1
        each = (given,) * hidden if isinstance(given, kind) else tuple(given)
        if len(each) != hidden:
            raise ValueError(f"{len(each)} {what} for {hidden} hidden layers: one each is needed")
        return each


def _named(table: Mapping[str, Entry], name: object, what: str) -> Entry:
    if name not in table:
        raise ValueError(f"{what} {name!r} is not one of {', '.join(table)}")
    return table[str(name)]
