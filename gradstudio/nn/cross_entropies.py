"""The two cross-entropies, straight from the logits: exact however certain an answer is."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradstudio.nn.arrays import Array, Call, run
from gradstudio.nn.loss import Loss, Mean, element_count, sum_of


class SoftmaxCrossEntropy(Loss):
    """L = -1/B sum_b sum_k y_bk log softmax(z_b)_k, targets one-hot; dL/dz = (softmax(z) - y)/B."""

    name = "softmax_cross_entropy"
    label = "Softmax cross-entropy"
    formula = r"L=-\frac{1}{B}\sum_{b}\sum_{k}y_{bk}\,\log\frac{e^{z_{bk}}}{\sum_{j}e^{z_{bj}}}"
    use_when = "Classes. A wrong and certain answer is pushed back at full strength."
    output = "softmax"
    unit = "nat"

    def prepare(self, targets: Array, batch: int) -> Array:
        """Return y / B."""
        return targets / np.asarray(batch, targets.dtype)

    def bind(self, z: Array, prepared: Array, delta: Array) -> tuple[Mean, list[Call]]:
        """See ``Loss.bind``."""
        batch = z.shape[-2]
        # spread over the columns first: np.subtract would do it in a buffer, half as fast
        shifted, powers, spread = (np.empty_like(z) for _ in range(3))
        # turned, for the largest of each column takes a third of the time of that of each row
        turned = np.empty(z.mT.shape, z.dtype)
        peaks = np.empty(z.shape[:-1], z.dtype)
        peak = peaks[..., None]
        total, logs, times_batch = (np.empty((*peaks.shape, 1), z.dtype) for _ in range(3))
        ones = np.ones((z.shape[-1], 1), z.dtype)
        size = np.asarray(batch, z.dtype)
        calls: list[Call] = [
            partial(np.copyto, turned, z.mT),
            partial(np.maximum.reduce, turned, -2, None, peaks),
            partial(np.copyto, spread, peak),
            partial(np.subtract, z, spread, shifted),
            partial(np.exp, shifted, powers),
            partial(np.matmul, powers, ones, total),
            partial(np.log, total, logs),
        ]
        log_sum, picked = sum_of(logs), sum_of(prepared, shifted)

        def mean() -> float | NDArray[np.float64]:
            run(calls)
            loss: float | NDArray[np.float64] = log_sum() / batch - picked()
            return loss

        back: list[Call] = [
            partial(np.multiply, total, size, times_batch),
            partial(np.copyto, spread, times_batch),
            partial(np.divide, powers, spread, delta),
            partial(np.subtract, delta, prepared, delta),
        ]
        return mean, back

    def chance(self, class_count: int | None) -> float | None:
        """Return ln K."""
        return math.log(class_count) if class_count else None

    def chance_text(self, class_count: int) -> str:
        """See ``Loss.chance_text``."""
        return f"ln {class_count}"

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
    use_when = "Two classes with one output. The same signal as softmax with two."
    output = "sigmoid"
    unit = "nat"
    has_one_output = True

    def prepare(self, targets: Array, batch: int) -> Array:
        """Return the sign 1 - 2y."""
        return np.asarray(1 - 2 * targets, targets.dtype)

    def bind(self, z: Array, prepared: Array, delta: Array) -> tuple[Mean, list[Call]]:
        """See ``Loss.bind``."""
        elements = element_count(z)
        against, softplus, zeros = np.empty_like(z), np.empty_like(z), np.zeros_like(z)
        share = np.asarray(1.0 / elements, z.dtype)
        total = sum_of(softplus)
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

    def chance_text(self, class_count: int) -> str:
        """See ``Loss.chance_text``."""
        return "ln 2"

    def predict(self, z: Array) -> NDArray[Any]:
        """Return 1 where the logit is above 0."""
        return (z[..., 0] > 0).astype(np.int64)
