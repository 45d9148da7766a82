"""The starting weights of the selected layers: which initializer, and what it amounts to here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gradstudio.nn.initializers import BIAS_INITIALIZERS, INITIALIZERS
from gradstudio.setup.models import (
    BiasSetup,
    InitializerSetup,
    LayerSetup,
    NetworkSetup,
    OutputSetup,
)
from gradstudio.training.audit import audit
from gradstudio.ui.choices import Choice, ChoiceField
from gradstudio.ui.field_spec import FieldError, FieldSpec, field_spec, replaced
from gradstudio.ui.fields import NumberField, describe
from gradstudio.ui.forms import Form
from gradstudio.ui.formula import FormulaLabel
from gradstudio.ui.log_field import LogNumberField
from gradstudio.ui.panels import network_acts as acts
from gradstudio.ui.panels.fit import initializer_choices
from gradstudio.ui.panels.layer_model import initializer_parameters
from gradstudio.ui.panels.panel import Panel, SwitchButton
from gradstudio.ui.panels.rules import RuleList
from gradstudio.ui.seeds import rolled_seed
from gradstudio.ui.widgets import IconButton, label

_PARAMETERS: Final = ("std", "value", "low", "high")


class InitializerPanel(Panel):
    """Edits the initializers of a `NetworkSetup`, and its seed."""

    def __init__(self) -> None:
        super().__init__("Initializer", "initializerPanel")
        self._slice = NetworkSetup()
        self._selected: tuple[int, ...] = (0,)
        self._inputs, self._outputs = 2, 2
        self._drawn: Mapping[int, NDArray[np.floating[Any]]] = {}
        self._shown: object = None
        self.choice = ChoiceField("Initializer")
        describe(self.choice, field_spec(InitializerSetup, "name"), "Initializer")
        self.choice.setToolTip("Sets the factor the weights pass back.")
        self.parameters, self.start = Form(), Form()
        self.histogram_slot = QVBoxLayout()
        self.formula, self.factor = FormulaLabel(12), label("", "caption")
        self.rules = RuleList()
        self.about = label("", "caption")
        self.about.setWordWrap(True)
        self._build_forms()
        self._build_body()
        self._build_tools()
        self.choice.edited.connect(self._edit_name)
        self.parameters.edited.connect(self._edit_parameter)
        self.start.edited.connect(self._edit_start)
        self.show_slice(self._slice)

    def show_slice(self, network: NetworkSetup) -> None:
        """Show the initializers of a network."""
        if network != self._slice:
            self._drawn = {}
        self._slice = network
        hidden = len(network.layers)
        self._selected = tuple(i for i in self._selected if i <= hidden) or (hidden,)
        self._show()

    def select_layer(self, index: int) -> None:
        """Show one layer; where it is among those selected they stay selected."""
        others = self._selected if index in self._selected else ()
        self.select_layers((index, *(other for other in others if other != index)))

    def select_layers(self, indices: Sequence[int]) -> None:
        """Show, and unless all layers are linked edit, other layers; the last is the output."""
        hidden = len(self._slice.layers)
        self._selected = tuple(i for i in indices if 0 <= i <= hidden) or (hidden,)
        self._show()

    def set_sizes(self, sizes: Sequence[int]) -> None:
        """Show what follows from the data: the first and the last of the sizes of all layers."""
        self._inputs, self._outputs = sizes[0], sizes[-1]
        self._show()

    def set_drawn_weights(
        self,
        weights: Mapping[int, NDArray[np.floating[Any]]] | Sequence[NDArray[np.floating[Any]]],
    ) -> None:
        """Audit the weights drawn: arrays (fan_in, fan_out) by index of the layer, or all."""
        by_index = weights if isinstance(weights, Mapping) else dict(enumerate(weights))
        self._drawn = dict(by_index)
        self._audit()

    def set_histogram_widget(self, widget: QWidget) -> None:
        """Put the picture of the weights into its place."""
        while self.histogram_slot.count():
            self.histogram_slot.takeAt(0)
        self.histogram_slot.addWidget(widget)

    def targets(self) -> tuple[int, ...]:
        """Indices of the layers an edit changes: the selected ones, or all while linked."""
        every = tuple(range(len(self._slice.layers) + 1))
        return every if self.link.isChecked() else self._selected

    def shown_layer(self) -> int:
        """Index of the layer whose numbers are shown."""
        return self._selected[0]

    def reroll(self) -> None:
        """Take another seed."""
        self._edit_seed(rolled_seed(self._slice.seed), "")

    def _build_forms(self) -> None:
        for name in _PARAMETERS:
            spec = field_spec(InitializerSetup, name)
            log = name == "std"
            editor = LogNumberField(spec, 64) if log else NumberField(spec)
            self.parameters.add(spec, editor, wide=log)
        bias = ChoiceField("Bias initializer")
        describe(bias, field_spec(BiasSetup, "name"), "Bias initializer")
        bias.set_choices(Choice(name, item.label) for name, item in BIAS_INITIALIZERS.items())
        self.start.add(_renamed(field_spec(BiasSetup, "name"), "bias"), bias)
        seed = field_spec(NetworkSetup, "seed")
        self.seed = NumberField(seed)
        self.dice = IconButton("ph.dice-five", "Reroll: a new random start, same design")
        self.dice.clicked.connect(lambda *_: self.reroll())
        self.start.add(seed, self.seed, trailing=self.dice)
        for name in ("value", "bound"):
            spec = _renamed(field_spec(BiasSetup, name), f"bias_{name}")
            self.start.add(spec, NumberField(spec), f"Bias {spec.label.lower()}")

    def _build_body(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.formula, 1)
        line.addWidget(self.factor)
        self.factor.setToolTip("What the chosen initializer multiplies the gradient by, by theory")
        self.body.addWidget(self.choice)
        self.body.addWidget(self.parameters)
        self.body.addLayout(self.histogram_slot)
        self.body.addLayout(line)
        self.body.addWidget(self.rules)
        self.body.addWidget(self.about)
        self.body.addWidget(self.start)

    def _build_tools(self) -> None:
        self.link = SwitchButton("ph.link-simple", "All layers together")
        self.link.setChecked(True)
        self.header.add_widget(self.link)
        self.link.toggled.connect(self._linked)
        self.info = self.add_switch(
            "ph.info", "What it is called elsewhere, and its use", [self.about]
        )

    def _linked(self, linked: bool) -> None:
        self.link.set_icon_name("ph.link-simple" if linked else "ph.link-simple-break")
        self._show()

    def _layer(self, index: int) -> LayerSetup | OutputSetup:
        layers = self._slice.layers
        return layers[index] if index < len(layers) else self._slice.output

    def _fans(self, index: int) -> tuple[int, int]:
        units = [self._inputs, *(layer.units for layer in self._slice.layers), self._outputs]
        return units[index], units[index + 1]

    def _activation(self, index: int) -> str:
        layer = self._layer(index)
        return layer.activation if isinstance(layer, LayerSetup) else "linear"

    def _show(self) -> None:
        shown = (self._slice, self._selected, self._inputs, self._outputs, self.link.isChecked())
        if shown == self._shown:
            return
        self._shown = shown
        index = self.shown_layer()
        layer, (fan_in, fan_out) = self._layer(index), self._fans(index)
        setup = layer.initializer
        entry = INITIALIZERS[setup.name]
        parameters = initializer_parameters(layer)
        self._show_scope()
        choices = initializer_choices(self._activation(index), fan_in, fan_out, setup)
        self.choice.set_choices(choices)
        self.choice.set_value(setup.name)
        self.factor.setText(next(c.figure for c in choices if c.value == setup.name) + " / layer")
        self.parameters.show_values(setup)
        self.parameters.set_shown(*entry.parameters)
        self.parameters.setVisible(bool(entry.parameters))
        tex = entry.numbers(fan_in, fan_out, **parameters)
        self.formula.set_tex(tex, f"{entry.label}, {fan_in} in, {fan_out} out: {tex}")
        self.about.setText(f"{entry.twin}.\n{entry.use_when}")
        self.start.show_values(_Start(self._slice.seed, layer.bias))
        extra = (f"bias_{name}" for name in BIAS_INITIALIZERS[layer.bias.name].parameters)
        self.start.set_shown("bias", "seed", *extra)
        self._audit()

    def _show_scope(self) -> None:
        targets = self.targets()
        names = acts.layer_names(targets, len(self._slice.layers))
        kinds = {self._layer(index).initializer for index in targets}
        mixed = f" · {len(kinds)} kinds" if len(kinds) > 1 else ""
        self.header.set_subtitle(f"{names}{mixed}")

    def _audit(self) -> None:
        layers = [index for index in self.targets() if index in self._drawn]
        if not layers:
            self.rules.show_findings(())
            return
        weights = [self._drawn[index] for index in layers]
        self.rules.show_findings(audit(weights, [self._activation(index) for index in layers]))

    def _edit_name(self, name: str) -> None:
        self._tell(acts.set_initializer(self._slice, self.targets(), name), "")

    def _edit_parameter(self, name: str, value: object) -> None:
        spec = self.parameters.spec(name)
        try:
            act = acts.change_initializer(
                self._slice,
                self.targets(),
                spec.label,
                lambda setup: replaced(setup, **{name: value}),
                lambda setup: spec.written(getattr(setup, name)),
            )
        except FieldError as error:
            self.parameters.editor(name).refuse(str(error))
            return
        self._tell(act, name)

    def _edit_start(self, name: str, value: object) -> None:
        if name == "seed":
            self._edit_seed(value, "network.seed")
            return
        field = "name" if name == "bias" else name.removeprefix("bias_")
        spec = field_spec(BiasSetup, field)
        what = "bias" if name == "bias" else f"bias {spec.label.lower()}"
        act = acts.change_layers(
            self._slice,
            self.targets(),
            what,
            lambda layer: layer.model_copy(update={"bias": replaced(layer.bias, **{field: value})}),
            lambda layer: spec.written(getattr(layer.bias, field)),
        )
        self._tell(act, "" if name == "bias" else name)

    def _edit_seed(self, seed: object, key: str) -> None:
        network = replaced(self._slice, seed=seed)
        self.edited.emit(network, f"Seed {self._slice.seed} to {network.seed}", key)

    def _tell(self, act: acts.Act, field: str) -> None:
        if act.network != self._slice:
            layers = ",".join(map(str, act.selection))
            self.edited.emit(act.network, act.text, f"network.{field}.{layers}" if field else "")


class _Start:
    """Bias and seed under the names of their fields."""

    def __init__(self, seed: int, bias: BiasSetup) -> None:
        self.seed = seed
        self.bias, self.bias_value, self.bias_bound = bias.name, bias.value, bias.bound


def _renamed(spec: FieldSpec, name: str) -> FieldSpec:

    return replace(spec, name=name)
