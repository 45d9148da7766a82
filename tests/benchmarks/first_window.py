"""Start the program, print the time at which its window has been painted, and end it."""

from __future__ import annotations

import os
import sys
import tempfile
import time

from gradstudio.environment import has_display, prepare_environment

prepare_environment()
if not has_display():
    os.environ["QT_QPA_PLATFORM"] = "offscreen"


def main() -> int:
    """Run the program with a window that closes itself as soon as it has been painted."""
    from PySide6.QtCore import QEvent, QObject, QSettings, QTimer

    from gradstudio import app
    from gradstudio.ui import main_window

    class Watched(main_window.MainWindow):
        """The window, with an eye on its first picture."""

        def event(self, event: QEvent) -> bool:
            handled = super().event(event)
            if event.type() == QEvent.Type.UpdateRequest and not hasattr(self, "painted"):
                self.painted = time.time()
                sys.stdout.write(f"{self.painted}\n")
                QTimer.singleShot(0, self.close)
            return handled

    assert issubclass(Watched, QObject)
    with tempfile.TemporaryDirectory() as folder:
        for file_format in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
            QSettings.setPath(file_format, QSettings.Scope.UserScope, folder)
        main_window.MainWindow = Watched
        return app.main()


if __name__ == "__main__":
    sys.exit(main())
