"""The first window of a process, before anything has been styled."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import tempfile
from gradstudio.environment import prepare_environment
prepare_environment()
from PySide6.QtCore import QCoreApplication, QSettings
from PySide6.QtGui import QFontInfo
from PySide6.QtWidgets import QApplication, QLabel
app = QApplication([])
from gradstudio.ui.files import examples
from gradstudio.ui.main_window import MainWindow
with tempfile.TemporaryDirectory() as folder:
    settings = QSettings(folder + "/settings.ini", QSettings.Format.IniFormat)
    window = MainWindow(settings, examples())
    window.show()
    QCoreApplication.processEvents()
    labels = window.findChildren(QLabel)
    print(*sorted({QFontInfo(label.font()).family() for label in labels}), sep=",")
    window.files.may_discard = lambda: True
    window.close()
"""


def test_the_first_window_has_its_own_fonts_everywhere() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "Inter,JetBrains Mono"
