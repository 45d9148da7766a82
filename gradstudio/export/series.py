"""From a window of the history to what a picture draws: positions, zero spans, bad spans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from gradstudio.export.ticks import finite_span, is_zero, positions, step_positions
from gradstudio.training.history import History, SeriesView

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Lines:
    """The curves of a series, ready to draw.

    Attributes
    ----------
    x
        Positions on the step axis, shape (m,); m = n for exact steps, 2 n for bins, whose minimum
        and maximum are both drawn.
    y
        Positions on the value axis, shape (m, k); NaN where a value has no place on it.
    centres
        Positions of the n bins on the step axis, shape (n,).
    zero, bad
        Which bins hold an exact zero, or a value that is not finite, shape (n, k).
    end
        Position of the newest value of each curve; NaN where it is zero or not finite, shape (k,).
    extent
        Smallest and largest finite position; None when there is none.
    stride
        Steps per bin.
    """

    x: Floats
    y: Floats
    centres: Floats
    zero: Flags
    bad: Flags
    end: Floats
    extent: tuple[float, float] | None
    stride: int

    @property
    def ends_in_zero(self) -> Flags:
        """Which curves are exactly zero now, shape (k,)."""
        if not len(self.zero):
            return np.zeros(self.zero.shape[1], dtype=np.bool_)
        return np.asarray(self.zero[-1] & np.isnan(self.end))


def read_window(
    history: History, name: str, first: int, last: int, points: int, *, log: bool = False
) -> tuple[SeriesView, ...]:
    """Read the steps `first` to `last` for a plot `points` pixels wide.

    On a logarithmic step axis each decade is read by itself, so that its first steps are not
    hidden in bins as wide as those of its end.
    """
    if not log:
        return (history.read(name, first, last + 1, points=points),)
    edges = [first, *(e for e in (10**k for k in range(1, 16)) if first < e <= last), last + 1]
    per_part = max(points // max(len(edges) - 1, 1), 16)
    views: list[SeriesView] = []
    covered = -1
    for start, end in pairwise(edges):
        view = _after(history.read(name, start, end, points=per_part), covered)
        if len(view):
            views.append(view)
            covered = int(view.steps[-1]) + view.stride - 1
    return tuple(views)


def lines(
    views: Sequence[SeriesView],
    *,
    interval: int = 1,
    x_log: bool = False,
    y_log: bool = True,
    undefined_is_zero: bool = False,
) -> Lines:
    """Turn what was read of a window into curves.

    Parameters
    ----------
    views
        What :func:`read_window` returned, not empty.
    interval
        Steps from one row of the history to the next.
    undefined_is_zero
        Whether NaN means "zero over zero" (an update of nothing), which belongs in the zero lane.
    """
    parts = [_part(v, interval, x_log, y_log, undefined_is_zero) for v in views]
    x, y, centres, zero, bad = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    newest = views[-1].last[-1:]
    end = positions(newest, log=y_log)[0] if len(newest) else np.full(y.shape[1], np.nan)
    return Lines(x, y, centres, zero, bad, end, finite_span([y]), views[-1].stride)


def bin_centres(view: SeriesView, interval: int = 1, *, log: bool = False) -> Floats:
    """Where the bins of a window stand on the step axis, shape (n,)."""
    return step_positions(view.steps + (view.stride - interval) / 2.0, log=log)


def zero_runs(drawn: Lines) -> list[tuple[int, float, float, float | None]]:
    """Find runs of zeros as (curve, first position, last position, position just before)."""
    per_bin = 1 if len(drawn.x) == len(drawn.centres) else 2
    runs: list[tuple[int, float, float, float | None]] = []
    for index in np.flatnonzero(drawn.zero.any(axis=0)).tolist():
        for start, stop in spans(drawn.zero[:, index]):
            around = drawn.y[max(per_bin * start - 1, 0) : per_bin * start + 1, index]
            known = around[np.isfinite(around)]
            before = float(known[-1]) if len(known) else None
            runs.append((index, float(drawn.centres[start]), float(drawn.centres[stop]), before))
    return runs


def spans(flags: Flags) -> list[tuple[int, int]]:
    """First and last index of each run of True in a row of flags."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _after(view: SeriesView, covered: int) -> SeriesView:
    """Take the bins of `view` that start after the step `covered`."""
    skip = int(np.searchsorted(view.steps, covered, side="right"))
    if skip == 0:
        return view
    return SeriesView(
        view.steps[skip:], view.low[skip:], view.high[skip:], view.mean[skip:],
        view.last[skip:], view.nonfinite[skip:], view.stride,
    )  # fmt: skip


def _part(
    view: SeriesView, interval: int, x_log: bool, y_log: bool, undefined_is_zero: bool
) -> tuple[Floats, Floats, Floats, Flags, Flags]:
    bad = view.nonfinite > 0
    zero = is_zero(view.low) if y_log else np.zeros_like(bad)
    if undefined_is_zero:
        undefined = bad & np.isnan(view.last)
        zero, bad = zero | (undefined & y_log), bad & ~undefined
    centres = bin_centres(view, interval, log=x_log)
    # a curve of exact steps has one point each; bins of one step keep the two points of their kind
    if view.stride == interval and not x_log:
        return centres, positions(view.last, log=y_log), centres, zero, bad
    middles = view.steps + (view.stride - interval) / 2.0
    # a quarter of a bin apart, or the curve would look like a staircase
    apart = (view.stride - interval) / 4.0
    x = step_positions(np.stack([middles - apart, middles + apart], axis=1).ravel(), log=x_log)
    return x, _zigzag(view, y_log), centres, zero, bad


def _zigzag(view: SeriesView, y_log: bool) -> Floats:
    """Minimum and maximum of each bin one after the other, the one met first being first."""
    # where a bin holds zeros and positive values its curve ends at the positive ones
    low = np.where(is_zero(view.low), view.high, view.low) if y_log else view.low
    first, second = positions(low, log=y_log), positions(view.high, log=y_log)
    if len(view) > 1:
        falling = np.diff(view.mean, axis=0, append=view.mean[-1:]) < 0
        first, second = np.where(falling, second, first), np.where(falling, first, second)
    y = np.empty((2 * len(view), first.shape[1]))
    y[0::2], y[1::2] = first, second
    return y
