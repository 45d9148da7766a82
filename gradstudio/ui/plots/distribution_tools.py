"""The tools in the header of the distributions, and what of them has room."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QFontMetricsF

from gradstudio.export.distributions import QUANTITIES, Quantity
from gradstudio.ui.choices import Choice, ChoiceField
from gradstudio.ui.theme import font
from gradstudio.ui.widgets import IconButton, PanelHeader

SPACIOUS: Final = 330
"""From this width on there is room for the switch to one layer; keys and menu are always there."""
NARROW: Final = 280
"""Below, the export makes room for the mark beside the title; the menu has it as well."""
MARK: Final = 48.0
"""Room that the mark beside the title takes while the cursor is back in time."""
EDGES: Final = 36.0
"""Margins of the header, and the gaps around its title."""
GAP: Final = 8.0
CHOICE_EDGES: Final = 30
"""What the choice is wider than its symbol: there is no room for half a note."""


class DistributionTools:
    """Choice of the quantity, switch to one layer, export."""

    def __init__(self, header: PanelHeader) -> None:
        self._header = header
        self.choice = ChoiceField("Quantity")
        self.choice.set_choices(
            Choice(one.probe, one.symbol, one.meaning, tooltip=one.meaning)
            for one in QUANTITIES.values()
        )
        header.add_widget(self.choice)
        self.large = header.add_tool("ph.magnifying-glass", "One layer large (Enter)")
        self.large.setCheckable(True)
        self.export = header.add_tool("ph.export", "Export or copy this plot")

    def show_choice(self, quantity: Quantity) -> None:
        """Show which quantity is chosen, in a box as wide as its symbol."""
        self.choice.set_value(quantity.probe)
        self.choice.setToolTip(quantity.meaning)
        symbol = QFontMetricsF(font(12)).horizontalAdvance(quantity.symbol)
        self.choice.setFixedWidth(round(symbol) + CHOICE_EDGES)

    def fit(self, width: int, *, has_mark: bool) -> None:
        """Leave out what has no room in a header of a width."""
        self.large.setVisible(width >= SPACIOUS)
        self.export.setVisible(width >= NARROW or not has_mark)

    def has_room(self, text: str, width: int, *, has_mark: bool) -> bool:
        """Whether a subtitle has room beside them."""
        title = QFontMetricsF(font(13, 600)).horizontalAdvance(self._header.title())
        shown = [tool for tool in self._header.findChildren(IconButton) if not tool.isHidden()]
        taken = self.choice.minimumWidth() + sum(tool.sizeHint().width() + GAP for tool in shown)
        rest = width - EDGES - title - taken - (MARK if has_mark else 0.0)
        return QFontMetricsF(font(11)).horizontalAdvance(text) <= rest
