"""A confusion matrix as items of a figure: right answers as framed squares, mistakes as discs."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from gradstudio.data.task import Data
from gradstudio.export.figure import Axis, Blocks, Column, Item, Points, Segments, Text
from gradstudio.export.mistakes import Cell
from gradstudio.export.score import ClassScore
from gradstudio.numbers import count
from gradstudio.palette import Palette, interpolate

COUNTED: Final = 17.0
"""Cells of fewer pixels have no room for their count."""
SMALLEST_DISC: Final = 1.4
BADGE: Final = 8.0
"""Radius of the disc behind a count."""
DISC_SHARE: Final = 0.5
"""How much of the colour of a mistake a disc behind a count has."""
INK: Final = ("#0d0f13", "#e8ebf0")
"""Words on a bright and on a dark cell."""
_GAP: Final = 0.015


def disc_radius(share: float, cell: float) -> float:
    """Return the radius of a mistake in pixels: its area is its share of the row.

    A share of 1 fills a cell; behind a count a disc is large enough to be seen.

    Parameters
    ----------
    share
        Of the samples of the true class, 0 to 1.
    cell
        Side of a cell in pixels.
    """
    smallest = min(BADGE, 0.42 * cell) if cell >= COUNTED else SMALLEST_DISC
    return min(max(0.46 * cell * math.sqrt(share), smallest), 0.46 * cell)


def matrix_items(
    score: ClassScore,
    palette: Palette,
    cell: float,
    *,
    left: float = 0.0,
    top: float | None = None,
    side: float = 1.0,
    chosen: Cell | None = None,
) -> list[Item]:
    """Draw the cells of a confusion matrix.

    Parameters
    ----------
    cell
        Side of a cell in pixels.
    left, top, side
        Upper left corner and side of a cell on the axes; the corner is (0, classes) by default.
    """
    classes = score.classes
    corner = float(classes) if top is None else top
    samples = np.bincount(score.labels, minlength=classes)
    items: list[Item] = []
    for row in range(classes):
        for column in range(classes):
            share = float(score.confusion[row, column]) / max(int(samples[row]), 1)
            number = int(score.confusion[row, column])
            x, y = left + column * side, corner - (row + 1) * side
            items += _cell_items(x, y, side, row == column, share, number, palette, cell)
    if chosen is not None:
        x, y = left + chosen[1] * side, corner - (chosen[0] + 1) * side
        items.append(_frame(x, y, side, palette.accent, 2.0, "chosen"))
    return items


def _cell_items(
    x: float,
    y: float,
    side: float,
    is_right: bool,
    share: float,
    number: int,
    palette: Palette,
    cell: float,
) -> list[Item]:
    shade = interpolate(palette.size, share) if is_right else palette.bg2
    gap = _GAP * side
    xs, ys = np.array([[x + gap, x + side - gap]]), np.array([[y + gap, y + side - gap]])
    items: list[Item] = [Blocks(xs, ys, shade, label="right" if is_right else "cell")]
    centre = x + side / 2, y + side / 2
    ink = palette.text
    if is_right:
        items.append(_frame(x + gap, y + gap, side - 2 * gap, palette.text3, 1.0, "frame"))
        ink = INK[sum(_channels(shade)) < 340]
    elif number:
        is_counted = cell >= COUNTED
        colour = interpolate((palette.bg2, palette.critical), DISC_SHARE if is_counted else 1.0)
        size = 2 * disc_radius(share, cell)
        at = np.array([centre[0]]), np.array([centre[1]])
        items.append(Points(*at, colour, size=size, label="mistake"))
    if number and cell >= COUNTED:
        items.append(Text(*centre, count(number), ink, "middle", 11.0, strong=True))
    return items


def matrix_axes(data: Data) -> tuple[Axis, Axis]:
    """Name the classes on both axes; long names that have no room by their number."""
    classes = len(data.class_names)
    short = max(map(len, data.class_names)) <= 12 and classes <= 4
    short = short or max(map(len, data.class_names)) <= 3
    names = data.class_names if short else [str(k) for k in range(classes)]
    x_ticks = tuple((k + 0.5, name) for k, name in enumerate(names))
    y_ticks = tuple((classes - k - 0.5, name) for k, name in enumerate(names))
    x = Axis("predicted class", 0.0, float(classes), ticks=x_ticks)
    return x, Axis("true class", 0.0, float(classes), ticks=y_ticks)


def matrix_table(data: Data, score: ClassScore) -> dict[str, Column]:
    """Counts, a row per true class."""
    table: dict[str, Column] = {"true class": np.array(data.class_names)}
    for k, name in enumerate(data.class_names):
        table[f"predicted {name} [count]"] = score.confusion[:, k]
    return table


def _frame(x: float, y: float, side: float, colour: str, width: float, label: str) -> Segments:
    x1, y1 = x + side, y + side
    ends = np.array([[x, y, x1, y], [x1, y, x1, y1], [x1, y1, x, y1], [x, y1, x, y]])
    return Segments(ends, (colour,) * 4, np.ones(4), width, label)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
