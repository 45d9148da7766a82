"""Small widgets that several panels and plots share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from gradstudio.ui.theme import icon, theme_notifier

HEADER_HEIGHT = 28
NARROW_HEADER = 300
"""Width in pixels below which a header leaves out what can be reached in another way."""
TOOL_ICON = QSize(16, 16)
PART_BREAK = " · "
"""Stands between the parts of a text that can do without the last of them."""


def label(text: str = "", role: str = "label") -> QLabel:
    """A text in one of the looks of the style sheet."""
    made = QLabel(text)
    made.setProperty("role", role)
    return made


class FittingLabel(QLabel):
    """A text of one line that shows as much as there is room for, and never half a letter.

    Of parts joined by a middle dot whole parts are left out, the last ones first; what is still
    too long ends in an ellipsis, and a text of which there would be less than half is left out.
    The whole text is the tooltip while it is not shown.
    """

    def __init__(self, text: str = "", role: str = "label") -> None:
        super().__init__()
        self._whole = ""
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setText(text)

    def text(self) -> str:
        """The whole text."""
        return self._whole

    def shown_text(self) -> str:
        """The part of it that there is room for."""
        return super().text()

    def setText(self, text: str) -> None:
        """Take another text."""
        if text != self._whole:
            self._whole = text
            self.setAccessibleName(text)
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show more, or less."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Fit the text anew where its font has changed."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def _fit(self) -> None:
        metrics, room = self.fontMetrics(), self.contentsRect().width()
        parts = self._whole.split(PART_BREAK)
        while len(parts) > 1 and metrics.horizontalAdvance(PART_BREAK.join(parts)) > room:
            parts.pop()
        text = PART_BREAK.join(parts)
        is_legible = 2 * room >= metrics.horizontalAdvance(text)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room) if is_legible else ""
        if shown != super().text():
            super().setText(shown)
            self.setToolTip("" if shown == self._whole else self._whole)


def rule_line(*, vertical: bool = False) -> QFrame:
    """A line one pixel wide that parts two panels."""
    line = QFrame()
    line.setProperty("role", "line")
    if vertical:
        line.setFixedWidth(1)
    else:
        line.setFixedHeight(1)
    return line


class IconButton(QToolButton):
    """A flat button with an icon that follows the scheme."""

    def __init__(self, icon_name: str, tooltip: str, role: str = "text2") -> None:
        super().__init__()
        self._icon_name, self._icon_role = icon_name, role
        self.setIconSize(TOOL_ICON)
        self.setToolTip(tooltip)
        self.setAccessibleName(tooltip)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        theme_notifier().changed.connect(self.refresh_icon)
        self.refresh_icon()

    @property
    def icon_name(self) -> str:
        """Name of the icon shown."""
        return self._icon_name

    def set_icon_name(self, name: str) -> None:
        """Show another icon."""
        self._icon_name = name
        self.refresh_icon()

    def refresh_icon(self) -> None:
        """Draw the icon again in the colours of the scheme in force."""
        self.setIcon(icon(self._icon_name, self._icon_role))


class PanelHeader(QWidget):
    """The 28 px head of a panel: title, grey subtitle with unit and scope, tools on the right."""

    def __init__(self, title: str, subtitle: str = "") -> None:
        super().__init__()
        self.setFixedHeight(HEADER_HEIGHT)
        self._spared: list[QWidget] = []
        self._title = label(title, "title")
        self._subtitle = FittingLabel(subtitle, "subtitle")
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(12, 0, 8, 0)
        self._layout.setSpacing(8)
        self._mark = label("", "mark")
        self._mark.setFixedHeight(18)
        self._mark.hide()
        self._layout.addWidget(self._title)
        self._layout.addWidget(self._mark)
        self._layout.addWidget(self._subtitle, 1)

    def title(self) -> str:
        """The title shown."""
        return self._title.text()

    def subtitle(self) -> str:
        """The subtitle shown."""
        return self._subtitle.text()

    def set_title(self, text: str) -> None:
        """Show another title."""
        self._title.setText(text)

    def set_subtitle(self, text: str) -> None:
        """Show another subtitle, as much of it as there is room for."""
        self._subtitle.setText(text)

    def mark(self) -> str:
        """The word beside the title; empty when there is none."""
        return self._mark.text()

    def set_mark(self, text: str) -> None:
        """Put a word in a frame beside the title, or take it away."""
        if text != self._mark.text():
            self._mark.setText(text)
            self._mark.setVisible(bool(text))

    def spare(self, widget: QWidget) -> None:
        """Leave a widget out where the header is narrow."""
        self._spared.append(widget)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what a narrow header has no room for."""
        super().resizeEvent(event)
        for widget in self._spared:
            widget.setVisible(self.width() >= NARROW_HEADER)

    def add_widget(self, widget: QWidget) -> None:
        """Put a widget at the right end."""
        self._layout.addWidget(widget)

    def add_tool(
        self, icon_name: str, tooltip: str, slot: Callable[[], object] | None = None
    ) -> IconButton:
        """Put an icon button at the right end; `slot` is called when it is clicked."""
        button = IconButton(icon_name, tooltip)
        if slot is not None:
            button.clicked.connect(lambda *_: slot())
        self.add_widget(button)
        return button


class Segmented(QFrame):
    """A row of exclusive choices, as one control."""

    chosen = Signal(str)
    """The key of the choice made by the user."""

    def __init__(self, options: Sequence[tuple[str, str, str]], name: str) -> None:
        """`options` are (key, text, tooltip); `name` is what a screen reader says."""
        super().__init__()
        self.setProperty("role", "segmented")
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        for key, text, tooltip in options:
            button = QToolButton()
            button.setProperty("role", "segment")
            button.setText(text)
            button.setToolTip(tooltip)
            button.setCheckable(True)
            button.setAccessibleName(f"{name}: {text}")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _=False, k=key: self.chosen.emit(k))
            self._group.addButton(button)
            self._buttons[key] = button
            layout.addWidget(button)
        first = next(iter(self._buttons.values()))
        first.setChecked(True)

    def key(self) -> str:
        """The key of the choice in force."""
        return next(key for key, button in self._buttons.items() if button.isChecked())

    def choose(self, key: str) -> None:
        """Show a choice without telling anyone."""
        self._buttons[key].setChecked(True)

    def set_text(self, key: str, text: str, symbol: QIcon | None = None) -> None:
        """Rename one choice."""
        self._buttons[key].setText(text)
        if symbol is not None:
            self._buttons[key].setIcon(symbol)
