"""Where positions on the two axes of a plot lie on the screen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF

from gradstudio.export.ticks import Ticks

Floats = npt.NDArray[np.float64]

LANE_HEIGHT = 13
"""Height of the zero lane under a logarithmic axis, in pixels."""
FAR_OFF = 1e5
"""Pixels beyond which a point is drawn no farther out; the rasteriser is exact up to here."""


@dataclass(frozen=True)
class Frame:
    """The plotting area of one widget at one moment.

    Attributes
    ----------
    area
        Rectangle of the two axes, without the zero lane, in pixels.
    lane
        Rectangle of the zero lane under it; None where the axis has none.
    x_low, x_high, y_low, y_high
        Ranges in positions.
    x_ticks, y_ticks
        Positions and texts of the ticks.
    """

    area: QRectF
    lane: QRectF | None
    x_low: float
    x_high: float
    y_low: float
    y_high: float
    x_ticks: Ticks
    y_ticks: Ticks

    @property
    def whole(self) -> QRectF:
        """Area and zero lane together."""
        return self.area if self.lane is None else self.area.united(self.lane)

    def x(self, position: float) -> float:
        """Pixels from the left of a position on the x axis."""
        share = (position - self.x_low) / (self.x_high - self.x_low)
        return self.area.left() + share * self.area.width()

    def y(self, position: float) -> float:
        """Pixels from the top of a position on the y axis."""
        share = (position - self.y_low) / (self.y_high - self.y_low)
        return self.area.bottom() - share * self.area.height()

    def point(self, x: float, y: float) -> QPointF:
        """Pixels of a pair of positions."""
        return QPointF(self.x(x), self.y(y))

    def xs(self, positions: Floats) -> Floats:
        """Pixels from the left of many positions."""
        scale = self.area.width() / (self.x_high - self.x_low)
        pixels = (positions - self.x_low) * scale + self.area.left()
        return np.clip(pixels, -FAR_OFF, FAR_OFF)

    def ys(self, positions: Floats) -> Floats:
        """Pixels from the top of many positions; NaN stays NaN."""
        scale = self.area.height() / (self.y_high - self.y_low)
        pixels = self.area.bottom() - (positions - self.y_low) * scale
        return np.clip(pixels, -FAR_OFF, FAR_OFF)

    def x_position(self, pixels: float) -> float:
        """Position on the x axis under a pixel."""
        share = (pixels - self.area.left()) / max(self.area.width(), 1.0)
        return self.x_low + share * (self.x_high - self.x_low)

    def y_position(self, pixels: float) -> float:
        """Position on the y axis under a pixel."""
        share = (self.area.bottom() - pixels) / max(self.area.height(), 1.0)
        return self.y_low + share * (self.y_high - self.y_low)

    def lane_row(self, index: int, count: int) -> float:
        """Height of the row of curve `index` of `count` inside the zero lane, in pixels."""
        assert self.lane is not None
        room = self.lane.height() - 5.0
        share = 0.5 if count == 1 else index / (count - 1)
        return self.lane.bottom() - 2.5 - share * room
