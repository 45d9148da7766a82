"""The window: two pages over one document and one run, and the wiring between them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from gradstudio.run.runner import Runner
from gradstudio.run.status import RunState
from gradstudio.setup.models import Setup
from gradstudio.ui.actions import Actions
from gradstudio.ui.board import Board
from gradstudio.ui.document import Document
from gradstudio.ui.exports import Exports
from gradstudio.ui.files import Files
from gradstudio.ui.gallery import Gallery
from gradstudio.ui.help_pages import show_about, show_keys
from gradstudio.ui.hero import Hero
from gradstudio.ui.keyboard import KeyFilter
from gradstudio.ui.menus import WindowMenus
from gradstudio.ui.message_bar import MessageBar
from gradstudio.ui.places import Places
from gradstudio.ui.plots.gradient import GradientPlot
from gradstudio.ui.session import Session
from gradstudio.ui.status import StatusLine
from gradstudio.ui.studio_page import LEFT_WIDTH, StudioPage
from gradstudio.ui.theme import (
    SchemeName,
    apply_style_sheet,
    apply_theme,
    choose_theme,
    current_theme,
    system_scheme,
)
from gradstudio.ui.transport import Transport
from gradstudio.ui.widgets import rule_line

MINIMUM_SIZE: Final = (1100, 700)
FIRST_SIZE: Final = (1440, 900)
WATCHING_PACE: Final = 600.0
"""Steps per second of an example that has just been opened: slow enough to watch."""


class MainWindow(QMainWindow):
    """Everything that is seen.

    Parameters
    ----------
    settings
        Where the window's place, the scheme and the recent files are kept.
    examples
        The shipped setups; the first one is the hero of the gallery.
    """

    def __init__(self, settings: QSettings, examples: Sequence[tuple[Path, Setup]]) -> None:
        # before the window itself, from which all its widgets inherit their font
        application().setStyleSheet("")
        choose_theme(application(), scheme_named(scheme_asked(settings)))
        super().__init__()
        self.setObjectName("main_window")
        self.setMinimumSize(*MINIMUM_SIZE)
        self.setAcceptDrops(True)
        self._settings = settings
        self.actions_by_name = Actions(self)
        self._mark_scheme(self.scheme_setting())
        self.document = Document(examples[0][1] if examples else Setup())
        self.runner = Runner()
        self.session = Session(self.document, self.runner)
        self.transport = Transport(self.actions_by_name, LEFT_WIDTH)
        self.studio = StudioPage()
        self.gallery = Gallery(examples)
        self.hero_plot = GradientPlot()
        self.hero = Hero(self.hero_plot)
        self.gallery.set_hero(self.hero)
        self.message_bar = MessageBar()
        self.status_line = StatusLine()
        self.pages = QStackedWidget()
        self._arrange()
        self.files = Files(self.document, self.session, self, settings)
        self.exports = Exports(self.studio.instruments, self, settings, self.session.measure)
        self.places = Places(self, settings)
        self.board = Board(self)
        self.menus = WindowMenus(self, examples)
        self._keys = KeyFilter(application())
        self._connect()
        apply_style_sheet(application())
        self._restore()

    # -- pages -----------------------------------------------------------------------------

    def show_gallery(self) -> None:
        """Show the examples."""
        self._show_page(self.gallery)

    def show_studio(self) -> None:
        """Show panels and instruments of the run."""
        self._show_page(self.studio)

    @property
    def is_studio(self) -> bool:
        """Whether the Studio page is shown."""
        return self.pages.currentWidget() is self.studio

    def watch(self) -> None:
        """Run what has just been opened at a pace one can follow."""
        self.transport.set_pace(WATCHING_PACE)
        self.session.run()

    def begin(self, file: Path | None = None) -> None:
        """Start working once the window is on screen: the given file, else the first example."""
        self.menus.start_previews()
        if file is not None and self.files.open_path(file):
            return
        self.watch()

    def report_fault(self, text: str) -> None:
        """Tell of a fault of the program itself."""
        self.message_bar.show_error(
            f"Something went wrong inside GradStudio ({text}). Your setup is still here; save it "
            "before you go on."
        )

    # -- theme -----------------------------------------------------------------------------

    def set_scheme(self, name: str) -> None:
        """Put a scheme in force and remember it: ``"system"``, ``"dark"`` or ``"light"``."""
        self._settings.setValue("scheme", name)
        self._apply_scheme(name)

    def toggle_scheme(self) -> None:
        """The other scheme."""
        self.set_scheme("light" if current_theme().name == "dark" else "dark")

    def scheme_setting(self) -> str:
        """The scheme asked for: ``"system"``, ``"dark"`` or ``"light"``."""
        return scheme_asked(self._settings)

    # -- Qt --------------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.files.may_discard():
            event.ignore()
            return
        self.session.shut_down()
        self.menus.stop()
        self._keys.stop()
        self.places.shut_down()
        self._settings.setValue("geometry", self.saveGeometry())
        self._settings.sync()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.studio.focused is not None:
            self.studio.shelf.enlarge(None)
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.session.clock.wake()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        if paths:
            self.files.open_path(paths[0])

    # -- inside ----------------------------------------------------------------------------

    def _arrange(self) -> None:
        self.pages.addWidget(self.gallery)
        self.pages.addWidget(self.studio)
        top = QWidget()
        column = QVBoxLayout(top)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._transport_line = rule_line()
        column.addWidget(rule_line())
        column.addWidget(self.message_bar)
        column.addWidget(self.transport)
        column.addWidget(self._transport_line)
        column.addWidget(self.pages, 1)
        column.addWidget(rule_line())
        column.addWidget(self.status_line)
        self.setCentralWidget(top)

    def _connect(self) -> None:
        actions, session, files = self.actions_by_name, self.session, self.files
        actions.bind(
            {
                "new": files.new, "open": files.open, "save": files.save,
                "save_as": files.save_as, "copy_setup": files.copy_setup,
                "paste_setup": files.paste_setup, "quit": self.close,
                "export_plot": lambda: self.exports.ask(self.places.last_clicked),
                "export_all": self.exports.ask_all,
                "undo": self.document.undo_stack.undo, "redo": self.document.undo_stack.redo,
                "run": session.toggle, "apply": session.apply, "step": session.step,
                "step_epoch": session.step_epoch,
                "advance_part": session.advance_part, "reset": session.reset,
                "reroll": session.reroll, "gallery": self.show_gallery,
                "studio": self.show_studio, "toggle_theme": self.toggle_scheme,
                "theme_system": lambda: self.set_scheme("system"),
                "theme_dark": lambda: self.set_scheme("dark"),
                "theme_light": lambda: self.set_scheme("light"),
                "full_screen": self._toggle_full_screen,
                "keys": lambda: show_keys(self), "about": lambda: show_about(self),
            }
        )  # fmt: skip
        for name in ("files", "exports"):
            source = getattr(self, name)
            source.refused.connect(self.message_bar.show_error)
            source.noted.connect(self.message_bar.show_note)
        session.refused.connect(self.message_bar.show_error)
        files.opened.connect(self.message_bar.hide)
        files.opened.connect(self._start_opened)
        files.recent_changed.connect(self.gallery.show_recent)
        self.gallery.example_opened.connect(self.open_example)
        self.gallery.recent_opened.connect(files.open_path)
        self.gallery.new_asked.connect(files.new)
        self.gallery.open_asked.connect(files.open)
        self.hero.studio_asked.connect(self.show_studio)
        self.gallery.studio_asked.connect(self.show_studio)
        self.hero.toggle_asked.connect(session.toggle)
        self.document.path_changed.connect(self._refresh_title)
        self.document.modified_changed.connect(self._refresh_title)
        self.document.changed.connect(self._refresh_title)

    def open_example(self, file: Path) -> None:
        """Open a shipped setup and let it run at a pace one can follow."""
        if self.files.open_example(file):
            self.watch()

    def _start_opened(self) -> None:
        self.session.prepare()
        self.show_studio()

    def _show_page(self, page: QWidget) -> None:
        self.pages.setCurrentWidget(page)
        is_studio = page is self.studio
        self.transport.setVisible(is_studio)
        self._transport_line.setVisible(is_studio)
        self.menus.show_page(is_studio)
        self.places.show_page(is_studio)
        self.board.refresh_all()
        (self.studio.gradient if is_studio else self.hero).setFocus()

    def _refresh_title(self, *_: object) -> None:
        path = self.document.path
        name = path.name if path is not None else self.document.setup.name
        self.setWindowTitle(f"{name}[*] · GradStudio")
        self.setWindowModified(self.document.is_modified)
        self.exports.stem = name.removesuffix(".gradstudio.json").lower().replace(" ", "-")

    def _toggle_full_screen(self) -> None:
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()

    def _apply_scheme(self, name: str) -> None:
        apply_theme(application(), scheme_named(name))
        self._mark_scheme(name)

    def _mark_scheme(self, name: str) -> None:
        for option in ("system", "dark", "light"):
            self.actions_by_name[f"theme_{option}"].setChecked(option == name)

    def _restore(self) -> None:
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._follow_system)
        geometry = self._settings.value("geometry")
        if geometry is None or not self.restoreGeometry(geometry):
            self.resize(*FIRST_SIZE)
        self.gallery.show_recent(self.files.recent())
        self.board.show_setup(self.document.setup)
        self._refresh_title()
        self._show_page(self.gallery)

    def _follow_system(self, _scheme: Qt.ColorScheme) -> None:
        if self.scheme_setting() == "system":
            self._apply_scheme("system")

    def run_state(self) -> RunState:
        """Where the run stands."""
        return self.session.status.state


def scheme_asked(settings: QSettings) -> str:
    """The scheme that a person asked for: ``"system"``, ``"dark"`` or ``"light"``."""
    name = str(settings.value("scheme", "system", type=str))
    return name if name in ("dark", "light") else "system"


def scheme_named(name: str) -> SchemeName:
    """The scheme of that name; that of the desktop for ``"system"``."""
    if name == "system":
        return system_scheme()
    return "light" if name == "light" else "dark"


def application() -> QApplication:
    """The one application object."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        raise RuntimeError("a window needs a QApplication first")
    return app
