"""An instrument in a window of its own, for a second screen."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QByteArray, Signal
from PySide6.QtGui import QAction, QCloseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradstudio.ui.plots.instrument import Instrument

FIRST_SIZE: Final = (760, 500)


class InstrumentWindow(QWidget):
    """Holds one instrument; to close it is to have the instrument back on the page.

    It is no child of the main window, so it may lie behind it, be minimised alone and fill
    another screen. The actions of the main window work here as well.

    Parameters
    ----------
    instrument
        What it shows; it takes it out of its place.
    actions
        The actions whose keys are to work here.
    """

    closed = Signal()
    """The window was closed; it still holds the instrument."""

    def __init__(self, instrument: Instrument, actions: list[QAction]) -> None:
        super().__init__()
        self.setObjectName(f"window_{instrument.objectName()}")
        self.setWindowTitle(f"{instrument.header.title()} · GradStudio")
        self.setProperty("role", "panel")
        self.instrument = instrument
        self.addActions(actions)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(instrument)
        instrument.show()

    def place(self, geometry: object, beside: QWidget) -> None:
        """Take the place remembered, else one over the window it comes from."""
        if isinstance(geometry, QByteArray) and self.restoreGeometry(geometry):
            return
        self.resize(*FIRST_SIZE)
        self.move(beside.frameGeometry().center() - self.rect().center())

    def toggle_size(self) -> None:
        """Fill the screen, or take the old size again."""
        if self.isMaximized():
            self.showNormal()
        else:
            self.showMaximized()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell that the instrument is free."""
        event.accept()
        self.closed.emit()
