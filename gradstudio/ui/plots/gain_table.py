"""The table of the gain lab: one row per answer to the question for the right gain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from gradstudio.export.gain_words import GainRow
from gradstudio.ui.widgets import label

WIDTHS: Final = (78, 0, 52, 48)
"""Pixels of number, name, factor and what can be done; 0 takes the rest."""
LEAST_WIDTH: Final = 344
KEYS: Final = ("pytorch", "small", "gradient", "forward", "critical")
LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class GainTable(QScrollArea):
    """Each gain with its number, where it comes from, and what the gradient goes by with it."""

    tried = Signal(float)
    """A person wants to see the map of a gain."""
    used = Signal(float)
    """A person wants the layer to have a gain."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("gainTable")
        self.setAccessibleName("Where gains come from")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumWidth(LEAST_WIDTH)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(8, 2, 8, 8)
        column.setSpacing(3)
        self.note = label("", "caption")
        self.note.setWordWrap(True)
        self.note.setContentsMargins(4, 2, 4, 2)
        column.addWidget(self.note)
        column.addWidget(_head())
        self.rows = {key: GainRowView(key) for key in KEYS}
        for row in self.rows.values():
            row.tried.connect(self.tried)
            row.used.connect(self.used)
            column.addWidget(row)
        column.addStretch(1)
        self.setWidget(inner)

    def show_rows(
        self,
        rows: Sequence[GainRow],
        note: str,
        now: float | None,
        tried: float | None,
        changes: Sequence[str],
    ) -> None:
        """Show gains.

        Parameters
        ----------
        rows
            The gains in order.
        note
            A sentence over them; empty for none.
        now, tried
            Gain of the layer, and the one whose map is shown instead; None without.
        changes
            What using each gain would change; empty where it cannot be used.
        """
        self.note.setText(note)
        self.note.setVisible(bool(note))
        for row, change in zip(rows, changes, strict=True):
            self.rows[row.key].show_row(row, now, tried, change)


class GainRowView(QWidget):
    """One gain: number, name, factor and what can be done with it; under it the reason."""

    tried = Signal(float)
    used = Signal(float)

    def __init__(self, key: str) -> None:
        super().__init__()
        self.setObjectName(f"gain_{key}")
        self.setProperty("role", "part")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._gain: float | None = None
        self.number, self.use = _link(), _link()
        self.name, self.factor = label("", "strong"), label("", "mono")
        self.reason = label("", "small-label")
        self.reason.setWordWrap(True)
        self.factor.setToolTip("Gradient per layer in a stack of such layers, by theory.")
        grid = _grid(self)
        grid.addWidget(self.number, 0, 0, LEFT)
        grid.addWidget(self.name, 0, 1)
        grid.addWidget(self.factor, 0, 2, RIGHT)
        grid.addWidget(self.use, 0, 3, RIGHT)
        grid.addWidget(self.reason, 1, 0, 1, 4)
        self.number.clicked.connect(lambda *_: self._tell(self.tried.emit))
        self.use.clicked.connect(lambda *_: self._tell(self.used.emit))

    @property
    def is_lit(self) -> bool:
        """Whether it is the gain whose map is shown."""
        return bool(self.property("lit"))

    def show_row(self, row: GainRow, now: float | None, tried: float | None, change: str) -> None:
        """Show one gain, as `GainTable.show_rows` says."""
        self._gain = row.gain
        self.number.setText(row.number)
        self.number.setEnabled(row.gain is not None)
        self.number.setToolTip(f"Try {row.number}: draws its map and changes nothing.")
        self.number.setAccessibleName(f"{row.name}: try gain {row.number}")
        self.name.setText(row.name)
        self.factor.setText(row.factor_text)
        self.reason.setText(row.reason)
        is_now = _is_near(row.gain, now, 1e-4)
        self.use.setVisible(is_now or bool(change))
        self.use.setEnabled(not is_now)
        self.use.setText("in use" if is_now else "Use")
        self.use.setToolTip("The layer has it." if is_now else f"Changes {change}.")
        self.use.setAccessibleName(f"{row.name}: {'gain in use' if is_now else 'use this gain'}")
        is_lit = _is_near(row.gain, tried, 1e-4)
        if is_lit != self.is_lit:
            self.setProperty("lit", is_lit)
            self.style().unpolish(self)
            self.style().polish(self)

    def _tell(self, tell: Callable[[float], None]) -> None:
        if self._gain is not None:
            tell(self._gain)


def _is_near(gain: float | None, other: float | None, share: float) -> bool:
    return gain is not None and other is not None and abs(gain - other) <= share * gain


def _head() -> QWidget:
    head = QWidget()
    grid = _grid(head)
    for column, text in enumerate(("gain", "what it keeps level", "per layer", "")):
        made: QLabel = label(text, "caption")
        grid.addWidget(made, 0, column, RIGHT if column == 2 else LEFT)
    return head


def _grid(parent: QWidget) -> QGridLayout:
    grid = QGridLayout(parent)
    grid.setContentsMargins(4, 2, 2, 3)
    grid.setHorizontalSpacing(4)
    grid.setVerticalSpacing(0)
    for column, width in enumerate(WIDTHS):
        grid.setColumnMinimumWidth(column, width)
        grid.setColumnStretch(column, 0 if width else 1)
    return grid


def _link() -> QToolButton:
    button = QToolButton()
    button.setProperty("role", "link")
    button.setStyleSheet("QToolButton { padding: 0; margin-left: -5px; }")
    button.setFixedHeight(18)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
