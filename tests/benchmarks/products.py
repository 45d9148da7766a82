"""The matrix products of a step and nothing else: what no step can be faster than."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
from scipy.linalg.blas import sgemm

from gradstudio.nn.arrays import Array, Call, aligned_zeros, run
from gradstudio.nn.network import Network
from tests.benchmarks.timing import take_turns

ROUTINES: Final = ("dot", "matmul", "gemm", "gemv")
SMALL_PRODUCT: Final = 1_000_000
SMALL_RESULT: Final = 1200
"""Multiply-adds and numbers of the result up to which OpenBLAS multiplies by a transposed matrix
without copying it first (found for AVX-512 at 10 and 32 samples)."""
LEAST_COLUMNS: Final = 8
TRIALS: Final = 3
TRIAL_SECONDS: Final = 0.005


class Way(NamedTuple):
    """Calls that make a product, and where it then is."""

    calls: list[Call]
    result: Array


class Products:
    """Products of a step, one after the other."""

    def __init__(self, calls: list[Call]) -> None:
        self.calls = calls

    def run(self, steps: int) -> None:
        """Calculate them as often as so many steps do."""
        calls = self.calls
        for _ in range(steps):
            run(calls)


def own_products(net: Network) -> Products | None:
    """Pick the products from the calls of the last batch size; None when some are not found.

    The network must have taken a step, so that no activation is 1 for every unit and sample.
    """
    plan = net.plan_in_use
    calls = [*plan.own.forward, *plan.own.backward, *plan.own.gradients]
    found = [call for call in calls if _is_product(call)]
    expected = math.prod(net.lanes) * multiply_adds(net.sizes, plan.batch)
    return Products(found) if sum(map(_multiply_adds, found)) == expected else None


def best_products(sizes: Sequence[int], batch: int) -> Products:
    """Make the products of a network, each in the fastest of five ways to call BLAS.

    The result may lie either way round, NumPy or SciPy may pass the call on, all at once or in
    stretches. Products of one kind and shape are tried together, so that the weights are as far
    away as they are in a step.
    """
    groups: dict[tuple[object, ...], list[list[Way]]] = defaultdict(list)
    for kind, left, right in _pairs(sizes, batch):
        groups[(kind, left.shape, right.shape)].append(_ways(left, right))
    calls: list[Call] = []
    for members in groups.values():
        ways = [
            Products([call for way in same for call in way.calls])
            for same in zip(*members, strict=True)
        ]
        turns = take_turns([way.run for way in ways], TRIALS, TRIAL_SECONDS)
        calls += ways[min(range(len(ways)), key=turns.seconds)].calls
    return Products(calls)


def multiply_adds(sizes: Sequence[int], batch: int) -> int:
    """Count those of a step: no delta is passed back to the inputs."""
    weights = [fan_in * fan_out for fan_in, fan_out in pairwise(sizes)]
    return batch * (3 * sum(weights) - weights[0])


def _is_product(call: Any) -> bool:
    """Whether a call multiplies with a matrix; a sum over the batch does so with ones."""
    words = getattr(getattr(call, "func", None), "__name__", "").split()
    if not words or not words[-1].endswith(ROUTINES):
        return False
    arrays = _arrays(call)
    has_matrix = max(array.ndim for array in arrays) > 1
    return has_matrix and not any((array == 1).all() for array in arrays[:2])


def _multiply_adds(call: Any) -> int:
    """Count m k n from the sizes of the three matrices: mk times kn times mn is its square."""
    arrays = _arrays(call)
    one_lane = math.prod(math.prod(array.shape[-2:]) for array in arrays)
    return math.prod(arrays[-1].shape[:-2]) * math.isqrt(one_lane)


def _arrays(call: Any) -> list[Array]:
    """Left, right and result."""
    return [part for part in call.args if isinstance(part, np.ndarray) and part.ndim][:3]


def _pairs(sizes: Sequence[int], batch: int) -> Iterator[tuple[str, Array, Array]]:
    """Left and right of all products, in the order of a step."""
    rng = np.random.default_rng(0)

    def drawn(*shape: int) -> Array:
        array = aligned_zeros(shape, np.float32)
        array[...] = rng.normal(size=shape)
        return array

    shapes = list(pairwise(sizes))
    a = [drawn(batch, fan_in) for fan_in, _ in shapes]
    W = [drawn(fan_in, fan_out) for fan_in, fan_out in shapes]
    deltas = [drawn(batch, fan_out) for _, fan_out in shapes]
    for layer in range(len(shapes)):
        yield "forward", a[layer], W[layer]
    for layer in reversed(range(1, len(shapes))):
        yield "backward", deltas[layer], W[layer].T
    for layer in range(len(shapes)):
        yield "gradient", a[layer].T, deltas[layer]


def _ways(left: Array, right: Array) -> list[Way]:
    """Five ways to the product: as it is or transposed, by NumPy or from BLAS, in stretches."""
    straight = aligned_zeros((left.shape[0], right.shape[1]), left.dtype)
    turned = aligned_zeros(straight.T.shape, left.dtype)
    columns = min(SMALL_PRODUCT // left.size, SMALL_RESULT // left.shape[0])
    columns = max(columns, LEAST_COLUMNS)
    parts = [slice(start, start + columns) for start in range(0, right.shape[1], columns)]
    return [
        Way([partial(np.dot, left, right, straight)], straight),
        Way([partial(np.dot, right.T, left.T, turned)], turned.T),
        Way([_fortran(right.T, left.T, straight.T)], straight),
        Way([_fortran(left, right, turned.T)], turned.T),
        Way([partial(np.matmul, left, right[:, p], straight[:, p]) for p in parts], straight),
    ]


def _fortran(left: Array, right: Array, out: Array) -> Call:
    """Prepare a product whose result has its columns one behind the other."""
    (x, x_turned), (y, y_turned) = (
        (side, 0) if side.flags.f_contiguous else (side.T, 1) for side in (left, right)
    )
    return partial(sgemm, 1.0, x, y, 0.0, out, x_turned, y_turned, 1)
