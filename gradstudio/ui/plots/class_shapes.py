"""The shapes of the classes as paths."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QPolygonF

from gradstudio.export.figure import Shape


def add_shape(path: QPainterPath, shape: Shape, centre: QPointF, radius: float) -> None:
    """Add one point to a path that draws all points of a class at once."""
    x, y, r = centre.x(), centre.y(), radius
    if shape == "circle":
        path.addEllipse(centre, r, r)
    elif shape == "square":
        path.addRect(QRectF(x - 0.88 * r, y - 0.88 * r, 1.76 * r, 1.76 * r))
    else:
        corners = (
            [(0.0, -1.15), (1.1, 0.8), (-1.1, 0.8)]
            if shape == "triangle"
            else [(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)]
        )
        path.addPolygon(QPolygonF([QPointF(x + a * r, y + b * r) for a, b in corners]))
        path.closeSubpath()
