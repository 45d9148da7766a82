"""What the seismograph can show, and the button that chooses."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QToolButton

from gradstudio.export.figures.seismograph import DEVIATION
from gradstudio.ui.plots.quantities import QUANTITIES, Quantity
from gradstudio.ui.theme import icon, theme_notifier

SHOWN: Final = QUANTITIES | {
    DEVIATION: Quantity(
        DEVIATION,
        "δ over theory",
        "δ/δ₀",
        "δ / theory",
        "RMS δ of a layer over that of the output layer, against what mean-field theory expects of "
        "the starting weights",
    )
}
"""What is recorded of every step and layer, and how far the signal is from theory."""


class QuantitySwitch(QToolButton):
    """A flat button with the name of what is shown; a click offers the others."""

    chosen = Signal(str)
    """Name of the quantity chosen by the user."""

    def __init__(self) -> None:
        super().__init__()
        self._quantity = SHOWN["delta_rms"]
        self._brief = False
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(lambda: self.fill(menu))
        self.setMenu(menu)
        theme_notifier().changed.connect(self._name)
        self._name()

    def choose(self, name: str) -> None:
        """Show a choice without telling anyone."""
        self._quantity = SHOWN[name]
        self._name()

    def set_brief(self, brief: bool) -> None:
        """Take the shorter name, or the longer one."""
        if brief != self._brief:
            self._brief = brief
            self._name()

    def fill(self, menu: QMenu) -> None:
        """Offer what can be shown in a menu."""
        menu.clear()
        for name, quantity in SHOWN.items():
            action = menu.addAction(quantity.segment)
            action.setToolTip(quantity.meaning)
            action.setCheckable(True)
            action.setChecked(quantity is self._quantity)
            action.triggered.connect(partial(self._choose, name))

    def _choose(self, name: str, *_: bool) -> None:
        self.chosen.emit(name)

    def _name(self) -> None:
        shown = self._quantity
        style = Qt.ToolButtonStyle
        self.setToolButtonStyle(
            style.ToolButtonTextOnly if self._brief else style.ToolButtonTextBesideIcon
        )
        self.setText(shown.brief if self._brief else shown.short)
        self.setIcon(icon("ph.caret-down"))
        self.setToolTip(f"{shown.meaning}. Click: show something else.")
        self.setAccessibleName(f"Quantity: {shown.short}")
