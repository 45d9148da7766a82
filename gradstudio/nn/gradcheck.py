"""The gradient of backpropagation against one made of losses alone.

Checked is a copy of the network in double precision with the same weights and dropout masks, on a
batch; the network itself stays as it is. Central differences see what the loss shows: of a gradient
1e-11 times the loss they have four digits, and the result says so. A network of analytic functions
is differentiated by a complex step instead, to which nothing is too small.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from gradstudio.nn.arrays import Array
from gradstudio.nn.chain import dropout_mask
from gradstudio.nn.complex_step import ComplexStep, is_analytic
from gradstudio.nn.network import Network
from gradstudio.nn.numerical import Derivative, derivative
from gradstudio.nn.parameters import Parameter, drawn_parameters, gradients_of, values_of
from gradstudio.nn.paths import require_one_lane

TOLERANCE: Final = 1e-7
"""Relative difference up to which both gradients agree however exact the numerical one is."""
DIGITS: Final = 3
"""Digits that a numerical gradient needs to be worth comparing."""


class Verdict(Enum):
    """What comparing the two gradients says."""

    AGREES = "agrees"
    """They are equal as far as the numerical one can be trusted."""
    KINK = "kink"
    """The loss turns a corner here, a ReLU at 0: any slope between both sides is right."""
    TOO_SMALL = "too small"
    """The loss does not show it: fewer than three digits of the numerical one are to be trusted."""
    DIFFERS = "differs"
    """The gradient of backpropagation is wrong."""


@dataclass(frozen=True)
class ParameterCheck:
    """Both gradients of one parameter, dL/dp of the mean loss.

    Attributes
    ----------
    parameter
        Which.
    analytic
        By backpropagation in double precision.
    numerical, error
        From losses, and how far that can be off.
    method
        ``"central differences"`` or ``"complex step"``.
    verdict
        What follows from them.
    """

    parameter: Parameter
    analytic: float
    numerical: float
    error: float
    method: str
    verdict: Verdict

    @property
    def relative_error(self) -> float:
        """Difference over the larger of both; 0 if both are 0."""
        largest = max(abs(self.analytic), abs(self.numerical))
        return abs(self.analytic - self.numerical) / largest if largest else 0.0

    @property
    def trusted_digits(self) -> int:
        """Digits of the numerical gradient that can be trusted, 0 to 15."""
        return _digits(self.numerical, self.error)


@dataclass(frozen=True)
class NetworkCheck:
    """Checks of parameters drawn from all layers."""

    checks: tuple[ParameterCheck, ...]

    @property
    def worst(self) -> ParameterCheck | None:
        """The largest relative error of those that can be compared; None if there is none."""
        compared = [c for c in self.checks if c.verdict in (Verdict.AGREES, Verdict.DIFFERS)]
        return max(compared, key=lambda check: check.relative_error, default=None)

    @property
    def worst_relative_error(self) -> float:
        """That error; NaN if nothing could be compared."""
        return math.nan if self.worst is None else self.worst.relative_error

    @property
    def passes(self) -> bool:
        """Whether no gradient is wrong."""
        return self.count(Verdict.DIFFERS) == 0

    def count(self, verdict: Verdict) -> int:
        """How many parameters got a verdict."""
        return sum(check.verdict is verdict for check in self.checks)


def check_parameter(
    net: Network, X: ArrayLike, y: ArrayLike, parameter: Parameter
) -> ParameterCheck:
    """Check the gradient of one parameter on a batch.

    Parameters
    ----------
    net
        The network, which is left alone.
    X, y
        Inputs and targets as for ``Network.forward``. With dropout the masks are those of the last
        batch, if that had as many samples; else nothing is dropped.
    parameter
        Which number.

    Raises
    ------
    ValueError
        If the network has lanes, or its loss is not finite.
    IndexError
        If there is no such parameter.
    """
    return GradientCheck(net, X, y).check(parameter)


def check_network(
    net: Network, X: ArrayLike, y: ArrayLike, *, rng: np.random.Generator, each: int = 3
) -> NetworkCheck:
    """Check ``each`` parameters, drawn without return, of every kind in every layer.

    Arguments and errors are those of ``check_parameter``.
    """
    check = GradientCheck(net, X, y)
    return NetworkCheck(tuple(check.check(one) for one in drawn_parameters(net, rng, each)))


def float64_copy(net: Network, batch: int) -> Network:
    """Copy a network without lanes to double precision, with its dropout masks of a batch size."""
    copy = Network(
        net.sizes,
        net.activations,
        loss=net.loss.name,
        dtype=np.float64,
        structure=net.structures,
    )
    np.copyto(copy.flat, net.flat)
    if net.has_dropout:
        _hold_masks(net, copy, batch)
    return copy


class GradientCheck:
    """Checks gradients of a network at its present weights on one batch.

    Parameters are those of ``check_parameter``. The network is copied when this is made.
    """

    def __init__(self, net: Network, X: ArrayLike, y: ArrayLike) -> None:
        require_one_lane(net, "a gradient check")
        self._x, self._y = np.asarray(X, np.float64), y
        self._net = copy = float64_copy(net, self._x.shape[-2])
        self.loss = float(copy.loss_and_gradients(self._x, y))
        if not math.isfinite(self.loss):
            raise ValueError(f"a loss of {self.loss} has no gradient to be checked")
        self._complex = ComplexStep(copy, self._x, y) if is_analytic(copy) else None

    def check(self, parameter: Parameter) -> ParameterCheck:
        """Check one parameter."""
        values = values_of(self._net, parameter.kind, parameter.layer)
        gradients = gradients_of(self._net, parameter.kind, parameter.layer)
        index = parameter.index
        if len(index) != values.ndim or not all(
            0 <= i < size for i, size in zip(index, values.shape, strict=True)
        ):
            raise IndexError(f"{parameter} does not exist: {parameter.kind} are {values.shape}")
        analytic = float(gradients[index])
        if self._complex is not None:
            numerical, error = self._complex.derivative(values, index)
            verdict = _verdict(analytic, numerical, error)
            return ParameterCheck(parameter, analytic, numerical, error, "complex step", verdict)
        found = self._by_differences(values, index)
        verdict = _verdict(analytic, found.value, found.error)
        if verdict is not Verdict.AGREES and _explains(found, analytic):
            verdict = Verdict.KINK
        return ParameterCheck(
            parameter, analytic, found.value, found.error, "central differences", verdict
        )

    def _by_differences(self, values: Array, index: tuple[int, ...]) -> Derivative:
        at = float(values[index])

        def loss(value: float) -> float:
            values[index] = value
            return float(self._net.forward(self._x, self._y))

        # a bias or shift that is 0 moves in units of z: 1
        usual = float(np.sqrt(np.mean(values * values))) or 1.0
        try:
            return derivative(loss, at, max(abs(at), usual))
        finally:
            values[index] = at


def _verdict(analytic: float, numerical: float, error: float) -> Verdict:
    largest = max(abs(analytic), abs(numerical))
    if largest and _digits(largest, error) < DIGITS:
        return Verdict.TOO_SMALL
    is_near = abs(analytic - numerical) <= TOLERANCE * largest + 3 * error
    return Verdict.AGREES if is_near else Verdict.DIFFERS


def _explains(found: Derivative, analytic: float) -> bool:
    """Whether there is a kink, and the gradient lies between both sides of it."""
    low, high = sorted((found.left, found.right))
    return (
        found.has_kink and low - found.one_sided_error <= analytic <= high + found.one_sided_error
    )


def _digits(value: float, error: float) -> int:
    if error == 0.0:
        return 15
    if not abs(value) > error:
        return 0
    return min(15, math.floor(-math.log10(error / abs(value))))


def _hold_masks(net: Network, copy: Network, batch: int) -> None:
    """Give the copy the dropout masks of the last batch, if that was of the same size."""
    try:
        plan = net.plan_in_use
    except RuntimeError:
        return
    if plan.batch != batch:
        return
    for mine, its in zip(plan.layers, copy.plan(batch).layers, strict=True):
        if its.dropout is not None:
            np.copyto(its.dropout.mask, dropout_mask(mine))
