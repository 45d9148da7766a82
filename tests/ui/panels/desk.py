"""Panels wired to a document the way the window wires them, on a clock that stands still."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradstudio.setup.models import LayerSetup, Setup
from gradstudio.ui.document import Document
from gradstudio.ui.panels.data import DataPanel
from gradstudio.ui.panels.initializer import InitializerPanel
from gradstudio.ui.panels.network import NetworkPanel
from gradstudio.ui.panels.training import TrainingPanel


@dataclass
class Clock:
    """Seconds that pass only when told to."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Desk:
    """A document and the four panels that edit it."""

    document: Document
    clock: Clock
    root: QWidget = field(default_factory=QWidget)
    network: NetworkPanel = field(default_factory=NetworkPanel)
    initializer: InitializerPanel = field(default_factory=InitializerPanel)
    data: DataPanel = field(default_factory=DataPanel)
    training: TrainingPanel = field(default_factory=TrainingPanel)

    def __post_init__(self) -> None:
        layout = QVBoxLayout(self.root)
        layout.setContentsMargins(0, 0, 0, 0)
        for panel, part in (
            (self.network, "network"),
            (self.initializer, "network"),
            (self.data, "data"),
            (self.training, "training"),
        ):
            layout.addWidget(panel)
            panel.edited.connect(
                lambda slice_, text, key, part=part: self.document.edit(
                    self.document.setup.model_copy(update={part: slice_}), text, key or None
                )
            )
        self.network.layers_selected.connect(self.initializer.select_layers)
        self.document.changed.connect(lambda _old, new: self.show(new))
        self.show(self.document.setup)

    def show(self, setup: Setup) -> None:
        self.network.show_slice(setup.network)
        self.initializer.show_slice(setup.network)
        self.data.show_slice(setup.data)
        self.training.set_data(setup.data.name)
        self.training.show_slice(setup.training)

    @property
    def layers(self) -> tuple[LayerSetup, ...]:
        return self.document.setup.network.layers

    @property
    def units(self) -> list[int]:
        return [layer.units for layer in self.layers]

    @property
    def last_act(self) -> str:
        return self.document.undo_stack.undoText()
