"""Losses that measure how far the outputs are from the targets: squares, half squares, absolute."""

from __future__ import annotations

from abc import abstractmethod
from fractions import Fraction
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gradstudio.nn.arrays import Array, Call, run
from gradstudio.nn.loss import Loss, Mean, element_count, sum_of

HUBER_DELTA: Final = 1.0
"""Distance from which on ``Huber`` is a straight line."""


class Distance(Loss):
    """A loss of the rest r = z - y alone; with classes the targets are one-hot."""

    @abstractmethod
    def guess(self, class_count: int) -> Fraction:
        """Loss of the best constant output for equally frequent classes."""

    def chance(self, class_count: int | None) -> float | None:
        """Return the loss of guessing; None for values, where it depends on how they scatter."""
        return float(self.guess(class_count)) if class_count else None

    def chance_text(self, class_count: int) -> str:
        """See ``Loss.chance_text``."""
        return str(self.guess(class_count))

    def predict(self, z: Array) -> NDArray[Any]:
        """Return the value of one output, the class with the largest of several."""
        return np.asarray(z[..., 0] if z.shape[-1] == 1 else np.argmax(z, axis=-1))


class _Squares(Distance):
    """The sum of r^2 times a factor that follows from B and K."""

    @abstractmethod
    def factor(self, batch: int, outputs: int) -> float:
        """What the sum of r^2 is multiplied by."""

    def bind(self, z: Array, prepared: Array, delta: Array) -> tuple[Mean, list[Call]]:
        """See ``Loss.bind``."""
        factor = self.factor(*z.shape[-2:])
        rest = np.empty_like(z)
        slope = np.asarray(2.0 * factor, z.dtype)
        total = sum_of(rest, rest)
        subtract = np.subtract

        def mean() -> float | NDArray[np.float64]:
            subtract(z, prepared, rest)
            loss: float | NDArray[np.float64] = total() * factor
            return loss

        return mean, [partial(np.multiply, rest, slope, delta)]


class MeanSquaredError(_Squares):
    """L = mean over all elements of (z - y)^2, without a factor 1/2; dL/dz = 2 (z - y)/(B K)."""

    name = "mse"
    label = "Mean squared error"
    formula = r"L=\frac{1}{BK}\sum_{b}\sum_{k}(z_{bk}-y_{bk})^{2}"
    use_when = "Values. Far off is pushed back in proportion: outliers rule."

    def factor(self, batch: int, outputs: int) -> float:
        """Return 1 / (B K)."""
        return 1.0 / (batch * outputs)

    def guess(self, class_count: int) -> Fraction:
        """Return (K - 1) / K^2, of the output 1/K."""
        return Fraction(class_count - 1, class_count**2)


class HalfSquaredError(_Squares):
    """L = 1/(2B) sum over samples and outputs of (z - y)^2; dL/dz = (z - y)/B.

    The convention of textbooks: the 1/2 cancels the 2 of the derivative, outputs are summed.
    """

    name = "half_mse"
    label = "Half squared error"
    formula = r"L=\frac{1}{2B}\sum_{b}\sum_{k}(z_{bk}-y_{bk})^{2}"
    use_when = "The textbook's squared error: δ of the output is z − y."

    def factor(self, batch: int, outputs: int) -> float:
        """Return 1 / (2 B)."""
        return 0.5 / batch

    def guess(self, class_count: int) -> Fraction:
        """Return (K - 1) / (2 K), of the output 1/K."""
        return Fraction(class_count - 1, 2 * class_count)


class MeanAbsoluteError(Distance):
    """L = mean over all elements of |z - y|; dL/dz = sign(z - y)/(B K), and 0 where z is y."""

    name = "mae"
    label = "Mean absolute error"
    formula = r"L=\frac{1}{BK}\sum_{b}\sum_{k}\left|z_{bk}-y_{bk}\right|"
    use_when = "Values with outliers. The signal keeps its size however close it is."

    def bind(self, z: Array, prepared: Array, delta: Array) -> tuple[Mean, list[Call]]:
        """See ``Loss.bind``."""
        elements = element_count(z)
        rest, distance = np.empty_like(z), np.empty_like(z)
        share = np.asarray(1.0 / elements, z.dtype)
        total = sum_of(distance)
        subtract, absolute = np.subtract, np.absolute

        def mean() -> float | NDArray[np.float64]:
            subtract(z, prepared, rest)
            absolute(rest, distance)
            loss: float | NDArray[np.float64] = total() / elements
            return loss

        back: list[Call] = [
            partial(np.sign, rest, delta),
            partial(np.multiply, delta, share, delta),
        ]
        return mean, back

    def guess(self, class_count: int) -> Fraction:
        """Return 1 / K, of the output 0."""
        return Fraction(1, class_count)


