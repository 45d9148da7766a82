"""The submenus that the window fills, the page tabs, and the previews of the gallery."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, SignalInstance
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from gradstudio.run.previews import PreviewMaker
from gradstudio.setup.models import Setup
from gradstudio.ui.actions import SUBMENUS
from gradstudio.ui.transport import PACES

if TYPE_CHECKING:
    from gradstudio.ui.main_window import MainWindow

PREVIEWS_AFTER_MS = 800
"""The first curves come first, then the pictures of the cards."""
PREVIEW_POLL_MS = 200


class WindowMenus(QObject):
    """Menu bar, page tabs, and what fills the gallery's cards."""

    def __init__(self, window: MainWindow, examples: Sequence[tuple[Path, Setup]]) -> None:
        super().__init__(window)
        self._window = window
        self._tabs: dict[str, QToolButton] = {}
        submenus = window.actions_by_name.fill(window.menuBar())
        self._fill_examples(submenus["examples"], examples)
        self._fill_speed(submenus["speed"])
        self._group_themes()
        self._recent = submenus["recent"]
        self._recent.aboutToShow.connect(self._fill_recent)
        self._tab_box = self._make_tabs()
        window.menuBar().setCornerWidget(self._tab_box)
        for signal in self._undo_signals():
            signal.connect(self._refresh_undo)
        self._refresh_undo()
        self._previews = PreviewMaker([file for file, _ in examples])
        self._poll = QTimer(self)
        self._poll.setInterval(PREVIEW_POLL_MS)
        self._poll.timeout.connect(self._take_previews)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(PREVIEWS_AFTER_MS)
        self._wait.timeout.connect(self._begin_previews)

    def start_previews(self) -> None:
        """Make the pictures of the cards, in the background and in a moment."""
        self._wait.start()

    def _begin_previews(self) -> None:
        self._previews.start()
        self._poll.start()

    def stop(self) -> None:
        """End what goes on in the background, and follow the undo stack no more."""
        for signal in self._undo_signals():
            signal.disconnect(self._refresh_undo)
        self._wait.stop()
        self._poll.stop()
        self._previews.stop()

    def show_page(self, is_studio: bool) -> None:
        """Mark the tab of the page shown."""
        self._tabs["studio"].setChecked(is_studio)
        self._tabs["gallery"].setChecked(not is_studio)

    def _make_tabs(self) -> QWidget:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 10, 0)
        row.setSpacing(2)
        for name, text in (("gallery", "Gallery  F5"), ("studio", "Studio  F6")):
            tab = QToolButton()
            tab.setProperty("role", "tab")
            tab.setText(text)
            tab.setAccessibleName(f"Page {name}")
            tab.setCheckable(True)
            tab.setToolTip(self._window.actions_by_name[name].toolTip())
            tab.clicked.connect(self._window.actions_by_name[name].trigger)
            self._tabs[name] = tab
            row.addWidget(tab)
        return box

    def _fill_examples(self, menu: QMenu, examples: Sequence[tuple[Path, Setup]]) -> None:
        for file, setup in examples:
            action = menu.addAction(setup.name)
            action.setToolTip(setup.notes)
            action.triggered.connect(lambda *_, f=file: self._window.open_example(f))

    def _fill_speed(self, menu: QMenu) -> None:
        for text, value in PACES:
            action = menu.addAction(f"{text} steps" if value is None else text)
            action.triggered.connect(lambda *_, v=value: self._window.transport.set_pace(v))

    def _group_themes(self) -> None:
        group = QActionGroup(self)
        for name in SUBMENUS["theme"]:
            group.addAction(self._window.actions_by_name[name])

    def _fill_recent(self) -> None:
        self._recent.clear()
        files = self._window.files.recent()
        for number, file in enumerate(files, start=1):
            action = self._recent.addAction(f"&{number}  {file.name}")
            action.setToolTip(str(file))
            action.triggered.connect(lambda *_, f=file: self._window.files.open_path(f))
        if not files:
            self._recent.addAction("Nothing yet").setEnabled(False)

    def _undo_signals(self) -> tuple[SignalInstance, ...]:
        stack = self._window.document.undo_stack
        return (
            stack.undoTextChanged,
            stack.redoTextChanged,
            stack.canUndoChanged,
            stack.canRedoChanged,
        )

    def _refresh_undo(self, *_: object) -> None:
        stack = self._window.document.undo_stack
        for name, word, text, can in (
            ("undo", "Undo", stack.undoText(), stack.canUndo()),
            ("redo", "Redo", stack.redoText(), stack.canRedo()),
        ):
            action = self._window.actions_by_name[name]
            action.setText(f"&{word} {text}".rstrip())
            action.setEnabled(can)

    def _take_previews(self) -> None:
        for preview in self._previews.take():
            self._window.gallery.show_preview(preview)
        if self._previews.is_done:
            self._poll.stop()
            self._previews.stop()
