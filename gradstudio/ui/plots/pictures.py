"""The pictures of the decision plot that have axes: map, fit and scatter."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPixmap

from gradstudio.data.task import Data
from gradstudio.export.classes import class_colours, class_shape
from gradstudio.export.prediction import ClassMap, boundary, map_corners
from gradstudio.export.score import ValueScore
from gradstudio.export.ticks import linear_ticks, padded
from gradstudio.ui.plots.class_shapes import add_shape
from gradstudio.ui.plots.decorations import paint_grid, paint_ticks
from gradstudio.ui.plots.frame import Frame
from gradstudio.ui.theme import current_theme, font

Floats = npt.NDArray[np.float64]

MAP_OPACITY = 0.42
"""How strongly a certain class colours the map."""
RESIDUAL_OPACITY = 0.28
POINTS_DRAWN = 1200
"""More points than this are thinned on screen; the score counts all of them."""


def map_image(picture: ClassMap) -> QImage:
    """Return the map as an image, a pixel per grid point: class colours mixed by shares."""
    theme = current_theme()
    count = picture.shares.shape[2]
    palette = np.array([_rgb(QColor(c)) for c in class_colours(theme.palette, count)])
    ground = np.array(_rgb(theme.color("bg1")))
    shares = np.nan_to_num(picture.shares, nan=1.0 / count)
    mixed = MAP_OPACITY * (shares @ palette) + (1.0 - MAP_OPACITY) * ground
    rgb = np.ascontiguousarray(mixed[::-1].round().astype(np.uint8))
    side = picture.side
    return QImage(rgb.tobytes(), side, side, 3 * side, QImage.Format.Format_RGB888).copy()


def plain_frame(place: QRectF, x: Floats, y: Floats) -> Frame:
    """Axes with linear ticks fitted to finite data, inside `place`."""
    area = place.adjusted(40, 6, -4, -20)
    low, high = padded(float(x.min()), float(x.max()), log=False)
    bottom, top = padded(float(y.min()), float(y.max()), log=False)
    across, up = max(int(area.width() / 48), 2), max(int(area.height() / 28), 2)
    return Frame(
        area=area,
        lane=None,
        x_low=low,
        x_high=high,
        y_low=bottom,
        y_high=top,
        x_ticks=linear_ticks(low, high, across),
        y_ticks=linear_ticks(bottom, top, up),
    )


def paint_map(
    painter: QPainter, place: QRectF, data: Data, picture: ClassMap | None, points: QPixmap
) -> None:
    """Paint the shares of the classes, the boundary between them and the points."""
    painter.save()
    painter.setClipRect(place)
    painter.fillRect(place, current_theme().color("bg2"))
    if picture is not None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        cell = place.width() / (picture.side - 1)
        # pixels are centred on the grid points, so the image is half a cell larger all around
        around = place.adjusted(-cell / 2, -cell / 2, cell / 2, cell / 2)
        painter.drawImage(around, map_image(picture))
        lines = boundary(picture.shares) * cell
        path = QPainterPath()
        for x0, y0, x1, y1 in lines.tolist():
            path.moveTo(place.left() + x0, place.bottom() - y0)
            path.lineTo(place.left() + x1, place.bottom() - y1)
        painter.setPen(QPen(current_theme().color("text"), 1.2))
        painter.drawPath(path)
    painter.drawPixmap(place.topLeft(), points)
    painter.restore()
    painter.setPen(QPen(current_theme().color("line"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(place)


def drawn_points(place: QRectF, ratio: float, data: Data) -> QPixmap:
    """All points of a plane data set on nothing: training filled, test as rings."""
    theme = current_theme()
    pixmap = QPixmap((place.size() * ratio).toSize())
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    low, high = map_corners(data)
    radius = min(max(place.width() / 80, 1.8), 3.4)
    colours = [QColor(c) for c in class_colours(theme.palette, len(data.class_names))]
    parts = ((data.x_train, data.labels_train, True), (data.x_test, data.labels_test, False))
    for x, labels, is_train in parts:
        keep = slice(None, None, max(1, -(-len(x) // POINTS_DRAWN)))
        at = (x[keep] - low) / (high - low) * place.width()
        for k, colour in enumerate(colours):
            path = QPainterPath()
            path.setFillRule(Qt.FillRule.WindingFill)
            for px, py in at[np.asarray(labels[keep]) == k].tolist():
                add_shape(path, class_shape(k), QPointF(px, place.height() - py), radius)
            edge = QPen(theme.color("bg1", 0.7), 0.7) if is_train else QPen(colour, 1.2)
            painter.setPen(edge)
            painter.setBrush(colour if is_train else theme.color("bg1", 0.85))
            painter.drawPath(path)
    painter.end()
    return pixmap


class DrawnPoints:
    """Keeps the points of a plane data set, drawn once per size, scheme and data set."""

    def __init__(self) -> None:
        self._made: QPixmap | None = None
        self._key: object = None

    def drawn(self, place: QRectF, ratio: float, data: Data) -> QPixmap:
        """Return them for a place, at a number of device pixels per pixel."""
        key = (place.width(), ratio, current_theme().name, id(data))
        if self._made is None or self._key != key:
            self._made, self._key = drawn_points(place, ratio, data), key
        return self._made


def fit_points(data: Data) -> tuple[Floats, Floats]:
    """Return all inputs and values of a regression with one input, training part first."""
    inputs = data.scaling.undo(np.concatenate([data.x_train, data.x_test]))[:, 0]
    return inputs, np.concatenate([data.labels_train, data.labels_test]).astype(np.float64)


def fit_frame(place: QRectF, data: Data) -> Frame:
    """Axes of a regression with one input, both in the unit of the data."""
    return plain_frame(place, *fit_points(data))


def paint_fit(
    painter: QPainter, place: QRectF, data: Data, fit: tuple[Floats, Floats] | None
) -> None:
    """Paint the points of a regression with one input and the fitted curve."""
    theme = current_theme()
    inputs, values = fit_points(data)
    frame = fit_frame(place, data)
    paint_grid(painter, frame, theme)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    split = len(data.x_train)
    _paint_dots(painter, frame, inputs[:split], values[:split], filled=True)
    _paint_dots(painter, frame, inputs[split:], values[split:], filled=False)
    if fit is not None and np.isfinite(fit[1]).all():
        painter.save()
        painter.setClipRect(frame.area)
        path = QPainterPath()
        xs, ys = frame.xs(fit[0]).tolist(), frame.ys(fit[1]).tolist()
        path.moveTo(xs[0], ys[0])
        for x, y in zip(xs[1:], ys[1:], strict=True):
            path.lineTo(x, y)
        painter.setPen(QPen(theme.color("text"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
        painter.restore()
    paint_ticks(painter, frame, theme)


def _paint_dots(painter: QPainter, frame: Frame, x: Floats, y: Floats, *, filled: bool) -> None:
    theme = current_theme()
    keep = slice(None, None, max(1, -(-len(x) // POINTS_DRAWN)))
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    for px, py in zip(frame.xs(x[keep]).tolist(), frame.ys(y[keep]).tolist(), strict=True):
        path.addEllipse(QPointF(px, py), 2.3, 2.3)
    painter.setPen(QPen(theme.color("class_0"), 1.0) if not filled else Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("class_0", 0.75) if filled else theme.color("bg1"))
    painter.drawPath(path)


def scatter_frame(place: QRectF, score: ValueScore) -> Frame:
    """Axes of predicted over true values, both in the unit of the data."""
    finite = score.predicted[np.isfinite(score.predicted)]
    return plain_frame(place, score.true, np.concatenate([score.true, finite]))


def paint_scatter(painter: QPainter, place: QRectF, score: ValueScore) -> None:
    """Predicted over true values; on the dashed line they agree, and lines lead to it."""
    theme = current_theme()
    finite = np.isfinite(score.predicted)
    true, predicted = score.true[finite], score.predicted[finite]
    frame = scatter_frame(place, score)
    paint_grid(painter, frame, theme)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.save()
    painter.setClipRect(frame.area)
    painter.setPen(QPen(theme.color("class_0", RESIDUAL_OPACITY), 1))
    ends = zip(
        frame.xs(true).tolist(), frame.ys(true).tolist(), frame.ys(predicted).tolist(), strict=True
    )
    painter.drawLines([QLineF(x, y0, x, y1) for x, y0, y1 in ends])
    pen = QPen(theme.color("text2"), 1)
    pen.setDashPattern([5, 3.5])
    painter.setPen(pen)
    painter.drawLine(frame.point(frame.x_low, frame.x_low), frame.point(frame.x_high, frame.x_high))
    _paint_dots(painter, frame, true, predicted, filled=True)
    painter.restore()
    paint_ticks(painter, frame, theme)
    _paint_axis_names(painter, frame)


def _paint_axis_names(painter: QPainter, frame: Frame) -> None:
    painter.setFont(font(10))
    painter.setPen(current_theme().color("text3"))
    top, bottom = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignBottom
    painter.drawText(frame.area.adjusted(6, 3, -4, -3), top, "predicted")
    right = bottom | Qt.AlignmentFlag.AlignRight
    painter.drawText(frame.area.adjusted(4, 3, -6, -3), right, "true")


def _rgb(colour: QColor) -> tuple[float, float, float]:
    return float(colour.red()), float(colour.green()), float(colour.blue())
