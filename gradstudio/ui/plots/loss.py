"""The loss and the accuracy over time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor

from gradstudio.errors import ExportError
from gradstudio.export.figures.loss import (
    DEFAULT_SMOOTHING,
    LOSS_NAMES,
    RAW_OPACITY,
    TEST_DASH,
    WARM_UP,
)
from gradstudio.export.figures.sentences import loss_sentence
from gradstudio.export.series import bin_centres, lines
from gradstudio.export.ticks import positions, smoothed
from gradstudio.nn.losses import LOSSES
from gradstudio.numbers import figures, scientific
from gradstudio.training.history import History
from gradstudio.training.recording import Recording
from gradstudio.ui.plots.axis import Axis
from gradstudio.ui.plots.canvas import Curve
from gradstudio.ui.plots.decorations import EdgeLabel, EdgeLabels, Rule
from gradstudio.ui.plots.instrument import NO_RUN
from gradstudio.ui.plots.legend import Entry, Legend
from gradstudio.ui.plots.marks import CrossHair, Mark
from gradstudio.ui.plots.menu import Choices
from gradstudio.ui.plots.reader import WindowReader
from gradstudio.ui.plots.stepplot import RIGHT_MARGIN, StepPlot
from gradstudio.ui.widgets import PART_BREAK, Segmented

if TYPE_CHECKING:
    from gradstudio.export.figure import Figure

Floats = npt.NDArray[np.float64]


class LossPlot(StepPlot):
    """Training loss, raw and smoothed, with test loss and the loss of guessing.

    A reader sees whether anything is learned at all (below the dotted line of chance), how fast,
    and whether training and test part ways.
    """

    title = "Loss"
    subtitle = "cross-entropy"

    def __init__(self) -> None:
        super().__init__(Axis("value"), zero_lane=True, right=RIGHT_MARGIN)
        self._smoothing = DEFAULT_SMOOTHING
        self._shows_accuracy = False
        self.switch = Segmented(
            [
                ("loss", "loss", "Training loss of each step, test loss every 10 steps"),
                ("accuracy", "accuracy", "Share of samples that are right, every 10 steps"),
            ],
            "Curve",
        )
        self.switch.chosen.connect(self.set_curve)
        self.header.add_widget(
            Legend([Entry("train", "text"), Entry("test", "class_1", (3.0, 2.2))])
        )
        self.header.add_widget(self.switch)
        self.add_export_tool()
        self._reader = WindowReader()
        self._labels = EdgeLabels(order=(0, 1))
        self._chance = Rule(colour="text3", pattern=(1, 3))
        self.canvas.layers.over[:0] = [self._labels, self._chance]

    @property
    def smoothing(self) -> float:
        """Share of the past kept per step in the smoothed training loss."""
        return self._smoothing

    def set_smoothing(self, weight: float) -> None:
        """Smooth more or less, 0 to 0.99."""
        self._smoothing = min(max(weight, 0.0), 0.99)
        self.refresh_anew()

    @property
    def curve(self) -> str:
        """What is shown: ``loss`` or ``accuracy``."""
        return "accuracy" if self._shows_accuracy else "loss"

    def set_curve(self, key: str) -> None:
        """Show ``loss`` or ``accuracy``."""
        if key == self.curve:
            return
        self._shows_accuracy = key == "accuracy"
        self.switch.choose(key)
        self.y_axis.set_log(False)
        self.y_axis.unit = " %" if self._shows_accuracy else ""
        self.y_axis.clear()
        self.refresh_anew()

    def set_recording(self, recording: Recording | None) -> None:
        """Look at another run; a regression has no accuracy."""
        has_classes = recording is None or recording.class_count > 0
        self.switch.setVisible(has_classes)
        if not has_classes:
            self.set_curve("loss")
        super().set_recording(recording)

    def draw(self) -> None:
        """Read the window and draw its curves."""
        recording = self._recording
        self.canvas.curves, self.canvas.notice = [], ""
        self._labels.labels, self._marks.marks = {}, []
        self._chance.position = None
        if recording is not None:
            loss = LOSS_NAMES[recording.setup.training.loss]
            parts = loss.replace(", ", PART_BREAK)
            self.header.set_subtitle("% right" if self._shows_accuracy else parts)
        if recording is None or recording.step_count == 0:
            self.canvas.notice = "Press Space: the loss of every step"
        elif self._shows_accuracy:
            self._draw_accuracy(recording)
        else:
            self._draw_loss(recording)
        self.canvas.redraw()

    def sentence(self) -> str:
        """Training and test loss, whether they move, and chance."""
        recording = self._recording
        newest = None if recording is None else recording.history.latest("loss")
        if recording is None or newest is None:
            return "No loss yet. Press Space: the loss of every step appears."
        return loss_sentence(recording)

    def figure(self, palette_name: str = "light") -> Figure:
        """Return the same window, scale and smoothing as on screen."""
        from gradstudio.export.figures import loss_figure

        if self._recording is None:
            raise ExportError(NO_RUN)
        first, last = self.visible_steps()
        return loss_figure(
            self._recording,
            first=first,
            last=last,
            y_log=self.y_axis.log,
            x_log=self.x_axis.log,
            y_range=(self.y_axis.low, self.y_axis.high),
            smoothing=self._smoothing,
            accuracy=self._shows_accuracy,
            palette_name=palette_name,
        )

    def choices(self) -> Choices:
        """Return what the context menu offers."""
        return Choices(
            x=self.x_axis,
            y=None if self._shows_accuracy else self.y_axis,
            last_steps=self._last_steps,
            set_last_steps=self.set_last_steps,
            smoothing=self._smoothing,
            set_smoothing=None if self._shows_accuracy else self.set_smoothing,
            fit=self.canvas.fit,
        )

    def curve_at(self, at: QPointF) -> int | None:
        """No curve here belongs to a layer."""
        return None

    def readout(self, step: int, at: QPointF) -> CrossHair:
        """Loss, test loss and accuracy of one step."""
        assert self._recording is not None
        moment = self._recording.history.at("loss", step)
        loss = float(moment.mean[0])
        rows = [("train loss", figures(loss))]
        if len(moment.steps) > 1:
            low, high = figures(float(moment.low[0])), figures(float(moment.high[0]))
            rows.append((f"of {len(moment.steps):,} steps", f"{low} – {high}"))
        shown = loss
        evaluations = self._recording.evaluations
        row = min(step // evaluations.interval, len(evaluations) - 1)
        if row >= 0:
            at_step = row * evaluations.interval
            for name, text in (("test_loss", "test loss"), ("test_accuracy", "test accuracy")):
                value = float(evaluations.at(name, at_step).mean[0])
                if math.isfinite(value):
                    is_share = name == "test_accuracy"
                    rows.append((text, f"{figures(100 * value)} %" if is_share else figures(value)))
                    shown = 100 * value if is_share and self._shows_accuracy else shown
        place = float(positions(shown, log=self.y_axis.log))
        return CrossHair(
            x=self.position_of(step),
            y=place if math.isfinite(place) else None,
            colour=self.theme.color("text"),
            title=f"Step {step:,}",
            rows=rows,
        )

    def _draw_loss(self, recording: Recording) -> None:
        first, last = self.visible_steps()
        pixels, log_x, log_y = self.canvas.plot_pixels(), self.x_axis.log, self.y_axis.log
        lead = math.ceil(WARM_UP / (1.0 - self._smoothing))
        start = first if log_x else max(first - lead, 0)
        views = self._reader.read(recording.history, "loss", start, last, pixels, log=log_x)
        raw = lines(views, x_log=log_x, y_log=log_y)
        text = self.theme.color("text")
        smooth_x = np.concatenate([bin_centres(v, log=log_x) for v in views])
        smooth = self._smooth(np.concatenate([v.mean[:, 0] for v in views]), views[-1].stride)
        place = positions(smooth, log=log_y)
        is_smoothed = self._smoothing > 0.0
        opacity = RAW_OPACITY if is_smoothed else 1.0
        self.canvas.curves = [
            Curve(raw.x, raw.y[:, 0], text, opacity=opacity, label="train, each step")
        ]
        if is_smoothed:
            self.canvas.curves.append(Curve(smooth_x, place, text, width=2, label="train"))
        self._label(0, place, text, log_y)
        extents = [raw.y[raw.x >= self.x_axis.low, 0]]
        extents.append(self._add_evaluation("test_loss", 1, "class_1", TEST_DASH))
        loss, classes = LOSSES[recording.setup.training.loss], recording.class_count
        self._show_chance(recording.chance, loss.chance_text(classes) if classes else "", extents)
        self._follow(extents)
        self._marks.marks = self.divergence_marks() or self._loss_marks(raw.centres, raw.bad[:, 0])

    def _draw_accuracy(self, recording: Recording) -> None:
        extents = [
            self._add_evaluation("train_accuracy", 0, "text", (), scale=100.0),
            self._add_evaluation("test_accuracy", 1, "class_1", TEST_DASH, scale=100.0),
        ]
        guess = 100.0 / recording.class_count if recording.class_count else None
        self._show_chance(guess, f"1/{recording.class_count}", extents, " %")
        self._follow(extents)
        self._marks.marks = self.divergence_marks()

    def _smooth(self, values: Floats, stride: int) -> Floats:
        return smoothed(values, self._smoothing, stride)

    def _add_evaluation(
        self, name: str, index: int, role: str, dash: tuple[float, ...], scale: float = 1.0
    ) -> Floats:
        """Draw one series of the evaluations; returns the positions drawn."""
        assert self._recording is not None
        history: History = self._recording.evaluations
        first, last = self.visible_steps()
        start = max(first - history.interval, 0)
        view = history.read(name, start, last + 1, points=self.canvas.plot_pixels())
        if not len(view):
            return np.empty(0)
        x = bin_centres(view, history.interval, log=self.x_axis.log)
        y = positions(view.mean[:, 0] * scale, log=self.y_axis.log)
        colour = self.theme.color(role)
        self.canvas.curves.append(Curve(x, y, colour, pattern=dash, label=name.replace("_", " ")))
        self._label(index, y, colour, self.y_axis.log, " %" if scale != 1.0 else "")
        return y

    def _label(self, index: int, places: Floats, colour: QColor, log: bool, unit: str = "") -> None:
        known = places[np.isfinite(places)]
        if len(known):
            end = float(known[-1])
            value = 10.0**end if log else end
            self._labels.labels[index] = EdgeLabel(end, _short(value) + unit, colour)

    def _show_chance(
        self, value: float | None, formula: str, extents: list[Floats], unit: str = ""
    ) -> None:
        """Show the dotted line of guessing; the range includes it."""
        if value is None:
            return
        self._chance.position = float(positions(value, log=self.y_axis.log))
        self._chance.text = f"{formula} = {figures(value)}{unit} = chance"
        extents.append(np.array([self._chance.position]))

    def _follow(self, extents: list[Floats]) -> None:
        known = np.concatenate(extents)
        known = known[np.isfinite(known)]
        if len(known):
            self.y_axis.follow(float(known.min()), float(known.max()))

    def _loss_marks(self, centres: Floats, bad: npt.NDArray[np.bool_]) -> list[Mark]:
        found = np.flatnonzero(bad)
        if not len(found):
            return []
        position = float(centres[found[0]])
        return [Mark(position, f"step {self.step_at(position):,}: loss not finite")]


def _short(value: float) -> str:
    """Write a value so that it has room beside the plot."""
    return figures(value) if 1e-3 <= abs(value) < 1e4 or value == 0 else scientific(value)
