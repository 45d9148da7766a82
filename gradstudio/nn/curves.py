"""The curves of the activations: phi(z) and phi'(z), written into arrays that are given.

``value(z, out, work)`` writes phi(z), ``slope(z, a, out, work)`` writes phi'(z) where ``a`` is
phi(z). All arrays have one shape and one floating dtype; ``work`` is scratch whose contents do not
matter, None allocates it. Each number of the result depends on the numbers at its own place only.
Infinite z gives the limit where there is one, and NaN gives NaN. Overflow on the way is part of
the formulas: callers switch its warnings off.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np

from gradstudio.nn.arrays import Array
from gradstudio.nn.elementwise import (
    decay,
    filled,
    finite,
    largest,
    logistic,
    number,
    scratch,
    special,
    zeros,
)

Value: TypeAlias = Callable[..., object]
Slope: TypeAlias = Callable[..., object]

SELU_SCALE: Final = 1.0507009873554805
SELU_ALPHA: Final = 1.6732632423543772
LECUN_SCALE: Final = 1.7159
LECUN_STRETCH: Final = 2.0 / 3.0

_MANY: Final = 4096
_FEW: Final = 4
_LOST: Final = 1e-3
"""Below this, 1 - tanh^2 has lost digits: 2e-4 of it in single precision, 3e-13 in double."""


def linear(z: Array, out: Array, work: Array | None = None) -> None:
    """Write z."""
    np.copyto(out, z)


def linear_slope(z: Array, a: Array, out: Array, work: Array | None = None) -> None:
    """Write 1."""
    out.fill(1.0)


def sigmoid(z: Array, out: Array, work: Array | None = None) -> None:
    """Write 1 / (1 + exp(-z))."""
    # four vectorised calls beat scipy.special.expit, which is scalar, by 3 at 2,000 numbers
    np.negative(z, out)
    np.exp(out, out)
    np.add(out, number(1.0, out.dtype), out)
    np.reciprocal(out, out)


def sigmoid_slope(z: Array, a: Array, out: Array, work: Array | None = None) -> None:
    """Write sigma(z) sigma(-z) = e / (1 + e)^2 with e = exp(-|z|), as a (1 - a) is 0 from 17 on."""
    work = scratch(z, work)
    decay(z, out)
    np.add(out, number(1.0, out.dtype), work)
    np.square(work, work)
    np.divide(out, work, out)


def tanh(z: Array, out: Array, work: Array | None = None) -> None:
    """Write tanh z."""
    np.tanh(z, out)


def tanh_slope(z: Array, a: Array, out: Array, work: Array | None = None) -> None:
    """Write 1 - a^2, and 1 / cosh^2 z where that lost its digits."""
    np.square(a, out)
    np.subtract(number(1.0, out.dtype), out, out)
    # argmin costs 0.3 us at 32 numbers and 4 us at 60,000, np.min 1.0 and 4; it finds a NaN too
    if not out.item(out.argmin()) >= _LOST:
        _mend_tails(z, 1.0, out, work)


def relu(z: Array, out: Array, work: Array | None = None) -> None:
    """Write max(z, 0)."""
    np.maximum(z, zeros(z.shape, z.dtype), out=out)


def relu_slope(z: Array, a: Array, out: Array, work: Array | None = None) -> None:
    """Write 1 where z > 0, otherwise 0."""
    np.greater(z, number(0.0, z.dtype), out)


def leaky_relu(leak: float, z: Array, out: Array, work: Array | None = None) -> None:
    """Write max(z, leak z) for a leak in (0, 1]."""
    np.multiply(z, number(leak, z.dtype), out)
    np.maximum(z, out, out=out)


def leaky_relu_slope(
    leak: float, z: Array, a: Array, out: Array, work: Array | None = None
) -> None:
    """Write 1 where z > 0, otherwise the leak."""
    np.greater(z, number(0.0, z.dtype), out)
    np.maximum(out, filled(z, leak, work), out=out)


def elu(z: Array, out: Array, work: Array | None = None) -> None:
    """Write max(z, 0) + exp(min(z, 0)) - 1."""
    work = filled(z, 0.0, work)
    np.minimum(z, work, out=out)
    np.expm1(out, out)
    np.maximum(z, work, out=work)
    np.add(out, work, out)


def elu_slope(z: Array, a: Array, out: Array, work: Array | None = None) -> None:
    """Write exp(min(z, 0)): a + 1 would be 0 from z = -17 on in single precision."""
    np.minimum(z, filled(z, 0.0, work), out=out)
    np.exp(out, out)


def selu(z: Array, out: Array, work: Array | None = None) -> None:
    """Write lambda (max(z, 0) + alpha (exp(min(z, 0)) - 1))."""
    work = filled(z, 0.0, work)
    np.minimum(z, work, out=out)
    np.expm1(out, out)
    np.multiply(out, number(SELU_ALPHA, out.dtype), out)
    np.maximum(z, work, out=work)
    np.add(out, work, out)
    np.multiply(out, number(SELU_SCALE, out.dtype), out)


def selu_slope(z: Array, a: Array, out: Array, work: Array | None = None) -> None:
    """Write lambda where z > 0, otherwise lambda alpha exp(z)."""
    work = scratch(z, work)
    elu_slope(z, a, out, work)
    left, right = SELU_SCALE * SELU_ALPHA, SELU_SCALE
    np.greater(z, number(0.0, z.dtype), work)
    np.multiply(work, number(right - left, z.dtype), work)
    np.add(work, number(left, z.dtype), work)
    np.multiply(out, work, out)


def softplus(z: Array, out: Array, work: Array | None = None) -> None:
    """Write ln(1 + exp z) as max(z, 0) + ln(1 + exp(-|z|)), exact in both tails."""
    work = filled(z, 0.0, work)
    decay(z, out)
    np.log1p(out, out)
    np.maximum(z, work, out=work)
    np.add(out, work, out)


def softplus_slope(z: Array, a: Array, out: Array, work: Array | None = None) -> None:
    """Write sigma(z), exact in both tails."""
    logistic(z, out, scratch(z, work))


def softsign(z: Array, out: Array, work: Array | None = None) -> None:
    """Write z / (1 + |z|)."""
    work = scratch(z, work)
    finite(z, out, work)
    np.abs(out, work)
    np.add(work, number(1.0, work.dtype), work)
    np.divide(out, work, out)


def softsign_slope(z: Array, a: Array, out: Array, work: Array | None = None) -> None:
    """Write 1 / (1 + |z|)^2."""
    np.abs(z, out)
    np.add(out, number(1.0, out.dtype), out)
    np.reciprocal(out, out)
    np.square(out, out)


def gelu(z: Array, out: Array, work: Array | None = None) -> None:
    """Write z Phi(z) with the normal distribution function Phi."""
    work = filled(z, -largest(z.dtype), work)
    np.maximum(z, work, out=work)
    special("ndtr")(z, out)
    np.multiply(out, work, out)


def gelu_slope(z: Array, a: Array, out: Array, work: Array | None = None) -> None:
    """Write Phi(z) + z exp(-z^2/2) / sqrt(2 pi)."""
    work = scratch(z, work)
    finite(z, out, work)
    np.square(z, work)
    np.multiply(work, number(-0.5, work.dtype), work)
    np.exp(work, work)
    np.multiply(work, number(1 / math.sqrt(2 * math.pi), work.dtype), work)
    np.multiply(out, work, out)
    special("ndtr")(z, work)
    np.add(out, work, out)


def silu(z: Array, out: Array, work: Array | None = None) -> None:
    """Write z sigma(z)."""
    work = scratch(z, work)
    logistic(z, out, work)
    work.fill(-largest(z.dtype))
    np.maximum(z, work, out=work)
    np.multiply(out, work, out)


def silu_slope(z: Array, a: Array, out: Array, work: Array | None = None) -> None:
    """Write sigma(z) + a sigma(-z) = (exp(min(z, 0)) + a exp(-max(z, 0))) / (1 + exp(-|z|))."""
    work = filled(z, 0.0, work)
    np.maximum(z, work, out=out)
    np.negative(out, out)
    np.exp(out, out)
    work.fill(largest(z.dtype))
    np.minimum(a, work, out=work)
    np.multiply(out, work, out)
    work.fill(0.0)
    np.minimum(z, work, out=work)
    np.exp(work, work)
    np.add(out, work, out)
    decay(z, work)
    np.add(work, number(1.0, work.dtype), work)
    np.divide(out, work, out)


def erf(z: Array, out: Array, work: Array | None = None) -> None:
    """Write erf z."""
    special("erf")(z, out)


def erf_slope(z: Array, a: Array, out: Array, work: Array | None = None) -> None:
    """Write 2 exp(-z^2) / sqrt(pi)."""
    np.square(z, out)
    np.negative(out, out)
    np.exp(out, out)
    np.multiply(out, number(2 / math.sqrt(math.pi), out.dtype), out)


def hard_tanh(z: Array, out: Array, work: Array | None = None) -> None:
    """Write z between -1 and 1, otherwise the nearer of the two."""
    work = filled(z, 1.0, work)
    np.minimum(z, work, out=out)
    np.negative(work, work)
    np.maximum(out, work, out=out)


def hard_tanh_slope(z: Array, a: Array, out: Array, work: Array | None = None) -> None:
    """Write 1 where |z| < 1, otherwise 0."""
    np.abs(a, out)
    np.floor(out, out)
    np.subtract(number(1.0, out.dtype), out, out)


def lecun_tanh(z: Array, out: Array, work: Array | None = None) -> None:
    """Write 1.7159 tanh(2 z / 3)."""
    np.multiply(z, number(LECUN_STRETCH, z.dtype), out)
    np.tanh(out, out)
    np.multiply(out, number(LECUN_SCALE, z.dtype), out)


def lecun_tanh_slope(z: Array, a: Array, out: Array, work: Array | None = None) -> None:
    """Write 1.7159 * 2/3 (1 - tanh^2(2 z / 3))."""
    np.multiply(a, number(1 / LECUN_SCALE, z.dtype), out)
    np.square(out, out)
    np.subtract(number(1.0, z.dtype), out, out)
    if not out.item(out.argmin()) >= _LOST:
        _mend_tails(z, LECUN_STRETCH, out, work)
    np.multiply(out, number(LECUN_SCALE * LECUN_STRETCH, z.dtype), out)


def _mend_tails(z: Array, stretch: float, out: Array, work: Array | None) -> None:
    """Write 1 / cosh^2(stretch z) where ``out``, 1 - tanh^2 of it, has lost its digits."""
    is_lost = np.less(out, number(_LOST, out.dtype))
    if z.size > _MANY:
        lost = np.flatnonzero(is_lost)
        if _FEW * lost.size < z.size:
            # of 60,000 numbers 17 us instead of 100
            slopes = np.take(z, lost)
            _squared_sech(slopes, stretch, slopes)
            np.put(out, lost, slopes)
            return
    slopes = scratch(z, work)
    _squared_sech(z, stretch, slopes)
    np.putmask(out, is_lost, slopes)  # takes 99 us at 60,000 numbers where np.copyto takes 260


def _squared_sech(z: Array, stretch: float, out: Array) -> None:
    """Write 4 e / (1 + e)^2 with e = exp(-2 |stretch z|): np.cosh is not vectorised."""
    below = np.empty_like(z)
    np.abs(z, out)
    np.multiply(out, number(-2.0 * stretch, z.dtype), out)
    np.exp(out, out)
    np.add(out, number(1.0, z.dtype), below)
    np.square(below, below)
    np.divide(out, below, out)
    np.multiply(out, number(4.0, z.dtype), out)
