"""From a window of the history to the cells of a heat map, layer by step.

A column is a bin of the history. Its cell shows the mean of the bin, or its extreme where that is
a spike: a single step that stands out is then seen at any zoom. Exact zeros and values that are
not finite never mix with the rest: the cell says that its bin holds some.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from gradstudio.export.ticks import is_zero, positions, step_positions
from gradstudio.training.history import SeriesView

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Steps = npt.NDArray[np.int64]

SPIKE: Final = 0.5
"""Decades that an extreme must lie from the bins around it to be shown instead of the mean."""
UNUSUAL: Final = 2.0
"""And how many times farther than the extremes of that layer usually do: noise is no spike."""


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of n columns and L layers.

    Attributes
    ----------
    first, last
        First and last step of each column, (n,).
    low, mean, high, newest
        Minimum, mean, maximum and last value of the bins behind the cells, (n, L).
    nonfinite
        How many values of each bin are not finite, (n, L).
    places
        log10 of what each cell shows, (n, L); NaN where its bin has no positive finite value.
    zero, bad
        Which bins hold an exact zero or underflow, or a value that is not finite, (n, L).
    usual
        log10 of the mean of each bin in the unit of ``places``, (n, L).
    """

    first: Steps
    last: Steps
    low: Floats
    mean: Floats
    high: Floats
    newest: Floats
    nonfinite: Steps
    places: Floats
    zero: Flags
    bad: Flags
    usual: Floats

    def __len__(self) -> int:
        return len(self.first)

    @property
    def extent(self) -> tuple[float, float] | None:
        """Smallest and largest place; None when there is none."""
        known = self.places[np.isfinite(self.places)]
        return (float(known.min()), float(known.max())) if known.size else None

    def column_at(self, step: int) -> int | None:
        """Index of the column that holds a step; None where there is none."""
        index = int(np.searchsorted(self.first, step, side="right")) - 1
        return index if index >= 0 and step <= self.last[index] else None

    def edges(self, *, log: bool) -> tuple[Floats, float]:
        """Where the columns begin on the step axis, (n,), and where the last one ends."""
        begin = step_edges(self.first, log=log)
        return begin, float(step_edges(self.last[-1:] + 1, log=log)[0])


class CellReader:
    """Turns views of one quantity of one run into cells; what it knows of full bins it keeps."""

    def __init__(self) -> None:
        self._view: SeriesView | None = None
        self._logs: Floats = np.empty((3, 0, 0))

    def read(
        self,
        views: Sequence[SeriesView],
        step_count: int,
        *,
        undefined_is_zero: bool = False,
        expected: Floats | None = None,
    ) -> Cells:
        """Make the cells of a window.

        Parameters
        ----------
        views
            Bins of one quantity of L layers, as :func:`gradstudio.export.series.read_window` gives
            them.
        step_count
            Steps recorded.
        undefined_is_zero
            Whether NaN means "zero over zero" (an update of nothing).
        expected
            RMS delta over that of the output layer as theory has it, (L,): the places are then
            log10 of what is measured over what is expected.
        """
        logs = self._logarithms(views)
        low, high, mean, newest = (_joined(views, n) for n in ("low", "high", "mean", "last"))
        nonfinite = np.concatenate([v.nonfinite for v in views])
        first = np.concatenate([v.steps for v in views])
        stop = np.concatenate([v.steps + v.stride for v in views])
        stop[-1] = min(int(stop[-1]), max(step_count, int(first[-1]) + 1))
        zero, bad = is_zero(low), nonfinite > 0
        if undefined_is_zero:
            undefined = bad & np.isnan(newest)
            zero, bad = zero | undefined, bad & ~undefined
        places, usual = shown(logs), logs[1]
        if expected is not None:
            # without the output layer there is nothing to compare with
            zero, bad = zero | zero[:, -1:], bad | bad[:, -1:]
            shift = np.log10(expected)
            places = places - places[:, -1:] - shift
            usual = usual - usual[:, -1:] - shift
        return Cells(first, stop - 1, low, mean, high, newest, nonfinite, places, zero, bad, usual)

    def _logarithms(self, views: Sequence[SeriesView]) -> Floats:
        """Return log10 of minimum, mean and maximum of each bin, (3, n, L)."""
        view, known = views[0], 0
        if len(views) == 1:
            known = self._unchanged(view)
        parts = [np.stack([v.low[known:], v.mean[known:], v.high[known:]]) for v in views]
        logs = positions(np.concatenate(parts, axis=1), log=True)
        if known:
            logs = np.concatenate([self._logs[:, :known], logs], axis=1)
        self._view = view if len(views) == 1 else None
        self._logs = logs
        return logs

    def _unchanged(self, view: SeriesView) -> int:
        """Count the bins at the start that are as they were; the last two may have grown."""
        old = self._view
        if old is None or old.stride != view.stride or old.low.shape[1] != view.low.shape[1]:
            return 0
        count = min(len(old), len(view)) - 2
        return count if count > 0 and old.steps[0] == view.steps[0] else 0


def step_edges(steps: Steps, *, log: bool) -> Floats:
    """Where the cells of steps begin on the step axis: midway to the step before."""
    before = 2.0 * step_positions(steps, log=log) - step_positions(steps + 1, log=log)
    before = np.where(steps > 0, step_positions(steps - 1, log=log), before)
    return np.asarray((before + step_positions(steps, log=log)) / 2.0)


def shown(logs: Floats) -> Floats:
    """Choose what each bin shows: its mean, or its extreme where that is a spike.

    Parameters
    ----------
    logs
        log10 of minimum, mean and maximum, (3, n, L); NaN where there is none.

    Returns
    -------
    Places (n, L). An extreme is a spike when it lies half a decade from the bins around it (the
    median of their means, since a spike of 1e9 carries the mean of its own bin along) and twice as
    far as the extremes of that layer usually do, so that a noisy layer shows its mean.
    """
    low, mean, high = logs
    centre = _around(mean)
    above, below = high - centre, centre - low
    with np.errstate(invalid="ignore"):
        up, down = above > SPIKE, below > SPIKE
    if len(mean) >= 3:
        up &= above > UNUSUAL * _usual(above, up)
        down &= below > UNUSUAL * _usual(below, down)
        down &= ~up | (below > above)
    else:  # one or two bins: an extreme above has carried their means along
        down &= ~up
    return np.asarray(np.where(down, low, np.where(up, high, mean)))


def _around(means: Floats) -> Floats:
    """Median of each mean and its two neighbours; those at the ends take the next three."""
    if len(means) < 3:
        return means
    a, b, c = means[:-2], means[1:-1], means[2:]
    middle = np.fmax(np.fmin(a, b), np.fmin(np.fmax(a, b), c))
    return np.concatenate([middle[:1], middle, middle[-1:]])


def _usual(distances: Floats, candidates: Flags) -> Floats:
    """Median distance of each layer, (L,), where there are candidates; 0 where none is needed."""
    usual = np.zeros(distances.shape[1])
    asked = candidates.any(axis=0)
    if asked.any():
        finite = np.where(np.isfinite(distances[:, asked]), distances[:, asked], 0.0)
        usual[asked] = np.median(np.maximum(finite, 0.0), axis=0)
    return usual


def _joined(views: Sequence[SeriesView], name: str) -> Floats:
    arrays: list[Floats] = [getattr(view, name) for view in views]
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
