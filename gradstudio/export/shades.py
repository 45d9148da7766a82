"""The colours of the cells of a heat map, and which of them a pixel shows."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from gradstudio.export.cells import Cells
from gradstudio.palette import Palette, interpolate

Shades = npt.NDArray[np.uint8]
Taken = npt.NDArray[np.intp]

SHADE_COUNT: Final = 254
"""Colours of a map; the two shades after them are not of the map."""
NOT_FINITE: Final = 254
ZERO: Final = 255
PARTS: Final = 3
"""Rows of pixels per layer where a cell has room for a foot: zeros among other values."""


def ends_of_map(
    low: float, high: float, known: tuple[float, float] | None, *, symmetric: bool
) -> tuple[int, int]:
    """Whole decades that hold `low` to `high` and what was `known` before; at least one."""
    if known is not None:
        low, high = min(low, known[0]), max(high, known[1])
    first, last = math.floor(low + 1e-9), math.ceil(high - 1e-9)
    if symmetric:
        last = max(-first, last, 1)
        return -last, last
    return first, max(last, first + 1)


def shades(
    cells: Cells, low: float, high: float, taken: Taken | None = None, parts: int = 1
) -> Shades:
    """Colour numbers of the cells as an image, (L * parts, pixels), layer 1 on top.

    Where a bin holds zeros, or values that are not finite, among others, the lowest of several
    `parts` of its cell says so; with one part all of it does. A value that is not finite comes
    before a zero, a zero before other values.

    Parameters
    ----------
    cells
        What to colour.
    low, high
        log10 at the ends of the map.
    taken
        Column in each pixel, from :func:`columns_in_pixels`; None takes each column once.
    parts
        Rows of pixels per layer.
    """
    scaled = (cells.places - low) * ((SHADE_COUNT - 1) / (high - low))
    with np.errstate(invalid="ignore"):
        body = np.clip(scaled + 0.5, 0, SHADE_COUNT - 1).astype(np.uint8)
    empty = np.isnan(cells.places)
    body[empty] = NOT_FINITE
    body[empty & cells.zero & ~cells.bad] = ZERO
    foot = body
    if cells.zero.any() or cells.bad.any():
        foot = np.where(cells.bad, NOT_FINITE, np.where(cells.zero, ZERO, body)).astype(np.uint8)
    else:
        parts = 1
    foot = foot if taken is None else _picked(foot, taken)
    if parts == 1:
        return np.ascontiguousarray(foot.T)
    body = body if taken is None else _picked(body, taken)
    return np.stack([*[body.T] * (parts - 1), foot.T], axis=1).reshape(-1, len(foot))


def columns_in_pixels(
    cells: Cells, low: float, high: float, pixels: int, *, log: bool = False
) -> Taken:
    """Say which column is in each of so many pixels between two ends of the step axis.

    Where columns are narrower than a pixel, each layer shows the one that stands out most.

    Returns
    -------
    (pixels, L) or (pixels, 1), -1 where there is no column.
    """
    begin, end = cells.edges(log=log)
    middles = low + (np.arange(pixels) + 0.5) * ((high - low) / pixels)
    column = np.searchsorted(begin, middles, side="right") - 1
    column[middles >= end] = -1
    taken = column[:, None]
    finish = np.append(begin[1:], end)
    missed = (finish > low) & (begin < high)
    missed[column[column >= 0]] = False
    if not missed.any():
        return taken
    taken = np.repeat(taken, cells.places.shape[1], axis=1)
    weight = np.where(cells.zero | cells.bad, np.inf, np.abs(cells.places - cells.usual))
    centres = np.clip((begin + finish) / 2.0, low, high)
    at = np.minimum((centres - low) / (high - low) * pixels, pixels - 1).astype(np.intp)
    for j in np.flatnonzero(missed).tolist():
        here = taken[at[j]]
        here[(here < 0) | (weight[j] > weight[here, np.arange(len(here))])] = j
    return taken


@lru_cache(maxsize=8)
def shade_colours(palette: Palette, *, diverging: bool) -> npt.NDArray[np.uint8]:
    """Red, green, blue and opacity of every shade, (256, 4).

    A zero is transparent: what it lies on is hatched.
    """
    anchors = palette.deviation if diverging else palette.size
    texts = [interpolate(anchors, i / (SHADE_COUNT - 1)) for i in range(SHADE_COUNT)]
    texts += [palette.critical, palette.bg1]
    table = np.array([[int(t[k : k + 2], 16) for k in (1, 3, 5)] + [255] for t in texts], np.uint8)
    table[ZERO, 3] = 0
    table.setflags(write=False)
    return table


def _picked(numbers: Shades, taken: Taken) -> Shades:
    """Shades of the columns in each pixel, (pixels, L); where there is none a zero."""
    picked = np.take_along_axis(numbers, np.maximum(taken, 0), axis=0)
    return np.where(taken < 0, np.uint8(ZERO), picked)
