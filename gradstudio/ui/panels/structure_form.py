"""What the selected layers have beside their weights, as fields under the layer table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradstudio.nn.structure import NORMALISATIONS
from gradstudio.setup.models import LayerSetup, NetworkSetup
from gradstudio.ui.choices import Choice, ChoiceField
from gradstudio.ui.field_spec import FieldSpec, field_spec
from gradstudio.ui.fields import NumberField, describe
from gradstudio.ui.forms import AnyEditor, Form
from gradstudio.ui.panels import structure_acts
from gradstudio.ui.panels.network_acts import Act, ActError, layer_names
from gradstudio.ui.panels.panel import MARGIN
from gradstudio.ui.widgets import label

SHORTCUT_LABELS: Final = {
    "none": "None",
    "plain": "Plain",
    "scaled": "Scaled",
    "rezero": "ReZero",
    "fixup": "Fixup",
}
SHORTCUT_HELP: Final = {
    "none": "No path around the layer.",
    "plain": "Adds what came in before: many of them make the gradient grow.",
    "scaled": "Divides each branch by the root of their number L, so that the sum stays level.",
    "rezero": "A learnt factor that starts at 0: at first only the shortcut carries the signal.",
    "fixup": "Branches made small at the start, the last weights 0; a learnt factor starts at 1.",
}
NORMALISATION_HELP: Final = {
    "none": "z goes to φ as it is.",
    "batch": "Each unit gets mean 0 and variance 1 over the samples of the batch.",
    "layer": "Each sample gets mean 0 and variance 1 over the units of the layer.",
}
DROPOUTS: Final = (0.0, 0.1, 0.2, 0.5)
"""Shares that the menu offers."""


class StructureForm(QWidget):
    """Normalisation, shortcut, dropout and leak of the layers selected."""

    acted = Signal(object, str)
    """An act, and the name of the field whose edits merge; empty for those that do not."""
    left = Signal()
    """Esc was pressed."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("structureForm")
        self._network, self._inputs = NetworkSetup(), 2
        self._layers: tuple[int, ...] = (0,)
        self.caption = label("", "caption")
        self.form = Form()
        for name in ("normalisation", "residual", "dropout", "span", "leak"):
            spec = field_spec(LayerSetup, name)
            self.form.add(spec, _editor(spec))
        self.form.edited.connect(self._edit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, 4, MARGIN, 0)
        layout.setSpacing(4)
        layout.addWidget(self.caption)
        layout.addWidget(self.form)

    def show_layers(self, network: NetworkSetup, selected: Sequence[int], inputs: int) -> None:
        """Show what some layers have; the first of them stands for all."""
        hidden = tuple(index for index in selected if index < len(network.layers))
        self._network, self._layers, self._inputs = network, hidden, inputs
        self.form.setEnabled(bool(hidden))
        if not hidden:
            self.caption.setText("Beside its weights the output layer has nothing")
            return
        layers = [network.layers[index] for index in hidden]
        kinds = len({structure_acts.beside(layer) for layer in layers})
        mixed = f" · {kinds} kinds" if kinds > 1 else ""
        names = layer_names(hidden, len(network.layers))
        self.caption.setText(f"Beside the weights of {names}{mixed}")
        ending = structure_acts.shortcut_shown(layers)
        self.form.show_values(layers[0])
        for name in ("residual", "span"):
            self.form.editor(name).set_value(getattr(ending, name))
        left_out = {"span"} if ending.residual == "none" else set()
        if any(layer.activation != "leaky_relu" for layer in layers):
            left_out.add("leak")
        self.form.set_shown(*(name for name in structure_acts.FIELDS if name not in left_out))

    def start(self) -> None:
        """Give the first field the focus."""
        self.form.editor("normalisation").setFocus(Qt.FocusReason.ShortcutFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def set_shortcut(self, kind: str, span: int | None = None) -> Act:
        """Return the act that lays shortcuts of a kind over the layers shown.

        Raises
        ------
        ActError
            If none of them fits.
        """
        layers = [self._network.layers[index] for index in self._layers]
        shown = structure_acts.shortcut_shown(layers) if layers else LayerSetup()
        span = span or (shown.span if shown.residual != "none" else 1)
        return structure_acts.set_shortcut(self._network, self._layers, kind, span, self._inputs)

    def set_field(self, name: str, value: object) -> Act:
        """Return the act that changes another field of the layers shown.

        Raises
        ------
        ActError
            If there is no hidden layer among them.
        """
        return structure_acts.set_field(self._network, self._layers, name, value)

    def _edit(self, name: str, value: object) -> None:
        try:
            if name == "residual":
                act = self.set_shortcut(str(value))
            elif name == "span" and isinstance(value, int):
                act = self.set_shortcut(str(self.form.editor("residual").value()), value)
            else:
                act = self.set_field(name, value)
        except ActError as error:
            self.form.editor(name).refuse(str(error))
            return
        merges = self.form.spec(name).kind in ("whole", "number")
        self.acted.emit(act, name if merges else "")


def _editor(spec: FieldSpec) -> AnyEditor:
    if not spec.choices:
        return NumberField(spec)
    texts, help_ = (
        (SHORTCUT_LABELS, SHORTCUT_HELP)
        if spec.name == "residual"
        else (dict(NORMALISATIONS), NORMALISATION_HELP)
    )
    field = ChoiceField(spec.label)
    describe(field, spec)
    field.set_choices(Choice(name, texts[name], tooltip=help_[name]) for name in spec.choices)
    return field