class Huber(Distance):
    """r^2/2 up to |r| = 1, |r| - 1/2 beyond; L is the mean over all elements.

    dL/dz is r, cut to -1 to 1, over B K.
    """

    name = "huber"
    label = "Huber"
    formula = (
        r"L=\frac{1}{BK}\sum_{b}\sum_{k}h(z_{bk}-y_{bk}),\quad h(r)=\frac{r^{2}}{2}"
        r"\;(|r|\leq 1),\;|r|-\frac{1}{2}\;(|r|>1)"
    )
    use_when = "Values with outliers: a square near the target, a line far off."

    def bind(self, z: Array, prepared: Array, delta: Array) -> tuple[Mean, list[Call]]:
        """See ``Loss.bind``."""
        elements = element_count(z)
        rest, cut, far = (np.empty_like(z) for _ in range(3))
        low, high, half, share = (
            np.asarray(value, z.dtype) for value in (-HUBER_DELTA, HUBER_DELTA, 0.5, 1.0 / elements)
        )
        # h = c (r - c/2) with c = r, cut: r^2/2 inside, |r| - 1/2 outside
        calls: list[Call] = [
            partial(np.subtract, z, prepared, rest),
            partial(np.clip, rest, low, high, cut),
            partial(np.multiply, cut, half, far),
            partial(np.subtract, rest, far, far),
        ]
        total = sum_of(cut, far)

        def mean() -> float | NDArray[np.float64]:
            run(calls)
            loss: float | NDArray[np.float64] = total() / elements
            return loss

        return mean, [partial(np.multiply, cut, share, delta)]

    def guess(self, class_count: int) -> Fraction:
        """Return half of what it is for the squared error: every |r| is below 1."""
        return Fraction(class_count - 1, 2 * class_count**2)


class SigmoidSquaredError(Loss):
    """o = sigma(z), L = mean over all elements of (o - y)^2, targets from 0 to 1.

    dL/dz = 2 (o - y) sigma(z) sigma(-z)/(B K): a certain answer gets almost no signal, be it right
    or wrong. o - y = (1 - y) sigma(z) - y sigma(-z) and the slope sigma(z) sigma(-z) are taken
    from both tails: o (1 - o) would be exactly 0 from z = 17 on in single precision.
    """

    name = "sigmoid_mse"
    label = "Sigmoid, squared error"
    formula = r"L=\frac{1}{BK}\sum_{b}\sum_{k}\left(\sigma(z_{bk})-y_{bk}\right)^{2}"
    use_when = "To see a wrong and certain answer get no signal: σ′ multiplies δ of the output."
    output = "sigmoid"
    has_one_output = True

    def bind(self, z: Array, prepared: Array, delta: Array) -> tuple[Mean, list[Call]]:
        """See ``Loss.bind``."""
        elements = element_count(z)
        high, low, rest, work = (np.empty_like(z) for _ in range(4))
        one, slope = np.ones((), z.dtype), np.asarray(2.0 / elements, z.dtype)
        calls: list[Call] = [
            partial(np.exp, z, low),
            partial(np.negative, z, high),
            partial(np.exp, high, high),
            partial(np.add, low, one, low),
            partial(np.add, high, one, high),
            partial(np.reciprocal, low, low),  # sigma(-z)
            partial(np.reciprocal, high, high),  # sigma(z)
            partial(np.multiply, high, prepared, rest),
            partial(np.subtract, high, rest, rest),
            partial(np.multiply, low, prepared, work),
            partial(np.subtract, rest, work, rest),
        ]
        total = sum_of(rest, rest)

        def mean() -> float | NDArray[np.float64]:
            run(calls)
            loss: float | NDArray[np.float64] = total() / elements
            return loss

        back: list[Call] = [
            partial(np.multiply, high, low, delta),
            partial(np.multiply, delta, rest, delta),
            partial(np.multiply, delta, slope, delta),
        ]
        return mean, back

    def chance(self, class_count: int | None) -> float | None:
        """Return (K - 1) / K^2, of the output o = 1/K."""
        return float(_squared_guess(class_count)) if class_count else None

    def chance_text(self, class_count: int) -> str:
        """See ``Loss.chance_text``."""
        return str(_squared_guess(class_count))

    def predict(self, z: Array) -> NDArray[Any]:
        """Return 1 where the one output is above 1/2, the class with the largest of several."""
        if z.shape[-1] == 1:
            return (z[..., 0] > 0).astype(np.int64)
        return np.asarray(np.argmax(z, axis=-1))


def _squared_guess(class_count: int) -> Fraction:
    return Fraction(class_count - 1, class_count**2)
