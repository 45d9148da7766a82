"""The chain rule as an instrument: what each layer takes of the signal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu

from gradstudio.errors import ExportError
from gradstudio.export.chain import ChainBars, chain_bars, chain_sentence
from gradstudio.export.figures.chain import bar_ends
from gradstudio.numbers import count, figures, signed
from gradstudio.training.reading import Reading
from gradstudio.training.recording import Recording
from gradstudio.ui.plots.axis import Axis
from gradstudio.ui.plots.canvas import Canvas
from gradstudio.ui.plots.chain_bars import BarPicture, Column, HiddenAxis
from gradstudio.ui.plots.chain_words import Balance, ChainFormula
from gradstudio.ui.plots.instrument import NO_RUN, Instrument
from gradstudio.ui.plots.marks import CrossHair
from gradstudio.ui.plots.menu import Choices, plot_menu

if TYPE_CHECKING:
    from gradstudio.export.figure import Figure

FORMULA_FROM: Final = 230
"""Height in pixels from which on the formula has room."""


class ChainRule(Instrument):
    """Decades lost in each hidden layer, parted into what weights and what slopes take.

    A reader sees whether the weights or the slopes of the activation make the signal vanish or
    explode, and in which layer. The bars add up to the ratio of the first to the last delta.
    """

    title = "Chain rule"
    subtitle = "decades of each layer"
    probes = frozenset({"chain"})

    def __init__(self) -> None:
        super().__init__()
        self.balance = Balance()
        self.y_axis = Axis("value")
        self._x_axis = HiddenAxis()
        self.canvas = Canvas(self._x_axis, self.y_axis, right=12)
        self.canvas.setAccessibleName(self.title)
        self.formula = ChainFormula()
        for widget, stretch in ((self.balance, 0), (self.canvas, 1), (self.formula, 0)):
            self._body.addWidget(widget, stretch)
        self._column, self._picture = Column(), BarPicture()
        self._cross = CrossHair()
        self.canvas.layers.under.append(self._column)
        self.canvas.layers.over.append(self._picture)
        self.canvas.layers.live.append(self._cross)
        self.canvas.hovered.connect(self._hover)
        self.canvas.clicked.connect(self._click)
        self.canvas.pressed.connect(self.pressed)
        self.canvas.focused.connect(lambda: self.canvas.setAccessibleDescription(self.sentence()))
        self.canvas.menu_asked.connect(lambda at: self.menu().popup(at))
        self.y_axis.steered.connect(self.refresh_anew)
        self.add_export_tool()

    @property
    def bars(self) -> ChainBars | None:
        """What is drawn; None before anything is measured."""
        return self._picture.bars

    def set_recording(self, recording: Recording | None) -> None:
        """Look at another run, with an axis of its own."""
        if recording is not self._recording:
            self.y_axis.clear()
        super().set_recording(recording)

    def state(self) -> object:
        """Return what the picture depends on: the reading, not the step."""
        return (id(self._recording), self._newest(), self.canvas.size())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the formula out where the bars need the room."""
        super().resizeEvent(event)
        self.formula.setVisible(self.height() >= FORMULA_FROM)

    def draw(self) -> None:
        """Draw the bars of the newest reading."""
        reading, bars = self._newest(), self._measured()
        self._picture.bars = bars
        self.balance.show_bars(bars)
        self.formula.show_bars(bars)
        self._column.index = None
        self.canvas.notice, self.canvas.curves = "", []
        if bars is None or reading is None:
            self.header.set_subtitle(self.subtitle)
            self.canvas.notice = "Press Space: what each layer takes of the signal"
        else:
            self.header.set_subtitle(f"step {count(reading.step)} · {self.subtitle}")
            self._x_axis.follow(0.5, bars.layers + 0.5)
            self.y_axis.follow(*bar_ends(bars))
            if self._selected is not None and self._selected < bars.layers:
                self._column.index = self._selected
        self.canvas.redraw()

    def sentence(self) -> str:
        """Say what takes most of the signal, and in which layer."""
        bars = self._measured()
        if bars is None:
            return "Nothing measured yet. Press Space: what each layer takes of the signal appears."
        return chain_sentence(bars)

    def figure(self, palette_name: str = "light") -> Figure:
        """Return the same bars and range as on screen."""
        from gradstudio.export.figures import chain_figure

        if self._recording is None:
            raise ExportError(NO_RUN)
        by_hand = None if self.y_axis.automatic else (self.y_axis.low, self.y_axis.high)
        return chain_figure(
            self._newest(),
            self._recording.setup,
            y_range=by_hand,
            selected=self._selected,
            palette_name=palette_name,
        )

    def menu(self) -> QMenu:
        """Return the context menu as it would open now."""
        return plot_menu(self, Choices(fit=self.y_axis.fit))

    def _newest(self) -> Reading | None:
        """The newest reading of this run; None where it is that of another network."""
        reading = self.reading or self.first_reading
        if reading is None or self._recording is None:
            return None
        fits = len(reading.values["chain"].weights) == self._recording.layer_count - 1
        return reading if fits else None

    def _measured(self) -> ChainBars | None:
        reading, recording = self._newest(), self._recording
        if reading is None or recording is None:
            return None
        return chain_bars(reading.values["chain"], recording.setup.network)

    def _layer_under(self, at: QPointF) -> int | None:
        if self.bars is None:
            return None
        index = round(self.canvas.frame().x_position(at.x())) - 1
        return index if 0 <= index < self.bars.layers else None

    def _hover(self, at: QPointF | None) -> None:
        index = None if at is None else self._layer_under(at)
        cross = CrossHair()
        if index is not None and self.bars is not None:
            cross = CrossHair(
                x=float(index + 1), title=f"Layer {index + 1}", rows=_rows(self.bars, index)
            )
        live = self.canvas.layers.live
        live[live.index(self._cross)] = cross
        self._cross = cross
        self.canvas.update()

    def _click(self, at: QPointF) -> None:
        index = self._layer_under(at)
        if index is not None:
            self.layer_clicked.emit(index)


def _rows(bars: ChainBars, index: int) -> list[tuple[str, str]]:
    """Say of each part its factor and its decades, then their sum and the running sum."""
    names = ("weights", bars.slope, "rest") if bars.has_rest else ("weights", bars.slope)
    rows = [
        (name, f"×{figures(float(factor))}  {signed(float(decades))}")
        for name, factor, decades in zip(
            names, bars.factors[index], bars.decades[index], strict=False
        )
        if not math.isnan(factor)
    ]
    if math.isfinite(bars.sums[index]):
        rows.append(("this layer", signed(float(bars.sums[index]))))
    rows.append(("from the output", signed(float(bars.running[index]))))
    return rows
