"""Summaries of neighbouring rows: minimum, maximum, mean, last value and non-finite count.

Non-finite values never reach a minimum, maximum or mean; they are counted. A summary of
summaries equals the summary of all their rows, so a history may be thinned again and again and
still hold every spike.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from gradstudio.training.record import Floats


@dataclass
class Bins:
    """Summaries of n groups of neighbouring rows with k columns.

    Parameters
    ----------
    low, high, mean
        Over the finite values of the group, (n, k); NaN where there is none.
    last
        The value of the last row of the group as it is, (n, k).
    nonfinite
        Number of values that are NaN or infinite, (n, k).
    rows
        Number of rows in the group, (n,).
    """

    low: Floats
    high: Floats
    mean: Floats
    last: Floats
    nonfinite: NDArray[np.int64]
    rows: NDArray[np.int64]

    @classmethod
    def empty(cls, size: int, width: int) -> Bins:
        """Room for ``size`` groups of rows with ``width`` columns; the contents are not set."""
        shape = (size, width)
        return cls(
            low=np.empty(shape),
            high=np.empty(shape),
            mean=np.empty(shape),
            last=np.empty(shape),
            nonfinite=np.empty(shape, dtype=np.int64),
            rows=np.empty(size, dtype=np.int64),
        )

    @classmethod
    def of_rows(cls, values: Floats) -> Bins:
        """Each row of ``values`` (n, k) as a group of its own."""
        finite = np.isfinite(values)
        clean = values if finite.all() else np.where(finite, values, np.nan)
        return cls(
            low=clean,
            high=clean,
            mean=clean,
            last=values,
            nonfinite=(~finite).astype(np.int64),
            rows=np.ones(len(values), dtype=np.int64),
        )

    def __len__(self) -> int:
        return len(self.rows)

    def part(self, groups: slice, columns: slice) -> Bins:
        """Copy of some of the groups and columns."""
        return Bins(
            low=self.low[groups, columns].copy(),
            high=self.high[groups, columns].copy(),
            mean=self.mean[groups, columns].copy(),
            last=self.last[groups, columns].copy(),
            nonfinite=self.nonfinite[groups, columns].copy(),
            rows=self.rows[groups].copy(),
        )

    def write(self, start: int, other: Bins) -> None:
        """Put the groups of ``other`` in the place of those from ``start`` on."""
        for name in (entry.name for entry in fields(self)):
            getattr(self, name)[start : start + len(other)] = getattr(other, name)

    def joined(self, other: Bins) -> Bins:
        """Return these groups followed by those of ``other``."""
        return Bins(
            *(
                np.concatenate([getattr(self, entry.name), getattr(other, entry.name)])
                for entry in fields(self)
            )
        )

    def grouped(self, factor: int) -> Bins:
        """Summaries of ``factor`` neighbouring groups each; the last one may have fewer."""
        if factor == 1 or len(self) == 0:
            return self
        whole = len(self) // factor
        if whole * factor == len(self):
            return self._folded(whole)
        rest = self._slice(slice(whole * factor, None))._folded(1)
        if whole == 0:
            return rest
        return self._slice(slice(whole * factor))._folded(whole).joined(rest)

    def _slice(self, groups: slice) -> Bins:
        return Bins(*(getattr(self, entry.name)[groups] for entry in fields(self)))

    def _folded(self, count: int) -> Bins:
        """Fold into ``count`` groups of equal size."""
        shape = (count, len(self) // count, self.low.shape[1])
        low = np.fmin.reduce(self.low.reshape(shape), axis=1)
        high = np.fmax.reduce(self.high.reshape(shape), axis=1)
        rows = self.rows.reshape(shape[:2])
        row_sum = rows.sum(axis=1)
        means = self.mean.reshape(shape)
        # weighting before adding keeps sums of values near 1e308 finite
        if self.nonfinite.any():
            nonfinite = self.nonfinite.reshape(shape)
            nonfinite_sum = nonfinite.sum(axis=1)
            counts = rows[:, :, None] - nonfinite
            weights = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
            mean = np.where(counts > 0, means * weights, 0.0).sum(axis=1)
            mean[nonfinite_sum == row_sum[:, None]] = np.nan
        else:
            nonfinite_sum = np.zeros(low.shape, dtype=np.int64)
            mean = (means * (rows / row_sum[:, None])[:, :, None]).sum(axis=1)
        return Bins(
            low=low,
            high=high,
            # rounding must not carry a mean past the values it is the mean of
            mean=np.clip(mean, low, high),
            last=self.last.reshape(shape)[:, -1],
            nonfinite=nonfinite_sum,
            rows=row_sum,
        )
