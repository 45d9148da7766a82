"""What all instruments share: header, recording, selection, refresh."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, ClassVar, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent, QShowEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QVBoxLayout, QWidget

from gradstudio.training.reading import Reading
from gradstudio.training.recording import Recording
from gradstudio.ui.theme import Theme, current_theme, theme_notifier
from gradstudio.ui.widgets import IconButton, PanelHeader

if TYPE_CHECKING:
    from gradstudio.export.figure import Figure

NO_RUN: Final = "There is no run yet, so there is nothing to export. Press Space first."
_NEVER: Final = object()
"""The state of a picture that has to be drawn whatever the run is."""


class Place(Enum):
    """Where an instrument is."""

    FIXED = "fixed"
    """Where it was built into; it cannot be moved."""
    SHELF = "shelf"
    """On the page, beside others."""
    ENLARGED = "enlarged"
    """On the page, alone."""
    WINDOW = "window"
    """In a window of its own."""


class Instrument(QWidget):
    """One picture of a run with its header.

    An instrument is told what to look at (:meth:`set_recording`) and when to look again
    (:meth:`refresh`, as often as one likes: nothing happens while it is hidden or when nothing
    has changed). It answers with what it shows, as a sentence and as a figure for export.
    """

    layer_clicked = Signal(int)
    """Index of the layer clicked, the output layer being the last."""
    export_requested = Signal(str)
    """A person asked for ``png``, ``svg``, ``pdf``, ``csv`` or for ``copy_sentence``,
    ``copy_image``, ``copy_data``."""
    pressed = Signal()
    """The mouse was pressed somewhere in the instrument."""
    focus_asked = Signal()
    """A person wants all the room for this instrument, or the other ones back."""
    hide_asked = Signal()
    """A person wants to see it no more."""
    window_asked = Signal()
    """A person wants it in a window of its own, or back on the page."""
    step_hovered = Signal(object)
    """The step under the pointer, or None when it has left."""

    shown = Signal()
    """The instrument has become visible."""

    title = ""
    subtitle = ""
    probes: frozenset[str] = frozenset()
    """Names of the probes it draws now; they are measured while it is visible."""
    follows_steps: ClassVar[bool] = False
    """Whether it can show an earlier step from the history; the others show the newest alone."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName(type(self).__name__)
        self.setAccessibleName(self.title)
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.header = PanelHeader(self.title, self.subtitle)
        self.setMinimumWidth(200)
        self._body = QVBoxLayout(self)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(0)
        self._body.addWidget(self.header)
        self._recording: Recording | None = None
        self._reading: Reading | None = None
        self._first_reading: Reading | None = None
        self._selected: int | None = None
        self._drawn: object = _NEVER
        self.by_turns = False
        """Whether somebody else draws it when its turn has come, and it need not do so itself."""
        self.place = Place.FIXED
        theme_notifier().changed.connect(self.apply_theme)

    @property
    def recording(self) -> Recording | None:
        """The run looked at."""
        return self._recording

    @property
    def reading(self) -> Reading | None:
        """What the probes measured last, if that was all that is drawn here."""
        reading = self._reading
        return reading if reading is not None and reading.covers(self.probes) else None

    @property
    def first_reading(self) -> Reading | None:
        """What they measured at the starting weights, likewise."""
        first = self._first_reading
        return first if first is not None and first.covers(self.probes) else None

    @property
    def selected(self) -> int | None:
        """Index of the selected layer."""
        return self._selected

    @property
    def theme(self) -> Theme:
        """The scheme in force."""
        return current_theme()

    def set_recording(self, recording: Recording | None) -> None:
        """Look at another run."""
        self._recording = recording
        self.refresh_anew()

    def set_reading(self, reading: Reading | None, first: Reading | None) -> None:
        """Look at what probes measured, now and at the start; None where nothing was measured."""
        self._reading, self._first_reading = reading, first
        if self.probes:
            self.refresh_in_turn()

    def select_layer(self, index: int | None) -> None:
        """Bring one layer out, or none."""
        if index != self._selected:
            self._selected = index
            self.refresh_anew()

    def set_cursor(self, step: int | None) -> None:
        """Show `step`; None is the newest. What cannot go back says that it shows the present."""
        self.header.set_mark("" if step is None or self.follows_steps else "now")

    def show_step(self, step: int | None) -> None:
        """Show what is known of the step under the pointer in another plot; None ends it."""

    def step_span(self) -> tuple[float, float] | None:
        """Ends of the step axis in pixels from the left of the instrument; None without one."""
        return None

    def describe(self) -> None:
        """Have a screen reader say what the picture says now."""
        text = self.sentence()
        self.setAccessibleDescription(text)
        view = self._view()
        if view is not None:
            view.setAccessibleDescription(text)

    def add_export_tool(self) -> IconButton:
        """Put into the header what opens the menu; last, after the controls of the instrument."""
        header = self.header
        return header.add_tool(
            "ph.export",
            "Export or copy this plot",
            lambda: self.menu().popup(header.mapToGlobal(header.rect().bottomRight())),
        )

    def menu(self) -> QMenu:
        """Return the context menu as it would open now."""
        raise NotImplementedError

    def take_focus(self) -> None:
        """Take the keyboard focus, as after a key that asks for this instrument."""
        view = self._view()
        if view is not None:
            view.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _view(self) -> QWidget | None:
        """The part of the instrument that has the keyboard focus."""
        for child in self.findChildren(QWidget):
            is_strong = child.focusPolicy() == Qt.FocusPolicy.StrongFocus
            if is_strong and not self.header.isAncestorOf(child):
                return child
        return None

    def apply_theme(self) -> None:
        """Take on the colours of the scheme in force."""
        self.refresh_anew()

    @property
    def is_due(self) -> bool:
        """Whether there is something new to draw, and somebody to see it."""
        return self.isVisible() and self.state() != self._drawn

    def refresh(self) -> None:
        """Draw what is new; cheap when nothing is, free when hidden."""
        if not self.isVisible():
            return
        state = self.state()
        if state != self._drawn:
            self._drawn = state
            self.draw()

    def refresh_in_turn(self) -> None:
        """Draw what is new, unless somebody else says when."""
        if not self.by_turns:
            self.refresh()

    def refresh_anew(self) -> None:
        """Draw everything again, now or as soon as it is visible."""
        self._drawn = _NEVER
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while hidden."""
        super().showEvent(event)
        self.shown.emit()
        self.refresh()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell that a person turned to this instrument."""
        self.pressed.emit()
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for the whole middle by a double-click on the header."""
        if event.position().y() <= self.header.geometry().bottom():
            self.pressed.emit()
            self.focus_asked.emit()

    def state(self) -> object:
        """Return what the picture depends on; an equal state needs no new picture."""
        recording = self._recording
        if recording is None:
            return None
        readings = (id(self.reading), id(self.first_reading)) if self.probes else ()
        return (id(recording), recording.step_count, *readings)

    def draw(self) -> None:
        """Draw the picture of the present state."""
        raise NotImplementedError

    def sentence(self) -> str:
        """Say what the picture says, for a screen reader, the status bar and the clipboard."""
        raise NotImplementedError

    def figure(self, palette_name: str = "light") -> Figure:
        """Return what the screen shows, as a description for export."""
        raise NotImplementedError
