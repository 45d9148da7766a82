"""The slider that says which step "now" means, with its track under the step axes."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractSlider, QToolButton, QWidget

from gradstudio.numbers import count
from gradstudio.training.recording import Recording
from gradstudio.ui.actions import tooltip
from gradstudio.ui.plots.stepplot import StepPlot
from gradstudio.ui.theme import current_theme, font
from gradstudio.ui.widgets import FittingLabel

BAR_HEIGHT: Final = 27
HANDLE: Final = 5.5
"""Radius of the handle, in pixels."""
REST: Final = 12
"""Pixels that the slider is wider than its track, on each side."""
NOTCHES: Final = 100
"""Turns of the wheel from one end of the history to the other."""
PILL_WIDTH: Final = 44
LEAST_WORDS: Final = 120
"""Pixels that the words beside the pill need."""


class TimeSlider(QAbstractSlider):
    """A slider over the recorded steps whose track is the step axis of the plots above it.

    Where the axis shows a part of the run, so does the track: a handle outside of it stands at
    the end as a triangle. Keys and wheel reach every step all the same.
    """

    chosen = Signal(int)
    """A person moved the handle to this step."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("time_slider")
        self.setAccessibleName("Step looked at")
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(
            "Drag to look at an earlier step.  (Arrow keys, Page up, Page down, Home, End)"
        )
        self.plot: StepPlot | None = None
        self.is_live = True
        self.caption = ""
        """Painted beside the handle, where it has no other place."""
        self._painted: tuple[object, ...] = ()
        self.actionTriggered.connect(lambda _: self.chosen.emit(self.sliderPosition()))

    def show_step(self, step: int, newest: int, *, is_live: bool) -> None:
        """Show the handle at `step` of 0 to `newest`, telling nobody."""
        self.is_live = is_live
        self.blockSignals(True)
        self.setRange(0, newest)
        self.setPageStep(max(newest // 10, 1))
        self.setValue(step)
        self.blockSignals(False)
        self._refresh()

    def set_caption(self, text: str) -> None:
        """Write something beside the handle."""
        self.caption = text
        self._refresh()

    def handle_x(self) -> float:
        """Middle of the handle, in pixels from the left; beyond the track where it is outside."""
        return REST + self._share_of(self.value()) * (self.width() - 2 * REST)

    def step_under(self, x: float) -> int:
        """Return the recorded step under a pixel from the left."""
        share = (x - REST) / max(self.width() - 2 * REST, 1)
        share = min(max(share, 0.0), 1.0)
        if self.plot is None:
            return round(share * self.maximum())
        axis = self.plot.x_axis
        return self.plot.step_at(axis.low + share * axis.span)

    def sliderChange(self, change: QAbstractSlider.SliderChange) -> None:
        """Paint only when something seen has changed: the range grows with every frame."""
        self._refresh()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the handle to the pointer."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self.step_under(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the handle."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.chosen.emit(self.step_under(event.position().x()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Go on a hundredth of the history with each notch, back with each notch down."""
        notches = (event.angleDelta().y() or event.angleDelta().x()) / 120.0
        if notches:
            step = max(round(self.maximum() / NOTCHES), 1) * notches
            step = math.copysign(math.ceil(abs(step)), step)
            self.chosen.emit(min(max(self.value() + int(step), 0), self.maximum()))
        event.accept()

    def sizeHint(self) -> QSize:
        """As high as the bar."""
        return QSize(200, BAR_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint track, the part up to the handle, and the handle."""
        theme, painter = current_theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, right, y = float(REST), float(self.width() - REST), self.height() / 2
        x = min(max(self.handle_x(), left), right)
        painter.setPen(Qt.PenStyle.NoPen)
        for colour, end in (("bg3", right), ("accent", x)):
            painter.setBrush(theme.color(colour))
            painter.drawRoundedRect(QRectF(left, y - 1.5, end - left, 3), 1.5, 1.5)
        if self.hasFocus():
            painter.setBrush(theme.color("accent", 0.3))
            painter.drawEllipse(QPointF(x, y), HANDLE + 3.5, HANDLE + 3.5)
        self._paint_handle(painter, x, y)
        painter.end()

    def _paint_handle(self, painter: QPainter, x: float, y: float) -> None:
        theme = current_theme()
        painter.setPen(QPen(theme.color("accent"), 2))
        painter.setBrush(theme.color("accent" if self.is_live else "bg1"))
        beyond = self._beyond()
        if beyond:
            tip = x + beyond * HANDLE
            back = x - beyond * HANDLE
            painter.drawPolygon([QPointF(tip, y), QPointF(back, y - 6), QPointF(back, y + 6)])
        else:
            painter.drawEllipse(QPointF(x, y), HANDLE, HANDLE)
            if not self.is_live:
                painter.drawLine(QLineF(x, 0, x, y - HANDLE))
        if self.caption:
            self._paint_caption(painter, x)

    def _paint_caption(self, painter: QPainter, x: float) -> None:
        theme = current_theme()
        painter.setFont(font(11))
        width = painter.fontMetrics().horizontalAdvance(self.caption) + 12
        fits = x + 2 * HANDLE + width <= self.width()
        left = x + 2 * HANDLE if fits else x - 2 * HANDLE - width
        place = QRectF(left, 0, width, self.height())
        painter.fillRect(place, theme.color("bg1"))
        painter.setPen(theme.color("text3"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, self.caption)

    def _beyond(self) -> int:
        """-1 where the handle is left of the track, 1 where it is right of it, else 0."""
        if self.is_live and (self.plot is None or self.plot.x_axis.automatic):
            return 0  # the axis is a frame behind the newest step
        share = self._share_of(self.value())
        return -1 if share < -1e-6 else int(share > 1.0 + 1e-6)

    def _share_of(self, step: int) -> float:
        """Where a step lies on the track, 0 to 1."""
        if self.plot is None:
            return step / max(self.maximum(), 1)
        axis = self.plot.x_axis
        return (self.plot.position_of(step) - axis.low) / axis.span

    def _refresh(self) -> None:
        seen = (round(2 * self.handle_x()), self._beyond(), self.is_live, self.caption)
        if seen != self._painted:
            self._painted = seen
            self.update()


class TimeBar(QWidget):
    """The slider with its pill: LIVE pins the cursor to the newest step."""

    chosen = Signal(int)
    """A person chose this step."""
    live_asked = Signal()
    """A person wants the newest step."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self.setFixedHeight(BAR_HEIGHT)
        self.slider = TimeSlider()
        self.slider.setParent(self)
        self.slider.chosen.connect(self.chosen)
        self.pill = QToolButton(self)
        self.pill.setObjectName("live_pill")
        self.pill.setProperty("role", "live")
        self.pill.setText("LIVE")
        self.pill.setToolTip(tooltip("live"))
        self.pill.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.pill.setCursor(Qt.CursorShape.PointingHandCursor)
        self.pill.clicked.connect(self.live_asked)
        self._words = FittingLabel("", "caption")
        self._words.setParent(self)
        self._span = (42.0, 400.0)
        self.show_step(None, None)

    def words(self) -> str:
        """What stands beside the pill."""
        return self._words.text()

    def align(self, plot: StepPlot | None, left: float, right: float) -> None:
        """Lay the track from `left` to `right`, in pixels; `plot` has the step axis above it."""
        self.slider.plot = plot
        self._span = (left, right)
        self._lay_out()

    def show_step(self, cursor: int | None, recording: Recording | None) -> None:
        """Show the step looked at; None is the newest."""
        newest = 0 if recording is None else max(recording.step_count - 1, 0)
        is_live = cursor is None
        self.slider.setEnabled(newest > 0)
        self.slider.show_step(newest if cursor is None else cursor, newest, is_live=is_live)
        if self.pill.property("lit") != is_live:
            self.pill.setProperty("lit", is_live)
            self.pill.setAccessibleName("Newest step shown" if is_live else "Show the newest step")
            self.pill.style().unpolish(self.pill)
            self.pill.style().polish(self.pill)
        self._words.setText(step_words(cursor, recording))
        self._show_caption()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out anew."""
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        left, right = (round(end) for end in self._span)
        self.slider.setGeometry(left - REST, 0, right - left + 2 * REST, BAR_HEIGHT)
        pill = right + REST + 3
        self.pill.setGeometry(pill, 4, PILL_WIDTH, BAR_HEIGHT - 8)
        words = pill + PILL_WIDTH + 14
        self._words.setGeometry(words, 0, max(self.width() - words - 12, 0), BAR_HEIGHT)
        self._show_caption()

    def _show_caption(self) -> None:
        """Have the words beside the handle where the pill leaves no room for them."""
        has_room = self._words.width() >= LEAST_WORDS
        self.slider.set_caption("" if has_room or self.slider.is_live else self._words.text())


def step_words(cursor: int | None, recording: Recording | None) -> str:
    """Say which step is looked at and whether it is kept alone or as a mean with others."""
    if recording is None or recording.step_count == 0:
        return "no step yet"
    steps = recording.history.at("loss", cursor or 0).steps
    if cursor is None:
        if len(steps) == 1:
            return "history: every step"
        return f"history: means of {count(len(steps))} steps before the latest"
    text = f"step {count(cursor)} of {count(recording.step_count)}"
    return text if len(steps) == 1 else f"{text} · mean of {count(len(steps))} steps"
