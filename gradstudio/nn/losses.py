"""Losses: each with the signal it sends back, dL/dz of the output layer.

A loss is the mean over the samples of a batch (mse: over all elements) and takes the
pre-activations z of the output layer, which are logits for the two cross-entropies.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, ClassVar, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gradstudio.nn.arrays import Array, Call, run

Mean: TypeAlias = Callable[[], float | NDArray[np.float64]]
"""Calculates the loss: a number, or one per lane."""


class Loss(ABC):
    """A loss of z and targets, both (..., batch, outputs).

    Attributes
    ----------
    name, label
        As stored in a setup and as shown to a person.
    formula
        TeX; B is the batch size and K the number of outputs.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    formula: ClassVar[str]

    @abstractmethod
    def prepare(self, targets: Array, batch: int) -> Array:
        """Return targets in the form that ``bind`` takes, for batches of ``batch`` samples."""

    @abstractmethod
    def bind(self, z: Array, prepared: Array, delta: Array) -> tuple[Mean, list[Call]]:
        """Prepare the loss, and the calls that then write dL/dz into ``delta``.

        ``prepared`` and ``z`` are read when called, so their contents may change between calls.
        """

    @abstractmethod
    def chance(self, class_count: int | None) -> float | None:
        """Loss of an output that does not know its input; None where it depends on the data."""

    @abstractmethod
    def predict(self, z: Array) -> NDArray[Any]:
        """Class index of each sample (..., batch), or for one mse output its value."""

    def value(self, z: Array, targets: Array) -> float | NDArray[np.float64]:
        """Return the loss: a number, or one per lane (...,)."""
        with np.errstate(all="ignore"):
            mean, _ = self.bind(z, self.prepare(targets, z.shape[-2]), np.empty_like(z))
            return mean()

    def delta(self, z: Array, targets: Array, out: Array) -> None:
        """Write dL/dz of the mean loss."""
        with np.errstate(all="ignore"):
            mean, calls = self.bind(z, self.prepare(targets, z.shape[-2]), out)
            mean()
            run(calls)


class SoftmaxCrossEntropy(Loss):
    """L = -1/B sum_b sum_k y_bk log softmax(z_b)_k, targets one-hot; dL/dz = (softmax(z) - y)/B."""

    name = "softmax_cross_entropy"
    label = "Softmax cross-entropy"
    formula = r"L=-\frac{1}{B}\sum_{b}\sum_{k}y_{bk}\,\log\frac{e^{z_{bk}}}{\sum_{j}e^{z_{bj}}}"

    def prepare(self, targets: Array, batch: int) -> Array:
        """Return y / B."""
        return targets / np.asarray(batch, targets.dtype)

    def bind(self, z: Array, prepared: Array, delta: Array) -> tuple[Mean, list[Call]]:
        """See ``Loss.bind``."""
        batch = z.shape[-2]
        shifted, powers = np.empty_like(z), np.empty_like(z)
        peak = np.empty((*z.shape[:-1], 1), z.dtype)
        total, logs, times_batch = (np.empty_like(peak) for _ in range(3))
        ones = np.ones((z.shape[-1], 1), z.dtype)
        size = np.asarray(batch, z.dtype)
        calls: list[Call] = [
            partial(np.maximum.reduce, z, -1, None, peak, True),
            partial(np.subtract, z, peak, shifted),
            partial(np.exp, shifted, powers),
            partial(np.matmul, powers, ones, total),
            partial(np.log, total, logs),
        ]
        log_sum, picked = _sum(logs), _sum(prepared, shifted)

        def mean() -> float | NDArray[np.float64]:
            run(calls)
            loss: float | NDArray[np.float64] = log_sum() / batch - picked()
            return loss

        back: list[Call] = [
            partial(np.multiply, total, size, times_batch),
            partial(np.divide, powers, times_batch, delta),
            partial(np.subtract, delta, prepared, delta),
        ]
        return mean, back

    def chance(self, class_count: int | None) -> float | None:
        """Return ln K."""
        return math.log(class_count) if class_count else None

    def predict(self, z: Array) -> NDArray[Any]:
        """Return the class with the largest logit."""
        return np.asarray(np.argmax(z, axis=-1))


