"""The page of keys and the page of versions."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from importlib.metadata import version

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from gradstudio import __version__
from gradstudio.ui.actions import MENUS, SPECS, SUBMENUS
from gradstudio.ui.widgets import label


def show_keys(parent: QWidget) -> None:
    """Show every action with its keys and what it does."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(22)
    grid.setVerticalSpacing(4)
    row = 0
    for title, names in MENUS.items():
        head = label(title.replace("&", ""), "title")
        head.setContentsMargins(0, 10, 0, 2)
        grid.addWidget(head, row, 0, 1, 3)
        row += 1
        for name in _flat(names):
            if name not in SPECS or not SPECS[name].keys:
                continue
            spec = SPECS[name]
            keys = "  or  ".join(
                QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
                for key in spec.keys
            )
            grid.addWidget(label(spec.text.replace("&", "").rstrip("…")), row, 0)
            grid.addWidget(label(keys, "mono"), row, 1)
            grid.addWidget(label(spec.tip, "caption"), row, 2)
            row += 1
    inner = QWidget()
    inner.setLayout(grid)
    scroll = QScrollArea()
    scroll.setWidget(inner)
    scroll.setWidgetResizable(True)
    _show(parent, "Keys", scroll)


def _flat(names: Iterable[str]) -> list[str]:
    """Names of the actions of a menu, those of its submenus among them."""
    parts = (SUBMENUS.get(name.removeprefix("@"), (name,)) for name in names)
    return [name for part in parts for name in part]


def versions() -> str:
    """Versions of the program and of what it stands on, one a line."""
    lines = [f"GradStudio {__version__}", f"Python {platform.python_version()}"]
    lines.append(f"Qt {qVersion()}")
    for name in ("PySide6-Essentials", "pyqtgraph", "numpy", "scipy", "scikit-learn"):
        lines.append(f"{name} {version(name)}")
    lines.append(platform.platform())
    return "\n".join(lines)


def show_about(parent: QWidget) -> None:
    """Show the versions; the text can be selected and copied."""
    text = QLabel(versions())
    text.setProperty("role", "mono")
    text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    _show(parent, "About GradStudio", text)


def _show(parent: QWidget, title: str, content: QWidget) -> None:
    dialog = QDialog(parent)
    dialog.setWindowTitle(title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(20, 16, 20, 14)
    layout.addWidget(content)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    layout.addWidget(buttons)
    if isinstance(content, QScrollArea):
        dialog.resize(860, 640)
    dialog.open()
