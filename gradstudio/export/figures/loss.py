"""Loss and accuracy over time."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from gradstudio.export.figure import Curve, EndLabel, Figure, Floats, Item, LegendEntry, Rule
from gradstudio.export.figures.common import (
    POINTS,
    SIZE,
    Range,
    divergence_marks,
    run_words,
    scheme,
    step_axis,
    value_axis,
    window,
)
from gradstudio.export.figures.sentences import loss_sentence
from gradstudio.export.series import bin_centres, lines, read_window
from gradstudio.export.tables import loss_table
from gradstudio.export.ticks import positions, smoothed
from gradstudio.nn.losses import LOSSES
from gradstudio.numbers import figures
from gradstudio.palette import Palette
from gradstudio.training.recording import Recording

LOSS_NAMES: Final = {
    "softmax_cross_entropy": "cross-entropy, in nats",
    "binary_cross_entropy": "binary cross-entropy, in nats",
    "sigmoid_mse": "mean squared error of sigmoids",
    "mse": "mean squared error",
    "half_mse": "half squared error, summed over outputs",
    "mae": "mean absolute error",
    "huber": "Huber loss",
}
TEST_DASH: Final = (6.0, 3.5)
RAW_OPACITY: Final = 0.38
DEFAULT_SMOOTHING: Final = 0.95
WARM_UP: Final = 5.0
"""Time constants read before the window, so that a smoothed curve does not start afresh."""


def loss_figure(
    recording: Recording,
    *,
    first: int = 0,
    last: int | None = None,
    y_log: bool = False,
    x_log: bool = False,
    y_range: Range | None = None,
    smoothing: float = DEFAULT_SMOOTHING,
    accuracy: bool = False,
    palette_name: str = "light",
    caption: str | None = None,
) -> Figure:
    """Draw training and test loss, or both accuracies, over the steps ``first`` to ``last``.

    A curve that stays on the dotted line of guessing has learned nothing.

    Parameters
    ----------
    recording
        The run.
    first, last, y_log, x_log, y_range, palette_name, caption
        As in :func:`gradient_figure`.
    smoothing
        Share of the past kept per step in the smoothed training loss, 0 to below 1.
    accuracy
        Draw the shares of right answers, in per cent, instead of the losses.
    """
    first, last = window(recording, first, last)
    palette = scheme(palette_name)
    chart = _Chart(recording, first, last, x_log, y_log, palette)
    if accuracy:
        chart.add_evaluation("train_accuracy", palette.text, (), 1, " %")
        chart.add_evaluation("test_accuracy", palette.class_1, TEST_DASH, 0, " %")
        if recording.class_count:
            guess = 100.0 / recording.class_count
            chart.add_chance(guess, f"1/{recording.class_count} = {figures(guess)} % = chance")
    else:
        chart.add_training(smoothing)
        chart.add_evaluation("test_loss", palette.class_1, TEST_DASH, 0)
        if recording.chance is not None:
            value = recording.chance
            text = LOSSES[recording.setup.training.loss].chance_text(recording.class_count)
            chart.add_chance(value, f"{text} = {figures(value)} = chance")
    return Figure(
        title="Accuracy" if accuracy else "Loss",
        subtitle=_subtitle(recording, accuracy, smoothing),
        x=step_axis(first, last, log=x_log),
        y=value_axis(
            "right answers" if accuracy else "loss",
            chart.data,
            log=y_log,
            within=y_range,
            unit=" %" if accuracy else "",
        ),
        items=(*chart.items, *divergence_marks(recording, log=x_log)),
        legend=(
            LegendEntry("train", palette.text),
            LegendEntry("test", palette.class_1, TEST_DASH),
        ),
        caption=loss_sentence(recording, chart.smooth) if caption is None else caption,
        table=loss_table(recording, first, last),
        size=SIZE,
        palette=palette,
    )


class _Chart:
    """Collects the curves of one window and the positions they cover."""

    def __init__(
        self,
        recording: Recording,
        first: int,
        last: int,
        x_log: bool,
        y_log: bool,
        palette: Palette,
    ) -> None:
        self.items: list[Item] = []
        self.data: list[Floats] = []
        self.smooth: float | None = None
        self._recording = recording
        self._first, self._last = first, last
        self._x_log, self._y_log = x_log, y_log
        self._palette = palette

    def add_training(self, smoothing: float) -> None:
        """Add the loss of every step, pale under its smoothed curve."""
        if self._recording.step_count == 0:
            return
        colour, log = self._palette.text, self._x_log
        lead = math.ceil(WARM_UP / (1.0 - smoothing)) if smoothing > 0.0 else 0
        start = self._first if log else max(self._first - lead, 0)
        views = read_window(self._recording.history, "loss", start, self._last, POINTS, log=log)
        raw = lines(views, x_log=log, y_log=self._y_log)
        y = raw.y[:, 0]
        opacity = RAW_OPACITY if smoothing > 0.0 else 1.0
        self.items.append(Curve(raw.x, y, colour, "train each step", width=1.0, opacity=opacity))
        low = step_axis(self._first, self._last, log=log).low
        self.data.append(y[raw.x >= low])
        if smoothing > 0.0:
            mean = np.concatenate([view.mean[:, 0] for view in views])
            smooth = smoothed(mean, smoothing, views[-1].stride)
            known = smooth[np.isfinite(smooth)]
            self.smooth = float(known[-1]) if len(known) else None
            y = positions(smooth, log=self._y_log)
            x = np.concatenate([bin_centres(view, log=log) for view in views])
            self.items.append(Curve(x, y, colour, "train", width=2.0))
        self._name(y, colour, 1, "")

    def add_evaluation(
        self, name: str, colour: str, dash: tuple[float, ...], priority: int, unit: str = ""
    ) -> None:
        """Add a series of the evaluations; accuracies, with a unit, in per cent."""
        history = self._recording.evaluations
        start = max(self._first - history.interval, 0)
        view = history.read(name, start, self._last + 1, points=POINTS)
        if not len(view):
            return
        scale = 100.0 if unit else 1.0
        y = positions(view.mean[:, 0] * scale, log=self._y_log)
        x = bin_centres(view, history.interval, log=self._x_log)
        self.items.append(Curve(x, y, colour, name.replace("_", " "), dash, width=1.8))
        self.data.append(y)
        self._name(y, colour, priority, unit)

    def add_chance(self, value: float, label: str) -> None:
        """Add the dotted line of guessing."""
        place = float(positions(value, log=self._y_log))
        self.items.insert(0, Rule("horizontal", place, self._palette.text3, (1.5, 3.0), label))
        self.data.append(np.array([place]))

    def _name(self, places: Floats, colour: str, priority: int, unit: str) -> None:
        known = places[np.isfinite(places)]
        if len(known):
            end = float(known[-1])
            value = 10.0**end if self._y_log else end
            text = figures(value) + unit
            self.items.append(EndLabel(end, text, colour, priority=priority))


def _subtitle(recording: Recording, accuracy: bool, smoothing: float) -> str:
    if accuracy:
        return f"share of right answers, in per cent · {run_words(recording)}"
    name = LOSS_NAMES[recording.setup.training.loss]
    smoothed_too = f" and smoothed with {smoothing:g}" if smoothing > 0.0 else ""
    return f"{name}, each step{smoothed_too} · {run_words(recording)}"
