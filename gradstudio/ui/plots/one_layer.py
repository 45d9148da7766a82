"""One layer large: its numbers with their signs, over the slope of its activation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen

from gradstudio.export.figures.distribution_words import percent
from gradstudio.export.one_layer import LayerPicture
from gradstudio.export.signed_bars import Outline
from gradstudio.numbers import figures
from gradstudio.ui.plots.axis import Axis
from gradstudio.ui.plots.canvas import path_through
from gradstudio.ui.plots.decorations import CENTRED, LEFT, RIGHT, TICK_PIXELS
from gradstudio.ui.plots.frame import Frame
from gradstudio.ui.plots.still_canvas import StillCanvas
from gradstudio.ui.theme import Theme, font

Floats = npt.NDArray[np.float64]

LEFT_MARGIN: Final = 44.0
RIGHT_MARGIN: Final = 12.0
LINE: Final = 16.0
"""Height of a line of words above the plot."""
UNIT_HEIGHT: Final = 120
"""From this height on there is room for what heights mean."""
ROOMY: Final = 170
"""From this height on there is room for a second line."""
WIDE_ENOUGH: Final = 40.0
"""From this width on a flat place has room for its name."""
WHISKER: Final = 10.0
"""Height of the strip of quantiles above the bars."""


class LayerCanvas(StillCanvas):
    """Bars of the signed numbers of one layer; words and quantiles above them.

    The quantiles are a line from 1 to 99 %, thick from 25 to 75 %, with a dot at the median.
    """

    def __init__(self) -> None:
        super().__init__(Axis("value"), Axis("value"))
        self.picture: LayerPicture | None = None
        self.colour = QColor()
        self.words: Sequence[Sequence[str]] = ()
        """Up to two lines; of each as many parts as there is room for. The first one is strong."""
        self.layers.under += [_FlatPlaces(self), _Bars(self), _Curves(self)]
        self.layers.over += [_FlatTags(self), _Whisker(self), _Words(self)]

    def show_layer(
        self, picture: LayerPicture | None, colour: QColor, words: Sequence[Sequence[str]]
    ) -> None:
        """Show the numbers of one layer in its colour, under lines of words."""
        self.picture, self.colour, self.words = picture, colour, words
        self.redraw()

    def frame(self) -> Frame:
        """Return the plotting area under the words."""
        lines = 2 if self.height() >= ROOMY else 1
        top = 2.0 + LINE * lines + WHISKER
        area = QRectF(
            LEFT_MARGIN,
            top,
            max(self.width() - LEFT_MARGIN - RIGHT_MARGIN, 10.0),
            max(self.height() - top - 20.0, 10.0),
        )
        picture = self.picture
        if picture is None:
            return Frame(area, None, 0.0, 1.0, 0.0, 1.0, (), ())
        across = max(int(area.width() / 52), 2)
        return Frame(
            area=area,
            lane=None,
            x_low=picture.low,
            x_high=picture.high,
            y_low=0.0,
            y_high=picture.top,
            x_ticks=picture.x_ticks(across),
            y_ticks=picture.y_ticks(max(int(area.height() / 28), 2)),
        )


def outline_pixels(outline: Outline, frame: Frame) -> tuple[Floats, Floats]:
    """Corners of bars in pixels."""
    x, y = outline.steps()
    return frame.xs(x), frame.ys(y)


class _FlatPlaces:
    """Hatches the places where the activation is flat."""

    def __init__(self, canvas: LayerCanvas) -> None:
        self._canvas = canvas

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        picture = self._canvas.picture
        if picture is None:
            return
        hatch = QBrush(theme.color("text3", 0.45), Qt.BrushStyle.BDiagPattern)
        for band in flat_bands(picture, frame):
            painter.fillRect(band, hatch)


class _FlatTags:
    """Names the places where the activation is flat."""

    def __init__(self, canvas: LayerCanvas) -> None:
        self._canvas = canvas

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        picture = self._canvas.picture
        if picture is None or picture.slope is None:
            return
        painter.setFont(font(9))
        for band in flat_bands(picture, frame):
            if band.width() < WIDE_ENOUGH:
                continue
            tag = QRectF(band.center().x() - 14, band.bottom() - 16, 28, 13)
            painter.fillRect(tag, theme.color("bg1", 0.85))
            painter.setPen(theme.color("text2"))
            painter.drawText(tag, CENTRED, "flat")


def flat_bands(picture: LayerPicture, frame: Frame) -> list[QRectF]:
    """Rectangles in pixels over the places where the activation is flat."""
    area, bands = frame.area, []
    for low, high in () if picture.slope is None else picture.slope.flat_runs():
        left, right = max(frame.x(low), area.left()), min(frame.x(high), area.right())
        bands.append(QRectF(left, area.top(), max(right - left, 0.0), area.height()))
    return bands


class _Bars:
    """The numbers now, filled; at step 0, pale; exact zeros as a stem as high as their share."""

    def __init__(self, canvas: LayerCanvas) -> None:
        self._canvas = canvas

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        picture, colour = self._canvas.picture, self._canvas.colour
        if picture is None:
            return
        area = frame.area
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setClipRect(area.adjusted(-1, -1, 1, 1))
        fill, pale = QColor(colour), QColor(colour)
        fill.setAlphaF(0.5)
        pale.setAlphaF(0.6)
        for outline in picture.now:
            painter.setPen(QPen(colour, 1.0))
            painter.setBrush(fill)
            painter.drawPath(path_through(*outline_pixels(outline, frame)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        dashed = QPen(pale, 1.0)
        dashed.setDashPattern([3, 2])
        painter.setPen(dashed)
        for outline in picture.first:
            painter.drawPath(path_through(*outline_pixels(outline, frame)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setClipping(False)
        self._paint_zeros(painter, frame, theme, picture)

    def _paint_zeros(
        self, painter: QPainter, frame: Frame, theme: Theme, picture: LayerPicture
    ) -> None:
        area = frame.area
        if picture.scale is not None:
            half = max(frame.x(picture.scale.gap) - frame.x(0.0) - 1.0, 2.0)
            lane = QRectF(frame.x(0.0) - half, area.top(), 2 * half, area.height())
            painter.fillRect(lane, QBrush(theme.color("line", 0.75), Qt.BrushStyle.BDiagPattern))
        else:
            half = 1.5
        if picture.zeros == 0.0:
            return
        high = max(area.height() * picture.zeros, 1.0)
        x = frame.x(0.0)
        painter.fillRect(
            QRectF(x - half, area.bottom() - high, 2 * half, high), self._canvas.colour
        )
        painter.setFont(font(TICK_PIXELS))
        text = f"{percent(picture.zeros)} zero"
        width = QFontMetricsF(painter.font()).horizontalAdvance(text) + 8
        y = min(max(area.bottom() - high - 7, area.top() + 14), area.bottom() - 9)
        box = QRectF(x + half + 3, y - 7, width, 14)
        painter.fillRect(box, theme.color("bg1", 0.85))
        painter.setPen(theme.color("text2"))
        painter.drawText(box, CENTRED, text)


class _Curves:
    """The activation as a line, its slope filled: where the fill ends, nothing comes back."""

    def __init__(self, canvas: LayerCanvas) -> None:
        self._canvas = canvas

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        picture = self._canvas.picture
        if picture is None or picture.slope is None:
            return
        colour = theme.color("slope_factor")
        soft = QColor(colour)
        soft.setAlphaF(0.55)
        xs = frame.xs(picture.slope.z)
        value, slope = (frame.ys(heights) for heights in picture.curves())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setClipRect(frame.area.adjusted(-1, -2, 1, 2))
        ground = frame.area.bottom()
        closed = path_through(
            np.concatenate([xs[:1], xs, xs[-1:]]), np.concatenate([[ground], slope, [ground]])
        )
        faint = QColor(colour)
        faint.setAlphaF(0.1)
        painter.fillPath(closed, faint)
        painter.fillPath(closed, QBrush(soft, Qt.BrushStyle.FDiagPattern))
        painter.setPen(QPen(colour, 1.0))
        painter.drawPath(path_through(xs, slope))
        painter.setPen(QPen(theme.color("text2"), 1.0))
        painter.drawPath(path_through(xs, value))
        painter.setClipping(False)


class _Whisker:
    """Quantiles above the bars."""

    def __init__(self, canvas: LayerCanvas) -> None:
        self._canvas = canvas

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        picture, colour = self._canvas.picture, self._canvas.colour
        if picture is None or not np.isfinite(picture.quantiles).all():
            return
        places = np.clip(frame.xs(picture.places(picture.quantiles)), 0.0, self._canvas.width())
        y = frame.area.top() - WHISKER / 2
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        first, low, middle, high, last = places.tolist()
        painter.setPen(QPen(colour, 1.0))
        painter.drawLine(QLineF(first, y, last, y))
        painter.fillRect(QRectF(low, y - 1.5, max(high - low, 1.0), 3.0), colour)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(theme.color("bg1"), 1.0))
        painter.setBrush(theme.color("text"))
        painter.drawEllipse(QPointF(middle, y), 3.0, 3.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)


class _Words:
    """Lines of words above the plot, and what its height means."""

    def __init__(self, canvas: LayerCanvas) -> None:
        self._canvas = canvas

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        canvas, picture = self._canvas, self._canvas.picture
        if picture is None:
            return
        room = canvas.width() - 24.0
        for row, parts in enumerate(canvas.words[: 2 if canvas.height() >= ROOMY else 1]):
            box = QRectF(12.0, 2.0 + LINE * row, room, LINE)
            strong, rest = (parts[0], list(parts[1:])) if row == 0 else ("", list(parts))
            if strong:
                painter.setFont(font(12, 600))
                painter.setPen(theme.color("text"))
                painter.drawText(box, LEFT, strong)
                used = QFontMetricsF(painter.font()).horizontalAdvance(strong) + 10
                box.adjust(used, 0, 0, 0)
            painter.setFont(font(11))
            painter.setPen(theme.color("text2"))
            metrics = QFontMetricsF(painter.font())
            while len(rest) > 1 and metrics.horizontalAdvance(" · ".join(rest)) > box.width():
                rest.pop()
            text = metrics.elidedText(" · ".join(rest), Qt.TextElideMode.ElideRight, box.width())
            painter.drawText(box, LEFT, text)
        if canvas.height() >= UNIT_HEIGHT:
            self._paint_unit(painter, frame, theme, picture)

    def _paint_unit(
        self, painter: QPainter, frame: Frame, theme: Theme, picture: LayerPicture
    ) -> None:
        painter.setFont(font(9))
        metrics = QFontMetricsF(painter.font())
        texts, is_right = [picture.unit], not picture.leans_right
        if picture.slope is not None:
            slope = picture.slope
            low, high = float(slope.value.min()), float(slope.value.max())
            texts += [f"φ {figures(low, 2)} to {figures(high, 2)}"]
            texts += [f"φ′ 0 to {figures(slope.largest, 2)}, hatched"]
        for row, text in enumerate(texts):
            width = metrics.horizontalAdvance(text) + 6
            if width > frame.area.width() * 0.6 or frame.area.height() < 40 + 12 * row:
                break
            at = frame.area.right() - width if is_right else frame.area.left() + 3
            box = QRectF(at, frame.area.top() + 2 + 12 * row, width, 12)
            painter.fillRect(box, theme.color("bg1", 0.8))
            painter.setPen(theme.color("text3" if row != 2 else "text2"))
            painter.drawText(box, RIGHT if is_right else LEFT, text)
