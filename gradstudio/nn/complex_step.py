"""The derivative by a complex step: Im L(p + i h) / h, without any difference of losses.

With h = 1e-30 nothing cancels and nothing is cut off, so that the derivative has the digits of the
loss however small it is. All functions of the network must be analytic, and are written once more
here for complex numbers: the pass shares nothing with backpropagation but the parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradstudio.nn.arrays import Array
from gradstudio.nn.chain import branch_factor, dropout_mask
from gradstudio.nn.curves import LECUN_SCALE, LECUN_STRETCH
from gradstudio.nn.network import Network
from gradstudio.nn.structure import EPSILON
from gradstudio.nn.targets import targets

STEPS: Final = (1e-30, 3e-33)
"""Sizes of the imaginary step: what both results differ by is rounding."""
ROUNDING: Final = 1e-13
"""Relative error of a derivative by rounding in the pass, at least."""

Complex: TypeAlias = NDArray[np.complexfloating[Any, Any]]
Function: TypeAlias = Callable[[Complex], Complex]


def _sigmoid(z: Complex) -> Complex:
    small = np.exp(np.where(z.real < 0, z, -z))
    return np.asarray(np.where(z.real < 0, small, 1.0) / (1.0 + small))


def _softplus(z: Complex) -> Complex:
    return np.asarray(np.where(z.real < 0, 0.0, z)) + np.log1p(np.exp(np.where(z.real < 0, z, -z)))


def _erf(z: Complex) -> Complex:
    from scipy.special import erf  # late: 0.15 s

    return np.asarray(erf(z))


def _gelu(z: Complex) -> Complex:
    from scipy.special import erfc

    return np.asarray(0.5 * z * erfc(-z * np.sqrt(0.5)))


ANALYTIC: Final[Mapping[str, Function]] = MappingProxyType(
    {
        "linear": lambda z: z,
        "sigmoid": _sigmoid,
        "tanh": np.tanh,
        "softplus": _softplus,
        "gelu": _gelu,
        "silu": lambda z: z * _sigmoid(z),
        "erf": _erf,
        "lecun_tanh": lambda z: LECUN_SCALE * np.tanh(LECUN_STRETCH * z),
    }
)
"""Activations that are analytic, by name."""


def _softmax_cross_entropy(z: Complex, y: Array) -> Complex:
    shifted = z - z.real.max(-1, keepdims=True)
    log_sum = np.log(np.exp(shifted).sum(-1))
    return np.asarray((log_sum - (y * shifted).sum(-1)).mean())


def _half_squares(z: Complex, y: Array) -> Complex:
    return np.asarray(0.5 * ((z - y) ** 2).sum(-1).mean())


LOSSES: Final[Mapping[str, Callable[[Complex, Array], Complex]]] = MappingProxyType(
    {
        "softmax_cross_entropy": _softmax_cross_entropy,
        "binary_cross_entropy": lambda z, y: np.asarray(_softplus((1 - 2 * y) * z).mean()),
        "sigmoid_mse": lambda z, y: np.asarray(((_sigmoid(z) - y) ** 2).mean()),
        "mse": lambda z, y: np.asarray(((z - y) ** 2).mean()),
        "half_mse": _half_squares,
    }
)
"""Losses that are, of z and targets (batch, outputs) whose rows of classes sum to 1."""


def is_analytic(net: Network) -> bool:
    """Whether all functions of a network are."""
    return net.loss.name in LOSSES and all(entry.name in ANALYTIC for entry in net.activations)


class ComplexStep:
    """Derivatives of the loss of a float64 network on one batch, of which it is the last one.

    Parameters
    ----------
    net
        Analytic, without lanes.
    X, y
        As for ``Network.forward``.
    """

    def __init__(self, net: Network, X: Array, y: ArrayLike) -> None:
        self._net, self._x = net, X
        self._y = targets(y, len(X), net.sizes[-1], net.loss, np.float64)

    def derivative(self, values: Array, index: tuple[int, ...]) -> tuple[float, float]:
        """Return dL/dp and its error for one number of an array of parameters of the network."""
        with np.errstate(all="ignore"):
            first, second = (float(self.loss(values, index, step).imag / step) for step in STEPS)
        return first, max(abs(first - second), ROUNDING * abs(first))

    def loss(self, moved: Array, index: tuple[int, ...], step: float) -> complex:
        """Loss with ``i step`` added to one number."""
        net = self._net

        def at(values: Array) -> Complex:
            result = values.astype(np.complex128)
            if values is moved:
                result[index] += 1j * step
            return result

        outputs: list[Complex] = [self._x.astype(np.complex128)]
        for layer in range(net.layer_count):
            z = outputs[-1] @ at(net.weights[layer]) + at(net.biases[layer])
            if layer < net.layer_count - 1:
                outputs.append(self._through(layer, z, outputs, at))
        return complex(LOSSES[net.loss.name](z, self._y))

    def _through(
        self, layer: int, z: Complex, outputs: list[Complex], at: Callable[[Array], Complex]
    ) -> Complex:
        """From z to the output of a hidden layer."""
        net, structure = self._net, self._net.structures[layer]
        u = z
        if structure.has_norm:
            axis = -2 if structure.normalisation == "batch" else -1
            centred = z - z.mean(axis, keepdims=True)
            # the square, not that of the absolute value: analytic
            variance = (centred * centred).mean(axis, keepdims=True)
            u = centred / np.sqrt(variance + EPSILON) * at(net.scales[layer])
            u = u + at(net.shifts[layer])
        a = ANALYTIC[net.activations[layer].name](u) * dropout_mask(net.plan_in_use.layers[layer])
        if not structure.has_shortcut:
            return a
        factor = (
            at(net.factors[layer]) if structure.has_learnt_factor else branch_factor(net, layer)
        )
        return np.asarray(outputs[-structure.span] + factor * a)
