"""Euclidean norms of many arrays in a few calls, safe where float32 squares are not.

Squares of float32 numbers leave the range of float32 at 1e-19 and 1e19. A norm whose sum of
squares is not safely inside the range is taken again with care: a vanished gradient of 1e-25
stays 1e-25, an exact 0 stays 0, infinity and NaN stay what they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gradstudio.nn.arrays import Array, Call, run

FEW: Final = 4096
"""Numbers up to which squares are taken in float64, all arrays together."""
SAFE: Final = {np.dtype(np.float32): (1e-25, 1e30), np.dtype(np.float64): (1e-280, 1e280)}


class LayerNorms:
    """Norms of the rows of some arrays, measured again and again.

    Parameters
    ----------
    rows
        Arrays (count, size), contiguous and of one type; each row is an array of its own.

    Attributes
    ----------
    squares
        Sums of squares, (n,), where n counts the rows of all arrays; those of ``unsafe`` rows are
        not to be used.
    norms
        (n,), always right.
    """

    def __init__(self, rows: Sequence[Array]) -> None:
        self._arrays = [row for array in rows for row in array]
        self.squares = np.zeros(len(self._arrays))
        self.norms = np.zeros(len(self._arrays))
        dtype = rows[0].dtype
        self._low, self._high = SAFE[dtype]
        if sum(array.size for array in rows) <= FEW:
            self._calls = self._one_buffer(rows)
            if dtype == np.float32:  # its squares are exact in float64 at any size
                self._low = 0.0
        else:
            self._calls = self._row_by_row(rows, dtype)

    def measure(self) -> bool:
        """Take the norms; returns whether ``squares`` can be used as they are."""
        squares = self.squares
        run(self._calls)
        np.sqrt(squares, self.norms)
        low = self._low
        is_safe: bool = np.maximum.reduce(squares) <= self._high and (
            low == 0.0 or np.minimum.reduce(squares) >= low
        )
        if not is_safe:
            self._repair()
        return is_safe

    def _repair(self) -> None:
        for index in np.flatnonzero(~((self.squares >= self._low) & (self.squares <= self._high))):
            self.norms[index] = safe_norm(self._arrays[index])

    def _one_buffer(self, rows: Sequence[Array]) -> list[Call]:
        """Copy everything to one float64 buffer, square it, add each stretch: three calls."""
        flat = [array.reshape(-1) for array in rows]
        sizes = [array.size for array in self._arrays]
        starts = np.concatenate([[0], np.cumsum(sizes[:-1])]).astype(np.intp)
        buffer = np.zeros(sum(sizes))
        return [
            partial(np.concatenate, flat, 0, buffer),
            partial(np.multiply, buffer, buffer, buffer),
            partial(np.add.reduceat, buffer, starts, 0, None, self.squares),
        ]

    def _row_by_row(self, rows: Sequence[Array], dtype: np.dtype[np.floating]) -> list[Call]:
        """One call per array: the products of its rows with themselves, by BLAS."""
        raw = np.zeros(len(self._arrays), dtype)
        calls: list[Call] = []
        start = 0
        for array in rows:
            stop = start + len(array)
            calls.append(partial(np.vecdot, array, array, raw[start:stop]))
            start = stop
        return [*calls, partial(np.copyto, self.squares, raw)]


def safe_norm(x: NDArray[np.floating]) -> float:
    """Euclidean norm that neither underflows nor overflows before the result does."""
    largest = float(np.abs(x).max(initial=0.0))
    if largest == 0.0 or not np.isfinite(largest):
        return largest
    scaled = x.astype(np.float64, copy=True)
    scaled /= largest
    return largest * float(np.sqrt(np.vdot(scaled, scaled)))
