"""Labelled fields in two columns, made from the field metadata of the setup models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QWidget

from gradstudio.ui.choices import ChoiceField
from gradstudio.ui.field_spec import FieldSpec
from gradstudio.ui.fields import NumberField, OptionalNumberField, TickField, mark_invalid
from gradstudio.ui.gain_field import GainField
from gradstudio.ui.log_field import LogNumberField
from gradstudio.ui.widgets import label

LABEL_WIDTHS: Final = (62, 50)


AnyEditor = NumberField | ChoiceField | TickField | OptionalNumberField | LogNumberField | GainField
"""All have ``value``, ``set_value``, ``refuse`` and the signals ``edited`` and ``refused``."""


@dataclass
class _Field:
    spec: FieldSpec
    editor: AnyEditor
    cell: QWidget
    caption: QLabel | None
    problem: QLabel
    wide: bool
    shown: bool = True


class Form(QWidget):
    """Fields two to a row, each with its label, and a sentence under what is wrong.

    Fields that do not apply are left out and the others move up.
    """

    edited = Signal(str, object)
    """Name of the field, its new value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fields: dict[str, _Field] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 5)
        self._grid.setColumnStretch(3, 4)
        self._grid.setColumnMinimumWidth(0, LABEL_WIDTHS[0])
        self._grid.setColumnMinimumWidth(2, LABEL_WIDTHS[1])

    def add(
        self,
        spec: FieldSpec,
        editor: AnyEditor,
        text: str | None = None,
        *,
        wide: bool = False,
        trailing: QWidget | None = None,
    ) -> None:
        """Put a field at the end.

        Parameters
        ----------
        spec, editor
            The field and what edits it.
        text
            Its label, empty for none; that of the model if not given.
        wide
            Whether it takes a whole row.
        trailing
            A tool that stands right of the editor.
        """
        text = spec.label if text is None else text
        caption = label(text) if text else None
        if caption is not None:
            caption.setToolTip(spec.help)
            caption.setBuddy(editor)
        problem = label("", "error")
        problem.setWordWrap(True)
        problem.hide()
        # Two fields of a row are equally wide whatever they hold.
        editor.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        cell = editor if trailing is None else _side_by_side(editor, trailing)
        cell.setMinimumWidth(56)
        for widget in (caption, cell, problem):
            if widget is not None:
                widget.setParent(self)
        self._fields[spec.name] = _Field(spec, editor, cell, caption, problem, wide)
        editor.edited.connect(lambda value, name=spec.name: self.edited.emit(name, value))
        editor.refused.connect(lambda sentence, name=spec.name: self._explain(name, sentence))
        self._arrange()

    def editor(self, name: str) -> AnyEditor:
        """The editor of a field."""
        return self._fields[name].editor

    def spec(self, name: str) -> FieldSpec:
        """What the model says of a field."""
        return self._fields[name].spec

    def show_values(self, source: object) -> None:
        """Show the values of the attributes of `source` that have a field here."""
        for name, field in self._fields.items():
            if hasattr(source, name):
                field.editor.set_value(getattr(source, name))

    def set_shown(self, *names: str) -> None:
        """Show these fields and no others."""
        wanted = {name: name in names for name in self._fields}
        if wanted != {name: field.shown for name, field in self._fields.items()}:
            for name, field in self._fields.items():
                field.shown = wanted[name]
            self._arrange()

    def set_wide(self, name: str, wide: bool) -> None:
        """Give a field a whole row, or half of one."""
        if self._fields[name].wide != wide:
            self._fields[name].wide = wide
            self._arrange()

    def shown(self) -> list[str]:
        """Names of the fields that apply, in order."""
        return [name for name, field in self._fields.items() if field.shown]

    def show_fault(self, name: str, sentence: str) -> None:
        """Say why a value that is right by itself does not fit the rest; empty where it does."""
        mark_invalid(self._fields[name].editor, bool(sentence))
        self._explain(name, sentence)

    def problem(self, name: str) -> str:
        """The sentence under a field; empty when it is right."""
        return self._fields[name].problem.text()

    def _explain(self, name: str, sentence: str) -> None:
        field = self._fields[name]
        field.problem.setText(f"{field.spec.label}: {sentence}" if sentence else "")
        field.problem.setVisible(bool(sentence) and field.shown)

    def _arrange(self) -> None:
        row, half = 0, 0
        for field in self._fields.values():
            for widget in (field.caption, field.cell, field.problem):
                if widget is not None:
                    self._grid.removeWidget(widget)
                    widget.setVisible(field.shown and widget is not field.problem)
            if not field.shown:
                continue
            if field.wide and half:
                row, half = row + 1, 0
            self._place(field, row, half)
            half = 2 if field.wide else half + 1
            if half == 2:
                row, half = row + 1, 0

    def _place(self, field: _Field, row: int, half: int) -> None:
        column = 2 * half
        span = 3 if field.wide else 1
        # Three grid rows for one of fields: the fields, then the sentence of either.
        if field.caption is None:
            self._grid.addWidget(field.cell, 3 * row, column, 1, span + 1)
        else:
            self._grid.addWidget(field.caption, 3 * row, column)
            self._grid.addWidget(field.cell, 3 * row, column + 1, 1, span)
        self._grid.addWidget(field.problem, 3 * row + 1 + half, 0, 1, 4)
        field.problem.setVisible(bool(field.problem.text()))


def _side_by_side(*widgets: QWidget) -> QWidget:
    cell = QWidget()
    layout = QHBoxLayout(cell)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(2)
    for widget in widgets:
        layout.addWidget(widget)
    cell.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return cell
