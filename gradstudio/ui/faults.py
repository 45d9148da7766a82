"""Carries the news of an uncaught exception from any thread to the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal


class FaultRelay(QObject):
    """Tells the window of a fault, on the window's own thread, once per kind of fault."""

    _told = Signal(str)

    def __init__(self, report: Callable[[str], None]) -> None:
        super().__init__()
        self._report = report
        self._seen: set[str] = set()
        self._told.connect(self._pass_on, Qt.ConnectionType.QueuedConnection)

    def tell(self, fault: BaseException) -> None:
        """Pass a fault on; may be called on any thread."""
        self._told.emit(f"{type(fault).__name__}: {fault}")

    def _pass_on(self, text: str) -> None:
        if text not in self._seen:
            self._seen.add(text)
            self._report(text)
