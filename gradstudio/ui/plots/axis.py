"""One axis of a plot: its range, who steers it, and its ticks."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject, Signal

from gradstudio.export.ticks import (
    AxisRange,
    Ticks,
    decade_ticks,
    layer_ticks,
    linear_ticks,
    step_positions,
    step_ticks,
)

Kind = Literal["value", "step", "layer"]
NARROWEST = 1e-9
"""Smallest share of its magnitude that a range may span, so that zooming ends."""


class Axis(QObject):
    """A range in positions (log10 of the value when `log`) that follows data or a person.

    An automatic value axis grows at once and never shrinks; an automatic step axis always ends at
    the newest step. Zooming and panning take it over, :meth:`fit` gives it back to the data. One
    axis may serve two plots: then they show the same range.
    """

    changed = Signal()
    """The range or its ticks are other than before."""
    steered = Signal()
    """A person zoomed, panned, fitted or changed the scale: what is drawn must be read again."""

    def __init__(self, kind: Kind, *, log: bool = False, unit: str = "") -> None:
        super().__init__()
        self.kind = kind
        self.unit = unit
        self.automatic = True
        self._range = AxisRange(log=log)
        self._layer_count = 1
        if kind == "step":
            self._range.set(*_step_ends(0, 0, log=log))

    @property
    def log(self) -> bool:
        """Whether positions are log10 of the value."""
        return self._range.log

    @property
    def low(self) -> float:
        """Lower end in positions; before any data −3 or 0."""
        return self._range.low if self._range.low is not None else (-3.0 if self.log else 0.0)

    @property
    def high(self) -> float:
        """Upper end in positions; before any data 1."""
        return self._range.high if self._range.high is not None else 1.0

    @property
    def span(self) -> float:
        """Length of the range in positions."""
        return self.high - self.low

    def follow(self, low: float, high: float) -> None:
        """Tell what the data cover, in positions; moves an automatic axis only."""
        if not self.automatic:
            return
        if self.kind == "value":
            if self._range.cover(low, high):
                self.changed.emit()
        elif (self._range.low, self._range.high) != (low, high):
            self._range.set(low, high)
            self.changed.emit()

    def follow_steps(self, first: int, last: int) -> None:
        """Show the steps `first` to `last`, at least 10 of them."""
        self.follow(*_step_ends(first, last, log=self.log))

    def follow_layers(self, layer_count: int) -> None:
        """Show the layers 1 to `layer_count` with half a place of room."""
        self._layer_count = layer_count
        self.follow(0.5, layer_count + 0.5)

    def show(self, low: float, high: float) -> None:
        """Show what a person asked for; the data no longer move this axis."""
        if high - low <= max(abs(low), abs(high), 1e-12) * NARROWEST:
            return
        self.automatic = False
        self._range.set(low, high)
        self.changed.emit()
        self.steered.emit()

    def zoom(self, factor: float, about: float) -> None:
        """Scale the range by `factor` so that the position `about` stays where it is."""
        self.show(about + (self.low - about) * factor, about + (self.high - about) * factor)

    def pan(self, shift: float) -> None:
        """Move the range by `shift` positions."""
        self.show(self.low + shift, self.high + shift)

    def fit(self) -> None:
        """Give the axis back to the data; the next data set its ends."""
        self.clear()
        self.steered.emit()

    def clear(self) -> None:
        """Forget the range without asking anyone to read again."""
        self.automatic = True
        if self.kind == "value":
            self._range.clear()
        self.changed.emit()

    def set_log(self, log: bool) -> None:
        """Change between the linear and the logarithmic scale."""
        if log == self.log:
            return
        self._range = AxisRange(log=log)
        if self.kind == "step":
            self._range.set(*_step_ends(0, 0, log=log))
        self.fit()

    def ticks(self, pixels: float, room: float) -> Ticks:
        """Ticks for an axis of `pixels` length where a label needs `room` pixels."""
        most = max(2, min(8, int(pixels / max(room, 1.0))))
        if self.kind == "layer":
            return layer_ticks(self._layer_count, most)
        if self.kind == "step":
            return step_ticks(self.low, self.high, log=self.log, most=most)
        if self._range.low is None:
            return ()
        ticks = (
            decade_ticks(self.low, self.high, most)
            if self.log
            else linear_ticks(self.low, self.high, most)
        )
        return tuple((place, text + self.unit) for place, text in ticks)


def _step_ends(first: int, last: int, *, log: bool) -> tuple[float, float]:
    ends = step_positions([first, max(last, first + 10)], log=log)
    return float(ends[0]), float(ends[1])
