"""Euclidean norms of many arrays in a few calls, safe where float32 squares are not.

Squares of float32 numbers leave the range of float32 at 1e-19 and 1e19. A norm whose sum of
squares is not safely inside the range is taken again with care: a vanished gradient of 1e-25
stays 1e-25, an exact 0 stays 0, infinity and NaN stay what they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gradstudio.nn.arrays import Array, Call, run

FEW: Final = 4096
"""Numbers up to which squares are taken in float64, all arrays together."""
SAFE: Final = {np.dtype(np.float32): (1e-25, 1e30), np.dtype(np.float64): (1e-280, 1e280)}


class Norms:
    """Norms of some arrays from sums of their squares, measured again and again.

    Parameters
    ----------
    arrays
        The arrays whose norms are taken.
    calls
        What writes the sums of squares of the present numbers, into a vector (arrays,).
    low
        Sum of squares below which a norm is taken with care; that of their type if not given.

    Attributes
    ----------
    squares
        Sums of squares, (arrays,); those out of the safe range are not to be used.
    norms
        (arrays,); always right after ``measure``.
    """

    def __init__(
        self,
        arrays: Sequence[Array],
        calls: Callable[[NDArray[np.float64]], list[Call]],
        low: float | None = None,
    ) -> None:
        self._arrays = list(arrays)
        self.squares: NDArray[np.float64] = np.zeros(len(self._arrays))
        self.norms: NDArray[np.float64] = np.zeros(len(self._arrays))
        self._calls = calls(self.squares)
        safe_low, self._high = SAFE[arrays[0].dtype]
        self._low = safe_low if low is None else low

    def measure(self) -> bool:
        """Take the norms; returns whether ``squares`` can be used as they are."""
        run(self._calls)
        squares, low = self.squares, self._low
        np.sqrt(squares, self.norms)
        is_safe: bool = np.maximum.reduce(squares) <= self._high and (
            low == 0.0 or np.minimum.reduce(squares) >= low
        )
        if not is_safe:
            self._repair()
        return is_safe

    def _repair(self) -> None:
        for index in np.flatnonzero(~((self.squares >= self._low) & (self.squares <= self._high))):
            self.norms[index] = safe_norm(self._arrays[index])


class LayerNorms(Norms):
    """Norms of the rows of some arrays.

    Parameters
    ----------
    rows
        Arrays (count, size), contiguous and of one type; each row is an array of its own.
    """

    def __init__(self, rows: Sequence[Array]) -> None:
        dtype = rows[0].dtype
        arrays = [row for array in rows for row in array]
        is_few = sum(array.size for array in rows) <= FEW
        # in float64 the squares of float32 are exact at any size
        low = 0.0 if is_few and dtype == np.float32 else None
        super().__init__(arrays, partial(_one_buffer if is_few else row_squares, rows), low)


def _one_buffer(rows: Sequence[Array], squares: NDArray[np.float64]) -> list[Call]:
    """Copy everything to one float64 buffer, square it, add each stretch: three calls."""
    flat = [array.reshape(-1) for array in rows]
    sizes = [row.size for array in rows for row in array]
    starts = np.concatenate([[0], np.cumsum(sizes[:-1])]).astype(np.intp)
    buffer = np.zeros(sum(sizes))
    return [
        partial(np.concatenate, flat, 0, buffer),
        partial(np.multiply, buffer, buffer, buffer),
        partial(np.add.reduceat, buffer, starts, 0, None, squares),
    ]


def row_squares(rows: Sequence[Array], squares: NDArray[np.float64]) -> list[Call]:
    """Prepare the sums of squares of rows: one call per array, by BLAS.

    Parameters
    ----------
    rows
        Arrays (count, size), contiguous and of one type.
    squares
        Where they go, (rows,).
    """
    raw = np.zeros(len(squares), rows[0].dtype)
    calls: list[Call] = []
    start = 0
    for array in rows:
        stop = start + len(array)
        calls.append(partial(np.vecdot, array, array, raw[start:stop]))
        start = stop
    return [*calls, partial(np.copyto, squares, raw)]


def safe_norm(x: NDArray[np.floating]) -> float:
    """Euclidean norm that neither underflows nor overflows before the result does."""
    largest = float(np.abs(x).max(initial=0.0))
    if largest == 0.0 or not np.isfinite(largest):
        return largest
    scaled = x.astype(np.float64, copy=True)
    scaled /= largest
    return largest * float(np.sqrt(np.vdot(scaled, scaled)))
