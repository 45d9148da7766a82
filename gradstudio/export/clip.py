"""Cutting lines at the edges of a box by arithmetic, since not every viewer clips."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradstudio.export.figure import Floats


class Box(NamedTuple):
    """A rectangle in pixels, y downwards."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Width in pixels."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Height in pixels."""
        return self.bottom - self.top


def clip_segments(ends: Floats, box: Box) -> tuple[Floats, NDArray[np.bool_], NDArray[np.bool_]]:
    """Cut straight lines at a box.

    Parameters
    ----------
    ends
        Start and end of each line as x0, y0, x1, y1, shape (n, 4); any value, NaN as well.
    box
        Where to cut.

    Returns
    -------
    The lines cut, shape (n, 4); which of them lie in the box at all; and for both ends whether
    they have been cut off, shape (n, 2).

    References
    ----------
    Y.-D. Liang and B. A. Barsky, "A new concept and method for line clipping", ACM Transactions
    on Graphics 3(1), 1984.
    """
    start, end = ends[:, :2], ends[:, 2:]
    low = np.array([box.left, box.top])
    high = np.array([box.right, box.bottom])
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        along = end - start
        enter, leave = (low - start) / along, (high - start) / along
        enter, leave = np.minimum(enter, leave), np.maximum(enter, leave)
        still = along == 0
        inside = (start >= low) & (start <= high)
        enter = np.where(still, np.where(inside, 0.0, np.inf), enter)
        leave = np.where(still, 1.0, leave)
        first = np.maximum(enter.max(axis=1), 0.0)
        last = np.minimum(leave.min(axis=1), 1.0)
        seen = (first <= last) & np.isfinite(ends).all(axis=1)
        cut_start = start + first[:, None] * along
        cut_end = start + last[:, None] * along
    # a cut end is exactly on the edge, however far away the point was
    cut = np.stack([first > 0.0, last < 1.0], axis=1)
    cut_start = np.where(cut[:, :1], np.clip(cut_start, low, high), start)
    cut_end = np.where(cut[:, 1:], np.clip(cut_end, low, high), end)
    return np.concatenate([cut_start, cut_end], axis=1), seen, cut


def clip_polyline(x: Floats, y: Floats, box: Box) -> list[Floats]:
    """Cut a line through points, which NaN breaks, at a box.

    A point without neighbours becomes a piece of one point.

    Parameters
    ----------
    x, y
        Points in pixels, shape (n,).

    Returns
    -------
    The pieces inside the box, shape (m, 2) each, in their order.
    """
    points = np.stack([x, y], axis=1)
    lonely = _lonely(points, box)
    if len(points) < 2:
        return [points[i : i + 1] for i in lonely]
    lines, seen, cut = clip_segments(np.concatenate([points[:-1], points[1:]], axis=1), box)
    joined = seen[:-1] & seen[1:] & ~cut[:-1, 1] & ~cut[1:, 0]
    starts = np.flatnonzero(seen & ~np.concatenate([[False], joined]))
    stops = np.flatnonzero(seen & ~np.concatenate([joined, [False]]))
    pieces = [
        (int(a), np.concatenate([lines[a, None, :2], lines[a : b + 1, 2:]]))
        for a, b in zip(starts, stops, strict=True)
    ]
    pieces += [(int(i), points[i : i + 1]) for i in lonely]
    return [piece for _, piece in sorted(pieces, key=lambda one: one[0])]


def _lonely(points: Floats, box: Box) -> NDArray[np.intp]:
    """Find the points in the box that have no finite neighbour."""
    known = np.isfinite(points).all(axis=1)
    apart = np.concatenate([[False], known, [False]])
    alone = known & ~apart[:-2] & ~apart[2:]
    with np.errstate(invalid="ignore"):
        within = (
            (points[:, 0] >= box.left)
            & (points[:, 0] <= box.right)
            & (points[:, 1] >= box.top)
            & (points[:, 1] <= box.bottom)
        )
    return np.flatnonzero(alone & within)
