"""The network as a picture."""

from __future__ import annotations

from dataclasses import dataclass

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

    @property
    def gradients(self) -> np.ndarray:
        blocks = [
            np.full(self.sizes[k] * self.sizes[k + 1], 10.0 ** self.exponents[k])
            for k in range(len(self.sizes) - 1)
        ]
        return np.concatenate([*blocks, np.zeros(sum(self.sizes[1:]))])


@pytest.fixture
def diagram(record, shown) -> NetworkDiagram:
    """Three hidden layers of four units, no gradient yet."""
    return shown(NetworkDiagram(), record(np.ones((3, 4))), size=(700, 140))


def test_edges_fade_with_their_gradient_and_vanish_after_8_decades(diagram) -> None:
    diagram.set_snapshot(Moment((2, 4, 4, 4, 2), (-9.0, -6.0, -2.0, 0.0)))
    opacities = [float(part.mean()) for part in diagram.strip._strengths]
    assert opacities == pytest.approx([0.0, 0.25, 0.75, 1.0])
    assert "from the output to layer 2" in diagram.sentence()


def test_no_gradient_at_all_is_said(diagram) -> None:
    diagram.set_snapshot(Moment((2, 4, 4, 4, 2), (-np.inf,) * 4))
    assert all((part == 0).all() for part in diagram.strip._strengths)
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
    edges = sum(part.size for part in diagram.strip._strengths)
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
    assert diagram.header.subtitle().endswith("8 of 24 units drawn per layer")


def test_a_late_snapshot_of_another_design_is_passed_over(diagram) -> None:
    diagram.set_snapshot(Moment((2, 9, 9, 2), (0.0, 0.0, 0.0)))
    assert diagram.strip._strengths == ()


def test_choosing_a_layer_does_not_draw_the_edges_again(diagram) -> None:
    diagram.set_snapshot(Moment((2, 4, 4, 4, 2), (0.0,) * 4))
    diagram.strip.grab()
    picture = diagram.strip._picture
    assert picture is not None
    diagram.select_layer(2)
    diagram.strip.grab()
    assert diagram.strip._picture is picture
