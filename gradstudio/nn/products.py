"""The three matrix products of a layer, each prepared once as a call.

Small products go straight to BLAS, which costs half of what ``np.dot`` costs in overhead but
holds the interpreter lock; large ones go through NumPy, which lets other threads run meanwhile.
Products with a vector take the routine for vectors, as NumPy does: it adds in another order.

Lanes take the same products one after the other, or all at once by ``np.matmul`` where that gives
the same bits, which is tried out once for each shape: 32 small products cost 2 to 5 microseconds
instead of 22.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Final, TypeAlias

import numpy as np

from gradstudio.nn.arrays import Array, Call, aligned_zeros, run

SMALL: Final = 400_000
"""Multiply-adds, about 10 microseconds, up to which a product goes straight to BLAS."""
SMALL_BACK: Final = 20_000_000
"""The same for the product with transposed weights, where BLAS is faster for longer: 0.5 ms."""
FEW: Final = 32
"""Samples up to which the same holds for the weight gradient."""
WIDE: Final = 8
"""Units per sample from which delta^T = W delta^T is faster than delta = delta W^T."""

PIECE_PRODUCTS: Final = 1_000_000
PIECE_OUTPUTS: Final = 1200
"""Multiply-adds and outputs up to which OpenBLAS takes a product without copying its matrices."""
NARROWEST_PIECE: Final = 64
WIDEST_PIECE: Final = 96
"""Columns of a piece: with fewer than these it does not pay, with more nothing is gained."""

Routine: TypeAlias = Callable[..., Any]
Prepare: TypeAlias = Callable[..., list[Call]]
Shape: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True)
class Blas:
    """The routines of one precision, called as in Fortran."""

    gemm: Routine
    gemv: Routine
    axpy: Routine
    dot: Routine


@lru_cache(maxsize=2)
def blas(dtype: np.dtype[np.floating[Any]]) -> Blas:
    """Return the routines for float32 or float64; imported late, for it takes 0.1 s."""
    from scipy.linalg import blas as library

    if dtype == np.float32:
        return Blas(library.sgemm, library.sgemv, library.saxpy, library.sdot)
    if dtype == np.float64:
        return Blas(library.dgemm, library.dgemv, library.daxpy, library.ddot)
    raise TypeError(f"{dtype} is neither float32 nor float64")


def adds_to_biases(W: Array, z: Array) -> bool:
    """Whether the forward product adds to what stands in z: then the biases must stand there."""
    shape = _shape(z, W)
    return _adds(shape) and not _at_once_is_right(_FORWARD, shape, z)


def is_small(shape: Shape) -> bool:
    """Whether a product (batch, fan_in, fan_out) costs as much for its call as for its numbers."""
    return math.prod(shape) <= SMALL


def forward_product(a: Array, W: Array, b: Array, z: Array) -> list[Call]:
    """Prepare z = a W + b; where ``adds_to_biases`` says so, z += a W, with b in z before.

    Shapes (..., batch, fan_in), (..., fan_in, fan_out), (..., fan_out), (..., batch, fan_out).
    """
    return _prepare(_FORWARD, _shape(z, W), a, W, b, z)


def _adds(shape: Shape) -> bool:
    batch, _, fan_out = shape
    return is_small(shape) and batch > 1 and fan_out > 1


def _forward_alone(a: Array, W: Array, b: Array, z: Array) -> list[Call]:
    shape = batch, fan_in, fan_out = _shape(a, W)
    gemm, gemv = blas(z.dtype).gemm, blas(z.dtype).gemv
    if _adds(shape):
        # rows of NumPy are columns of Fortran: z^T = W^T a^T + z^T, all without a copy
        return [partial(gemm, 1.0, W.T, a.T, 1.0, z.T, 0, 0, 1)]
    if is_small(shape) and fan_in > 1 and max(batch, fan_out) > 1:
        if fan_out == 1:
            column = z[:, 0]
            product = partial(gemv, 1.0, a.T, W[:, 0], 0.0, column, 0, 1, 0, 1, 1, 1)
            return [product, partial(np.add, column, b.reshape(()), column)]
        product = partial(gemv, 1.0, W.T, a[0], 0.0, z[0], 0, 1, 0, 1, 0, 1)
        return [product, partial(np.add, z[0], b, z[0])]
    products = [
        partial(np.matmul, a, W[:, piece], z[:, piece]) for piece in _pieces(batch, fan_in, fan_out)
    ]
    return [*(products or [partial(np.dot, a, W, z)]), partial(np.add, z, b[None], z)]


def _forward_at_once(a: Array, W: Array, b: Array, z: Array) -> list[Call]:
    return [partial(np.matmul, a, W, z), partial(np.add, z, b[..., None, :], z)]


def backward_product(delta: Array, W: Array, out: Array) -> list[Call]:
    """Prepare out = delta W^T: the signal passed back to the layer before."""
    return _prepare(_BACKWARD, _shape(out, W), delta, W, out)


def _backward_alone(delta: Array, W: Array, out: Array) -> list[Call]:
    shape = batch, fan_in, fan_out = _shape(out, W)
    pieces = [] if is_small(shape) else _pieces(batch, fan_out, fan_in)
    if pieces:
        return [partial(np.matmul, delta, W[piece].T, out[:, piece]) for piece in pieces]
    if fan_in >= WIDE * batch and not is_small(shape):
        # reads W in its order: 0.43 ms, not 0.53, at 1000
        turned = aligned_zeros(out.mT.shape, out.dtype)
        return [partial(np.dot, W, delta.T, turned), partial(np.copyto, out, turned.T)]
    if math.prod(shape) <= SMALL_BACK and batch > 1 and fan_in > 1:
        return [partial(blas(out.dtype).gemm, 1.0, W.T, delta.T, 0.0, out.T, 1, 0, 1)]
    return [partial(np.dot, delta, W.T, out)]


def _backward_at_once(delta: Array, W: Array, out: Array) -> list[Call]:
    return [partial(np.matmul, delta, W.mT, out)]


def gradient_product(a: Array, delta: Array, out: Array) -> list[Call]:
    """Prepare dW = a^T delta."""
    return _prepare(_GRADIENT, _shape(a, out), a, delta, out)


def _gradient_alone(a: Array, delta: Array, out: Array) -> list[Call]:
    shape = batch, fan_in, fan_out = _shape(a, out)
    if math.prod(shape) <= (SMALL_BACK if batch <= FEW else SMALL):
        library = blas(out.dtype)
        if fan_in > 1 and fan_out > 1:
            return [partial(library.gemm, 1.0, delta.T, a.T, 0.0, out.T, 0, 1, 1)]
        if fan_in > 1:
            column = out[:, 0]
            return [partial(library.gemv, 1.0, a.T, delta[:, 0], 0.0, column, 0, 1, 0, 1, 0, 1)]
        if fan_out > 1:
            return [partial(library.gemv, 1.0, delta.T, a[:, 0], 0.0, out[0], 0, 1, 0, 1, 0, 1)]
    return [partial(np.dot, a.T, delta, out)]


def _gradient_at_once(a: Array, delta: Array, out: Array) -> list[Call]:
    return [partial(np.matmul, a.mT, delta, out)]


def column_sums(delta: Array, out: Array) -> list[Call]:
    """Prepare db = sum of delta over the batch, for a run of layers of one width.

    Shapes (..., layers, batch, units) and (..., layers, units). A product with ones: seven times
    faster than ``np.add.reduce`` for 30 layers of 32 units.
    """
    layers, batch, units = delta.shape[-3:]
    ones = np.ones((1, batch), delta.dtype)
    if layers > 1 or delta.ndim > 3:
        return [partial(np.matmul, ones, delta, out[..., None, :])]
    if units > 1:
        gemv = blas(delta.dtype).gemv
        return [partial(gemv, 1.0, delta[0].T, ones[0], 0.0, out[0], 0, 1, 0, 1, 0, 1)]
    return [partial(np.dot, ones, delta[0], out)]


@dataclass(frozen=True)
class Product:
    """One of the three products: one lane at a time, and all lanes at once."""

    alone: Prepare
    at_once: Prepare


_FORWARD: Final = Product(_forward_alone, _forward_at_once)
_BACKWARD: Final = Product(_backward_alone, _backward_at_once)
_GRADIENT: Final = Product(_gradient_alone, _gradient_at_once)


def _shape(rows: Array, W: Array) -> Shape:
    return rows.shape[-2], W.shape[-2], W.shape[-1]


def _prepare(product: Product, shape: Shape, *arrays: Array) -> list[Call]:
    if _at_once_is_right(product, shape, arrays[-1]):
        return product.at_once(*arrays)
    return _lane_by_lane(product, *arrays)


def _lane_by_lane(product: Product, *arrays: Array) -> list[Call]:
    lanes = np.ndindex(arrays[-1].shape[:-2])
    return [call for lane in lanes for call in product.alone(*(x[lane] for x in arrays))]


def _pieces(batch: int, inner: int, outer: int) -> list[slice]:
    """Pieces of the outer axis in which to take a product of few samples and a large matrix.

    BLAS multiplies a small matrix as it lies in memory and copies a large one first, which for 10
    samples takes as long as the product: with 1000 x 1000 in pieces of 96 the forward product
    takes 0.25 ms instead of 0.36, the backward one 0.23 instead of 0.43. None where it would not
    help.
    """
    size = min(PIECE_OUTPUTS // batch, PIECE_PRODUCTS // (batch * inner), WIDEST_PIECE) // 8 * 8
    if batch == 1 or size < NARROWEST_PIECE or outer <= size:
        return []
    return [slice(start, min(start + size, outer)) for start in range(0, outer, size)]


def _at_once_is_right(product: Product, shape: Shape, out: Array) -> bool:
    """Whether there are small lanes that give the same bits all at once as one by one."""
    return out.ndim > 2 and is_small(shape) and _gives_equal_bits(product, shape, out.dtype)


@lru_cache(maxsize=512)
def _gives_equal_bits(product: Product, shape: Shape, dtype: np.dtype[Any]) -> bool:
    """Try both ways on drawn numbers: the order in which BLAS sums depends on the shape alone."""
    batch, fan_in, fan_out = shape
    rng = np.random.default_rng(0)
    a, W, b, z = (
        rng.normal(size=(2, *size)).astype(dtype)
        for size in ((batch, fan_in), (fan_in, fan_out), (fan_out,), (batch, fan_out))
    )
    given = {_FORWARD: (a, W, b), _BACKWARD: (z, W), _GRADIENT: (a, z)}[product]
    out = {_FORWARD: z, _BACKWARD: a, _GRADIENT: W}[product].copy()
    if product is _FORWARD:
        out[...] = b[:, None, :]
    other = out.copy()
    run(_lane_by_lane(product, *given, out))
    run(product.at_once(*given, other))
    return np.array_equal(out, other)
