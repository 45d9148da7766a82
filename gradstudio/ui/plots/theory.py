"""What theory expects, behind what is measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from gradstudio.export.figures.expected import BAND_OPACITY, THEORY_DASH, Expected
from gradstudio.export.ticks import positions
from gradstudio.ui.plots.canvas import Curve
from gradstudio.ui.plots.frame import Frame
from gradstudio.ui.theme import Theme

Floats = npt.NDArray[np.float64]


@dataclass
class Band:
    """The room between two curves over `x`, in positions, shape (n,) each."""

    x: Floats
    low: Floats
    high: Floats

    @classmethod
    def empty(cls) -> Band:
        """Return a band that paints nothing."""
        return cls(np.empty(0), np.empty(0), np.empty(0))

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        """Fill the room where both curves are known."""
        known = np.isfinite(self.low) & np.isfinite(self.high)
        if known.sum() < 2:
            return
        xs = frame.xs(self.x[known])
        low, high = frame.ys(self.low[known]), frame.ys(self.high[known])
        around = np.concatenate([np.stack([xs, high], 1), np.stack([xs, low], 1)[::-1]])
        painter.save()
        painter.setClipRect(frame.area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("text2", BAND_OPACITY))
        painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in around.tolist()]))
        painter.restore()


def theory_parts(expected: Expected, theme: Theme, *, log: bool) -> tuple[Band, Curve]:
    """Return the band and the dashed line of a profile by theory."""
    x = np.arange(1.0, len(expected.middle) + 1.0)
    low, middle, high = (
        positions(values, log=log) for values in (expected.low, expected.middle, expected.high)
    )
    line = Curve(x, middle, theme.color("text2"), pattern=THEORY_DASH, label="theory")
    return Band(x, low, high), line
