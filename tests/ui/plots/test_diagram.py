"""The network as a picture."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from gradstudio.ui.plots.diagram import NetworkDiagram


@dataclass(eq=False)
class Moment:
    """Stands for a snapshot: gradients of one size per layer."""

    sizes: tuple[int, ...]
    exponents: tuple[float, ...]
    step: int = 3
    loss: str = "softmax_cross_entropy"
    updates: np.ndarray | None = None

    @property
    def gradients(self) -> np.ndarray:
        blocks = [
            np.full(self.sizes[k] * self.sizes[k + 1], 10.0 ** self.exponents[k])
            for k in range(len(self.sizes) - 1)
        ]
        return np.concatenate([*blocks, np.zeros(sum(self.sizes[1:]))])

    @property
    def parameters(self) -> np.ndarray:
        """Weights that grow from -1 to 1 in each layer."""
        blocks = [np.linspace(-1.0, 1.0, a * b) for a, b in pairwise(self.sizes)]
        return np.concatenate([*blocks, np.arange(float(sum(self.sizes[1:])))])


@pytest.fixture
def diagram(record, shown) -> NetworkDiagram:
    """Three hidden layers of four units, no gradient yet."""
    return shown(NetworkDiagram(), record(np.ones((3, 4))), size=(700, 140))


def strengths(diagram: NetworkDiagram) -> tuple[np.ndarray, ...]:
    """Opacities of the lines on screen."""
    edges = diagram.strip.drawing.edges
    assert edges is not None
    return edges.strengths


def test_edges_fade_with_their_gradient_and_vanish_after_8_decades(diagram) -> None:
    diagram.set_snapshot(Moment((2, 4, 4, 4, 2), (-9.0, -6.0, -2.0, 0.0)))
    opacities = [float(part.mean()) for part in strengths(diagram)]
    assert opacities == pytest.approx([0.0, 0.25, 0.75, 1.0])
    assert "from the output to layer 2" in diagram.sentence()


def test_no_gradient_at_all_is_said(diagram) -> None:
    diagram.set_snapshot(Moment((2, 4, 4, 4, 2), (-np.inf,) * 4))
    assert all((part == 0).all() for part in strengths(diagram))
    assert diagram.sentence() == "The gradient is exactly 0 everywhere."


@pytest.mark.parametrize("layer", range(4))
def test_a_click_chooses_the_nearest_layer(qtbot: QtBot, diagram, layer: int) -> None:
    at = QPoint(round(diagram.strip.column(layer + 1)) + 8, 40)
    with qtbot.waitSignal(diagram.layer_clicked) as clicked:
        qtbot.mouseClick(diagram.strip, Qt.MouseButton.LeftButton, pos=at)
    assert clicked.args == [layer]


@pytest.mark.parametrize("layers", [2, 3, 12, 50, 101])
def test_networks_of_any_depth_fit(record, shown, layers: int) -> None:
    diagram = shown(NetworkDiagram(), record(np.ones((3, layers))), size=(700, 140))
    sizes = (2, *(4,) * (layers - 1), 2)
    diagram.set_snapshot(Moment(sizes, (0.0,) * layers))
    edges = sum(part.size for part in strengths(diagram))
    assert edges <= 1000
    assert diagram.strip.column(layers) <= 700
    assert not diagram.strip.grab().isNull()
    assert diagram.sentence() == "The signal is visible from the output to layer 1."


def test_the_subtitle_says_how_many_units_are_drawn(record, shown) -> None:
    recording = record(np.ones((3, 3)))
    diagram = shown(NetworkDiagram(), recording, size=(700, 140))
    assert "drawn" not in diagram.header.subtitle()
    layers = tuple(
        layer.model_copy(update={"units": 24}) for layer in recording.setup.network.layers
    )
    network = recording.setup.network.model_copy(update={"layers": layers})
    recording.setup = recording.setup.model_copy(update={"network": network})
    diagram.set_snapshot(Moment((2, 24, 24, 2), (0.0, 0.0, 0.0)))
    assert diagram.header.subtitle().startswith("|∂L/∂w| on a log scale: 8 of 24 units per layer")


def test_a_late_snapshot_of_another_design_is_passed_over(diagram) -> None:
    diagram.set_snapshot(Moment((2, 9, 9, 2), (0.0, 0.0, 0.0)))
    assert diagram.strip.drawing.edges is None


def test_choosing_a_layer_does_not_draw_the_edges_again(diagram) -> None:
    diagram.set_snapshot(Moment((2, 4, 4, 4, 2), (0.0,) * 4))
    diagram.strip.grab()
    picture = diagram.strip.picture
    assert picture is not None
    diagram.select_layer(2)
    diagram.strip.grab()
    assert diagram.strip.picture is picture


def structured(recording, **fields):
    """The recording of a network whose hidden layers from the second on have something beside."""
    first, *rest = recording.setup.network.layers
    layers = (first, *(layer.model_copy(update=fields) for layer in rest))
    network = recording.setup.network.model_copy(update={"layers": layers})
    recording.setup = recording.setup.model_copy(update={"network": network})
    return recording


def ink(diagram, box: tuple[int, int, int, int]) -> int:
    """Pixels of a part of the strip that are not ground."""
    image = diagram.strip.grab().toImage()
    ground = image.pixel(1, 1)
    left, top, right, bottom = box
    return sum(image.pixel(x, y) != ground for x in range(left, right) for y in range(top, bottom))


@pytest.mark.parametrize("layers", [3, 12, 30, 101])
def test_shortcuts_are_arcs_and_normalised_layers_have_bars(record, shown, layers: int) -> None:
    recording = structured(
        record(np.ones((3, layers))), residual="plain", span=1, normalisation="batch"
    )
    diagram = shown(NetworkDiagram(), recording, size=(700, 140))
    diagram.set_snapshot(Moment((2, *(4,) * (layers - 1), 2), (0.0,) * layers))
    extras = diagram.strip.drawing.extras
    assert len(extras.shortcuts) == len(extras.normalised) == layers - 2
    assert extras.shortcuts[0] == (1, 2)
    middle = round((diagram.strip.column(1) + diagram.strip.column(2)) / 2)
    assert ink(diagram, (middle - 3, 2, middle + 4, 15)) > 0
    under = round(diagram.strip.column(2))
    assert ink(
        diagram, (under, diagram.strip.height() - 22, under + 1, diagram.strip.height() - 18)
    )
    shortcuts = "1 shortcut (arc)" if layers == 3 else f"{layers - 2} shortcuts (arcs)"
    assert f"The network has {shortcuts} and" in diagram.sentence()


def test_the_longest_shortcut_rises_highest(record, shown) -> None:
    recording = record(np.ones((3, 7)))
    layers = list(recording.setup.network.layers)
    for end, span in ((1, 1), (5, 4)):
        layers[end] = layers[end].model_copy(update={"residual": "scaled", "span": span})
    network = recording.setup.network.model_copy(update={"layers": tuple(layers)})
    recording.setup = recording.setup.model_copy(update={"network": network})
    diagram = shown(NetworkDiagram(), recording, size=(700, 140))
    diagram.set_snapshot(Moment((2, *(4,) * 6, 2), (0.0,) * 7))
    short, long = (round(diagram.strip.column(k)) for k in (1.5, 4))
    assert ink(diagram, (long, 2, long + 1, 7)) > 0
    assert ink(diagram, (short, 2, short + 1, 7)) == 0
    assert "arcs: shortcuts" in diagram.header.subtitle()
    assert "bars" not in diagram.header.subtitle()


def test_a_plain_network_keeps_all_its_room(record, shown) -> None:
    diagram = shown(NetworkDiagram(), record(np.ones((3, 4))), size=(700, 140))
    assert diagram.strip.places().head == 0.0
    assert "arcs" not in diagram.header.subtitle()
