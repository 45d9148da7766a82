"""A combo box that groups its choices and can say something beside each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QIcon,
    QPainter,
    QPaintEvent,
    QStandardItem,
    QStandardItemModel,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QLineEdit,
    QListView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionComboBox,
    QStyleOptionViewItem,
    QStylePainter,
    QWidget,
)

from gradstudio.ui.fields import HEIGHT, mark_invalid
from gradstudio.ui.theme import current_theme, font

ROW: Final = 24
POPUP_STYLE: Final = "combobox-popup: 0;"
"""A list under the box, with a scroll bar; Fusion's own hides the last row behind an arrow."""
_ARROW: Final = 14
_WIDEST: Final = 420
_NOTE_ROLE: Final = Qt.ItemDataRole.UserRole + 1
_FIGURE_ROLE: Final = Qt.ItemDataRole.UserRole + 2
_HEADING_ROLE: Final = Qt.ItemDataRole.UserRole + 3

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Choice:
    """One choice: its value, its text, a grey note after it, a figure at the right end.

    The heading of its group names the figure by `figure_title`.
    """

    value: str
    text: str
    note: str = ""
    figure: str = ""
    figure_title: str = ""
    tooltip: str = ""
    group: str = ""
    symbol: QIcon | None = None


class ChoiceField(QComboBox):
    """One of several values, under headings where they have groups.

    With ``searchable`` any part of a text can be typed to find a choice.
    """

    edited = Signal(object)
    """The value chosen by the user."""
    refused = Signal(str)
    """Why the text typed is no choice; empty once it is one again."""

    def __init__(self, name: str, parent: QWidget | None = None, *, searchable: bool = False):
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(HEIGHT)
        self.setStyleSheet(POPUP_STYLE)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)
        self.setMaxVisibleItems(24)
        self._choices: tuple[Choice, ...] = ()
        self._items = QStandardItemModel(self)
        self.setModel(self._items)
        self.view().setItemDelegate(_ChoiceDelegate(self.view()))
        self.activated.connect(self._activated)
        if searchable:
            self._make_searchable()

    def set_choices(self, choices: Iterable[Choice]) -> None:
        """Offer other choices; the value stays where it is still offered."""
        choices = tuple(choices)
        if choices == self._choices:
            return
        value = self.value()
        self._choices = choices
        self._items.clear()
        group = ""
        for choice in choices:
            if choice.group != group:
                group = choice.group
                self._items.appendRow(_heading(group, choice))
            self._items.appendRow(_item(choice))
        self.set_value(value)

    def value(self) -> str:
        """The value shown; empty when there is none."""
        value = self.currentData()
        return value if isinstance(value, str) else ""

    def set_value(self, value: str) -> None:
        """Show a value."""
        self.setCurrentIndex(self.findData(value))
        edit = self.lineEdit()
        if edit is not None:
            edit.setCursorPosition(0)
        self.refuse("")

    def values(self) -> list[str]:
        """All values offered, in order."""
        return [choice.value for choice in self._choices]

    def refuse(self, problem: str) -> None:
        """Mark the choice as wrong, or as right again."""
        if bool(self.property("invalid")) or problem:
            mark_invalid(self, bool(problem))
            self.refused.emit(problem)

    def showPopup(self) -> None:
        """Open the list, wide enough for its longest row."""
        delegate, option = self.view().itemDelegate(), QStyleOptionViewItem()
        rows = range(self._items.rowCount())
        widest = max(
            (delegate.sizeHint(option, self._items.index(row, 0)).width() for row in rows),
            default=0,
        )
        self.view().setMinimumWidth(max(min(widest + 12, _WIDEST), self.width()))
        super().showPopup()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the box with the choice and its grey note."""
        if self.isEditable():
            super().paintEvent(event)
            return
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = ""
        option.currentIcon = QIcon()
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        area = self.rect().adjusted(7, 0, -_ARROW, 0)
        note = self.currentData(_NOTE_ROLE) or ""
        _draw_texts(painter, area, self.currentText(), note, enabled=self.isEnabled())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Change only where the focus is."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _activated(self, index: int) -> None:
        value = self.itemData(index)
        if isinstance(value, str):
            self.refuse("")
            self.edited.emit(value)

    def _make_searchable(self) -> None:
        self.setEditable(True)
        edit, popup = self.lineEdit(), QListView()
        if edit is None:
            return
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        edit.setTextMargins(-2, 0, 0, 0)
        completer = QCompleter(self._items, self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setPopup(popup)
        popup.setItemDelegate(_ChoiceDelegate(popup))
        self.setCompleter(completer)
        edit.editingFinished.connect(lambda: self._search(edit))

    def _search(self, edit: QLineEdit) -> None:
        """Take the first choice that holds the text typed."""
        text = edit.text().strip().casefold()
        found = [choice for choice in self._choices if choice.text.casefold() == text]
        found += [choice for choice in self._choices if text and text in choice.text.casefold()]
        if not found:
            self.refuse(f"No set is called “{edit.text()}”")
        elif found[0].value != self.value() or bool(self.property("invalid")):
            self.set_value(found[0].value)
            self.edited.emit(found[0].value)
        else:
            edit.setText(found[0].text)


class _ChoiceDelegate(QStyledItemDelegate):
    """Paints headings, texts with their notes, and figures at the right end."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As wide as its texts."""
        texts = [str(index.data(role) or "") for role in _TEXT_ROLES]
        width = QFontMetrics(font(12)).horizontalAdvance("   ".join(texts))
        return QSize(width + (48 if index.data(Qt.ItemDataRole.DecorationRole) else 28), ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a heading, or a choice."""
        theme = current_theme()
        area = QRect(option.rect)
        state = option.state
        painter.save()
        if index.data(_HEADING_ROLE):
            painter.setFont(font(11, 600))
            painter.setPen(theme.color("text3"))
            painter.drawText(area.adjusted(8, 4, -8, 0), _LEFT, str(index.data()))
            painter.setFont(font(11))
            painter.drawText(area.adjusted(8, 4, -8, 0), _RIGHT, str(index.data(_FIGURE_ROLE)))
            painter.restore()
            return
        if state & QStyle.StateFlag.State_Selected:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent_soft"))
            painter.drawRoundedRect(area, 4, 4)
        area = area.adjusted(8, 0, -8, 0)
        symbol = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(symbol, QIcon):
            symbol.paint(painter, QRect(area.left(), area.center().y() - 7, 26, 16))
            area.setLeft(area.left() + 34)
        figure = str(index.data(_FIGURE_ROLE) or "")
        if figure:
            painter.setFont(font(11, mono=True))
            painter.setPen(theme.color("text3"))
            painter.drawText(area, _RIGHT, figure)
            area.setRight(area.right() - painter.fontMetrics().horizontalAdvance(figure) - 10)
        _draw_texts(painter, area, str(index.data()), str(index.data(_NOTE_ROLE) or ""))
        painter.restore()


_TEXT_ROLES: Final = (Qt.ItemDataRole.DisplayRole, _NOTE_ROLE, _FIGURE_ROLE)
_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def _item(choice: Choice) -> QStandardItem:
    item = QStandardItem(choice.text)
    item.setData(choice.value, Qt.ItemDataRole.UserRole)
    item.setData(choice.note, _NOTE_ROLE)
    item.setData(choice.figure, _FIGURE_ROLE)
    item.setToolTip(choice.tooltip)
    if choice.symbol is not None:
        item.setIcon(choice.symbol)
    return item


def _heading(text: str, first: Choice) -> QStandardItem:
    item = QStandardItem(text)
    item.setData(True, _HEADING_ROLE)
    item.setData(first.figure_title, _FIGURE_ROLE)
    item.setFlags(Qt.ItemFlag.NoItemFlags)
    return item


def _draw_texts(
    painter: QPainter, area: QRect, text: str, note: str, *, enabled: bool = True
) -> None:
    """Draw a text and a grey note after it; what does not fit is cut with an ellipsis."""
    theme = current_theme()
    painter.setFont(font(12))
    metrics = painter.fontMetrics()
    painter.setPen(theme.color("text" if enabled else "text3"))
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(area, _LEFT, shown)
    rest = area.adjusted(metrics.horizontalAdvance(shown), 0, 0, 0)
    if note and shown == text and rest.width() > 24:
        painter.setPen(theme.color("text3"))
        cut = metrics.elidedText(f" · {note}", Qt.TextElideMode.ElideRight, rest.width())
        painter.drawText(rest, _LEFT, cut)
