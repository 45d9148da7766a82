"""What the plots over time share: the step axis, its window, the cross-hair and the menu."""

from __future__ import annotations

import math
from typing import ClassVar

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QMenu

from gradstudio.training.recording import Recording
from gradstudio.ui.plots.axis import Axis
from gradstudio.ui.plots.canvas import Canvas
from gradstudio.ui.plots.decorations import Rule
from gradstudio.ui.plots.instrument import Instrument
from gradstudio.ui.plots.marks import CrossHair, Mark, Marks
from gradstudio.ui.plots.menu import Choices, plot_menu

RIGHT_MARGIN = 64
"""Room for labels right of the plots over time: the same in all, so that their steps align."""


class StepPlot(Instrument):
    """An instrument with a step axis."""

    follows_steps: ClassVar[bool] = True

    def __init__(self, y_axis: Axis, *, zero_lane: bool, right: int) -> None:
        super().__init__()
        self.x_axis = Axis("step")
        self.y_axis = y_axis
        self.canvas = Canvas(self.x_axis, y_axis, zero_lane=zero_lane, right=right)
        self.canvas.setAccessibleName(self.title)
        self._body.addWidget(self.canvas, 1)
        self._last_steps: int | None = None
        self._cross = CrossHair()
        self._cursor_step: int | None = None
        self._cursor = Rule(vertical=True, colour="accent", pattern=(4, 3))
        self._marks = Marks()
        self.canvas.layers.over.append(self._marks)
        self.canvas.layers.live += [self._cursor, self._cross]
        self.canvas.hovered.connect(self._hover)
        self.canvas.clicked.connect(self._click)
        self.canvas.pressed.connect(self.pressed)
        self.canvas.focused.connect(self._describe)
        self.canvas.menu_asked.connect(lambda at: self.menu().popup(at))
        self.x_axis.steered.connect(self.refresh_anew)
        self.x_axis.steered.connect(self._place_cursor)
        self.y_axis.steered.connect(self.refresh_anew)

    @property
    def last_steps(self) -> int | None:
        """Number of newest steps shown; None for all."""
        return self._last_steps

    def set_last_steps(self, steps: int | None) -> None:
        """Show only the newest `steps`, or all with None; both axes follow the data again."""
        self._last_steps = steps
        self.canvas.fit()

    def set_recording(self, recording: Recording | None) -> None:
        """Look at another run: both axes start anew."""
        if recording is not self._recording:
            self.x_axis.clear()
            self.y_axis.clear()
            self.set_cursor(None)
            self._show_cross(CrossHair())
        super().set_recording(recording)

    def set_cursor(self, step: int | None) -> None:
        """Mark the step that the plots of the present show; None when that is the newest."""
        self._cursor_step = step
        self._place_cursor()

    def show_step(self, step: int | None) -> None:
        """Show the cross-hair of another plot at `step`, without numbers."""
        self._show_cross(CrossHair(x=None if step is None else self.position_of(step)))
        self.canvas.update()

    def position_of(self, step: int) -> float:
        """Position of a step on the step axis."""
        return math.log10(max(step, 0.5)) if self.x_axis.log else float(step)

    def step_at(self, position: float) -> int:
        """Return the recorded step nearest to a position on the step axis."""
        step = 10.0**position if self.x_axis.log else position
        return min(max(round(step), 0), max(self._step_count() - 1, 0))

    def visible_steps(self) -> tuple[int, int]:
        """First and last recorded step of the window; moves an automatic axis to them."""
        newest = max(self._step_count() - 1, 0)
        first = 0 if self._last_steps is None else max(newest + 1 - self._last_steps, 0)
        self.x_axis.follow_steps(first, newest)
        if self.x_axis.automatic:
            return first, newest
        low, high = self.x_axis.low, self.x_axis.high
        if self.x_axis.log:
            low, high = 10.0 ** min(low, 12.0), 10.0 ** min(high, 12.0)
        start = min(max(math.floor(low), 0), newest)
        return start, min(max(math.ceil(high), start), newest)

    def step_span(self) -> tuple[float, float] | None:
        """Ends of the step axis in pixels from the left of the instrument."""
        area = self.canvas.frame().area
        return self.canvas.x() + area.left(), self.canvas.x() + area.right()

    def take_window(self, other: StepPlot) -> None:
        """Show the steps that another plot shows, on the same scale."""
        self._last_steps = other.last_steps
        self.x_axis.set_log(other.x_axis.log)
        if other.x_axis.automatic:
            self.x_axis.fit()
        else:
            self.x_axis.show(other.x_axis.low, other.x_axis.high)

    def state(self) -> object:
        """Return what the picture depends on."""
        recording = self._recording
        if recording is None:
            return None
        return (id(recording), recording.step_count, recording.divergence, self.canvas.size())

    def menu(self) -> QMenu:
        """Return the context menu as it would open now."""
        return plot_menu(self, self.choices())

    def choices(self) -> Choices:
        """Return what the context menu offers."""
        return Choices(
            x=self.x_axis,
            y=self.y_axis,
            last_steps=self._last_steps,
            set_last_steps=self.set_last_steps,
            fit=self.canvas.fit,
        )

    def readout(self, step: int, at: QPointF) -> CrossHair:
        """Return the cross-hair with the numbers of one step, for a pointer at a pixel position."""
        raise NotImplementedError

    def curve_at(self, at: QPointF) -> int | None:
        """Index of the curve nearest to a pixel position; None when none is near."""
        raise NotImplementedError

    def divergence_marks(self) -> list[Mark]:
        """Return the mark of the first non-finite value of the run."""
        found = None if self._recording is None else self._recording.divergence
        if found is None:
            return []
        layer = "output layer" if found.layer_label == "out" else f"layer {found.layer_label}"
        brief = f"step {found.step:,}: not finite"
        words = [brief, layer, found.operation]
        if found.unit is not None:
            words.append(f"unit {found.unit + 1:,}")
        if found.sample is not None:
            words.append(f"sample {found.sample + 1:,}")
        return [Mark(self.position_of(found.step), ", ".join(words), brief)]

    def _step_count(self) -> int:
        return 0 if self._recording is None else self._recording.step_count

    def _hover(self, at: QPointF | None) -> None:
        step: int | None = None
        cross = CrossHair()
        if at is not None and self._step_count() > 0:
            frame = self.canvas.frame()
            if frame.whole.contains(at):
                step = self.step_at(frame.x_position(at.x()))
                cross = self.readout(step, at)
        self._show_cross(cross)
        self.canvas.update()
        self.step_hovered.emit(step)

    def _place_cursor(self) -> None:
        step = self._cursor_step
        position = None if step is None else self.position_of(step)
        if position != self._cursor.position:
            self._cursor.position = position
            self.canvas.update()

    def _show_cross(self, cross: CrossHair) -> None:
        live = self.canvas.layers.live
        live[live.index(self._cross)] = cross
        self._cross = cross

    def _click(self, at: QPointF) -> None:
        index = self.curve_at(at)
        if index is not None:
            self.layer_clicked.emit(index)

    def _describe(self) -> None:
        self.canvas.setAccessibleDescription(self.sentence())
