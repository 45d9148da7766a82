"""The first page: example setups as cards, each with what a short run of it showed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from gradstudio.resources import resource
from gradstudio.run.previews import Preview
from gradstudio.setup.models import Setup
from gradstudio.ui.panels.verdict import ICONS, SEVERITY_ROLES
from gradstudio.ui.theme import icon, theme_notifier
from gradstudio.ui.thumbnail import Thumbnail
from gradstudio.ui.widgets import label

RAIL_WIDTH: Final = 256
CARD_WIDTH: Final = 236
NUMBERED_CARDS: Final = 9
"""Cards that open by their digit."""
LOGO_SIZE: Final = QSize(28, 28)


class ExampleCard(QFrame):
    """One example: a picture of its gradient by depth and its loss, a verdict, a few words."""

    opened = Signal(object)
    """The path of the setup."""

    def __init__(self, number: int, file: Path, setup: Setup) -> None:
        super().__init__()
        self.file = file
        self.setProperty("role", "example")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMinimumWidth(CARD_WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.setAccessibleName(f"{setup.name}. {setup.notes}")
        self.preview: Preview | None = None
        self.thumbnail = Thumbnail()
        self._tag_icon = QLabel()
        self._tag = label("A short run is on its way", "caption")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 10)
        layout.setSpacing(4)
        layout.addWidget(self.thumbnail)
        tag = QHBoxLayout()
        tag.setContentsMargins(12, 6, 12, 0)
        tag.addWidget(self._tag_icon)
        tag.addWidget(self._tag, 1)
        if number <= NUMBERED_CARDS:
            tag.addWidget(label(str(number), "pill"))
        layout.addLayout(tag)
        title = label(setup.name, "title")
        title.setContentsMargins(12, 0, 12, 0)
        layout.addWidget(title)
        words = label(setup.notes, "card-text")
        words.setWordWrap(True)
        words.setAlignment(Qt.AlignmentFlag.AlignTop)
        words.setContentsMargins(12, 0, 12, 0)
        layout.addWidget(words, 1)
        theme_notifier().changed.connect(self._refresh_tag)

    def show_preview(self, preview: Preview) -> None:
        """Show what the short run has found."""
        self.preview = preview
        self.thumbnail.show_preview(preview)
        self._refresh_tag()

    def _refresh_tag(self) -> None:
        if self.preview is None:
            return
        found = self.preview.diagnosis
        role = SEVERITY_ROLES[found.severity]
        symbol = icon(ICONS.get(found.verdict, "ph.warning-circle"), role)
        self._tag_icon.setPixmap(symbol.pixmap(QSize(15, 15)))
        self._tag.setText(found.title)
        self._tag.setToolTip(f"After {len(self.preview.loss)} steps: {found.sentence}")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self.opened.emit(self.file)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit(self.file)
        else:
            super().keyPressEvent(event)


class Gallery(QWidget):
    """Pick an experiment; the first one already runs."""

    example_opened = Signal(object)
    studio_asked = Signal()
    new_asked = Signal()
    open_asked = Signal()
    recent_opened = Signal(object)

    def __init__(self, examples: Sequence[tuple[Path, Setup]]) -> None:
        super().__init__()
        self.setProperty("role", "window")
        self.cards = {
            file: ExampleCard(number, file, setup)
            for number, (file, setup) in enumerate(examples, start=1)
        }
        self._recent = QVBoxLayout()
        self._recent.setSpacing(2)
        self.hero_slot = QVBoxLayout()
        self.hero_slot.setContentsMargins(0, 0, 0, 0)
        self._grid = QGridLayout()
        self._grid.setSpacing(14)
        self._columns = 0
        for card in self.cards.values():
            card.opened.connect(self.example_opened)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._make_rail())
        layout.addWidget(self._make_page(), 1)
        self.show_recent([])

    def set_hero(self, hero: QWidget) -> None:
        """Put the running example on top."""
        self.hero_slot.addWidget(hero)

    def show_preview(self, preview: Preview) -> None:
        """Hand a preview to its card."""
        if preview.file in self.cards:
            self.cards[preview.file].show_preview(preview)

    def show_recent(self, files: Sequence[Path]) -> None:
        """List the files opened last."""
        while (item := self._recent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for file in files[:6]:
            button = QPushButton(file.name.removesuffix(".gradstudio.json"))
            button.setProperty("role", "rail")
            button.setToolTip(str(file))
            button.clicked.connect(lambda *_, f=file: self.recent_opened.emit(f))
            self._recent.addWidget(button)
        if not files:
            hint = label("Nothing yet. Drop a setup file anywhere on this window.", "caption")
            hint.setWordWrap(True)
            self._recent.addWidget(hint)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        cards = list(self.cards)
        number = event.key() - Qt.Key.Key_1
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.studio_asked.emit()
        elif 0 <= number < min(len(cards), NUMBERED_CARDS):
            self.example_opened.emit(cards[number])
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: object) -> None:
        columns = max(1, (self.width() - RAIL_WIDTH - 48) // (CARD_WIDTH + 14))
        if columns != self._columns:
            self._columns = columns
            for index, card in enumerate(self.cards.values()):
                self._grid.addWidget(card, index // columns, index % columns)

    def _make_rail(self) -> QWidget:
        rail = QFrame()
        rail.setProperty("role", "rail-panel")
        rail.setFixedWidth(RAIL_WIDTH)
        column = QVBoxLayout(rail)
        column.setContentsMargins(20, 22, 20, 16)
        column.setSpacing(6)
        logo = QLabel()
        logo.setPixmap(QIcon(str(resource("icons", "gradstudio.svg"))).pixmap(LOGO_SIZE))
        name = QHBoxLayout()
        name.setSpacing(9)
        name.addWidget(logo)
        name.addWidget(label("GradStudio", "brand"), 1)
        column.addLayout(name)
        words = label("See every layer's gradient while a network trains, and repair it.", "body")
        words.setWordWrap(True)
        column.addWidget(words)
        column.addSpacing(14)
        for text, symbol, signal in (
            ("New setup", "ph.file-plus", self.new_asked),
            ("Open…", "ph.folder-open", self.open_asked),
        ):
            button = QPushButton(icon(symbol), text)
            button.setProperty("role", "rail")
            button.clicked.connect(lambda *_, s=signal: s.emit())
            column.addWidget(button)
        column.addSpacing(14)
        column.addWidget(label("Recent", "strong"))
        column.addLayout(self._recent)
        column.addStretch(1)
        column.addWidget(label("Offline. No account. Nothing is sent.", "caption"))
        return rail

    def _make_page(self) -> QWidget:
        page = QWidget()
        page.setProperty("role", "window")
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 20, 24, 24)
        column.setSpacing(14)
        head = QHBoxLayout()
        title = label("Pick an experiment. It starts at once.", "page-title")
        head.addWidget(title)
        head.addSpacing(10)
        head.addWidget(label("Real networks, trained on this machine.", "subtitle"), 1)
        column.addLayout(head)
        column.addLayout(self.hero_slot)
        column.addLayout(self._grid)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setProperty("role", "window")
        scroll.setWidget(page)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return scroll
