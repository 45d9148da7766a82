"""The starting weights of the selected layers: which initializer, and what it amounts to here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gradstudio.setup.models import BiasSetup, InitializerSetup, NetworkSetup
from gradstudio.training.audit import Finding, audit
from gradstudio.training.coverage import Coverage, coverage, covered
from gradstudio.training.start import (
    Part,
    activation_of,
    bias_variance,
    initializer_of,
    start_arguments,
)
from gradstudio.ui.choices import ChoiceField
from gradstudio.ui.field_spec import FieldError, field_spec, replaced
from gradstudio.ui.fields import describe
from gradstudio.ui.formula import FormulaLabel
from gradstudio.ui.panels import network_acts as acts
from gradstudio.ui.panels.fit import initializer_choices
from gradstudio.ui.panels.panel import Panel, SwitchButton
from gradstudio.ui.panels.rules import RuleList
from gradstudio.ui.panels.start_forms import ParameterForm, StartForm, written
from gradstudio.ui.panels.truth_card import TruthCard
from gradstudio.ui.seeds import rolled_seed
from gradstudio.ui.widgets import label

FACTOR_HELP: Final = "What weights and φ multiply the gradient by, by theory."


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
        self.parameters, self.start = ParameterForm(), StartForm()
        self.seed, self.dice = self.start.seed, self.start.dice
        self.histogram_slot = QVBoxLayout()
        self.formula, self.factor = FormulaLabel(12), label("", "caption")
        self.rules = RuleList()
        self.card = TruthCard()
        self._build_body()
        self._build_tools()
        self.choice.edited.connect(self._edit_name)
        self.parameters.edited.connect(self._edit_parameter)
        self.start.edited.connect(self._edit_start)
        self.dice.clicked.connect(lambda *_: self.reroll())
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

    def _build_body(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.formula, 1)
        line.addWidget(self.factor)
        self.body.addWidget(self.choice)
        self.body.addWidget(self.parameters)
        self.body.addLayout(self.histogram_slot)
        self.body.addLayout(line)
        self.body.addWidget(self.rules)
        self.body.addWidget(self.card)
        self.body.addWidget(self.start)

    def _build_tools(self) -> None:
        self.lab = self.header.add_tool("ph.math-operations", "Gain lab  (G)")
        self.link = SwitchButton("ph.link-simple", "All layers together")
        self.link.setChecked(True)
        self.header.add_widget(self.link)
        self.link.toggled.connect(self._linked)
        self.info = self.add_switch(
            "ph.info", "Its use, what it is called elsewhere, its source", [self.card]
        )

    def _linked(self, linked: bool) -> None:
        self.link.set_icon_name("ph.link-simple" if linked else "ph.link-simple-break")
        self._show()

    def _layer(self, index: int) -> Part:
        layers = self._slice.layers
        return layers[index] if index < len(layers) else self._slice.output

    def _fans(self, index: int) -> tuple[int, int]:
        units = [self._inputs, *(layer.units for layer in self._slice.layers), self._outputs]
        return units[index], units[index + 1]

    def _show(self) -> None:
        shown = (self._slice, self._selected, self._inputs, self._outputs, self.link.isChecked())
        if shown == self._shown:
            return
        self._shown = shown
        index = self.shown_layer()
        layer, (fan_in, fan_out) = self._layer(index), self._fans(index)
        entry, name = initializer_of(layer), layer.initializer.name
        self._show_scope()
        choices = initializer_choices(layer, fan_in, fan_out)
        self.choice.set_choices(choices)
        self.choice.set_value(name)
        self._show_factor(next(choice.figure for choice in choices if choice.value == name), index)
        self.parameters.show_part(layer)
        tex = entry.numbers(fan_in, fan_out, **start_arguments(layer, fan_in))
        self.formula.set_tex(tex, f"{entry.label}, {fan_in} in, {fan_out} out: {tex}")
        self.card.show_entry(entry)
        self.start.show_start(layer.bias, self._slice.seed)
        self._audit()

    def _show_factor(self, figure: str, index: int) -> None:
        kind = coverage(self._slice, index)
        texts = {Coverage.NORMALISED: "normalised", Coverage.BRANCH: f"{figure} in the branch"}
        self.factor.setText(texts.get(kind, f"{figure} / layer"))
        self.factor.setToolTip(f"{FACTOR_HELP} {kind.sentence}".rstrip())

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
        kinds = [coverage(self._slice, index) for index in layers]
        pairs = zip(layers, kinds, strict=True)
        plain = [index for index, kind in pairs if kind is Coverage.WHOLE]
        plainly = self._findings(plain) if 0 < len(plain) < len(layers) else ()
        self.rules.show_findings(covered(self._findings(layers), plainly, kinds))

    def _findings(self, layers: Sequence[int]) -> tuple[Finding, ...]:
        parts = [self._layer(index) for index in layers]
        return audit(
            [self._drawn[index] for index in layers],
            [activation_of(part) for part in parts],
            [
                bias_variance(part.bias, self._fans(index)[0])
                for index, part in zip(layers, parts, strict=True)
            ],
        )

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
                lambda setup: written(spec, getattr(setup, name)),
            )
        except FieldError as error:
            self.parameters.editor(name).refuse(str(error))
            return
        self._tell(act, name if isinstance(value, int | float) else "")

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
