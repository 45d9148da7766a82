"""The two plots of the gain lab: the length map, whose curve can be pulled, and chi below it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent

from gradstudio.export.figures.gain_lab import BEFORE_DASH, DIAGONAL_DASH, chi_span_of, span_of
from gradstudio.export.gain_map import GainMap
from gradstudio.export.gain_words import fixed_words, plain_figures
from gradstudio.numbers import figures
from gradstudio.ui.plots.axis import Axis
from gradstudio.ui.plots.canvas import Curve
from gradstudio.ui.plots.decorations import Rule
from gradstudio.ui.plots.frame import Frame
from gradstudio.ui.plots.gain_marks import DecadeAxis, FactorAxis, Handle, Names, Words
from gradstudio.ui.plots.marks import CrossHair, Dots
from gradstudio.ui.plots.still_canvas import StillCanvas
from gradstudio.ui.theme import current_theme

GRASP: Final = 9.0
"""Pixels from the curve within which it can be taken hold of."""
HANDLES: Final = (0.82, 0.66, 0.5, 0.34, 0.18)
"""Shares of the width at which the handle may stand, the best first."""


class GainCanvas(StillCanvas):
    """Over log10 q a curve of the layer, with what it was before it was tried at another gain."""

    def __init__(self, x: Axis, y: Axis, names: Names) -> None:
        super().__init__(x, y)
        self._right = 14
        self.names_x = True
        self.shown: GainMap | None = None
        self._cross = CrossHair()
        self._dots, self._words = Dots(radius=4.0), Words()
        self.layers.under.append(names)
        self.layers.over += [self._dots, self._words]
        self.layers.live.append(self._cross)

    def frame(self) -> Frame:
        """Return the plotting area; without numbers under it where a plot below has them."""
        frame = super().frame()
        if self.names_x:
            return frame
        ticks = tuple((place, "") for place, _ in frame.x_ticks)
        return replace(frame, area=frame.area.adjusted(0, 0, 0, 14), x_ticks=ticks)

    def set_names_x(self, names_x: bool) -> None:
        """Write the numbers of the x axis under the plot, or leave them to a plot below."""
        if names_x != self.names_x:
            self.names_x = names_x
            self.redraw()

    def show_cross(self, cross: CrossHair) -> None:
        """Show the read-out, or an empty one."""
        live = self.layers.live
        live[live.index(self._cross)] = cross
        self._cross = cross
        self.update()

    def forget(self, notice: str) -> None:
        """Show words instead of curves."""
        self.shown = None
        self.curves, self.notice = [], notice
        self._dots.xs, self._dots.ys, self._words.text = (), (), ""
        self.redraw()

    def _set_dots(self, places: Sequence[tuple[float, float]], colours: Sequence[QColor]) -> None:
        self._dots.xs = [x for x, _ in places]
        self._dots.ys = [y for _, y in places]
        self._dots.colours = colours


class LengthCanvas(GainCanvas):
    """The variance of z after one more layer; where it meets the diagonal, it stays.

    Pulling the curve up or down is another sigma_w: with biases of 0 it moves as a whole.
    """

    pulled = Signal(float, float)
    """log10 q at which the curve was taken hold of, and log10 of where it is pulled to."""
    let_go = Signal()
    """The curve was let go."""

    def __init__(self, x: Axis) -> None:
        super().__init__(x, DecadeAxis(), Names("q of the next layer", "q, variance of z"))
        self._handle = Handle()
        self.layers.live.insert(0, self._handle)
        self._grasped: float | None = None

    @property
    def is_pulled(self) -> bool:
        """Whether the curve is being pulled now."""
        return self._grasped is not None

    @property
    def handle(self) -> tuple[float, float] | None:
        """Position of the handle; None where there is none."""
        return self._handle.at

    def show_map(self, own: GainMap, shown: GainMap, colour: QColor, *, handle: bool) -> None:
        """Show the map of a layer, and behind it what it is without the trial."""
        self.shown, self.notice = shown, ""
        theme = current_theme()
        if not self.is_pulled:
            low, high = span_of(own, shown)
            self.x_axis.follow(low, high)
            self.y_axis.follow(low, high)
        ends = np.array([self.x_axis.low, self.x_axis.high])
        curves = [Curve(ends, ends, theme.color("text3"), pattern=DIAGONAL_DASH, label="q′ = q")]
        if own is not shown:
            grey = theme.color("text2")
            curves.append(Curve(own.x, own.q_next, grey, pattern=BEFORE_DASH, label="as it is"))
        if len(shown.stairs):
            stairs = shown.stairs
            curves.append(Curve(stairs[:, 0], stairs[:, 1], theme.color("text2"), label="stairs"))
        curves.append(Curve(shown.x, shown.q_next, colour, width=2, label="map"))
        self.curves = curves
        start, fixed = math.log10(shown.start), shown.fixed_point
        places, colours = [(start, start)], [theme.color("text2")]
        if fixed is not None:
            places.append(fixed)
            colours.append(colour)
        self._set_dots(places, colours)
        self._words.text, self._words.at = fixed_words(shown), fixed
        self._words.around = [curve for curve in curves if curve.label not in ("stairs", "q′ = q")]
        self._handle.at = self._handle_place(shown) if handle else None
        self.redraw()

    def forget(self, notice: str) -> None:
        """Show words instead of curves."""
        self._handle.at = None
        super().forget(notice)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the curve, if the pointer is on it."""
        self.pressed.emit()
        if event.button() == Qt.MouseButton.LeftButton and self._is_on_curve(event.position()):
            self._grasped = self.frame().x_position(event.position().x())
            self.show_cross(CrossHair())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pull the curve, or report where the pointer is."""
        if self._grasped is None:
            is_on = self._is_on_curve(event.position())
            shape = Qt.CursorShape.SizeVerCursor if is_on else Qt.CursorShape.ArrowCursor
            self.setCursor(shape)
            super().mouseMoveEvent(event)
            return
        self.pulled.emit(self._grasped, self.frame().y_position(event.position().y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let the curve go."""
        if self._grasped is not None:
            self._grasped = None
            self.let_go.emit()

    def _is_on_curve(self, at: QPointF) -> bool:
        if self.shown is None or self._handle.at is None:
            return False
        frame = self.frame()
        if (frame.point(*self._handle.at) - at).manhattanLength() < 2 * GRASP:
            return True
        there = frame.y(self.shown.q_next_at(frame.x_position(at.x())))
        return frame.area.contains(at) and abs(there - at.y()) < GRASP

    def _handle_place(self, shown: GainMap) -> tuple[float, float] | None:
        """Place for the handle, on the curve, inside and off the fixed point."""
        frame = self.frame()
        if self.is_pulled and self._grasped is not None:
            return self._grasped, shown.q_next_at(self._grasped)
        room = 0.06 * (frame.y_high - frame.y_low)
        for share in HANDLES:
            x = frame.x_low + share * (frame.x_high - frame.x_low)
            y = shown.q_next_at(x)
            fixed = shown.fixed_point
            is_free = fixed is None or abs(fixed[0] - x) > 2 * room
            if is_free and frame.y_low + room < y < frame.y_high - room:
                return x, y
        return None


