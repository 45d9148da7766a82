"""The network: one line of text, and a table with the live state of each layer in its row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout

from gradstudio.nn.losses import LOSSES
from gradstudio.numbers import figures
from gradstudio.setup.models import NetworkSetup
from gradstudio.training.cost import MANY_PARAMETERS, parameter_count, step_seconds
from gradstudio.training.structure import structures_of
from gradstudio.ui.panels import network_acts as acts
from gradstudio.ui.panels.layer_model import Column, LayerModel
from gradstudio.ui.panels.layer_table import LayerTable
from gradstudio.ui.panels.layer_text import LayerTextError, format_layers
from gradstudio.ui.panels.network_menu import fill_menu
from gradstudio.ui.panels.network_text import NetworkText
from gradstudio.ui.panels.panel import MARGIN, Panel
from gradstudio.ui.panels.repeat import RepeatPopup
from gradstudio.ui.panels.structure_form import StructureForm
from gradstudio.ui.theme import current_theme, theme_notifier
from gradstudio.ui.widgets import label

OUTPUT_ACTIVATIONS: Final = {name: loss.output for name, loss in LOSSES.items()}
"""What the output layer does, by loss."""

TOOL_WIDTH: Final = 24
"""Three tools leave the subtitle the room it needs."""

Edit = Callable[[], acts.Act]


class NetworkPanel(Panel):
    """Edits the layers of a `NetworkSetup`."""

    layer_selected = Signal(int)
    """Index of the layer under the cursor: 0 is layer 1, the last the output."""
    layers_selected = Signal(list)
    """Indices of all selected layers."""

    def __init__(self) -> None:
        super().__init__("Network", "networkPanel")
        self._slice = NetworkSetup()
        self._batch, self._measured_ms = 32, 0.0
        self._wanted: Sequence[int] = ()
        self.text = NetworkText()
        self.model = LayerModel(self)
        self.table = LayerTable(self.model)
        self.problem = label("", "error")
        self.problem.setWordWrap(True)
        self.problem.setObjectName("networkProblem")
        self.problem.hide()
        self.warning = label("")
        self.warning.setWordWrap(True)
        self.warning.hide()
        self.structure = StructureForm()
        self._fault = ""
        self._build_body()
        fill_menu(self)
        self._build_tools()
        theme_notifier().changed.connect(self._colour_warning)
        self._colour_warning()
        self.text.entered.connect(self._enter_text)
        self.text.restored.connect(lambda: self._explain(""))
        self.model.cell_edited.connect(self._edit_cell)
        self.model.layers_dropped.connect(
            lambda layers, gap: self._do(lambda: acts.move(self._slice, layers, gap))
        )
        self.table.selection_changed.connect(self._tell_selection)
        self.structure.acted.connect(self._take)
        self.structure.left.connect(self.table.setFocus)
        self.table.structure_asked.connect(self.open_structure)
        self.show_slice(self._slice)
        self.set_sizes(2, 2)
        self.table.select([0])

    def show_slice(self, network: NetworkSetup) -> None:
        """Show the layers of a network; the selection stays where it can."""
        selected = self._wanted or self.table.selected()
        self._wanted = ()
        self._slice = network
        self.model.show_network(network)
        self.text.show_layers(format_layers(network.layers))
        self._explain("")
        kept = [index for index in selected if index <= self.model.hidden] or [self.model.hidden]
        if kept != self.table.selected():
            self.table.select(kept)
        self._measured_ms = 0.0
        self._show_structure()
        self._show_cost()

    def show_fault(self, problem: str, layer: int | None = None) -> None:
        """Say why the design cannot be run, and in which layer, 0-based; empty where it can."""
        self._fault = problem if layer is None else f"Layer {layer + 1}: {problem}"
        self.model.show_fault(layer)
        self._explain("")

    def set_sizes(self, inputs: int, outputs: int, loss: str = "softmax_cross_entropy") -> None:
        """Show the ends of the network, which follow from the data and the loss."""
        activation = OUTPUT_ACTIVATIONS[loss]
        self.model.show_ends(inputs, outputs, activation)
        self.text.show_ends(inputs, outputs, activation)
        self._show_structure()
        self._show_cost()

    def set_batch(self, samples: int) -> None:
        """Take the batch size into the estimate of the time of a step."""
        self._batch = samples
        self._show_cost()

    def set_measured_step(self, milliseconds: float) -> None:
        """Show the measured time of a step instead of the estimate."""
        self._measured_ms = milliseconds
        self._show_cost()

    def set_live(self, delta_rms: NDArray[np.float64] | None, step: int | None = None) -> None:
        """Show the RMS of delta of each layer, output last; None where there is no run.

        `step` is the step it was measured at; None is the newest.
        """
        self.table.titles.show_step(step)
        self.model.show_live(delta_rms)

    def select_layer(self, index: int) -> None:
        """Select one layer, telling nobody; a selection that holds it stays."""
        if index not in self.table.selected():
            self.table.blockSignals(True)
            self.table.select([index])
            self.table.blockSignals(False)
            self._show_structure()

    def selected_layers(self) -> list[int]:
        """Indices of the selected layers."""
        return self.table.selected()

    def hasHeightForWidth(self) -> bool:
        """Let the table shrink: with a wrapped sentence Qt would take its height for the least."""
        return False

    def minimumSizeHint(self) -> QSize:
        """Leave the table its least rows, whatever stands above and below it."""
        least = self.body.totalMinimumHeightForWidth(max(self.width(), 1))
        width = super().minimumSizeHint().width()
        return QSize(width, self.header.height() + 2 + (0 if self.is_folded else least))

    def _build_body(self) -> None:
        self.body.setContentsMargins(0, 0, 0, 8)
        self.body.setSpacing(4)
        top = QVBoxLayout()
        top.setContentsMargins(MARGIN, 0, MARGIN, 0)
        top.setSpacing(4)
        for widget in (self.text, self.problem, self.warning):
            top.addWidget(widget)
        self.body.addLayout(top)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.structure)
        self.body.addStretch(0)

    def _build_tools(self) -> None:
        self.structure_switch = self.add_switch(
            "ph.git-branch", "Normalisation, shortcut and dropout of the layers (S)",
            [self.structure],
        )  # fmt: skip
        self.header.add_tool("ph.plus", "Add layer (Ins)", self.add_layer)
        more = self.header.add_tool("ph.dots-three", "Acts on the selected layers")
        more.setMenu(self.table.menu)
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        tools = self.header.layout()
        if isinstance(tools, QHBoxLayout):
            tools.setSpacing(0)
            tools.insertSpacing(1, 7)
        for tool in self.header.findChildren(QToolButton):
            tool.setFixedWidth(TOOL_WIDTH)

    def add_layer(self) -> None:
        """Put a layer like the current one behind it."""
        self._do(lambda: acts.add(self._slice, self.table.current()))

    def duplicate_layers(self) -> None:
        """Copy the selected layers behind the last of them."""
        self._do(lambda: acts.duplicate(self._slice, self.table.selected()))

    def delete_layers(self) -> None:
        """Take the selected layers out."""
        self._do(lambda: acts.delete(self._slice, self.table.selected()))

    def move_layers(self, way: int) -> None:
        """Move the selected layers one place towards the input (-1) or the output (+1)."""
        self._do(lambda: acts.move_by(self._slice, self.table.selected(), way))

    def ask_repeat(self) -> None:
        """Ask how often the selected layers shall come."""
        layers = [index for index in self.table.selected() if index < self.model.hidden]
        if not layers:
            self._explain("Select the hidden layers to repeat")
            return
        popup = RepeatPopup(len(layers), self.model.hidden, self.table)
        popup.chosen.connect(self.repeat_selected)
        corner = self.table.visualRect(self.model.index(layers[-1] + 1, Column.UNITS)).bottomLeft()
        popup.open_at(self.table.viewport().mapToGlobal(corner + QPoint(0, 2)))

    def set_activation(self, name: str) -> None:
        """Give the selected layers another activation."""
        self._do(lambda: acts.set_activation(self._slice, self.table.selected(), name))

    def set_initializer(self, name: str) -> None:
        """Give the selected layers another initializer."""
        self._do(lambda: acts.set_initializer(self._slice, self.table.selected(), name))

    def set_beside(self, field: str, value: object) -> None:
        """Change normalisation, dropout or leak of the selected layers."""
        self._do(lambda: self.structure.set_field(field, value))

    def set_shortcut(self, kind: str) -> None:
        """Lay shortcuts over the selected layers, or take them away."""
        self._do(lambda: self.structure.set_shortcut(kind))

    def open_structure(self) -> None:
        """Show what the selected layers have beside their weights, ready to be edited."""
        self.structure_switch.setChecked(True)
        self.structure.start()

    def repeat_selected(self, times: int) -> None:
        """Let the selected layers come `times` times."""
        self._do(lambda: acts.repeat(self._slice, self.table.selected(), times))

    def _edit_cell(self, row: int, column: int, value: object) -> None:
        layer, selected = row - 1, self.table.selected()
        layers = selected if layer in selected else [layer]
        if column == Column.UNITS and isinstance(value, int):
            self._do(lambda: acts.set_units(self._slice, layers, value))
        elif column == Column.ACTIVATION:
            self._do(lambda: acts.set_activation(self._slice, layers, str(value)))
        elif column == Column.INITIALIZER:
            self._do(lambda: acts.set_initializer(self._slice, layers, str(value)))

    def _enter_text(self, text: str) -> None:
        try:
            act = acts.retype(self._slice, text)
        except LayerTextError as error:
            self.text.refuse(error)
            self._explain(str(error))
            return
        if act.network == self._slice:
            self.text.show_layers(format_layers(self._slice.layers))
            self._explain("")
        else:
            self.edited.emit(act.network, act.text, "")

    def _do(self, edit: Edit) -> None:
        try:
            act = edit()
        except acts.ActError as error:
            self._explain(str(error))
            return
        self._take(act)

    def _take(self, act: acts.Act, field: str = "") -> None:
        """Tell of an act; of one field of the same layers, acts merge."""
        if act.network == self._slice:
            return
        self._wanted = act.selection
        key = f"network.{field}.{','.join(map(str, act.selection))}" if field else ""
        self.edited.emit(act.network, act.text, key)
        if act.note:
            self._explain(act.note)

    def _explain(self, sentence: str) -> None:
        sentence = sentence or self._fault
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))

    def _colour_warning(self) -> None:
        self.warning.setStyleSheet(f"font-size: 11px; color: {current_theme().hex('warning')};")

    def select_all(self) -> None:
        """Select all layers."""
        self.table.select(range(self.model.hidden + 1))

    def _tell_selection(self) -> None:
        self._explain("")
        selected = self.table.selected()
        self._show_structure()
        if selected:
            self.layers_selected.emit(selected)
            current = self.table.current()
            self.layer_selected.emit(current if current in selected else selected[0])

    def _show_structure(self) -> None:
        self.structure.show_layers(self._slice, self.table.selected(), self.model.sizes[0])

    def _show_cost(self) -> None:
        sizes = self.model.sizes
        structures = structures_of(self._slice)
        parameters = parameter_count(sizes, structures)
        about = "" if self._measured_ms else "≈ "
        milliseconds = self._measured_ms or 1000 * step_seconds(sizes, self._batch, structures)
        time = f"{figures(milliseconds, 2)} ms"
        if milliseconds < 0.1:
            time = f"{figures(1000 * milliseconds, 2)} µs"
        self.header.set_subtitle(f"{parameters:,} params · {about}{time}/step")
        many = parameters >= MANY_PARAMETERS
        self.warning.setVisible(many)
        if many:
            seconds = figures(milliseconds / 1000, 2)
            self.warning.setText(f"{parameters:,} parameters: a step takes about {seconds} s")
