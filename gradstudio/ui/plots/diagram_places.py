"""Where everything of the picture of a network lies, in pixels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF

from gradstudio.export.arcs import Extras
from gradstudio.export.figure import Floats

HEAD: Final = 18.0
"""Room for the arcs of shortcuts."""
TALL_HEAD: Final = 44.0
"""Height of the longest arc where units are spread."""
EDGE: Final = 30.0
"""From the sides to the first and the last column."""
FOOT: Final = 22.0
"""Room for the names of the layers."""
TALL: Final = 220.0
"""From this height on units are spread, and the layers have the number of their units below."""
MAP: Final = 14.0
"""From this side on a unit is the map of what it answers."""
LARGEST_MAP: Final = 52.0
"""No wider than what lies between the first column and the side."""
REACH: Final = 5.0
"""How far from a line or a dot the pointer still means it."""


@dataclass(frozen=True)
class Spot:
    """What is under the pointer: a column, a unit of it, or a line that ends at it.

    Attributes
    ----------
    column
        0 is the input.
    unit, source
        Positions among the units drawn of the column, and of the one before.
    """

    column: int
    unit: int | None = None
    source: int | None = None


@dataclass(frozen=True)
class Places:
    """Where columns and units lie.

    Attributes
    ----------
    width, height
        Of the whole strip.
    drawn
        Units drawn of each column.
    extras
        Shortcuts need room above.
    """

    width: float
    height: float
    drawn: tuple[int, ...]
    extras: Extras

    @property
    def is_tall(self) -> bool:
        """Whether there is room to spread the units."""
        return self.height >= TALL

    @property
    def head(self) -> float:
        """Room for arcs above the units."""
        if not self.extras.shortcuts:
            return 0.0
        return TALL_HEAD if self.is_tall else min(HEAD, 0.2 * self.height)

    @property
    def foot(self) -> float:
        """Room for the names of the layers."""
        return FOOT + (14.0 if self.is_tall else 0.0)

    @property
    def last(self) -> int:
        """Column of the output."""
        return len(self.drawn) - 1

    def column(self, position: float) -> float:
        """From the left to column ``position``, 0 being the input."""
        return EDGE + (self.width - 2 * EDGE) * position / max(self.last, 1)

    @property
    def spacing(self) -> float:
        """From column to column."""
        return self.column(1) - self.column(0)

    @property
    def gap(self) -> float:
        """From unit to unit."""
        room = (self.height - self.foot - 8.0 - self.head) / max(*self.drawn, 2)
        return min(room, 80.0 if self.is_tall else 22.0)

    @property
    def radius(self) -> float:
        """Radius of a unit that is a dot."""
        most = 5.0 if self.is_tall else 3.2
        return min(most, max(1.2, self.spacing / 5), self.gap / 2.4)

    @property
    def side(self) -> float:
        """Side of a unit that is a map; 0 where there is no room for maps."""
        side = min(0.8 * self.gap, 0.55 * self.spacing, LARGEST_MAP)
        return float(np.floor(side)) if side >= MAP else 0.0

    @cached_property
    def units(self) -> tuple[Floats, ...]:
        """From the top to each unit drawn, by column, centred."""
        middle = (self.height - self.foot + self.head) / 2 + 1
        return tuple(
            middle + (np.arange(number, dtype=np.float64) - (number - 1) / 2) * self.gap
            for number in self.drawn
        )

    def edges(self, column: int) -> Floats:
        """Lines that end at a column as x0, y0, x1, y1, (units left * units right, 4)."""
        left, right = self.units[column - 1], self.units[column]
        ends = np.empty((len(left), len(right), 4))
        ends[..., 0], ends[..., 2] = self.column(column - 1), self.column(column)
        ends[..., 1], ends[..., 3] = left[:, None], right[None, :]
        return ends.reshape(-1, 4)

    def box(self, column: int, unit: int, side: float) -> QRectF:
        """Square around a unit."""
        x, y = self.column(column), float(self.units[column][unit])
        return QRectF(round(x - side / 2), round(y - side / 2), side, side)

    def outline(self, column: int, *, has_maps: bool) -> QRectF:
        """Rectangle around a column."""
        half = min(11.0, max(self.spacing * 0.45, 3.0))
        half = max(half, self.side / 2 + 4) if has_maps else half
        top, bottom = 2.5, self.height - self.foot + 1.5
        if self.is_tall:
            beyond = max(self.side / 2, self.radius) + 10.0
            top = max(top, float(self.units[column][0]) - beyond)
            bottom = min(bottom, float(self.units[column][-1]) + beyond)
        return QRectF(self.column(column) - half, top, 2 * half, bottom - top)

    def apex(self, begin: int, end: int, above: float) -> float:
        """How high a shortcut rises that starts so many pixels above its units."""
        share = 0.4 + 0.6 * (end - begin) / max(self.extras.longest, 1)
        if self.is_tall:  # spread units do not fill the height: an arc keeps near them
            top = min(float(units[0]) for units in self.units[begin : end + 1])
            return max(top - above - TALL_HEAD * share, 3.0)
        return self.head - (self.head - 3.0) * share

    def layer_at(self, x: float) -> int:
        """Index of the layer nearest to a pixel."""
        return int(np.argmin([abs(self.column(k) - x) for k in range(1, self.last + 1)]))

    def spot_at(self, at: QPointF, *, has_maps: bool) -> Spot | None:
        """Find what the pointer means: a unit, else a column, else the nearest line."""
        position = (at.x() - EDGE) * self.last / max(self.width - 2 * EDGE, 1.0)
        if not -0.5 <= position <= self.last + 0.5 or self.last < 1:
            return None
        column = round(min(max(position, 0.0), self.last))
        away, units = abs(at.x() - self.column(column)), self.units[column]
        reach = self.side / 2 if has_maps else max(self.radius + 2.0, min(REACH, self.gap / 2))
        if at.y() > self.height - self.foot:
            return Spot(column)
        if away <= min(max(reach, 2.0), self.spacing / 2):
            unit = int(np.argmin(np.abs(units - at.y())))
            is_near = abs(float(units[unit]) - at.y()) <= reach
            return Spot(column, unit if is_near else None)
        return self._edge_at(at, min(int(np.ceil(position)), self.last))

    def _edge_at(self, at: QPointF, column: int) -> Spot | None:
        if column < 1:
            return None
        ends = self.edges(column)
        along = (at.x() - ends[:, 0]) / (ends[:, 2] - ends[:, 0])
        slope = (ends[:, 3] - ends[:, 1]) / (ends[:, 2] - ends[:, 0])
        away = np.abs(ends[:, 1] + along * (ends[:, 3] - ends[:, 1]) - at.y())
        away = away / np.hypot(1.0, slope)
        nearest = int(np.argmin(away))
        if float(away[nearest]) > REACH:
            return None
        source, unit = divmod(nearest, len(self.units[column]))
        return Spot(column, unit, source)