class ChiCanvas(GainCanvas):
    """chi, the factor per layer of the squared gradient, over q; the line is 1."""

    def __init__(self, x: Axis) -> None:
        super().__init__(x, FactorAxis(), Names("χ, gradient² per layer"))
        self._one = Rule(0.0, "", "text3")
        self.layers.under.append(self._one)
        self.setMinimumHeight(48)

    def show_map(self, own: GainMap, shown: GainMap, colour: QColor) -> None:
        """Show chi of a layer, and behind it what it is without the trial."""
        self.shown, self.notice = shown, ""
        theme = current_theme()
        self.y_axis.follow(*chi_span_of(own, shown, self.x_axis.low, self.x_axis.high))
        self.curves = [Curve(shown.x, shown.chi, colour, width=2, label="χ")]
        if own is not shown:
            grey = theme.color("text2")
            self.curves.append(Curve(own.x, own.chi, grey, pattern=BEFORE_DASH, label="as it is"))
        fixed = shown.fixed_point
        places = [] if fixed is None else [(fixed[0], shown.chi_at(fixed[0]))]
        self._set_dots(places, [colour] * len(places))
        root = f"χ = {plain_figures(shown.goal.chi)}, √χ = {plain_figures(shown.goal.gradient)}"
        self._words.text, self._words.at = root, places[0] if places else None
        self._words.around = self.curves
        self.redraw()


def read_out(shown: GainMap, position: float) -> list[tuple[str, str]]:
    """Say what the map does to a variance of z."""
    q, q_next, chi = (
        10.0**at for at in (position, shown.q_next_at(position), shown.chi_at(position))
    )
    return [
        ("next q", figures(q_next)),
        ("z", f"×{figures(math.sqrt(q_next / q))}"),
        ("χ", figures(chi)),
        ("gradient", f"×{figures(math.sqrt(chi))}"),
    ]
