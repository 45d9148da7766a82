"""A bounded memory of a run of any length that loses no spike.

The last rows are kept as they are in a ring. All rows are summarised in bins of equal stride,
aligned to absolute rows; when the bins are full, neighbours are merged and the stride doubles.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradstudio.training.bins import Bins
from gradstudio.training.record import Columns, Floats

BLOCK_ROWS: Final = 256
"""Rows folded into the bins at once; folding each row alone costs ten times as much."""

ALL: Final = slice(None)


@dataclass(frozen=True)
class SeriesView:
    """One series over a window, thinned to bins of equal stride; its arrays are its own.

    Parameters
    ----------
    steps
        First step of each bin, (n,).
    low, high, mean
        Over the finite values of each bin, (n, k); NaN where there is none.
    last
        The value of the last step of each bin as it is, (n, k).
    nonfinite
        Number of values in each bin that are NaN or infinite, (n, k).
    stride
        Steps from one bin to the next; the interval of the history when every bin is one row.
    """

    steps: NDArray[np.int64]
    low: Floats
    high: Floats
    mean: Floats
    last: Floats
    nonfinite: NDArray[np.int64]
    stride: int

    def __len__(self) -> int:
        return len(self.steps)


class Moment(NamedTuple):
    """What is known of one step: its own values, or those of the bin that holds it."""

    steps: range
    """Steps that the values cover; a single one while the row is still in the ring."""
    low: Floats
    high: Floats
    mean: Floats


class History:
    """Rows of numbers, one per recorded step, in bounded memory.

    One thread may append while another reads. Row ``i`` belongs to step ``i * interval``.

    Parameters
    ----------
    columns
        Names of the columns.
    interval
        Steps from one row to the next.
    bins
        Number of bins, a power of two. 4,096 bins of 60 columns take 10 MB.
    ring_bytes, ring_rows
        Limits of the ring; the smaller one holds.
    """

    def __init__(
        self,
        columns: Columns,
        interval: int = 1,
        bins: int = 4096,
        ring_bytes: int = 64 * 2**20,
        ring_rows: int = 65536,
    ) -> None:
        if bins < 2 or bins & (bins - 1):
            raise ValueError(f"bins: {bins} is not a power of two above 1")
        self.columns = columns
        self.interval = interval
        self._capacity = bins
        self._block = min(BLOCK_ROWS, bins)
        fitting = min(ring_rows, ring_bytes // (8 * columns.width))
        self._ring_rows = max(1, fitting // self._block) * self._block
        self._ring = np.empty((self._ring_rows, columns.width))
        self._bins = Bins.empty(bins, columns.width)
        self._stride = 1
        self._count = 0
        self._folded = 0
        self._fold_at = self._block
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return self._count

    @property
    def nbytes(self) -> int:
        """Bytes that the history may come to hold."""
        cells = self._capacity * self.columns.width
        return self._ring.nbytes + cells * 5 * 8 + self._capacity * 8

    def append(self, row: Floats) -> None:
        """Add the next row, (width,); it is copied."""
        count = self._count
        self._ring[count % self._ring_rows] = row
        count += 1
        self._count = count
        if count == self._fold_at:
            self._fold()

    def _fold(self) -> None:
        """Summarise the block that has just been filled."""
        start = self._folded % self._ring_rows
        rows = Bins.of_rows(self._ring[start : start + self._block])
        with self._lock:
            if self._folded == self._capacity * self._stride:
                self._bins.write(0, self._bins.grouped(2))
                self._stride *= 2
            bins = rows.grouped(min(self._stride, self._block))
            place = self._folded // self._stride
            if self._folded % self._stride:
                bins = self._bins.part(slice(place, place + 1), ALL).joined(bins).grouped(2)
            self._bins.write(place, bins)
            self._folded += self._block
            self._fold_at += self._block

    def latest(self, name: str) -> Floats | None:
        """Values of ``name`` in the newest row, (k,); None before the first one."""
        newest = self.newest()
        return None if newest is None else newest[1][self.columns.slice_of(name)]

    def newest(self) -> tuple[int, Floats] | None:
        """Return the newest step and a copy of its row, (width,); None before the first one."""
        with self._lock:
            count = self._count
            if count == 0:
                return None
            return (count - 1) * self.interval, self._ring[(count - 1) % self._ring_rows].copy()

    def at(self, name: str, step: int) -> Moment:
        """Say what is known of ``name`` at ``step``; IndexError when it is not recorded."""
        row = step // self.interval
        if not 0 <= row < self._count:
            raise IndexError(f"step {step} is not among the {self._count} recorded rows")
        first = row * self.interval
        view = self.read(name, first, first + 1, points=1)
        begin = int(view.steps[0])
        end = min(begin + view.stride, self._count * self.interval)
        return Moment(range(begin, end, self.interval), view.low[0], view.high[0], view.mean[0])

    def read(
        self, name: str, first: int = 0, last: int | None = None, points: int = 2000
    ) -> SeriesView:
        """Series ``name`` from step ``first`` up to but not including ``last``.

        The answer is exact when the window has no more than ``points`` rows and all of them are
        still in the ring. Otherwise it is thinned to at most ``points`` bins whose minimum and
        maximum are exact; bins start at multiples of their stride, so those at the two ends may
        reach out of the window.

        Parameters
        ----------
        name
            One of the names of the columns.
        first, last
            Window in steps; ``last`` None means up to the newest.
        points
            Largest number of bins.
        """
        columns = self.columns.slice_of(name)
        with self._lock:
            count = self._count
            end = count if last is None else min(count, -(-last // self.interval))
            start = min(max(0, -(-first // self.interval)), end)
            if start >= end:
                return _empty(columns.stop - columns.start, self.interval)
            stride = _stride_for(start, end, points)
            aligned = start - start % stride
            # the writer can finish the block it is in, then it waits for the lock
            oldest = max(0, self._folded + self._block - self._ring_rows)
            if aligned >= oldest and (stride < self._stride or stride == 1):
                begin, unit = aligned, 1
                bins = self._rows(aligned, min(count, -(-end // stride) * stride), columns)
            else:
                stride = max(stride, self._stride)
                begin, unit = start - start % stride, self._stride
                bins = self._binned(begin, min(count, -(-end // stride) * stride), columns)
        starts = begin + stride * np.arange(-(-len(bins) // (stride // unit)), dtype=np.int64)
        return _view(starts * self.interval, bins.grouped(stride // unit), stride * self.interval)

    def _rows(self, start: int, end: int, columns: slice) -> Bins:
        """Rows ``start`` to ``end`` of the ring, copied."""
        first, last = start % self._ring_rows, end % self._ring_rows
        if first < last or start == end:
            return Bins.of_rows(self._ring[first:last, columns].copy())
        return Bins.of_rows(
            np.concatenate([self._ring[first:, columns], self._ring[:last, columns]])
        )

    def _binned(self, start: int, end: int, columns: slice) -> Bins:
        """Bins that hold rows ``start`` to ``end``, with the rows not yet folded."""
        stride = self._stride
        folded_end = min(end, self._folded)
        bins = self._bins.part(slice(start // stride, -(-folded_end // stride)), columns)
        if end <= self._folded:
            return bins
        tail = self._rows(max(start, self._folded), end, columns)
        tail = tail.grouped(min(stride, self._block))
        if self._folded % stride == 0:
            return bins.joined(tail)
        open_bin = bins.part(slice(-1, None), ALL).joined(tail).grouped(2)
        return bins.part(slice(0, -1), ALL).joined(open_bin)


def _stride_for(start: int, end: int, points: int) -> int:
    """Smallest power of two with which aligned bins over the rows are at most ``points``."""
    stride = 1
    while -(-end // stride) - start // stride > points:
        stride *= 2
    return stride


def _view(steps: NDArray[np.int64], bins: Bins, stride: int) -> SeriesView:
    # single rows share one array for low, high and mean: part them before they leave
    bins = bins.part(ALL, ALL)
    return SeriesView(steps, bins.low, bins.high, bins.mean, bins.last, bins.nonfinite, stride)


def _empty(width: int, stride: int) -> SeriesView:
    return _view(np.empty(0, dtype=np.int64), Bins.empty(0, width), stride)
