"""Where the window is put together and started; the hook for what nobody caught."""

from __future__ import annotations

import gc
import logging
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final

from gradstudio.environment import prepare_environment

SWITCH_INTERVAL: Final = 0.0005
"""Seconds: at Python's own 5 ms a small network keeps the window at 10 frames a second."""

log = logging.getLogger(__name__)


def main(file: Path | None = None) -> int:
    """Open the window, with the setup of `file` if one is given; returns the exit code."""
    prepare_environment()
    sys.setswitchinterval(SWITCH_INTERVAL)
    gc.disable()  # nothing is thrown away meanwhile
    _import_what_knows_no_qt()
    from PySide6.QtCore import QCoreApplication, QSettings, QTimer
    from PySide6.QtWidgets import QApplication

    QCoreApplication.setOrganizationName("GradStudio")
    QCoreApplication.setApplicationName("GradStudio")
    app = QApplication(sys.argv[:1])
    from gradstudio.resources import resource
    from gradstudio.ui.files import examples
    from gradstudio.ui.main_window import MainWindow
    from gradstudio.ui.theme import set_application_icon

    set_application_icon(app, resource("icons", "gradstudio.svg"))
    window = MainWindow(QSettings(), examples())
    install_hooks(window.report_fault)
    window.show()
    QTimer.singleShot(0, lambda: window.begin(file))
    gc.freeze()  # what is there now stays: looking through it again takes 50 ms each time
    gc.enable()
    return app.exec()


def _import_what_knows_no_qt() -> None:
    """Do it before Qt is imported: PySide6 makes every later import slower."""
    import gradstudio.export.figures
    import gradstudio.run.runner  # noqa: F401


def install_hooks(report: Callable[[str], None]) -> None:
    """Have every uncaught exception logged and told to the user in one sentence."""
    from gradstudio.ui.faults import FaultRelay

    relay = FaultRelay(report)

    def hook(kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, fault, trace)
            return
        log.error("uncaught", exc_info=(kind, fault, trace))
        relay.tell(fault)

    sys.excepthook = hook
    threading.excepthook = lambda args: hook(
        args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback
    )
