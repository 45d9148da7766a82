"""Labelled fields in two columns, made from the field metadata of the setup models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Protocol

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from gradstudio.ui.choices import ChoiceField
from gradstudio.ui.field_spec import FieldSpec
from gradstudio.ui.fields import NumberField, OptionalNumberField, TickField
from gradstudio.ui.widgets import label

LABEL_WIDTH: Final = 60


class Editor(Protocol):
    """What every editor of a form can do."""

    edited: SignalInstance
    refused: SignalInstance

    def value(self) -> Any:
        """The last good value."""

    def set_value(self, value: Any) -> None:
        """Show a value."""

    def refuse(self, problem: str) -> None:
        """Mark the value as wrong, with the reason; right again when it is empty."""


AnyEditor = NumberField | ChoiceField | TickField | OptionalNumberField


@dataclass
class _Field:
    spec: FieldSpec
    editor: AnyEditor
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
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnStretch(3, 1)
        self._grid.setColumnMinimumWidth(0, LABEL_WIDTH)
        self._grid.setColumnMinimumWidth(2, LABEL_WIDTH)

    def add(
        self, spec: FieldSpec, editor: AnyEditor, text: str | None = None, *, wide: bool = False
    ) -> None:
        """Put a field at the end; `text` is its label, empty for none."""
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
        editor.setMinimumWidth(56)
        self._fields[spec.name] = _Field(spec, editor, caption, problem, wide)
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

    def shown(self) -> list[str]:
        """Names of the fields that apply, in order."""
        return [name for name, field in self._fields.items() if field.shown]

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
            for widget in (field.caption, field.editor, field.problem):
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
            self._grid.addWidget(field.editor, 3 * row, column, 1, span + 1)
        else:
            self._grid.addWidget(field.caption, 3 * row, column)
            self._grid.addWidget(field.editor, 3 * row, column + 1, 1, span)
        self._grid.addWidget(field.problem, 3 * row + 1 + half, 0, 1, 4)
        field.problem.setVisible(bool(field.problem.text()))
