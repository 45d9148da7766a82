"""The gradient seismograph: layer by step, coloured by the size of the gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QMenu

from gradstudio.errors import ExportError
from gradstudio.export.cells import CellReader, Cells
from gradstudio.export.figures.seismograph import (
    DEVIATION,
    cells_of,
    place_text,
    sentence_of,
    series_of,
)
from gradstudio.export.shades import shade_colours, shades
from gradstudio.numbers import count, figures, signed
from gradstudio.training.history import SeriesView
from gradstudio.training.recording import Recording
from gradstudio.ui.plots.instrument import NO_RUN
from gradstudio.ui.plots.marks import CrossHair
from gradstudio.ui.plots.menu import Choices
from gradstudio.ui.plots.quantities import layer_name
from gradstudio.ui.plots.quantity_switch import SHOWN, QuantitySwitch
from gradstudio.ui.plots.reader import WindowReader
from gradstudio.ui.plots.rows import HeatMap, MarkGround, RowAxis, RowNames, RowOutline
from gradstudio.ui.plots.scale_bar import ScaleBar
from gradstudio.ui.plots.stepplot import RIGHT_MARGIN, StepPlot

if TYPE_CHECKING:
    from gradstudio.export.figure import Figure

NOTHING_YET: Final = "No run yet. Press Space: a row per layer appears."
ROOMY: Final = 380
"""From this width on the header has room for the name of the quantity as it is read out."""


class Seismograph(StepPlot):
    """A row per layer, a column per pixel of steps, the colour being log10 of the gradient.

    A reader sees the whole run at once: a wave of colour that moves from the output up the rows is
    a network that repairs itself, rows that stay at the small end get no gradient, and a stripe
    through all rows is a step that shook every layer.
    """

    quantity_changed = Signal(str)
    """Name of the quantity now shown."""

    title = "Seismograph"
    subtitle = "layer × step"

    def __init__(self) -> None:
        rows = RowAxis()
        super().__init__(rows, zero_lane=False, right=RIGHT_MARGIN)
        self.rows = rows
        self._quantity = SHOWN["delta_rms"]
        self.bar = ScaleBar()
        self.header.add_widget(self.bar)
        self.switch = QuantitySwitch()
        self.switch.chosen.connect(self.set_quantity)
        self.header.add_widget(self.switch)
        self.add_export_tool()
        self._map, self._names, self._outline = HeatMap(), RowNames(), RowOutline()
        self.canvas.layers.under.append(self._map)
        self.canvas.layers.over[:0] = [self._outline, self._names, MarkGround(self._marks)]
        self._cursor.colour = "text"  # the accent is a colour of the map
        self._reader, self._cells = WindowReader(), CellReader()

    @property
    def quantity(self) -> str:
        """Name of what is shown: a quantity of the history, or ``deviation``."""
        return self._quantity.name

    @property
    def drawn(self) -> Cells | None:
        """The cells on screen; None where there are none."""
        return self._map.cells

    @property
    def ends(self) -> tuple[int, int] | None:
        """log10 at the ends of the colour map; None before there is a value."""
        return self.rows.ends

    def set_quantity(self, name: str) -> None:
        """Show ``delta_rms``, ``weight_grad_norm``, ``update_ratio`` or ``deviation``."""
        if name == self._quantity.name:
            return
        self._quantity = SHOWN[name]
        self._cells = CellReader()
        self.switch.choose(name)
        self.rows.clear()
        self.quantity_changed.emit(name)
        self.refresh_anew()

    def set_recording(self, recording: Recording | None) -> None:
        """Look at another run."""
        if recording is not self._recording:
            self._cells = CellReader()
        super().set_recording(recording)

    def colour_at(self, layer: int, step: int) -> QColor | None:
        """Colour of the cell of a layer at a step; transparent where it is exactly zero."""
        cells = self._map.cells
        column = None if cells is None else cells.column_at(step)
        if cells is None or column is None:
            return None
        number = shades(cells, *self._map.ends)[layer, column]
        table = shade_colours(self.theme.palette, diverging=self._map.diverging)
        return QColor(*table[number].tolist())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten the name of the quantity where the header is narrow."""
        super().resizeEvent(event)
        self.switch.set_brief(self.width() < ROOMY)

    def draw(self) -> None:
        """Read what the window shows, at most one column per pixel, and draw it."""
        recording = self._recording
        self._map.cells = None
        self._names.names, self._names.values, self._names.colours = (), (), ()
        self._outline.index = None
        self._marks.marks = []
        self.canvas.notice = ""
        if recording is None:
            self.canvas.notice = (
                "A row per layer appears here, coloured by the size of its gradient. "
                "Open or design a network first."
            )
        else:
            self._draw_rows(recording)
        self._show_legend(self.drawn)
        self.canvas.redraw()

    def sentence(self) -> str:
        """From where to where the rows go, and which of them moved."""
        if self._recording is None:
            return NOTHING_YET
        return sentence_of(self._recording, self._quantity.name)

    def figure(self, palette_name: str = "light") -> Figure:
        """Return the same window, colours and selection as on screen."""
        from gradstudio.export.figures import seismograph_figure

        if self._recording is None:
            raise ExportError(NO_RUN)
        first, last = self.visible_steps()
        return seismograph_figure(
            self._recording,
            self._quantity.name,
            first=first,
            last=last,
            x_log=self.x_axis.log,
            ends=self.rows.ends,
            selected=self._selected,
            palette_name=palette_name,
        )

    def menu(self) -> QMenu:
        """Return the context menu as it would open now."""
        menu = super().menu()
        part = QMenu("Colour", menu)
        self.switch.fill(part)
        menu.insertMenu(menu.actions()[0], part)
        return menu

    def choices(self) -> Choices:
        """Return what the context menu offers."""
        return Choices(
            x=self.x_axis,
            last_steps=self._last_steps,
            set_last_steps=self.set_last_steps,
            fit=self.canvas.fit,
        )

    def curve_at(self, at: QPointF) -> int | None:
        """Index of the layer whose row holds a pixel position."""
        frame = self.canvas.frame()
        if self._recording is None or not frame.area.contains(at):
            return None
        row = int(frame.y_position(at.y()) - 0.5)
        return min(max(row, 0), self._recording.layer_count - 1)

    def readout(self, step: int, at: QPointF) -> CrossHair:
        """Return layer, steps and numbers of the cell under the pointer."""
        recording, cells, layer = self._recording, self._map.cells, self.curve_at(at)
        column = None if cells is None else cells.column_at(step)
        if recording is None or cells is None or layer is None or column is None:
            return CrossHair(x=self.position_of(step))
        first, last = int(cells.first[column]), int(cells.last[column])
        steps = f"step {count(first)}"
        if last > first:
            steps = f"steps {count(first)}–{count(last)}"
        return CrossHair(
            x=self.position_of(step),
            y=layer + 1.0,
            colour=self.theme.depth(recording.layer_count)[layer],
            title=f"{layer_name(recording.labels[layer])} · {steps}",
            rows=self._numbers(cells, column, layer),
        )

    def _numbers(self, cells: Cells, column: int, layer: int) -> list[tuple[str, str]]:
        """Write the numbers of one cell: what it shows, and what its steps hold."""
        at = (column, layer)
        steps = int(cells.last[column] - cells.first[column]) + 1
        place = float(cells.places[at])
        rows = []
        name = SHOWN[series_of(self._quantity.name)].short
        if self._quantity.name == DEVIATION and np.isfinite(place):
            rows.append(("over theory", f"×{figures(10.0**place)} ({signed(place)})"))
        if steps == 1:
            return [*rows, (name, figures(float(cells.newest[at])))]
        low, high = float(cells.low[at]), float(cells.high[at])
        rows += [
            (f"{name}, mean", figures(float(cells.mean[at]))),
            ("min – max", f"{figures(low)} – {figures(high)}"),
            ("last", figures(float(cells.newest[at]))),
        ]
        if cells.nonfinite[at]:
            rows.append(
                ("not finite", f"{count(int(cells.nonfinite[at]))} of {count(steps)} steps")
            )
        return rows

    def _show_legend(self, cells: Cells | None) -> None:
        self.bar.show_map(
            None if cells is None else self.rows.ends,
            diverging=self._map.diverging,
            zero=cells is not None and bool(cells.zero.any()),
            bad=cells is not None and bool(cells.bad.any()),
        )

    def _draw_rows(self, recording: Recording) -> None:
        self.rows.follow_layers(recording.layer_count)
        is_deviation = self._quantity.name == DEVIATION
        first, last = self.visible_steps()
        if is_deviation and recording.expectation.delta_ratio is None:
            self.canvas.notice = recording.expectation.reason
        elif recording.step_count:
            views = self._reader.read(
                recording.history,
                series_of(self._quantity.name),
                first,
                last,
                self.canvas.plot_pixels(),
                log=self.x_axis.log,
            )
            self._show(recording, cells_of(self._cells, recording, self._quantity.name, views))
        else:
            self.canvas.notice = "Press Space: a row per layer"
            start = start_view(recording, series_of(self._quantity.name))
            if start is not None:
                cells = cells_of(CellReader(), recording, self._quantity.name, (start,))
                self._show(recording, cells)
        self._names.names = recording.labels
        self._names.colours = self.theme.depth(recording.layer_count)
        self._names.selected = self._selected
        self._marks.marks = self.divergence_marks()

    def _show(self, recording: Recording, cells: Cells) -> None:
        """Draw the cells in colours that reach as far as they do."""
        self._map.diverging = self._quantity.name == DEVIATION
        low, high = cells.extent or self.rows.ends or (-1.0, 0.0)
        self.rows.cover(low, high, symmetric=self._map.diverging)
        self._map.ends = self.rows.ends or (-1.0, 0.0)
        self._map.cells, self._map.log = cells, self.x_axis.log
        self._names.values = [place_text(cells, i) for i in range(recording.layer_count)]
        self._outline.index = self._selected


def start_view(recording: Recording, name: str) -> SeriesView | None:
    """What was measured at the starting weights, as a window of one step; None where nothing."""
    if recording.initial is None:
        return None
    values = np.asarray(getattr(recording.initial, name), dtype=np.float64)[None]
    if not np.isfinite(values).any():
        return None
    bad = (~np.isfinite(values)).astype(np.int64)
    known = np.where(bad > 0, np.nan, values)
    return SeriesView(np.zeros(1, np.int64), known, known, known, values, bad, 1)
