"""The layer table: rows to select, edit, move, and a menu of what can be done to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QFontMetrics, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QMenu,
    QSizePolicy,
    QTableView,
    QWidget,
)

from gradstudio.ui.panels.layer_delegates import (
    DELTA_WIDTHS,
    PAD,
    ROW_HEIGHT,
    SIDE,
    TAG_PAD,
    CellDelegate,
    ChoiceDelegate,
    LayerHeader,
    UnitsDelegate,
)
from gradstudio.ui.panels.layer_model import Column, LayerModel
from gradstudio.ui.panels.layer_tags import tags_width
from gradstudio.ui.theme import font

HEAD_HEIGHT: Final = 20
LEAST_ROWS: Final = 5
WANTED_ROWS: Final = 16
"""Rows beyond which the table asks for no more height."""
LAYER_WIDTHS: Final = (44, 42)
"""Of the column of names: usual, and beside tags."""
_WIDTHS: Final = {
    Column.LAYER: LAYER_WIDTHS[0],
    Column.UNITS: 28,
    Column.DELTA: DELTA_WIDTHS[0],
}
_PHI_WIDTHS: Final = (52, 74)
_NARROW_PHI_WIDTHS: Final = (36, 58)
_ROOMY: Final = 360
"""Width from which on the bars of the signal have room beside tags."""
_OWN_KEYS: Final = (
    Qt.Key.Key_A,
    Qt.Key.Key_I,
    Qt.Key.Key_S,
    Qt.Key.Key_F2,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
)
_Trigger = QAbstractItemView.EditTrigger


class LayerTable(QTableView):
    """A table that selects whole rows; letters and digits open the editor they name."""

    selection_changed = Signal()
    """Other layers are selected."""
    structure_asked = Signal()
    """Enter or a double click on what a layer has beside its weights."""

    def __init__(self, model: LayerModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layers = model
        self.setModel(model)
        self.setObjectName("layerTable")
        self.setAccessibleName("Layers")
        self.setAccessibleDescription(
            "One row per layer, from the input to the output, with units, activation, "
            "initializer and the size of its gradient signal."
        )
        self.titles = LayerHeader(self)
        self._keys: dict[str, QAction] = {}
        self.menu = QMenu(self)
        self.menu.setAccessibleName("Layer")
        self._delegates = (CellDelegate(self), UnitsDelegate(self), ChoiceDelegate(self))
        self.setItemDelegate(self._delegates[0])
        self.setItemDelegateForColumn(Column.UNITS, self._delegates[1])
        self.setItemDelegateForColumn(Column.ACTIVATION, self._delegates[2])
        self.setItemDelegateForColumn(Column.INITIALIZER, self._delegates[2])
        self._set_up_view()
        self._set_up_headers()
        self.selectionModel().selectionChanged.connect(lambda *_: self.selection_changed.emit())
        self.doubleClicked.connect(self._follow_double_click)
        model.modelReset.connect(self._fit_height)
        model.dataChanged.connect(self._refit)
        self._fit_height()

    def add_act(self, text: str, keys: str, tooltip: str, act: Callable[[], object]) -> QAction:
        """An entry of the menu whose keys work while the table has the focus.

        They are no shortcuts of Qt: the window may have the same keys for the same acts, and Qt
        would find that ambiguous and do nothing.
        """
        action = QAction(f"{text}\t{keys}", self)
        action.setToolTip(tooltip)
        action.triggered.connect(lambda *_: act())
        self._keys[QKeySequence(keys).toString()] = action
        self.menu.addAction(action)
        return action

    def selected(self) -> list[int]:
        """Indices of the selected layers, the output among them."""
        rows = self.selectionModel().selectedRows()
        return sorted(index.row() - 1 for index in rows)

    def current(self) -> int:
        """Index of the layer with the cursor; -1 for none."""
        return self.currentIndex().row() - 1 if self.currentIndex().isValid() else -1

    def select(self, layers: Iterable[int]) -> None:
        """Select layers; the cursor goes to the first of them."""
        rows = [layer + 1 for layer in layers if 0 <= layer <= self._layers.hidden]
        selection = QItemSelection()
        for row in rows:
            selection.select(self._layers.index(row, 0), self._layers.index(row, Column.DELTA))
        flags = QItemSelectionModel.SelectionFlag
        model = self.selectionModel()
        if rows:
            column = max(self.currentIndex().column(), 0)
            model.setCurrentIndex(self._layers.index(rows[0], column), flags.NoUpdate)
        model.select(selection, flags.ClearAndSelect)
        if rows:
            self.scrollTo(self._layers.index(rows[0], 0))

    def edit_column(self, column: Column, event: QKeyEvent | None = None) -> bool:
        """Open the editor of a column in the current row."""
        index = self._layers.index(self.currentIndex().row(), column)
        if not index.flags() & Qt.ItemFlag.ItemIsEditable:
            return False
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
        if event is not None:
            return bool(self.edit(index, _Trigger.AnyKeyPressed, event))
        self.edit(index)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits type units, A and I open the lists, Home and End go to the ends."""
        key, plain = event.key(), _is_plain(event)
        act = self._keys.get(QKeySequence(event.keyCombination()).toString())
        if self.state() == QAbstractItemView.State.EditingState:
            event.accept()  # what an editor leaves over, such as Enter, opens no second one
        elif act is not None:
            act.trigger()
        elif plain and event.text().isdigit():
            self.edit_column(Column.UNITS, event)
        elif plain and key == Qt.Key.Key_A:
            self.edit_column(Column.ACTIVATION)
        elif plain and key == Qt.Key.Key_I:
            self.edit_column(Column.INITIALIZER)
        elif plain and key in (Qt.Key.Key_F2, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.currentIndex().column() == Column.STRUCTURE:
                self.structure_asked.emit()
            elif not self.edit_column(Column(max(self.currentIndex().column(), 0))):
                self.edit_column(Column.UNITS)
        elif plain and key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.select([0 if key == Qt.Key.Key_Home else self._layers.hidden])
        elif key == Qt.Key.Key_Space or (plain and event.text().isprintable() and event.text()):
            event.ignore()  # Space runs and pauses; letters search nothing here
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keep the keys of the table from being commands of the window."""
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and _is_own(event):
            event.accept()
            return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give what is left of the width to the initializer."""
        super().resizeEvent(event)
        self._fit_width()

    def sizeHint(self) -> QSize:
        """All rows, up to `WANTED_ROWS`."""
        rows = min(self._layers.rowCount(), WANTED_ROWS)
        return QSize(sum(_WIDTHS.values()) + 150, HEAD_HEIGHT + rows * ROW_HEIGHT)

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Keep the cursor off the input row."""
        index = super().moveCursor(action, modifiers)
        return self._layers.index(1, index.column()) if index.row() == 0 else index

    def _set_up_view(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(
            _Trigger.DoubleClicked | _Trigger.SelectedClicked | _Trigger.AnyKeyPressed
        )
        self.setTabKeyNavigation(False)
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.setDropIndicatorShown(True)
        self.setDragDropOverwriteMode(False)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)

    def _set_up_headers(self) -> None:
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setMinimumSectionSize(ROW_HEIGHT)
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        header = self.titles
        self.setHorizontalHeader(header)
        header.setMinimumSectionSize(16)
        header.setFixedHeight(HEAD_HEIGHT)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionsClickable(False)
        header.setHighlightSections(False)

    def _fit_width(self) -> None:
        """Columns as wide as they must be; the scroll bar lies in the margin of the last."""
        index = self._layers.index
        rows = range(self._layers.rowCount())
        phi, units = (
            max(metrics.horizontalAdvance(str(index(row, column).data())) for row in rows)
            for column, metrics in (
                (Column.ACTIVATION, QFontMetrics(font(12))),
                (Column.UNITS, QFontMetrics(font(12, 600))),
            )
        )
        phi += PAD + 2
        tags = max(tags_width(self._layers.tags(row)) for row in rows)
        narrow = tags > 0 and self.viewport().width() < _ROOMY
        least, most = _NARROW_PHI_WIDTHS if narrow else _PHI_WIDTHS
        covered = min(self.width() - self.viewport().width(), SIDE - 3)
        widths = _WIDTHS | {
            Column.LAYER: LAYER_WIDTHS[narrow],
            Column.ACTIVATION: min(max(phi, least), most),
            Column.UNITS: max(units + 4, _WIDTHS[Column.UNITS]),
            Column.STRUCTURE: tags + TAG_PAD if tags else 0,
            Column.DELTA: DELTA_WIDTHS[narrow] - covered,
        }
        rest = self.viewport().width() - sum(widths.values())
        for column, width in (widths | {Column.INITIALIZER: max(rest, 40)}).items():
            if self.columnWidth(column) != width:
                self.setColumnWidth(column, width)

    def _fit_height(self) -> None:
        """As high as all rows at most, as `LEAST_ROWS` at least; beyond that it scrolls."""
        rows = self._layers.rowCount()
        self.setMaximumHeight(HEAD_HEIGHT + rows * ROW_HEIGHT)
        self.setMinimumHeight(HEAD_HEIGHT + min(rows, LEAST_ROWS) * ROW_HEIGHT)
        self.updateGeometry()

    def _refit(self, first: QModelIndex, last: QModelIndex) -> None:
        if first.column() <= Column.STRUCTURE:
            self._fit_width()

    def _follow_double_click(self, index: QModelIndex) -> None:
        if index.column() == Column.STRUCTURE and index.row() > 0:
            self.structure_asked.emit()

    def _open_menu(self, position: QPoint) -> None:
        self.menu.popup(self.viewport().mapToGlobal(position))


def _is_plain(event: QKeyEvent) -> bool:
    """Whether no modifier but that of the number pad is held."""
    return not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier


def _is_own(event: QKeyEvent) -> bool:
    """Whether a key opens an editor or goes to an end of the table."""
    return _is_plain(event) and (event.text().isdigit() or event.key() in _OWN_KEYS)
