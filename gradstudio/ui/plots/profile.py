"""The gradient by depth, now and at the start."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QMenu

from gradstudio.errors import ExportError
from gradstudio.export.figures.depth import profile, profile_at_start
from gradstudio.export.figures.expected import (
    NOT_MEASURED,
    THEORY,
    Expected,
    aside,
    expected_profile,
    headline,
)
from gradstudio.export.figures.sentences import decades_per_layer, depth_sentence
from gradstudio.export.ticks import finite_span, is_zero, positions
from gradstudio.numbers import count, figures
from gradstudio.training.evidence import WINDOW
from gradstudio.training.recording import Recording
from gradstudio.ui.plots.axis import Axis
from gradstudio.ui.plots.canvas import Canvas, Curve
from gradstudio.ui.plots.corner_words import CornerWords, Sign
from gradstudio.ui.plots.gradient import GradientPlot
from gradstudio.ui.plots.instrument import NO_RUN, Instrument
from gradstudio.ui.plots.marks import CrossHair, Dots
from gradstudio.ui.plots.menu import Choices, plot_menu
from gradstudio.ui.plots.quantities import QUANTITIES, layer_name
from gradstudio.ui.plots.theory import Band, theory_parts

if TYPE_CHECKING:
    from gradstudio.export.figure import Figure

Floats = npt.NDArray[np.float64]


class DepthProfile(Instrument):
    """The value of each layer by its depth, beside the plot over time and at the same heights.

    A reader sees the rate at which the gradient falls or grows on its way to the input: a straight
    slope is the same factor in every layer, and its figure is the decades lost per layer.
    """

    title = "By depth"
    subtitle = "now"
    follows_steps: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__()
        self.x_axis = Axis("layer")
        self.y_axis = Axis("value", log=True)
        self.canvas = Canvas(self.x_axis, self.y_axis, zero_lane=True, right=16)
        self.canvas.setAccessibleName(self.title)
        self._body.addWidget(self.canvas, 1)
        self._name = "delta_rms"
        self._cursor: int | None = None
        self._hovered: int | None = None
        self._now, self._before = Dots(), Dots(filled=False, radius=3.2)
        self._text = CornerWords()
        self._expected: Expected | None = None
        self._cross = CrossHair()
        self.canvas.layers.under.append(Band.empty())
        self.canvas.layers.over += [self._before, self._now, self._text]
        self.canvas.layers.live.append(self._cross)
        self.canvas.hovered.connect(self._hover)
        self.canvas.clicked.connect(self._click)
        self.canvas.pressed.connect(self.pressed)
        self.canvas.focused.connect(lambda: self.canvas.setAccessibleDescription(self.sentence()))
        self.canvas.menu_asked.connect(lambda at: self.menu().popup(at))
        self.y_axis.steered.connect(self.refresh_anew)
        self.add_export_tool()
        self._values: Floats | None = None

    @property
    def values(self) -> Floats | None:
        """What is drawn as "now", shape (L,); None before anything is measured."""
        return self._values

    def link(self, plot: GradientPlot) -> None:
        """Share the y axis, the quantity and the fit of the plot over time."""
        self.y_axis = plot.y_axis
        self.canvas.use_y_axis(plot.y_axis)
        plot.y_axis.steered.connect(self.refresh_anew)
        plot.quantity_changed.connect(self.set_quantity)
        self.set_quantity(plot.quantity)

    def set_recording(self, recording: Recording | None) -> None:
        """Look at another run."""
        if recording is not self._recording:
            self._text.forget_corners()
            self._cursor = self._hovered = None
        super().set_recording(recording)

    def set_quantity(self, name: str) -> None:
        """Show ``delta_rms``, ``weight_grad_norm`` or ``update_ratio``."""
        self._name = name
        self.refresh_anew()

    def set_cursor(self, step: int | None) -> None:
        """Show the profile as it was at `step`; None follows the newest."""
        self._cursor = step
        self.refresh()

    def show_step(self, step: int | None) -> None:
        """Show the profile at the step under the pointer; None goes back to the cursor."""
        self._hovered = step
        self.refresh()

    @property
    def _step(self) -> int | None:
        """The step shown; None for the newest."""
        return self._cursor if self._hovered is None else self._hovered

    def state(self) -> object:
        """Return what the picture depends on."""
        recording = self._recording
        if recording is None:
            return None
        newest = recording.step_count if self._step is None else self._step
        is_live = self._step is None
        return (id(recording), newest, is_live, recording.step_count == 0, self.canvas.size())

    def draw(self) -> None:
        """Draw now, step 0, theory and the words."""
        recording = self._recording
        self.canvas.curves, self.canvas.notice = [], ""
        self._now.xs = self._now.ys = self._before.xs = self._before.ys = ()
        self._words("")
        self._text.curves = ()
        self._values = self._expected = None
        self.canvas.layers.under[0] = Band.empty()
        if recording is None:
            self.canvas.notice = "The gradient by depth appears here with the first network."
        else:
            self._draw_profile(recording)
        self.canvas.redraw()

    def sentence(self) -> str:
        """How fast the quantity falls or grows from output to input."""
        recording = self._recording
        now = None if recording is None else self._profile(recording)
        if recording is None:
            return "Nothing measured yet. Press Space: the gradient by depth appears."
        return depth_sentence(recording, self._name, now)

    def figure(self, palette_name: str = "light") -> Figure:
        """Return the same profile and range as on screen."""
        from gradstudio.export.figures import depth_figure

        if self._recording is None:
            raise ExportError(NO_RUN)
        return depth_figure(
            self._recording,
            self._name,
            step=self._step,
            selected=self._selected,
            y_log=self.y_axis.log,
            y_range=(self.y_axis.low, self.y_axis.high),
            palette_name=palette_name,
        )

    def menu(self) -> QMenu:
        """Return the context menu as it would open now."""
        return plot_menu(self, Choices(y=self.y_axis, fit=self.y_axis.fit))

    def _profile(self, recording: Recording) -> Floats | None:
        """Geometric mean of the 20 steps up to the cursor: the numbers of the diagnosis."""
        end = recording.step_count if self._step is None else self._step + 1
        return profile(recording, self._name, min(end, recording.step_count))

    def _draw_profile(self, recording: Recording) -> None:
        layers = recording.layer_count
        self.x_axis.follow_layers(layers)
        places = np.arange(1, layers + 1, dtype=np.float64)
        colours = self.theme.depth(layers)
        log = self.y_axis.log
        before, now = profile_at_start(recording, self._name), self._profile(recording)
        self._expected = expected_profile(recording, self._name)
        shown = [positions(v, log=log) for v in (before, now) if v is not None]
        if self._expected is not None:
            band, line = theory_parts(self._expected, self.theme, log=log)
            self.canvas.layers.under[0] = band
            self.canvas.curves.append(line)
            shown.append(line.y)
        extent = finite_span(shown)
        if extent is not None:
            self.y_axis.follow(*extent)
        if before is not None:
            y = positions(before, log=log)
            self._before.xs, self._before.ys = places.tolist(), _dots(before, y)
            self._before.colours = colours
            self.canvas.curves.append(
                Curve(places, y, self.theme.color("text3"), opacity=0.6, label="step 0")
            )
        started = recording.step_count > 0
        if now is None:
            self._announce()
            return
        self._values = now
        if started:
            y = positions(now, log=log)
            self._now.xs, self._now.ys = places.tolist(), _dots(now, y)
            self._now.colours = colours
            self._now.ringed = self._selected
            self._now.radius = 3.6 if layers <= 40 else 2.4
            self.canvas.curves.append(
                Curve(places, y, self.theme.color("text2"), opacity=0.7, label="now")
            )
        self._text.curves = [(curve.x, curve.y) for curve in self.canvas.curves]
        self._say(now, before, started)

    def _say(self, now: Floats, before: Floats | None, started: bool) -> None:
        steps = min(self._required_steps(), WINDOW)
        scope = f"mean of {WINDOW} steps" if steps == WINDOW else "step 0"
        if self._step is not None and steps == WINDOW:
            scope = f"to step {count(self._step)} · {scope}"
        self.header.set_subtitle(scope)
        if len(now) < 2:
            self._words("one layer: nothing to compare")
            return
        present = "now" if self._step is None else f"step {count(self._step)}"
        legend: list[tuple[str, Sign]] = [(present, "filled")] if started else []
        legend.append(("step 0", "hollow"))
        if self._expected is not None:
            legend.append((THEORY, "dashed"))
        assert self._recording is not None
        beside = aside(self._recording, self._name, self._expected, before if started else None)
        self._words(headline(now), beside, legend)
        self._text.falls = not decades_per_layer(now) > 0

    def _announce(self) -> None:
        """Say what will be seen here where nothing is measured yet."""
        if self._expected is None or self._recording is None:
            self.canvas.notice = "Press Space: the updates by depth"
            return
        self.header.set_subtitle(NOT_MEASURED)
        self._text.curves = [(curve.x, curve.y) for curve in self.canvas.curves]
        words = aside(self._recording, self._name, self._expected, None)
        self._words(words, NOT_MEASURED, [(THEORY, "dashed")])
        self._text.falls = not self._expected.per_layer > 0

    def _words(self, head: str, beside: str = "", legend: Sequence[tuple[str, Sign]] = ()) -> None:
        self._text.headline, self._text.aside, self._text.legend = head, beside, legend

    def _required_steps(self) -> int:
        assert self._recording is not None
        end = self._recording.step_count
        return end if self._step is None else min(end, self._step + 1)

    def _layer_under(self, at: QPointF) -> int | None:
        if self._recording is None:
            return None
        index = round(self.canvas.frame().x_position(at.x())) - 1
        return index if 0 <= index < self._recording.layer_count else None

    def _hover(self, at: QPointF | None) -> None:
        cross = CrossHair()
        index = None if at is None else self._layer_under(at)
        if index is not None and self._values is not None and self._recording is not None:
            value = float(self._values[index])
            place = float(positions(value, log=self.y_axis.log))
            rows = [(QUANTITIES[self._name].short, figures(value))]
            if index + 1 < len(self._values):
                rows.append(("of the layer above", _factor(value, float(self._values[index + 1]))))
            if self._expected is not None:
                rows.append(("by theory", figures(float(self._expected.middle[index]))))
            cross = CrossHair(
                x=float(index + 1),
                y=place if math.isfinite(place) else None,
                colour=self.theme.depth(self._recording.layer_count)[index],
                title=layer_name(self._recording.labels[index]),
                rows=rows,
            )
        live = self.canvas.layers.live
        live[live.index(self._cross)] = cross
        self._cross = cross
        self.canvas.update()

    def _click(self, at: QPointF) -> None:
        index = self._layer_under(at)
        if index is not None:
            self.layer_clicked.emit(index)


def _dots(values: Floats, places: Floats) -> list[float | None]:
    """Heights of dots: None for the zero lane, NaN (not drawn) for what is not finite."""
    zero = is_zero(values)
    return [None if z else float(y) for y, z in zip(places, zero, strict=True)]


def _factor(value: float, above: float) -> str:
    return "×" + figures(value / above, 2) if above else "–"
