"""The network as a picture."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradstudio.export.edges import DASH
from gradstudio.export.figure import Picture, Segments
from gradstudio.export.prediction import map_corners
from gradstudio.export.units import SIDE, can_be_asked
from gradstudio.nn.evaluation import unit_outputs
from gradstudio.numbers import figures
from gradstudio.run.snapshot import Snapshot
from gradstudio.setup.models import (
    DataName,
    DataSetup,
    LayerSetup,
    NetworkSetup,
    OptimizerName,
    Setup,
    TrainingSetup,
)
from gradstudio.training.trainer import Trainer
from gradstudio.ui.plots.diagram import NetworkDiagram
from gradstudio.ui.plots.diagram_paint import batches, mixed, paint_units
from gradstudio.ui.plots.diagram_readout import Words
from gradstudio.ui.theme import apply_theme, current_theme


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


def made(
    shown,
    *,
    size: tuple[int, int],
    data: DataName = "spirals",
    units: int = 4,
    steps: int = 20,
    optimizer: OptimizerName = "adam",
) -> tuple[NetworkDiagram, Trainer]:
    """The diagram of two hidden layers after some steps of training."""
    setup = Setup(
        data=DataSetup(name=data, samples=80),
        network=NetworkSetup(layers=(LayerSetup(units=units), LayerSetup(units=units))),
        training=TrainingSetup(optimizer=optimizer),
    )
    trainer = Trainer(setup)
    trainer.run(steps)
    diagram = shown(NetworkDiagram(), trainer.recording, size=size)
    diagram.set_data(trainer.data)
    diagram.set_snapshot(Snapshot.of(trainer))
    return diagram, trainer


def point(diagram, qtbot: QtBot, x: float, y: float) -> Words:
    """Move the pointer to a place of the strip; what is said there."""
    qtbot.mouseMove(diagram.strip, QPoint(round(x), round(y)))
    qtbot.waitUntil(lambda: diagram.strip.words is not None)
    return diagram.strip.words


def test_weights_are_drawn_by_size_and_negative_ones_in_another_colour_and_dashed(diagram) -> None:
    diagram.set_snapshot(Moment((2, 4, 4, 4, 2), (0.0,) * 4))
    diagram.show_lines("weight")
    strip, theme = diagram.strip, current_theme()
    edges = strip.drawing.edges
    assert edges.strengths[0].max() == 1.0
    assert edges.negative[0].ravel().tolist() == [True] * 4 + [False] * 4
    pens = [pen for pen, lines in batches(strip.drawing, strip.places()) if lines]
    dashed = [pen for pen in pens if pen.style() == Qt.PenStyle.CustomDashLine]
    solid = [pen for pen in pens if pen.style() == Qt.PenStyle.SolidLine]
    assert dashed[-1].color() == mixed(theme.color("class_0"), 0.85)
    assert solid[-1].color() == mixed(theme.color("class_1"), 0.85)
    assert diagram.sentence() == (
        "Of 48 weights drawn 50 % are negative; the largest is 1.0, in layer 1."
    )
    assert diagram.legend.isVisible()


def test_lines_of_equal_look_are_drawn_at_once_and_strong_ones_on_top(diagram) -> None:
    diagram.set_snapshot(Moment((2, 4, 4, 4, 2), (-1.0, -2.0, 0.0, -7.0)))
    found = batches(diagram.strip.drawing, diagram.strip.places())
    assert [len(lines) for _, lines in found] == [8, 16, 8, 16]
    assert found[-1][0].color() == mixed(current_theme().depth(4)[2], 0.85)


def test_the_update_is_what_the_optimizer_made_of_the_gradient(shown) -> None:
    diagram, trainer = made(shown, size=(700, 140))
    diagram.show_lines("update")
    edges, direction = diagram.strip.drawing.edges, trainer.optimizer.direction
    assert edges.largest == pytest.approx(trainer.optimizer.rate * np.abs(direction[:32]).max())
    assert edges.negative is None
    assert diagram.sentence() == "The update is visible from the output to layer 1."


def test_before_the_first_update_there_is_none_to_be_seen(shown) -> None:
    diagram, _ = made(shown, size=(700, 140), steps=0)
    diagram.show_lines("update")
    assert diagram.strip.drawing.edges is None
    assert diagram.sentence() == "No update yet. Press Space: the first step makes one."
    assert diagram.header.subtitle().startswith("no update yet")


def test_the_step_of_the_weights_shown_is_said(shown) -> None:
    diagram, trainer = made(shown, size=(900, 140))
    trainer.run(5)
    assert "step 20" in diagram.header.subtitle()


def test_a_line_under_the_pointer_says_its_weight_and_what_moves_it(qtbot: QtBot, shown) -> None:
    diagram, trainer = made(shown, size=(700, 300), data="iris")
    places = diagram.strip.places()
    start, end = places.units[1][0], places.units[2][0]
    x = 0.6 * places.column(1) + 0.4 * places.column(2)
    words = point(diagram, qtbot, x, 0.6 * start + 0.4 * end)
    assert words.title == "Layer 2 · unit 1 → unit 1"
    net, rows = trainer.network, dict(words.rows)
    assert rows["w"] == figures(float(net.weights[1][0, 0]))
    assert rows["∂L/∂w"] == figures(float(net.weight_grads[1][0, 0]))
    place = net.sizes[0] * net.sizes[1]
    update = -trainer.optimizer.rate * float(trainer.optimizer.direction[place])
    assert rows["last update"] == figures(update)
    assert rows["update : weight"] == figures(abs(update / float(net.weights[1][0, 0])), 2)


def test_a_unit_under_the_pointer_says_its_bias_and_its_mean_activation(
    qtbot: QtBot, shown
) -> None:
    diagram, trainer = made(shown, size=(700, 300))
    places = diagram.strip.places()
    words = point(diagram, qtbot, places.column(1), places.units[1][2])
    assert words.title == "Layer 1 · unit 3 of 4"
    net, rows = trainer.network, dict(words.rows)
    activations = unit_outputs(net, trainer.data.x_train, [np.arange(4)])[0]
    assert rows["bias b"] == figures(float(net.biases[0][2]))
    assert rows["mean activation"] == figures(float(activations[:, 2].mean()))
    assert words.picture is not None and words.picture.width() == SIDE


def test_a_layer_under_the_pointer_says_what_it_is(qtbot: QtBot, shown) -> None:
    diagram, _ = made(shown, size=(700, 140), units=24)
    strip = diagram.strip
    words = point(diagram, qtbot, strip.column(2), strip.height() - 6)
    rows = dict(words.rows)
    assert words.title == "Layer 2"
    assert (rows["units"], rows["φ"]) == ("24 (8 drawn)", "tanh")
    assert {"initializer", "‖∂L/∂W‖"} <= set(rows)
    qtbot.mouseMove(strip, QPoint(round(strip.column(3)), strip.height() - 6))
    qtbot.waitUntil(lambda: strip.words.title == "Output layer")


def test_units_with_room_are_maps_of_the_plane_and_dots_elsewhere(shown) -> None:
    diagram, trainer = made(shown, size=(700, 400))
    assert diagram.strip.shows_maps
    low, high = map_corners(trainer.data)
    corner = np.array([[high[0], low[1]]], np.float32)
    expected = unit_outputs(trainer.network, corner, [np.arange(4)])[0][0]
    maps = diagram.strip.drawing.answers.maps
    assert maps[1][:, 0, -1] == pytest.approx(expected, rel=1e-4)
    diagram.resize(700, 100)
    diagram.refresh()
    assert not diagram.strip.shows_maps
    other, _ = made(shown, size=(700, 400), data="iris")
    assert not other.strip.shows_maps


def test_a_map_has_the_colours_of_its_unit(shown) -> None:
    diagram, _ = made(shown, size=(700, 400))
    strip, answers = diagram.strip, diagram.strip.drawing.answers
    box = strip.places().box(3, 1, strip.places().side)
    image = strip.grab().toImage()
    seen = image.pixelColor(box.left() + 2, box.top() + 2)
    expected = answers.colours_of_maps(3, current_theme().palette)[1, 0, 0]
    assert seen.getRgb()[:3] == pytest.approx(tuple(expected[:3].tolist()), abs=14)


def test_dots_are_filled_by_what_they_answer_on_average(shown) -> None:
    diagram, trainer = made(shown, size=(700, 140), data="iris")
    assert diagram.strip.drawing.answers is None
    diagram.fill_units(True)
    means = unit_outputs(trainer.network, trainer.data.x_train[:128], [np.arange(4)])[0].mean(0)
    assert diagram.strip.drawing.answers.means[1] == pytest.approx(means, rel=1e-5)
    assert "units: mean activation" in diagram.header.subtitle()


def test_units_are_not_asked_more_often_than_is_worth_it(qtbot: QtBot, shown) -> None:
    diagram, trainer = made(shown, size=(700, 400))
    first = diagram.strip.drawing.answers
    trainer.run(50)
    diagram.set_snapshot(Snapshot.of(trainer))
    assert diagram.strip.drawing.answers is first
    qtbot.waitUntil(lambda: diagram.strip.drawing.answers is not first, timeout=5_000)


def test_a_network_too_large_to_be_asked_shows_dots(shown) -> None:
    assert not can_be_asked((2, 2048, 2048, 2))
    diagram, _ = made(shown, size=(700, 400), units=800, steps=1)
    assert diagram.strip.drawing.answers is None
    assert "8 of 800 units" in diagram.header.subtitle()


@pytest.mark.parametrize(("key", "layer"), [(Qt.Key.Key_Home, 0), (Qt.Key.Key_End, 3)])
def test_home_and_end_choose_the_first_and_the_last_layer(
    qtbot: QtBot, diagram, key: Qt.Key, layer: int
) -> None:
    with qtbot.waitSignal(diagram.layer_clicked) as clicked:
        qtbot.keyClick(diagram.strip, key)
    assert clicked.args == [layer]


def test_the_menu_offers_what_the_header_does_and_the_number_of_units(diagram) -> None:
    menu = diagram.menu()
    actions = {action.text(): action for action in menu.actions()}
    actions["Lines: w"].trigger()
    assert diagram.lines == "weight"
    (units,) = (action.menu() for action in menu.actions() if action.text() == "Units per layer")
    next(action for action in units.actions() if action.text() == "At most 4").trigger()
    diagram.set_snapshot(Moment((2, 4, 4, 4, 2), (0.0,) * 4))
    assert max(diagram.strip.drawing.drawn) == 4
    menu.deleteLater()


def test_the_figure_shows_what_the_screen_shows(shown) -> None:
    diagram, _ = made(shown, size=(700, 400))
    diagram.show_lines("weight")
    figure = diagram.figure()
    assert sum(isinstance(item, Picture) for item in figure.items) == 2 + 4 + 4 + 2
    assert {item.dash for item in figure.items if isinstance(item, Segments)} == {(), DASH}
    assert figure.table["w"].min() < 0 < figure.table["w"].max()


def test_arcs_keep_near_the_units_where_there_is_much_room(record, shown) -> None:
    recording = structured(record(np.ones((3, 50))), residual="plain", span=1)
    diagram = shown(NetworkDiagram(), recording, size=(700, 700))
    places = diagram.strip.places()
    assert places.units[1][0] - places.apex(1, 2, 5.0) < 60


def test_units_are_not_painted_again_with_new_gradients_alone(
    diagram, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted = []

    def paint(*given):
        painted.append(given)
        return paint_units(*given)

    monkeypatch.setattr("gradstudio.ui.plots.diagram_strip.paint_units", paint)
    pictures = []
    for exponent in (-1.0, -5.0):
        diagram.set_snapshot(Moment((2, 4, 4, 4, 2), (exponent, 0.0, 0.0, 0.0)))
        pictures.append(diagram.strip.grab().toImage())
    assert pictures[0] != pictures[1]
    assert len(painted) <= 1
    apply_theme(QApplication.instance(), "light")
    diagram.strip.grab()
    assert len(painted) <= 2 and painted
