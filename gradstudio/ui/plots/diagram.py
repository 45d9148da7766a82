"""The network as a picture: where the gradient reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QMenu

from gradstudio.export.arcs import Extras, extras_of
from gradstudio.export.edges import edge_strengths, units_drawn
from gradstudio.training.recording import Recording
from gradstudio.ui.plots.diagram_strip import Strip
from gradstudio.ui.plots.instrument import Instrument
from gradstudio.ui.plots.menu import Choices, plot_menu
from gradstudio.ui.widgets import PART_BREAK, label

if TYPE_CHECKING:
    from gradstudio.export.figure import Figure
    from gradstudio.run.snapshot import Snapshot


class NetworkDiagram(Instrument):
    """Units as dots, weights as lines that fade where their gradient fades.

    A reader sees how far the gradient gets on its way from the output (right) to the input
    (left): where the lines are invisible, nothing is learned. Arcs are shortcuts, on which it goes
    around layers; bars stand under normalised layers.
    """

    title = "Backward signal"
    subtitle = "|∂L/∂w| on a log scale"

    def __init__(self) -> None:
        super().__init__()
        self.strip = Strip()
        self.strip.setAccessibleName(self.title)
        self.strip.layer_clicked.connect(self.layer_clicked)
        self.strip.menu_asked.connect(lambda at: self.menu().popup(at))
        self.strip.pressed.connect(self.pressed)
        self._body.addWidget(self.strip, 1)
        self.header.add_widget(label("← gradients flow this way", "caption"))
        self.header.add_tool(
            "ph.export",
            "Export or copy this plot",
            lambda: self.menu().popup(self.header.mapToGlobal(self.header.rect().bottomRight())),
        )
        self._snapshot: Snapshot | None = None
        self._extras = Extras()

    def set_snapshot(self, snapshot: Snapshot | None) -> None:
        """Take newer weights and gradients."""
        self._snapshot = snapshot
        self.refresh_in_turn()

    def set_recording(self, recording: Recording | None) -> None:
        """Look at another run; its gradients come with its first snapshot."""
        if recording is not self._recording:
            self._snapshot = None
        super().set_recording(recording)

    def select_layer(self, index: int | None) -> None:
        """Outline one layer, or none; the edges stay as they are."""
        self._selected = index
        self.strip.select(index)

    def state(self) -> object:
        """Return what the picture depends on."""
        return (id(self._recording), self._snapshot)

    def draw(self) -> None:
        """Draw the network of the run, with the gradients of the snapshot when it has one."""
        recording, snapshot = self._recording, self._fitting()
        if recording is None:
            self.strip.show_network((), (), Extras())
            return
        self._extras = extras_of(recording.setup.network)
        sizes = snapshot.sizes if snapshot is not None else _sizes(recording)
        strengths = () if snapshot is None else edge_strengths(snapshot, units_drawn(sizes))
        self.strip.show_network(sizes, strengths, self._extras)
        self.header.set_subtitle(self._scope(sizes, snapshot))

    def sentence(self) -> str:
        """How far the gradient reaches."""
        snapshot = self._fitting()
        if snapshot is None:
            return "No gradient yet. Press Space: it flows from the output to layer 1."
        if not np.isfinite(snapshot.gradients).any():
            return "The gradient is not finite."
        return self.figure().caption

    def figure(self, palette_name: str = "light") -> Figure:
        """Return the same network and gradients as on screen."""
        from gradstudio.export.figures import diagram_figure

        return diagram_figure(self._recording, self._fitting(), palette_name=palette_name)

    def menu(self) -> QMenu:
        """Return the context menu as it would open now."""
        return plot_menu(self, Choices())

    def _fitting(self) -> Snapshot | None:
        """Return the snapshot, if it is one of the network of the run looked at."""
        recording, snapshot = self._recording, self._snapshot
        if recording is None or snapshot is None:
            return None
        hidden = tuple(layer.units for layer in recording.setup.network.layers)
        return snapshot if tuple(snapshot.sizes[1:-1]) == hidden else None

    def _scope(self, sizes: tuple[int, ...], snapshot: Snapshot | None) -> str:
        drawn = units_drawn(sizes)
        most = max(sizes[1:])
        text = "|∂L/∂w| on a log scale" if snapshot is not None else "no gradient yet"
        if snapshot is not None and not np.isfinite(snapshot.gradients).any():
            return "the gradient is not finite"
        if most > max(drawn[1:]):
            text += f": {max(drawn[1:])} of {most} units per layer"
        arcs = ["arcs: shortcuts"] if self._extras.shortcuts else []
        bars = ["bars: normalised"] if self._extras.normalised else []
        return PART_BREAK.join([text, *arcs, *bars])


def _sizes(recording: Recording) -> tuple[int, ...]:
    hidden = (layer.units for layer in recording.setup.network.layers)
    return (2, *hidden, max(recording.class_count, 1))
