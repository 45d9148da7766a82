"""Ridges by depth: one filled curve per layer over the magnitudes of its numbers."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter

from gradstudio.export.distributions import POSITIONS, Ridges, full_heights
from gradstudio.export.figures.distribution_words import idle_words, percent, strange_words
from gradstudio.export.labels import place_labels
from gradstudio.ui.plots.axis import Axis
from gradstudio.ui.plots.canvas import path_through
from gradstudio.ui.plots.decorations import CENTRED, LEFT, RIGHT, TICK_PIXELS
from gradstudio.ui.plots.frame import Frame
from gradstudio.ui.plots.still_canvas import StillCanvas
from gradstudio.ui.theme import Theme, font, laid_over

Floats = npt.NDArray[np.float64]

NAMES: Final = 34.0
"""Room for the names of the layers, in pixels."""
ZEROS: Final = 24.0
"""Width of the lane of exact zeros left of the axis."""
TICK_ROOM: Final = 16.0
"""Pixels from the lane to the first tick, whose text would else touch the 0 of the lane."""
LOWEST_RIDGE: Final = 24.0
"""Height that the largest ridge has at least: where rows are lower, ridges overlap."""
MOST_ROWS: Final = 6.0
"""Rows that a ridge may cover at the most."""
FEWEST_ROWS: Final = 1.15
MANY: Final = 30
"""With more layers the outlines of step 0 are paler still."""
LABEL_GAP: Final = 12.0
WORDY: Final = 440
"""From this width on there is room for whole words beside the ridges."""
SIDE_WORDS: Final = 300
"""From this width on there is room for words beside the ridges."""


class RidgeCanvas(StillCanvas):
    """One row per layer, layer 1 on top: its name, its exact zeros, its ridge, its troubles.

    Each ridge is as high as there is room, with its outline at step 0 on the same scale; where rows
    are low, ridges overlap.
    """

    def __init__(self) -> None:
        super().__init__(Axis("value", log=True), Axis("layer"))
        self.now: Ridges | None = None
        self.first: Ridges | None = None
        self.labels: tuple[str, ...] = ()
        self.selected: int | None = None
        self._words = 0.0
        self._full: Floats = np.ones(1)
        self.layers.under.append(_ZeroLane(self))
        self.layers.over += [_Ridgeline(self), _Names(self), _Troubles(self)]

    def show_ridges(
        self, now: Ridges | None, first: Ridges | None, labels: tuple[str, ...]
    ) -> None:
        """Show what was counted now and, pale behind it, at the start."""
        self.now, self.first, self.labels = now, first, labels
        if now is not None:
            self._full = full_heights(now, first)
        for ridges in (now, first):
            extent = None if ridges is None else ridges.extent
            if extent is not None:
                self.x_axis.follow(*extent)
        self._words = max(self._words, _words_width(self))
        self.redraw()

    def forget(self) -> None:
        """Begin anew, with another range and other words."""
        self._words = 0.0
        self.x_axis.clear()

    @property
    def rows(self) -> int:
        """Number of layers drawn."""
        return 1 if self.now is None else max(self.now.layers, 1)

    def frame(self) -> Frame:
        """Return the plotting area; positions on its y axis are baselines, the first one at 1."""
        left, top, bottom = NAMES + ZEROS, 4.0, 20.0
        right = self._words + 14.0
        area = QRectF(
            left,
            top,
            max(self.width() - left - right, 10.0),
            max(self.height() - top - bottom, 10.0),
        )
        rows, x = self.rows, self.x_axis
        above = lift(rows, area.height())
        below = min(0.3, 8.0 * (rows + 1) / area.height())
        start = x.low + TICK_ROOM / area.width() * x.span
        ticks = tuple(tick for tick in x.ticks(area.width(), 38) if tick[0] >= start)
        return Frame(
            area=area,
            lane=None,
            x_low=x.low,
            x_high=x.high,
            y_low=rows + below,
            y_high=1.0 - above,
            x_ticks=ticks,
            y_ticks=(),
        )

    def scales(self, frame: Frame) -> Floats:
        """Pixels per unit of height of each layer, (layers,)."""
        room = frame.y(1.0) - frame.area.top() - 1.0
        return room / self._full

    def outlines(self, ridges: Ridges, frame: Frame) -> list[tuple[Floats, Floats]]:
        """Pixels of each ridge: a point per bin, from the ground to the ground."""
        xs = frame.xs(POSITIONS)
        layers = min(ridges.layers, len(self._full))
        grounds = frame.ys(np.arange(1.0, layers + 1.0))
        scales = self.scales(frame)[:layers, None]
        ys = grounds[:, None] - ridges.heights[:layers] * scales
        return [(xs[span], ys[i, span]) for i, span in enumerate(ridges.spans[:layers])]

    def bin_at(self, frame: Frame, at: QPointF) -> int:
        """Index of the bin of magnitudes under a pixel."""
        position = frame.x_position(at.x())
        return int(np.argmin(np.abs(POSITIONS - position)))

    def layer_at(self, at: QPointF) -> int | None:
        """Return the layer whose ridge is seen at a pixel, else that of the row."""
        frame, now = self.frame(), self.now
        if now is None or not frame.area.top() - 4 <= at.y() <= frame.area.bottom() + 4:
            return None
        grounds = frame.y(1.0) + (frame.y(2.0) - frame.y(1.0)) * np.arange(now.layers)
        if frame.area.left() <= at.x() <= frame.area.right():
            heights = now.heights[:, self.bin_at(frame, at)] * self.scales(frame)
            above = grounds - at.y()
            covering = np.flatnonzero((above >= -1.0) & (above <= heights))
            if covering.size:
                return int(covering[-1])
        row = math.ceil(frame.y_position(at.y()) - 0.15) - 1
        return min(max(row, 0), now.layers - 1)


def lift(rows: int, height: float) -> float:
    """Rows that the largest ridge covers, for a plotting area of a height in pixels."""
    if rows == 1:
        return 0.95
    row = height / (rows + 1.0)
    return min(max(LOWEST_RIDGE / row, FEWEST_ROWS), MOST_ROWS)


class _ZeroLane:
    """The share of exact zeros of each layer, as a bar in a hatched lane."""

    def __init__(self, canvas: RidgeCanvas) -> None:
        self._canvas = canvas

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        """Paint lane and bars, with a number where there is room."""
        area, now = frame.area, self._canvas.now
        lane = QRectF(NAMES, area.top(), ZEROS - 4.0, area.height())
        painter.fillRect(lane, QBrush(theme.color("line", 0.75), Qt.BrushStyle.BDiagPattern))
        painter.setFont(font(TICK_PIXELS))
        painter.setPen(theme.color("text3"))
        painter.drawText(QRectF(lane.left(), area.bottom() + 4, lane.width(), 14), CENTRED, "0")
        if now is None:
            return
        colours = theme.depth(len(self._canvas.labels))
        row = frame.y(2.0) - frame.y(1.0)
        thick = min(max(row * 0.55, 1.0), 9.0)
        for i in np.flatnonzero(now.zeros).tolist():
            long = max(lane.width() * float(now.zeros[i]), 1.0)
            bar = QRectF(lane.left(), frame.y(i + 1.0) - thick, long, thick)
            painter.fillRect(bar, colours[i])


class _Ridgeline:
    """The ridges, layer 1 at the back; each with its outline at step 0 behind it."""

    def __init__(self, canvas: RidgeCanvas) -> None:
        self._canvas = canvas

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        """Paint one fill and one line per layer."""
        canvas, now = self._canvas, self._canvas.now
        if now is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setClipRect(frame.area.adjusted(0, -2, 0, 2).toAlignedRect())
        colours, ground = theme.depth(len(canvas.labels)), theme.color("bg1")
        outlines = canvas.outlines(now, frame)
        before = [] if canvas.first is None else canvas.outlines(canvas.first, frame)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for i, (xs, ys) in enumerate(outlines):
            if i < len(before) and len(before[i][0]):
                pale = QColor(colours[i])
                pale.setAlphaF(0.5 if canvas.rows <= MANY else 0.3)
                painter.setPen(pale)
                painter.drawPath(path_through(*before[i]))
            if not len(xs):
                continue
            path, is_chosen = path_through(xs, ys), i == canvas.selected
            # covering: seen through, the fills of 20 layers take 1.2 ms, not 0.15
            painter.fillPath(path, laid_over(colours[i], ground, 0.6 if is_chosen else 0.34))
            painter.setPen(colours[i])
            painter.drawPath(path)
            if is_chosen:
                painter.drawPath(path.translated(0.0, -0.8))
        painter.setClipping(False)


class _Names:
    """The names of the layers, as many as there is room for."""

    def __init__(self, canvas: RidgeCanvas) -> None:
        self._canvas = canvas

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        """Paint the names, the selected one strong beside a mark."""
        canvas = self._canvas
        if canvas.now is None:
            return
        selected = canvas.selected
        for i, y in named_rows(frame, canvas.rows, selected).items():
            is_chosen = i == selected
            painter.setFont(font(TICK_PIXELS, 600 if is_chosen else 400))
            painter.setPen(theme.color("text" if is_chosen else "text3"))
            painter.drawText(QRectF(0, y - 8, NAMES - 6, 16), RIGHT, canvas.labels[i])
            if is_chosen:
                painter.fillRect(QRectF(2, y - 6, 2.5, 12), theme.color("accent"))


class _Troubles:
    """What is not finite, dead or saturated, in words at the right edge."""

    def __init__(self, canvas: RidgeCanvas) -> None:
        self._canvas = canvas

    def paint(self, painter: QPainter, frame: Frame, theme: Theme) -> None:
        """Paint the words of those layers that have room, the worst ones first."""
        words = troubles(self._canvas)
        order = sorted(words, key=lambda i: (-words[i][0], i))
        heights = {i: frame.y(i + 1.0) - 4.0 for i in words}
        area = frame.area
        placed = place_labels(heights, order, LABEL_GAP, area.top() + 4, area.bottom() - 2, 1.0)
        painter.setFont(font(TICK_PIXELS))
        for i, y in placed.items():
            painter.setPen(theme.color("critical" if words[i][0] >= 2.0 else "text2"))
            painter.drawText(QRectF(area.right() + 6, y - 8, 120, 16), LEFT, words[i][1])


def troubles(canvas: RidgeCanvas) -> dict[int, tuple[float, str]]:
    """How bad it is, and in words, for each layer that has any; none where there is no room.

    From 2 on: not finite. From 1 on: dead.
    """
    now = canvas.now
    if now is None or canvas.width() < SIDE_WORDS:
        return {}
    found: dict[int, tuple[float, str]] = {}
    is_brief = canvas.width() < WORDY
    for i in range(now.layers):
        strange = strange_words(now.counts[i]) if now.is_strange[i] else []
        idle = idle_words(now.idleness, i, brief=is_brief)
        if strange:
            found[i] = (2.0, strange[0])
        elif idle:
            dead = float(now.idleness.dead[i])
            share = 1.0 + dead if dead > 0 else float(now.idleness.saturated[i])
            found[i] = (share, idle[0] if is_brief else ", ".join(idle))
    return found


def named_rows(frame: Frame, rows: int, selected: int | None) -> dict[int, float]:
    """Heights in pixels of the names of those layers that have room for one."""
    row = frame.y(2.0) - frame.y(1.0)
    stride = next((s for s in (1, 2, 5, 10, 20, 50) if s * row >= LABEL_GAP), 100)
    last = rows - 1
    regular = [i for i in range(rows) if stride == 1 or i == 0 or (i + 1) % stride == 0]
    if stride == 2:
        regular = list(range(0, rows, 2))
    order = dict.fromkeys([*([] if selected is None else [selected]), last, 0, *regular])
    wanted = {i: frame.y(i + 1.0) - 3.0 for i in order if 0 <= i < rows}
    return place_labels(wanted, tuple(wanted), LABEL_GAP - 1, 0.0, frame.area.bottom(), 0.5)


def zero_words(ridges: Ridges, layer: int) -> str:
    """Count the exact zeros of a layer."""
    number = int(ridges.counts.zero[layer])
    return f"{number:,} · {percent(float(ridges.zeros[layer]))}"


def _words_width(canvas: RidgeCanvas) -> float:
    metrics = QFontMetricsF(font(TICK_PIXELS))
    texts = [text for _, text in troubles(canvas).values()]
    return max((metrics.horizontalAdvance(text) for text in texts), default=0.0)
