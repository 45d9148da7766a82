"""What all panels of the left side have in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradstudio.ui.theme import icon
from gradstudio.ui.widgets import IconButton, PanelHeader

MARGIN: Final = 12
MERGING: Final = ("whole", "number")
"""Kinds of field whose edits come in rows, by typing or stepping, and merge to one act."""


class SwitchButton(IconButton):
    """A header tool that is on or off; on it has the accent colour."""

    def __init__(self, icon_name: str, tooltip: str) -> None:
        super().__init__(icon_name, tooltip)
        self.setCheckable(True)
        self.setStyleSheet("QToolButton:checked { background: transparent; }")
        self.toggled.connect(self.refresh_icon)

    def refresh_icon(self) -> None:
        """Draw the icon again."""
        self.setIcon(icon(self._icon_name, "accent" if self.isChecked() else "text2"))


class Panel(QWidget):
    """A header and a body that can be folded away under it."""

    edited = Signal(object, str, str)
    """The new slice, what was done in words, and the key by which such edits merge.

    The key is empty for acts that never merge.
    """

    def __init__(self, title: str, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.header = PanelHeader(title)
        self._body = QWidget()
        self.body = QVBoxLayout(self._body)
        self.body.setContentsMargins(MARGIN, 0, MARGIN, 8)
        self.body.setSpacing(6)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 1, 0, 0)
        layout.setSpacing(1)
        layout.addWidget(self.header)
        layout.addWidget(self._body, 1)

    @property
    def is_folded(self) -> bool:
        """Whether only the header shows."""
        return self._body.isHidden()

    def set_folded(self, folded: bool) -> None:
        """Fold the body away, or show it again."""
        self._body.setVisible(not folded)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fold or unfold by a double click on the header."""
        if event.position().y() <= self.header.geometry().bottom():
            self.set_folded(not self.is_folded)

    def add_switch(self, icon_name: str, tooltip: str, widgets: Iterable[QWidget]) -> IconButton:
        """A header tool that shows and hides `widgets`; they start hidden."""
        widgets = tuple(widgets)
        button = SwitchButton(icon_name, tooltip)
        self.header.add_widget(button)
        for widget in widgets:
            widget.hide()
            button.toggled.connect(widget.setVisible)
        return button