class BinaryCrossEntropy(Loss):
    """L = 1/B sum softplus((1 - 2y) z) with logits z and targets y of 0 or 1.

    The same as -y log sigma(z) - (1 - y) log sigma(-z), but exact in both tails;
    dL/dz = (1 - 2y) sigma((1 - 2y) z) / B = (sigma(z) - y)/B. Several outputs: mean over all.
    """

    name = "binary_cross_entropy"
    label = "Binary cross-entropy"
    formula = r"L=-\frac{1}{B}\sum_{b}y_{b}\log\sigma(z_{b})+(1-y_{b})\log\sigma(-z_{b})"

    def prepare(self, targets: Array, batch: int) -> Array:
        """Return the sign 1 - 2y."""
        return np.asarray(1 - 2 * targets, targets.dtype)

    def bind(self, z: Array, prepared: Array, delta: Array) -> tuple[Mean, list[Call]]:
        """See ``Loss.bind``."""
        elements = z.shape[-2] * z.shape[-1]
        against, softplus, zeros = np.empty_like(z), np.empty_like(z), np.zeros_like(z)
        share = np.asarray(1.0 / elements, z.dtype)
        total = _sum(softplus)
        multiply, logaddexp = np.multiply, np.logaddexp

        def mean() -> float | NDArray[np.float64]:
            multiply(z, prepared, against)
            logaddexp(against, zeros, softplus)
            loss: float | NDArray[np.float64] = total() / elements
            return loss

        back: list[Call] = [
            # sigma(u) = exp(u - softplus(u))
            partial(np.subtract, against, softplus, delta),
            partial(np.exp, delta, delta),
            partial(np.multiply, delta, prepared, delta),
            partial(np.multiply, delta, share, delta),
        ]
        return mean, back

    def chance(self, class_count: int | None) -> float | None:
        """Return ln 2."""
        return math.log(2.0)

    def predict(self, z: Array) -> NDArray[Any]:
        """Return 1 where the logit is above 0."""
        return (z[..., 0] > 0).astype(np.int64)


class MeanSquaredError(Loss):
    """L = mean over all elements of (z - y)^2, without a factor 1/2; dL/dz = 2 (z - y)/(B K)."""

    name = "mse"
    label = "Mean squared error"
    formula = r"L=\frac{1}{BK}\sum_{b}\sum_{k}(z_{bk}-y_{bk})^{2}"

    def prepare(self, targets: Array, batch: int) -> Array:
        """Return the targets, copied."""
        return targets.copy()

    def bind(self, z: Array, prepared: Array, delta: Array) -> tuple[Mean, list[Call]]:
        """See ``Loss.bind``."""
        elements = z.shape[-2] * z.shape[-1]
        rest = np.empty_like(z)
        factor = np.asarray(2.0 / elements, z.dtype)
        total = _sum(rest, rest)

        def mean() -> float | NDArray[np.float64]:
            np.subtract(z, prepared, rest)
            loss: float | NDArray[np.float64] = total() / elements
            return loss

        return mean, [partial(np.multiply, rest, factor, delta)]

    def chance(self, class_count: int | None) -> float | None:
        """Return None: it is the variance of the targets."""
        return None

    def predict(self, z: Array) -> NDArray[Any]:
        """Return the value of one output, the class with the largest of several."""
        return np.asarray(z[..., 0] if z.shape[-1] == 1 else np.argmax(z, axis=-1))


def _sum(x: Array, y: Array | None = None) -> Mean:
    """Prepare the sum of x, or of x * y, over the last two axes: a number, or one per lane."""
    lanes, elements = x.shape[:-2], x.shape[-2] * x.shape[-1]
    first = x.reshape(*lanes, elements)
    second = np.ones(elements, x.dtype) if y is None else y.reshape(*y.shape[:-2], elements)
    if not lanes:
        dot = np.dot
        return lambda: float(dot(first, second))
    return lambda: np.vecdot(first, second).astype(np.float64)


LOSSES: Final[Mapping[str, Loss]] = MappingProxyType(
    {loss.name: loss for loss in (SoftmaxCrossEntropy(), BinaryCrossEntropy(), MeanSquaredError())}
)
