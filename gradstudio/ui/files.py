"""Opening, saving, dropping and remembering setup files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from gradstudio import load_setup
from gradstudio.errors import GradStudioError
from gradstudio.resources import resource
from gradstudio.setup.file import SUFFIX, dumps, loads, read_setup
from gradstudio.setup.models import Setup
from gradstudio.training.build import check_setup
from gradstudio.ui.document import Document
from gradstudio.ui.session import Session

RECENT_LIMIT: Final = 9
FILTER: Final = f"GradStudio setup (*{SUFFIX});;All files (*)"


class Files(QObject):
    """The file commands of the window; a file that is refused changes nothing."""

    opened = Signal()
    """Another setup is on screen."""
    refused = Signal(str)
    """Why a file or text was not taken, in one sentence."""
    noted = Signal(str)
    """What was done, in one sentence."""
    recent_changed = Signal(object)
    """The files opened or saved last, newest first."""

    def __init__(
        self, document: Document, session: Session, window: QWidget, settings: QSettings
    ) -> None:
        super().__init__(window)
        self._document = document
        self._session = session
        self._window = window
        self._settings = settings

    def new(self) -> None:
        """Start from the default setup."""
        if self.may_discard():
            self._document.new(Setup())
            self.opened.emit()

    def open(self) -> None:
        """Ask for a file and open it."""
        chosen, _ = QFileDialog.getOpenFileName(self._window, "Open setup", self._folder(), FILTER)
        if chosen:
            self.open_path(Path(chosen))

    def open_path(self, path: Path) -> bool:
        """Open a file; whether it was taken."""
        return self._show(path, path)

    def open_example(self, path: Path) -> bool:
        """Open a shipped setup as a new document without a file; whether it was taken."""
        return self._show(path, None)

    def save(self) -> bool:
        """Save to the file of the document; whether it was written."""
        if self._document.path is None:
            return self.save_as()
        return self._write(self._document.path)

    def save_as(self) -> bool:
        """Ask for a file and save to it; whether it was written."""
        name = self._document.path or Path(self._folder()) / file_name(self._document.setup.name)
        chosen, _ = QFileDialog.getSaveFileName(self._window, "Save setup", str(name), FILTER)
        if not chosen:
            return False
        path = Path(chosen)
        if path.suffix != ".json":
            path = path.with_name(path.name + SUFFIX)
        return self._write(path)

    def may_discard(self) -> bool:
        """Whether the setup on screen may go: it is saved, or the user has let it go."""
        if not self._document.is_modified:
            return True
        answer = QMessageBox.question(
            self._window,
            "Save changes?",
            f"“{self._document.setup.name}” has changes that are not saved.",
            QMessageBox.StandardButton.Save
            | QMessageBox.StandardButton.Discard
            | QMessageBox.StandardButton.Cancel,
            QMessageBox.StandardButton.Save,
        )
        if answer == QMessageBox.StandardButton.Save:
            return self.save()
        return answer == QMessageBox.StandardButton.Discard

    def copy_setup(self) -> None:
        """Put the setup on the clipboard as text."""
        QGuiApplication.clipboard().setText(dumps(self._session.setup_to_save()))
        self.noted.emit("The setup is on the clipboard as text.")

    def paste_setup(self) -> None:
        """Take a setup from the clipboard, as an edit that can be undone."""
        try:
            setup = loads(QGuiApplication.clipboard().text())
            check_setup(setup)
        except GradStudioError as problem:
            self.refused.emit(f"The clipboard holds no setup: {problem}")
            return
        self._document.edit(setup, f"Paste “{setup.name}”")

    def recent(self) -> list[Path]:
        """Files opened or saved last that still exist, newest first."""
        try:
            names = json.loads(str(self._settings.value("recent", "[]", type=str)))
        except ValueError:
            names = []
        return [Path(name) for name in names if isinstance(name, str) and Path(name).is_file()]

    def _show(self, source: Path, path: Path | None) -> bool:
        try:
            setup = load_setup(source)
        except GradStudioError as problem:
            self.refused.emit(f"Could not open {problem}. The setup on screen is unchanged.")
            return False
        if not self.may_discard():
            return False
        self._document.show_opened(setup, path)
        if path is not None:
            self._remember(path)
        self.opened.emit()
        return True

    def _write(self, path: Path) -> bool:
        try:
            self._document.save(path, self._session.setup_to_save())
        except GradStudioError as problem:
            self.refused.emit(f"Could not save {problem}. Your edits are still here.")
            return False
        self._remember(path)
        self.noted.emit(f"Saved as {path.name}.")
        return True

    def _remember(self, path: Path) -> None:
        files = [path.resolve(), *(old for old in self.recent() if old != path.resolve())]
        names = [str(file) for file in files[:RECENT_LIMIT]]
        self._settings.setValue("recent", json.dumps(names))
        self._settings.setValue("folder", str(path.resolve().parent))
        self.recent_changed.emit([Path(name) for name in names])

    def _folder(self) -> str:
        return str(self._settings.value("folder", str(Path.home()), type=str))


def file_name(name: str) -> str:
    """A file name for a setup of that name."""
    kept = "".join(c if c.isalnum() else "-" for c in name.lower()).strip("-")
    while "--" in kept:
        kept = kept.replace("--", "-")
    return (kept or "setup") + SUFFIX


def examples() -> Sequence[tuple[Path, Setup]]:
    """The shipped setups, in the order of the gallery."""
    files = sorted(resource("setups").glob(f"*{SUFFIX}"))
    return [(file, read_setup(file)) for file in files]
