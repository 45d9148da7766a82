"""A picture as a value: axes, items in data coordinates, words and the numbers behind it.

Builders make a :class:`Figure` of a recording, :mod:`gradstudio.export.svg` draws it and
:mod:`gradstudio.export.tables` writes its numbers. Positions on an axis with ``log10`` are log10
of the value, in the axis, its ticks and all items; the table always holds the values themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gradstudio.palette import LIGHT, Palette

Floats: TypeAlias = NDArray[np.float64]
Column: TypeAlias = NDArray[Any]
Shape: TypeAlias = Literal["circle", "square", "triangle", "diamond"]
Sample: TypeAlias = Shape | Literal["line", "ring", "band", "hatched"]


@dataclass(frozen=True)
class Axis:
    """One axis of the plot box.

    Attributes
    ----------
    label
        Name with unit, for instance ``"RMS δ"``.
    low, high
        Positions of the two ends.
    log10
        Whether positions are log10 of the value.
    ticks
        Position and text of each tick.
    zero_lane
        Whether exact zeros have a hatched lane of their own under the axis (y only).
    visible
        Whether ticks, grid and label are drawn.
    """

    label: str
    low: float
    high: float
    log10: bool = False
    ticks: tuple[tuple[float, str], ...] = ()
    zero_lane: bool = False
    visible: bool = True


@dataclass(frozen=True, eq=False)
class Curve:
    """A polyline; NaN breaks it.

    ``x`` and ``y`` have shape (n,), ``dash`` holds lengths of line and gap in pixels.
    """

    x: Floats
    y: Floats
    colour: str
    label: str = ""
    dash: tuple[float, ...] = ()
    width: float = 1.2
    opacity: float = 1.0


@dataclass(frozen=True, eq=False)
class Points:
    """Dots, shape (n,) each; ``colour`` is one for all or one each. Hollow when not ``filled``."""

    x: Floats
    y: Floats
    colour: str | tuple[str, ...]
    shape: Shape = "circle"
    size: float = 7.0
    label: str = ""
    filled: bool = True


@dataclass(frozen=True, eq=False)
class Area:
    """The band between two curves ``low`` and ``high`` over ``x``, shape (n,)."""

    x: Floats
    low: Floats
    high: Floats
    colour: str
    opacity: float = 0.16
    label: str = ""


@dataclass(frozen=True, eq=False)
class Bars:
    """Upright bars from 0: ``edges`` (n + 1,), ``heights`` (n,)."""

    edges: Floats
    heights: Floats
    colour: str
    opacity: float = 1.0
    label: str = ""


@dataclass(frozen=True, eq=False)
class Blocks:
    """Upright rectangles: ``x`` and ``y`` hold two opposite corners, shape (n, 2) each.

    Those ``hatched`` have slanted lines in the colour of the ground.
    """

    x: Floats
    y: Floats
    colour: str
    hatched: bool = False
    opacity: float = 1.0
    label: str = ""


@dataclass(frozen=True, eq=False)
class Picture:
    """An image between two corners in data coordinates.

    ``rgba`` is uint8 of shape (height, width, 4); its first row lies at ``y1``, the top.
    """

    rgba: NDArray[np.uint8]
    x0: float
    y0: float
    x1: float
    y1: float
    label: str = ""


@dataclass(frozen=True, eq=False)
class Segments:
    """Straight lines between pairs of points, ``ends`` (n, 4) as x0, y0, x1, y1; one style each.

    ``colours`` and ``opacities`` hold n entries, ``dash`` lengths of line and gap in pixels.
    """

    ends: Floats
    colours: tuple[str, ...]
    opacities: Floats
    width: float = 1.0
    label: str = ""
    dash: tuple[float, ...] = ()


@dataclass(frozen=True)
class Text:
    """Words at a place in the plot; ``anchor`` says which end of them stands there."""

    x: float
    y: float
    text: str
    colour: str
    anchor: Literal["start", "middle", "end"] = "start"
    size: float = 11.0
    strong: bool = False


@dataclass(frozen=True)
class Rule:
    """A straight line across the whole plot with a few words on it."""

    orientation: Literal["horizontal", "vertical"]
    position: float
    colour: str
    dash: tuple[float, ...] = (2.0, 3.0)
    label: str = ""


@dataclass(frozen=True)
class Mark:
    """A cross at the top edge: a value there is not finite. ``text`` says which."""

    x: float
    text: str


@dataclass(frozen=True)
class OffScale:
    """A triangle at the upper or lower edge: a value lies beyond it. ``text`` says which."""

    x: float
    above: bool
    colour: str
    text: str = ""


@dataclass(frozen=True, eq=False)
class ZeroMarks:
    """Where a curve is exactly zero, drawn in the zero lane.

    Attributes
    ----------
    x
        First and last position of each run of zeros, shape (n, 2).
    row, rows
        Which of how many rows of the lane, 0 being the lowest.
    colour
        That of the curve.
    falls
        Position on the y axis from which the curve fell, shape (n,); NaN where there was none.
    """

    x: Floats
    row: int
    rows: int
    colour: str
    falls: Floats
    label: str = ""


@dataclass(frozen=True)
class EndLabel:
    """The name of a curve at the right edge; ``y`` None puts it beside the zero lane.

    Labels without room are left out, those of higher ``priority`` first to stay.
    """

    y: float | None
    text: str
    colour: str
    strong: bool = False
    priority: int = 0


Item: TypeAlias = (
    Curve
    | Points
    | Area
    | Bars
    | Blocks
    | Picture
    | Segments
    | Text
    | Rule
    | Mark
    | OffScale
    | ZeroMarks
    | EndLabel
)


@dataclass(frozen=True)
class LegendEntry:
    """One line of the legend and the sample drawn before it."""

    label: str
    colour: str
    dash: tuple[float, ...] = ()
    shape: Sample = "line"


@dataclass(frozen=True, eq=False)
class Figure:
    """Everything of one picture.

    Attributes
    ----------
    title, subtitle
        What is shown, and of what: unit, scope, setup.
    x, y
        The axes of the plot box.
    items
        From back to front.
    legend
        Names of line styles and shapes; curves of layers carry :class:`EndLabel` instead.
    caption
        The sentence that the picture supports.
    table
        The numbers behind the picture, values themselves at full precision: column header with
        unit to array of shape (n,).
    size
        Width and height in pixels.
    palette
        The colours of axes and words.
    equal
        Whether the plot box is square.
    notes
        Lines beside a square plot box, the first one large.
    """

    title: str
    subtitle: str
    x: Axis
    y: Axis
    items: tuple[Item, ...] = ()
    legend: tuple[LegendEntry, ...] = ()
    caption: str = ""
    table: Mapping[str, Column] = field(default_factory=dict)
    size: tuple[int, int] = (760, 420)
    palette: Palette = LIGHT
    equal: bool = False
    notes: tuple[str, ...] = ()
