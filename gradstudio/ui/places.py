"""Where the instruments are: shown or hidden, enlarged, in windows; and which step they show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QPoint, QSettings

from gradstudio.training.recording import Recording
from gradstudio.ui.actions import INSTRUMENTS
from gradstudio.ui.arrangement import first_arrangement, read_arrangement, size_class
from gradstudio.ui.own_window import InstrumentWindow
from gradstudio.ui.plots.instrument import Instrument, Place
from gradstudio.ui.plots.menu import place_menu
from gradstudio.ui.timeline import Timeline
from gradstudio.ui.widgets import NARROW_HEADER, IconButton

if TYPE_CHECKING:
    from gradstudio.ui.main_window import MainWindow

MORE_TIP: Final = "Enlarge, window of its own, hide"
EXPORT_ICON: Final = "ph.export"


class Places(QObject):
    """Carries out what a person wants with the instruments of a page, and remembers it.

    Each class of page heights has an arrangement of its own, so that a small window does not
    change the picture of a large one.
    """

    def __init__(self, window: MainWindow, settings: QSettings) -> None:
        super().__init__(window)
        self._window = window
        self._settings = settings
        self._shelf = window.studio.shelf
        self._instruments = self._shelf.instruments
        self._windows: dict[str, InstrumentWindow] = {}
        self._class = ""
        self._to_open = _names(settings.value("layout/windows"))
        self.last_clicked = "gradient"
        """Name of the instrument that a person turned to last."""
        self.timeline = Timeline(self._instruments.values(), self)
        for name, instrument in self._instruments.items():
            self._connect_instrument(name, instrument)
        self._connect_actions()
        self._follow_height(window.studio.height())
        self._shelf.changed.connect(self._show_marks)
        self._shelf.changed.connect(self._keep)
        self._shelf.resized_by_hand.connect(self._keep)
        window.studio.resized.connect(self._follow_height)
        time = self._shelf.time
        time.chosen.connect(self.timeline.set_cursor)
        time.live_asked.connect(self.timeline.go_live)
        self.timeline.moved.connect(lambda _: self.show_step())
        self._show_marks()

    # -- what the user does ----------------------------------------------------------------

    def set_shown(self, name: str, shown: bool) -> None:
        """Show an instrument, or hide it, wherever it is."""
        if not shown and name in self._windows:
            self._windows[name].close()
        if shown and self._shelf.enlarged not in (None, name):
            self._shelf.enlarge(None)
        self._shelf.set_shown(name, shown)

    def turn_to(self, name: str) -> None:
        """Show an instrument and give it the keyboard; while one is enlarged it takes its room."""
        self.last_clicked = name
        if not self._shelf.is_shown(name):
            self.set_shown(name, True)
        if name in self._windows:
            self._windows[name].raise_()
            self._windows[name].activateWindow()
        elif self._shelf.enlarged is not None:
            self._shelf.enlarge(name)
        self._instruments[name].take_focus()

    def toggle_enlarged(self, name: str | None = None) -> None:
        """Give an instrument all the room, or bring the others back; the one clicked last."""
        name = name or self.last_clicked
        if name in self._windows:
            self._windows[name].toggle_size()
        else:
            self._shelf.enlarge(name if self._shelf.enlarged is None else None)

    def toggle_window(self, name: str | None = None) -> None:
        """Put an instrument into a window of its own, or back on the page."""
        name = name or self.last_clicked
        if name in self._windows:
            self._windows[name].close()
        else:
            self._open_window(name)

    def reset(self) -> None:
        """Bring the first picture back: all windows closed, first set, first sizes."""
        for window in list(self._windows.values()):
            window.close()
        self._settings.remove("layout")
        self._shelf.enlarge(None)
        self._shelf.arrange(first_arrangement(self._class))
        self._window.studio.reset_columns()

    def window_of(self, name: str) -> InstrumentWindow | None:
        """The window of an instrument; None while it is on the page."""
        return self._windows.get(name)

    # -- what the window tells -------------------------------------------------------------

    def show_page(self, is_studio: bool) -> None:
        """Follow the page shown: on others the keys of the instruments mean something else."""
        for name, _, _ in INSTRUMENTS:
            self._window.actions_by_name[f"go_{name}"].setEnabled(
                is_studio and name in self._instruments
            )
        for name in ("focus", "own_window", "live"):
            self._window.actions_by_name[name].setEnabled(is_studio)
        if is_studio:
            self._open_remembered()

    def set_recording(self, recording: Recording | None) -> None:
        """Look at another run."""
        self.timeline.set_recording(recording)
        self.show_step()

    def show_step(self) -> None:
        """Show on the time slider where the cursor stands."""
        self._shelf.time.show_step(self.timeline.cursor, self._window.session.recording)

    def shut_down(self) -> None:
        """Remember the windows and close them."""
        out = [*self._windows, *self._to_open]
        for window in list(self._windows.values()):
            window.close()
        self._settings.setValue("layout/windows", out)

    # -- inside ----------------------------------------------------------------------------

    def _connect_instrument(self, name: str, instrument: Instrument) -> None:
        more = instrument.header.add_tool("ph.dots-three", MORE_TIP)
        more.setAccessibleName(f"{instrument.title}: {MORE_TIP}")
        more.setObjectName(f"more_{name}")
        more.clicked.connect(lambda: _open_menu(instrument, more))
        for tool in instrument.header.findChildren(IconButton):
            if tool.icon_name == EXPORT_ICON:
                instrument.header.spare(tool)
        instrument.pressed.connect(lambda: setattr(self, "last_clicked", name))
        instrument.focus_asked.connect(lambda: self.toggle_enlarged(name))
        instrument.window_asked.connect(lambda: self.toggle_window(name))
        instrument.hide_asked.connect(lambda: self.set_shown(name, False))

    def _connect_actions(self) -> None:
        actions = self._window.actions_by_name
        for name, _, _ in INSTRUMENTS:
            show, go = actions[f"show_{name}"], actions[f"go_{name}"]
            for action in (show, go):
                action.setVisible(name in self._instruments)
            show.triggered.connect(lambda on, n=name: self.set_shown(n, on))
            go.triggered.connect(lambda _=False, n=name: self.turn_to(n))
        actions.bind(
            {
                "focus": self.toggle_enlarged,
                "own_window": self.toggle_window,
                "live": self.timeline.go_live,
                "reset_layout": self.reset,
            }
        )

    def _open_window(self, name: str) -> None:
        if not self._shelf.is_shown(name):
            self._shelf.set_shown(name, True)
        instrument = self._shelf.take_out(name)
        window = InstrumentWindow(instrument, self._window.actions())
        self._windows[name] = window
        instrument.place = Place.WINDOW
        window.closed.connect(lambda: self._close_window(name))
        window.place(self._settings.value(f"layout/window/{name}"), self._window)
        window.show()
        self._remember_windows()

    def _close_window(self, name: str) -> None:
        window = self._windows.pop(name)
        self._settings.setValue(f"layout/window/{name}", window.saveGeometry())
        self._shelf.put_back(name)
        window.deleteLater()
        self._remember_windows()

    def _remember_windows(self) -> None:
        self._settings.setValue("layout/windows", list(self._windows))

    def _open_remembered(self) -> None:
        """Open the windows that were open last time, once and with the page they belong to."""
        names, self._to_open = self._to_open, []
        for name in names:
            if name in self._instruments and self._shelf.is_shown(name):
                self._open_window(name)

    def _follow_height(self, height: int) -> None:
        """Change to the arrangement of the class that the page now belongs to."""
        name = size_class(height)
        if name == self._class:
            return
        self._class = name
        text = str(self._settings.value(f"layout/{name}", "", type=str))
        known = read_arrangement(text, self._instruments)
        self._shelf.arrange(known or first_arrangement(name))

    def _keep(self) -> None:
        if self._class:
            arrangement = self._shelf.arrangement
            if arrangement == first_arrangement(self._class):
                self._settings.remove(f"layout/{self._class}")
            else:
                self._settings.setValue(f"layout/{self._class}", arrangement.to_text())

    def _show_marks(self) -> None:
        for name in self._instruments:
            self._window.actions_by_name[f"show_{name}"].setChecked(self._shelf.is_shown(name))


def _open_menu(instrument: Instrument, button: IconButton) -> None:
    """Open the menu of places; the whole menu where the header is too narrow for its tools."""
    is_narrow = instrument.header.width() < NARROW_HEADER
    menu = instrument.menu() if is_narrow else place_menu(instrument)
    menu.popup(button.mapToGlobal(QPoint(0, button.height())))


def _names(stored: object) -> list[str]:
    """Return a list of names as settings give it back: of one name they make a text."""
    if isinstance(stored, str):
        return [stored]
    return [str(name) for name in stored] if isinstance(stored, list) else []
