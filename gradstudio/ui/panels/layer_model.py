"""The rows of the layer table: the input, the hidden layers, the output."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import IntEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractTableModel,
    QByteArray,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from gradstudio.numbers import scientific
from gradstudio.setup.models import LayerSetup, NetworkSetup, OutputSetup
from gradstudio.training.audit import expected_factor
from gradstudio.training.coverage import coverage
from gradstudio.training.start import activation_of, initializer_of
from gradstudio.ui.choices import Choice
from gradstudio.ui.panels.fit import initializer_choices
from gradstudio.ui.panels.layer_tags import spoken, tags_of
from gradstudio.ui.panels.layer_text import WRITTEN

Index = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()
MIME: Final = "application/x-gradstudio-layers"
_LEAST_DECADES: Final = 4.0


class Column(IntEnum):
    """The columns from left to right."""

    LAYER = 0
    UNITS = 1
    ACTIVATION = 2
    STRUCTURE = 3
    INITIALIZER = 4
    DELTA = 5


TITLES: Final = ("Layer", "Units", "φ", "+", "Initializer", "RMS δ now")
HELP: Final = (
    "Layer 1 is next to the input, out is the output layer.",
    "More units: less noise in the gradient, not more of it. 1 to 2,048; F2 or type.",
    "φ′ multiplies the gradient once per layer. Key A.",
    "Beside the weights: BN or LN normalises, +1 is a shortcut around one layer, a drop is "
    "dropout. Key S.",
    "Sets the factor the weights pass back. Key I.",
    "Size of ∂L/∂z of this layer, per sample, on one log axis for all layers.",
)


class LayerModel(QAbstractTableModel):
    """Rows x, 1 to L, out of one network, with the live size of each layer's signal.

    It never changes by itself: an edit of a cell or a drop of rows is only told.
    """

    cell_edited = Signal(int, int, object)
    """Row, column and the value given."""
    layers_dropped = Signal(list, int)
    """Indices of the layers dragged, the index of the layer they are dropped in front of."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._network = NetworkSetup()
        self._inputs, self._outputs, self._output_activation = 2, 2, "softmax"
        self._live: NDArray[np.float64] | None = None
        self._axis = (-_LEAST_DECADES, 0.0)
        self._faulty: int | None = None

    @property
    def hidden(self) -> int:
        """Number of hidden layers; the row of the output is one more."""
        return len(self._network.layers)

    @property
    def sizes(self) -> list[int]:
        """Units of each row, input and output included."""
        return [self._inputs, *(layer.units for layer in self._network.layers), self._outputs]

    def show_network(self, network: NetworkSetup) -> None:
        """Show other layers; rows that stay keep selection and scroll position."""
        same_rows = len(network.layers) == self.hidden
        if not same_rows:
            self.beginResetModel()
            self._live = None
        self._network = network
        if same_rows:
            self._tell_all()
        else:
            self.endResetModel()

    def show_ends(self, inputs: int, outputs: int, output_activation: str) -> None:
        """Show the sizes that follow from the data, and the activation that belongs to the loss."""
        self._inputs, self._outputs = inputs, outputs
        self._output_activation = output_activation
        self._tell_all()

    def show_live(self, delta_rms: NDArray[np.float64] | None) -> None:
        """Show the RMS of delta per layer, shape (hidden + 1,); None empties the column."""
        if delta_rms is not None and len(delta_rms) != self.hidden + 1:
            delta_rms = None
        self._live = delta_rms
        if delta_rms is None:
            self._axis = (-_LEAST_DECADES, 0.0)
        else:
            self._widen(delta_rms)
        last = self.index(self.rowCount() - 1, Column.DELTA)
        self.dataChanged.emit(self.index(0, Column.DELTA), last)

    def show_fault(self, layer: int | None) -> None:
        """Mark the layer, 0-based, whose shortcut cannot be made; None marks none."""
        if layer != self._faulty:
            self._faulty = layer
            self._tell_all()

    def is_faulty(self, row: int) -> bool:
        """Whether the shortcut of a row cannot be made."""
        return self._faulty is not None and row == self._faulty + 1

    def tags(self, row: int) -> tuple[str, ...]:
        """What the layer of a row has beside its weights."""
        layer = self._layer(row) if row > 0 else None
        return tags_of(layer) if isinstance(layer, LayerSetup) else ()

    def live(self, row: int) -> float | None:
        """RMS of delta of a row; None where there is none."""
        if self._live is None or not 0 < row <= len(self._live):
            return None
        return float(self._live[row - 1])

    def bar(self, row: int) -> float:
        """Share of the bar of a row, 0 to 1, on the log axis all rows have in common."""
        value = self.live(row)
        if value is None or not value > 0:
            return 0.0
        low, high = self._axis
        share = (math.log10(value) - low) / (high - low) if value < math.inf else 1.0
        return min(max(share, 0.0), 1.0)

    def initializer_choices(self, row: int) -> list[Choice]:
        """The initializers, sorted by how well they suit the layer of a row."""
        return initializer_choices(self._layer(row), self.sizes[row - 1], self.sizes[row])

    def label(self, row: int) -> str:
        """``x``, the number of the layer, or ``out``."""
        return "x" if row == 0 else "out" if row == self.hidden + 1 else str(row)

    def rowCount(self, parent: Index = _ROOT) -> int:
        """One row per layer, and one for the input."""
        return 0 if parent.isValid() else self.hidden + 2

    def columnCount(self, parent: Index = _ROOT) -> int:
        """The columns of `Column`."""
        return 0 if parent.isValid() else len(Column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Titles, help and alignment of the columns."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return TITLES[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return HELP[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            right = section in (Column.UNITS, Column.DELTA)
            side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, value, help and spoken text of a cell."""
        row, column = index.row(), Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == Qt.ItemDataRole.EditRole:
            return self._value(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._help(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"Layer {self.label(row)}, {TITLES[column]}: {self._text(row, column)}"
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Tell that a cell was edited."""
        if role != Qt.ItemDataRole.EditRole or not index.flags() & Qt.ItemFlag.ItemIsEditable:
            return False
        self.cell_edited.emit(index.row(), index.column(), value)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Hidden layers can be edited and dragged; the output only takes another initializer."""
        row, column = index.row(), index.column()
        if row == 0:
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsDropEnabled
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        flags |= Qt.ItemFlag.ItemIsDropEnabled
        inner = row <= self.hidden
        if inner:
            flags |= Qt.ItemFlag.ItemIsDragEnabled
        editable = (Column.UNITS, Column.ACTIVATION) if inner else ()
        if column in (*editable, Column.INITIALIZER):
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def supportedDropActions(self) -> Qt.DropAction:
        """Rows move."""
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        """Only rows of this table can be dropped."""
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """The indices of the layers dragged."""
        rows = sorted({index.row() - 1 for index in indexes if 0 < index.row() <= self.hidden})
        mime = QMimeData()
        mime.setData(MIME, QByteArray(" ".join(map(str, rows)).encode()))
        return mime

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index
    ) -> bool:
        """Tell where layers were dropped; the rows themselves follow the setup."""
        if not data.hasFormat(MIME):
            return False
        gap = row if row >= 0 else parent.row() if parent.isValid() else self.hidden + 1
        layers = [int(part) for part in bytes(data.data(MIME).data()).decode().split()]
        self.layers_dropped.emit(layers, min(max(gap - 1, 0), self.hidden))
        return False  # Qt would take the dragged rows out itself

    def _layer(self, row: int) -> LayerSetup | OutputSetup:
        return self._network.layers[row - 1] if row <= self.hidden else self._network.output

    def _text(self, row: int, column: Column) -> str:
        if column is Column.LAYER:
            return self.label(row)
        if column is Column.UNITS:
            return f"{self.sizes[row]}"
        if column is Column.STRUCTURE:
            layer = self._layer(row) if row > 0 else None
            return spoken(layer) if isinstance(layer, LayerSetup) else ""
        if row == 0:
            return {Column.ACTIVATION: "input"}.get(column, "–")
        layer = self._layer(row)
        if column is Column.ACTIVATION:
            if isinstance(layer, LayerSetup):
                return WRITTEN[layer.activation]
            return self._output_activation
        if column is Column.INITIALIZER:
            return initializer_of(layer).label
        value = self.live(row)
        return "–" if value is None else scientific(value)

    def _value(self, row: int, column: Column) -> Any:
        if column is Column.UNITS:
            return self.sizes[row]
        if row > 0 and column is Column.INITIALIZER:
            return self._layer(row).initializer.name
        layer = self._layer(row) if row > 0 else None
        if isinstance(layer, LayerSetup) and column is Column.ACTIVATION:
            return layer.activation
        return self._text(row, column)

    def _help(self, row: int) -> str:
        if row == 0:
            return f"Input: {self._inputs} values per sample."
        layer = self._layer(row)
        fan_in, fan_out = self.sizes[row - 1], self.sizes[row]
        name = "Output layer" if row > self.hidden else f"Layer {row}"
        factor = expected_factor(layer, fan_in, fan_out)
        lines = [
            f"{name}: {fan_in} in, {fan_out} out.",
            f"{initializer_of(layer).label} with {activation_of(layer).label}: the gradient × "
            f"{factor:.2g} per layer, by theory.",
        ]
        beside = spoken(layer) if isinstance(layer, LayerSetup) else ""
        lines += [f"Beside the weights: {beside}."] if beside else []
        lines += [coverage(self._network, row - 1).sentence]
        return "\n".join(line for line in lines if line)

    def _widen(self, delta_rms: NDArray[np.float64]) -> None:
        good = delta_rms[np.isfinite(delta_rms) & (delta_rms > 0)]
        if good.size:
            low = min(self._axis[0], math.floor(math.log10(good.min())) - 1.0)
            high = max(self._axis[1], math.ceil(math.log10(good.max())))
            self._axis = (low, high)

    def _tell_all(self) -> None:
        end = self.index(self.rowCount() - 1, self.columnCount() - 1)
        self.dataChanged.emit(self.index(0, 0), end)
