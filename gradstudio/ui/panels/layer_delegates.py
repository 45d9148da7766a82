"""How the cells of the layer table are painted and edited."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QObject,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
)
from PySide6.QtGui import QColor, QFontMetrics, QIcon, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QHeaderView,
    QSpinBox,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from gradstudio.nn.activations import ACTIVATIONS
from gradstudio.numbers import count
from gradstudio.setup.models import MAX_UNITS
from gradstudio.ui.choices import POPUP_STYLE, Choice, ChoiceField
from gradstudio.ui.panels.layer_model import TITLES, Column, Index, LayerModel
from gradstudio.ui.panels.layer_tags import draw_tags
from gradstudio.ui.theme import current_theme, font

ROW_HEIGHT: Final = 21
SIDE: Final = 12
"""Margin at both ends of a row."""
PAD: Final = 8
"""Left of a text column."""
TAG_PAD: Final = 4
"""Left of the tags."""
DELTA_WIDTHS: Final = (90, 62)
"""Of the column of the signal, with its bar and without."""
_BAR: Final = 26
_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_EDITOR_STYLE: Final = "min-height: 0; padding: 0 4px; border-radius: 3px;"


class CellDelegate(QStyledItemDelegate):
    """Paints a cell: the row's ground, then its content by column."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """A row is 21 px high."""
        return QSize(60, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the ground of the row, then the content of the cell."""
        model = index.model()
        if not isinstance(model, LayerModel):
            return
        area = QRect(option.rect)
        state = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        theme = current_theme()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if selected:
            painter.fillRect(area, theme.color("accent_soft"))
            if index.column() == Column.LAYER:
                painter.fillRect(area.left(), area.top(), 3, area.height(), theme.color("accent"))
        elif state & QStyle.StateFlag.State_MouseOver and index.row() > 0:
            painter.fillRect(area, theme.color("bg2", 0.6))
        self._content(painter, area, index, model, selected)
        if selected and state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.color("accent", 0.7), 1, Qt.PenStyle.DotLine))
            if index.flags() & Qt.ItemFlag.ItemIsEditable:
                painter.drawRoundedRect(QRectF(area).adjusted(1.5, 2.5, -1.5, -2.5), 3, 3)
        painter.restore()

    def _content(
        self, painter: QPainter, area: QRect, index: Index, model: LayerModel, selected: bool
    ) -> None:
        column = Column(index.column())
        text = str(index.data())
        if column is Column.LAYER:
            _draw_layer(painter, area, model, index.row(), text)
        elif column is Column.DELTA:
            _draw_delta(painter, area, model, index.row(), text)
        elif column is Column.STRUCTURE:
            row = index.row()
            inner = area.adjusted(TAG_PAD, 0, 0, 0)
            draw_tags(painter, inner, model.tags(row), wrong=model.is_faulty(row))
        else:
            plain = column is Column.UNITS or selected
            role = "text3" if index.row() == 0 else "text" if plain else "text2"
            painter.setFont(font(12))
            painter.setPen(current_theme().color(role))
            inner = area if column is Column.UNITS else area.adjusted(PAD, 0, 0, 0)
            cut = _fitted(text, painter.fontMetrics(), inner.width())
            painter.drawText(inner, _RIGHT if column is Column.UNITS else _LEFT, cut)


class LayerHeader(QHeaderView):
    """Titles that stand over the texts of their columns."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._step: int | None = None

    def show_step(self, step: int | None) -> None:
        """Name the step of which the signal is shown; None is the newest."""
        if step != self._step:
            self._step = step
            self.viewport().update()

    def signal_title(self, rect: QRect) -> str:
        """The title of the column of the signal, as long as a section has room for."""
        if self._step is None:
            title = TITLES[Column.DELTA]
            return title if _has_bar(rect) else title.removesuffix(" now")
        at = f"δ at {count(self._step)}"
        metrics, room = QFontMetrics(font(11)), _value_area(rect).width()
        fitting = (t for t in (f"RMS {at}", at) if metrics.horizontalAdvance(t) <= room)
        return next(fitting, "earlier δ")

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        """Paint one title."""
        column = Column(logicalIndex)
        painter.setFont(font(11))
        painter.setPen(current_theme().color("text3"))
        if column is Column.LAYER:
            painter.drawText(rect.adjusted(SIDE, 0, 0, 0), _LEFT, TITLES[column])
        elif column is Column.DELTA:
            painter.drawText(_value_area(rect), _RIGHT, self.signal_title(rect))
        elif column is Column.UNITS:
            # Wider than its numbers: it may reach into the gap left of them.
            painter.drawText(rect.adjusted(-PAD, 0, 0, 0), _RIGHT, TITLES[column])
        else:
            painter.drawText(rect.adjusted(PAD, 0, 0, 0), _LEFT, TITLES[column])


class UnitsDelegate(CellDelegate):
    """Units: a spin box in the cell."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Open the editor in the cell."""
        editor = QSpinBox(parent)
        editor.setRange(1, MAX_UNITS)
        editor.setStyleSheet(_EDITOR_STYLE)
        editor.setObjectName("unitsEditor")
        editor.setAccessibleName(str(index.data(Qt.ItemDataRole.AccessibleTextRole)))
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Show the value of the cell in its editor."""
        if isinstance(editor, QSpinBox):
            editor.setValue(int(index.data(Qt.ItemDataRole.EditRole)))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Tell the model of a new value."""
        if isinstance(editor, QSpinBox):
            editor.interpretText()
            if editor.value() != index.data(Qt.ItemDataRole.EditRole):
                model.setData(_plain(index), editor.value())

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> None:
        """Let the box be wider than its narrow column."""
        area = QRect(option.rect)
        editor.setGeometry(area.adjusted(-14, 0, 4, 0))


class ChoiceDelegate(CellDelegate):
    """Activation or initializer: a list that opens in the cell."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Open the editor in the cell."""
        editor = ChoiceField(TITLES[index.column()], parent)
        editor.setStyleSheet(_EDITOR_STYLE + POPUP_STYLE)
        editor.setObjectName("choiceEditor")
        model = index.model()
        if index.column() == Column.ACTIVATION:
            editor.set_choices(activation_choices())
        elif isinstance(model, LayerModel):
            editor.set_choices(model.initializer_choices(index.row()))
        editor.edited.connect(lambda _: self._finish(editor))
        QTimer.singleShot(0, editor, editor.showPopup)
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Show the value of the cell in its editor."""
        if isinstance(editor, ChoiceField):
            editor.set_value(str(index.data(Qt.ItemDataRole.EditRole)))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Tell the model of a new value."""
        if isinstance(editor, ChoiceField):
            value = editor.value()
            if value and value != index.data(Qt.ItemDataRole.EditRole):
                model.setData(_plain(index), value)

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        """Stay open while the list has the focus."""
        # The popup of the list takes the focus; that does not end the edit.
        if event.type() == QEvent.Type.FocusOut and isinstance(editor, ChoiceField):
            return False
        return super().eventFilter(editor, event)

    def _finish(self, editor: ChoiceField) -> None:
        self.commitData.emit(editor)
        self.closeEditor.emit(editor, QAbstractItemDelegate.EndEditHint.NoHint)


def activation_choices() -> list[Choice]:
    """All activations, each with the curve of its derivative."""
    return [
        Choice(name, phi.label, tooltip="Curve: φ′", symbol=_derivative_icon(name))
        for name, phi in ACTIVATIONS.items()
    ]


def _fitted(text: str, metrics: QFontMetrics, room: int) -> str:
    """A name as long as there is room for: ``Xavier normal`` or ``Xavier N``, ``leaky``."""
    fitting = text
    if metrics.horizontalAdvance(text) > room:
        fitting = text.removeprefix("Uniform ").replace(" normal", " N").replace(" uniform", " U")
        fitting = fitting.removesuffix(" ReLU").removesuffix(" tanh")
    return metrics.elidedText(fitting, Qt.TextElideMode.ElideRight, room)


def _value_area(area: QRect) -> QRect:
    """The last column without its margin, of which the scroll bar may have taken a part."""
    whole = DELTA_WIDTHS[0] if _has_bar(area) else DELTA_WIDTHS[1]
    return area.adjusted(0, 0, -max(SIDE - (whole - area.width()), 3), 0)


def _has_bar(area: QRect) -> bool:
    return area.width() > DELTA_WIDTHS[0] - SIDE


def _draw_layer(painter: QPainter, area: QRect, model: LayerModel, row: int, text: str) -> None:
    theme = current_theme()
    colours = theme.depth(model.hidden + 1)
    colour: QColor = colours[row - 1] if row > 0 else theme.color("text3")
    chip = QRectF(area.left() + SIDE, area.top() + (area.height() - 14) / 2, 3, 14)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(chip, 1.5, 1.5)
    painter.setFont(font(12, 600))
    painter.setPen(theme.color("text"))
    painter.drawText(area.adjusted(SIDE + 8, 0, 0, 0), _LEFT, text)


def _draw_delta(painter: QPainter, area: QRect, model: LayerModel, row: int, text: str) -> None:
    theme = current_theme()
    value = model.live(row)
    has_bar, area = _has_bar(area), _value_area(area)
    painter.setFont(font(11, mono=True))
    finite = value is None or np.isfinite(value)
    quiet = value is None
    painter.setPen(theme.color("critical" if not finite else "text3" if quiet else "text"))
    painter.drawText(area, _RIGHT, text)
    if quiet or not has_bar:
        return
    track = QRectF(area.left() + 3, area.center().y() - 1.5, _BAR, 5)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("bg3"))
    painter.drawRoundedRect(track, 2, 2)
    share = model.bar(row)
    if share > 0:
        painter.setBrush(theme.depth(model.hidden + 1)[row - 1])
        painter.drawRoundedRect(QRectF(track.left(), track.top(), track.width() * share, 5), 2, 2)


def _derivative_icon(name: str) -> QIcon:
    """The curve of phi' from -4 to 4, 26 by 16 pixels, its top at 1 or where phi' is largest."""
    width, height, ratio = 26, 16, 3.0
    z = np.linspace(-4.0, 4.0, 79)
    slope = ACTIVATIONS[name].derivative(z)
    slope /= max(1.0, float(slope.max()))
    pixmap = QPixmap(int(width * ratio), int(height * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    theme = current_theme()
    painter.setPen(QPen(theme.color("line"), 1))
    painter.drawLine(QPointF(0, height - 1.5), QPointF(width, height - 1.5))
    painter.setPen(QPen(theme.color("text2"), 1.2))
    points = [
        QPointF(x * (width - 2) / (len(z) - 1) + 1, height - 2 - float(y) * (height - 4))
        for x, y in enumerate(slope)
    ]
    painter.drawPolyline(QPolygonF(points))
    painter.end()
    return QIcon(pixmap)


def _plain(index: Index) -> Any:
    """The index as the model wants it."""
    return index.model().index(index.row(), index.column())
