"""The gradient of every layer over time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QResizeEvent

from gradstudio.errors import ExportError
from gradstudio.export.figures.quantities import HEALTHY_RATIO
from gradstudio.export.figures.sentences import gradient_sentence
from gradstudio.export.labels import labelled_layers
from gradstudio.export.overshoot import RATIO, first_overshoot
from gradstudio.export.series import Lines, lines, spans, zero_runs
from gradstudio.export.ticks import is_zero, positions
from gradstudio.numbers import figures
from gradstudio.training.recording import Recording
from gradstudio.ui.plots.axis import Axis
from gradstudio.ui.plots.canvas import Curve
from gradstudio.ui.plots.decorations import EdgeLabel, EdgeLabels, Rule, ZeroRuns
from gradstudio.ui.plots.instrument import NO_RUN
from gradstudio.ui.plots.marks import CrossHair, Dots, Mark, OffScale
from gradstudio.ui.plots.overshoot import OvershootMark
from gradstudio.ui.plots.quantities import QUANTITIES, layer_name
from gradstudio.ui.plots.reader import WindowReader
from gradstudio.ui.plots.stepplot import RIGHT_MARGIN, StepPlot
from gradstudio.ui.widgets import Segmented

if TYPE_CHECKING:
    from gradstudio.export.figure import Figure

NOTHING_YET: Final = "No run yet. Press Space: one curve per layer appears."
Floats = npt.NDArray[np.float64]

NARROW: Final = 380
"""Below this width its header has no room for the whole title."""
ROOMY: Final = 492
"""From this width on the header has room for the long names of the quantities."""
SPACIOUS: Final = 540
"""From this width on it has room for the subtitle as well."""
RANGE_OPACITY: Final = 0.38
"""How strongly the range of a bin is drawn behind its mean."""
MOST_MEANS: Final = 24
"""With more layers the ranges alone are drawn: twice the curves would take twice the time."""
CLICK_REACH: Final = 24.0
"""How near to a curve a click must be, in pixels."""


class GradientPlot(StepPlot):
    """One curve per layer over the steps, on a shared logarithmic axis.

    A reader sees where the gradient is lost: level, evenly spaced curves mean the same factor per
    layer; curves that drift apart mean that training makes it worse; a curve that drops into the
    zero lane has lost its gradient for good.
    """

    quantity_changed = Signal(str)
    """Name of the quantity now shown."""

    title = "Gradient of every layer"
    subtitle = "log₁₀, over time"

    def __init__(self) -> None:
        super().__init__(Axis("value", log=True), zero_lane=True, right=RIGHT_MARGIN)
        self._quantity = QUANTITIES["delta_rms"]
        self.quantities = Segmented(
            [(q.name, q.segment, q.meaning) for q in QUANTITIES.values()], "Quantity"
        )
        self.quantities.chosen.connect(self.set_quantity)
        self.header.add_widget(self.quantities)
        self.add_export_tool()
        self._runs, self._labels = ZeroRuns(), EdgeLabels()
        self._start, self._off = Dots(filled=False), OffScale()
        self._guide = Rule(text="10⁻³ is usual", colour="text3", pattern=(4, 4))
        self._limit = Rule(colour="critical", pattern=(4, 4))
        self._overshoot = OvershootMark()
        self.canvas.layers.under += [self._guide, self._limit]
        self.canvas.layers.over.append(self._overshoot)
        self.canvas.layers.over[:0] = [self._runs, self._start, self._labels, self._off]
        self.canvas.lane_caption = "zero / underflow"
        self._reader = WindowReader()
        self._lines: Lines | None = None

    @property
    def quantity(self) -> str:
        """Name of the quantity shown."""
        return self._quantity.name

    @property
    def drawn(self) -> Lines | None:
        """The curves on screen; None before the first step."""
        return self._lines

    def set_quantity(self, name: str) -> None:
        """Show ``delta_rms``, ``weight_grad_norm`` or ``update_ratio``."""
        if name == self._quantity.name:
            return
        self._quantity = QUANTITIES[name]
        self.quantities.choose(name)
        self.y_axis.clear()
        self.quantity_changed.emit(name)
        self.refresh_anew()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten the names of the quantities where the header is narrow."""
        super().resizeEvent(event)
        self.header.set_title(self.title if self.width() >= NARROW else "Gradient")
        for q in QUANTITIES.values():
            self.quantities.set_text(q.name, q.brief if self.width() < ROOMY else q.segment)
        self._name_scale()

    def draw(self) -> None:
        """Read what the window shows, at most two points per pixel, and draw it."""
        recording = self._recording
        self.canvas.curves = []
        self._lines = None
        self._runs.runs, self._labels.labels, self._off.positions = (), {}, ()
        self._start.xs, self._start.ys = (), ()
        self._marks.marks = []
        self._guide.position = self._limit.position = self._overshoot.x = None
        self.canvas.notice = ""
        if recording is None:
            self.canvas.notice = "A curve per layer appears here. Open or design a network first."
        elif recording.step_count == 0:
            self._draw_start(recording)
        else:
            self._draw_curves(recording)
        self._name_scale()
        self.canvas.redraw()

    def sentence(self) -> str:
        """How many curves, their newest values, and whether they moved."""
        recording = self._recording
        if recording is None:
            return NOTHING_YET
        return gradient_sentence(recording, self._quantity.name)

    def figure(self, palette_name: str = "light") -> Figure:
        """Return the same window, scale and selection as on screen."""
        from gradstudio.export.figures import gradient_figure

        recording = self._required()
        first, last = self.visible_steps()
        return gradient_figure(
            recording,
            self._quantity.name,
            first=first,
            last=last,
            y_log=self.y_axis.log,
            x_log=self.x_axis.log,
            y_range=(self.y_axis.low, self.y_axis.high),
            selected=self._selected,
            palette_name=palette_name,
        )

    def curve_at(self, at: QPointF) -> int | None:
        """Index of the layer whose curve passes nearest to a pixel position."""
        if self._lines is None or self._recording is None:
            return None
        step = self.step_at(self.canvas.frame().x_position(at.x()))
        return self._nearest(step, at, CLICK_REACH)

    def readout(self, step: int, at: QPointF) -> CrossHair:
        """Return the nearest layer's numbers at `step`; of a bin, its range as well."""
        recording = self._required()
        index = self._nearest(step, at, math.inf)
        if index is None:
            return CrossHair(x=self.position_of(step))
        moment = recording.history.at(self._quantity.name, step)
        value = float(moment.mean[index])
        rows = [(self._quantity.short, figures(value))]
        if len(moment.steps) > 1:
            low, high = float(moment.low[index]), float(moment.high[index])
            rows.append((f"of {len(moment.steps):,} steps", f"{figures(low)} – {figures(high)}"))
        since = self._zero_since(index, step)
        if since is not None:
            rows.append(("exactly 0 since", f"step {since:,}"))
        other = "update_ratio" if self._quantity.name != "update_ratio" else "delta_rms"
        aside = float(recording.history.at(other, step).mean[index])
        rows.append((QUANTITIES[other].short, figures(aside)))
        place = float(positions(value, log=self.y_axis.log))
        return CrossHair(
            x=self.position_of(step),
            y=place if math.isfinite(place) else None,
            colour=self.theme.depth(recording.layer_count)[index],
            title=f"{layer_name(recording.labels[index])} · step {step:,}",
            rows=rows,
        )

    def _name_scale(self) -> None:
        scale = "log₁₀, over time" if self.y_axis.log else "linear, over time"
        self.header.set_subtitle(scale if self.width() >= SPACIOUS else "")

    def _draw_start(self, recording: Recording) -> None:
        """Before the first step: the measured starting values as rings."""
        newest = self._newest(recording)
        self.visible_steps()
        self.canvas.notice = "Press Space: one curve per layer"
        if newest is None:
            return
        colours = self.theme.depth(recording.layer_count)
        places = positions(newest, log=self.y_axis.log)
        known = np.isfinite(places) | is_zero(newest)
        finite = places[np.isfinite(places)]
        if finite.size:
            self.y_axis.follow(float(finite.min()), float(finite.max()))
        self._start.xs = [self.x_axis.low] * int(known.sum())
        self._start.ys = [float(y) if np.isfinite(y) else None for y in places[known]]
        self._start.colours = [c for c, k in zip(colours, known, strict=True) if k]
        self._label(recording, places, is_zero(newest))

    def _draw_curves(self, recording: Recording) -> None:
        first, last = self.visible_steps()
        views = self._reader.read(
            recording.history,
            self._quantity.name,
            first,
            last,
            self.canvas.plot_pixels(),
            log=self.x_axis.log,
        )
        drawn = self._lines = lines(
            views,
            x_log=self.x_axis.log,
            y_log=self.y_axis.log,
            undefined_is_zero=self._quantity.name == "update_ratio",
        )
        if drawn.extent is not None:
            self.y_axis.follow(*drawn.extent)
        colours = self.theme.depth(recording.layer_count)
        self.canvas.curves = self._curves(recording, drawn, np.concatenate([v.mean for v in views]))
        self._runs.runs, self._runs.colours = zero_runs(drawn), colours
        ends = _ends(drawn)
        self._label(recording, ends, drawn.ends_in_zero)
        self._off.positions = [(float(y), colours[i]) for i, y in enumerate(ends) if np.isfinite(y)]
        if self._quantity.name == "update_ratio":
            self._guide.position = float(positions(HEALTHY_RATIO, log=self.y_axis.log))
            self._mark_overshoot(recording, drawn)
        self._marks.marks = self.divergence_marks() or self._infinite_marks(drawn)

    def _mark_overshoot(self, recording: Recording, drawn: Lines) -> None:
        """Mark the first update that is larger than the weights of a layer."""
        found = first_overshoot(drawn, log=self.y_axis.log)
        if found is None:
            return
        self._limit.position = float(positions(RATIO, log=self.y_axis.log))
        self._overshoot.x, self._overshoot.y = found.x, found.y
        self._overshoot.text = found.words(self.step_at(found.x), recording.labels[found.layer])

    def _curves(self, recording: Recording, drawn: Lines, means: Floats) -> list[Curve]:
        """Make the lines of all layers; of bins the range is pale and the mean is strong."""
        colours, labels = self.theme.depth(recording.layer_count), recording.labels
        layers = range(recording.layer_count)
        binned = len(drawn.x) != len(drawn.centres)
        has_means = binned and recording.layer_count <= MOST_MEANS
        x, y, made = drawn.x, drawn.y, []
        if has_means:
            made = [Curve(x, y[:, i], colours[i], opacity=RANGE_OPACITY) for i in layers]
            x, y = drawn.centres, positions(means, log=self.y_axis.log)
        return made + [
            Curve(x, y[:, i], colours[i], 2 if i == self._selected else 1, label=labels[i])
            for i in layers
        ]

    def _label(self, recording: Recording, ends: Floats, zero: npt.NDArray[np.bool_]) -> None:
        """Name the curves at the right edge; those in the zero lane share one label."""
        colours = self.theme.depth(recording.layer_count)
        labels = {
            i: EdgeLabel(float(ends[i]), recording.labels[i], colours[i], i == self._selected)
            for i in range(recording.layer_count)
            if np.isfinite(ends[i])
        }
        runs = spans(np.asarray(zero, dtype=np.bool_))
        if runs:
            names = [_span_name(recording, *run) for run in runs]
            text = names[0] + (" …" if len(names) > 1 else "")
            labels[runs[0][0]] = EdgeLabel(None, text, colours[runs[0][0]])
        self._labels.labels = labels
        self._labels.order = labelled_layers(recording.layer_count, self._selected)

    def _infinite_marks(self, drawn: Lines) -> list[Mark]:
        bad = np.flatnonzero(drawn.bad.any(axis=1))
        if len(bad) == 0:
            return []
        at = int(bad[0])
        layers = [self._required().labels[i] for i in np.flatnonzero(drawn.bad[at])]
        named = layers[0] if len(layers) == 1 else f"{layers[0]} to {layers[-1]}"
        step = self.step_at(float(drawn.centres[at]))
        return [Mark(float(drawn.centres[at]), f"step {step:,}: layer {named} not finite")]

    def _zero_since(self, index: int, step: int) -> int | None:
        """Return the step from which on a layer is exactly zero at `step`; None where it is not."""
        place = self.position_of(step)
        for layer, first, last, _ in self._runs.runs:
            if layer == index and first <= place <= last:
                return self.step_at(first)
        return None

    def _nearest(self, step: int, at: QPointF, reach: float) -> int | None:
        recording = self._required()
        frame = self.canvas.frame()
        values = recording.history.at(self._quantity.name, step).mean
        heights = frame.ys(positions(values, log=self.y_axis.log))
        if frame.lane is not None:
            for i in np.flatnonzero(is_zero(values)).tolist():
                heights[i] = frame.lane_row(i, len(values))
        distance = np.abs(heights - at.y())
        if not np.isfinite(distance).any():
            return None
        index = int(np.nanargmin(distance))
        return index if distance[index] <= reach else None

    def _newest(self, recording: Recording) -> Floats | None:
        if recording.step_count:
            return recording.history.latest(self._quantity.name)
        if recording.initial is None:
            return None
        values: Floats = getattr(recording.initial, self._quantity.name)
        return values

    def _required(self) -> Recording:
        if self._recording is None:
            raise ExportError(NO_RUN)
        return self._recording


def _span_name(recording: Recording, first: int, last: int) -> str:
    labels = recording.labels
    return labels[first] if first == last else f"{labels[first]}–{labels[last]}"


def _ends(drawn: Lines) -> Floats:
    """Return where each curve ends: its newest value, or the last one that has a place."""
    ends = drawn.end.copy()
    for i in np.flatnonzero(np.isnan(ends) & ~drawn.ends_in_zero).tolist():
        known = drawn.y[np.isfinite(drawn.y[:, i]), i]
        ends[i] = known[-1] if len(known) else np.nan
    return ends
