"""Pictures of the network itself: what it answers and how far its gradient reaches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from gradstudio.export.arcs import arc
from gradstudio.export.classes import SHAPES, class_colours, class_shape
from gradstudio.export.edges import DASH, look_of_edges, units_drawn
from gradstudio.export.figure import Curve, Figure, Picture, Points, Segments
from gradstudio.export.figures import decision_figure, diagram_figure
from gradstudio.export.figures.diagram import DiagramView
from gradstudio.export.prediction import class_map
from gradstudio.export.units import SIDE, shaded, unit_answers
from gradstudio.nn.network import Network
from gradstudio.palette import DARK, LIGHT, depth_colours
from gradstudio.setup.models import (
    DataName,
    DataSetup,
    LayerSetup,
    LossName,
    NetworkSetup,
    Setup,
    TrainingSetup,
)
from gradstudio.training.trainer import Trainer

from .pictures import Drawn


@dataclass
class Now:
    """A network as it is now."""

    step: int
    gradients: np.ndarray
    sizes: tuple[int, ...]
    loss: str
    trained: Network
    updates: np.ndarray | None = None

    @property
    def parameters(self) -> np.ndarray:
        return self.trained.flat

    def network(self) -> Network:
        return self.trained


def trained(
    data: DataName, loss: LossName = "softmax_cross_entropy", hidden: int = 2, units: int = 8
) -> tuple[Trainer, Now]:
    layers = tuple(LayerSetup(units=units) for _ in range(hidden))
    setup = Setup(
        name="Small",
        data=DataSetup(name=data, samples=80),
        network=NetworkSetup(layers=layers),
        training=TrainingSetup(loss=loss, learning_rate=0.05),
    )
    trainer = Trainer(setup)
    trainer.run(30)
    return trainer, now(trainer)


def now(trainer: Trainer) -> Now:
    net = trainer.network
    loss = trainer.setup.training.loss
    return Now(trainer.step_count, net.flat_grads, tuple(net.sizes), loss, net)


def picture(trainer: Trainer, moment: Now) -> Figure:
    figure = decision_figure(trainer.recording, trainer.data, moment)
    Drawn.of(figure)
    return figure


def test_a_plane_shows_every_point_in_the_colour_and_shape_of_its_class() -> None:
    trainer, moment = trained("spirals")
    figure = picture(trainer, moment)
    points = [item for item in figure.items if isinstance(item, Points)]
    assert sum(len(item.x) for item in points) == 80
    train, test = points[0], points[1]
    assert (train.filled, test.filled) == (True, False)
    assert {item.colour for item in points} == {LIGHT.class_0, LIGHT.class_1}
    assert {item.shape for item in points} == {"circle", "square"}


def test_the_map_has_the_colour_of_the_class_the_network_chooses() -> None:
    trainer, moment = trained("blobs")
    figure = picture(trainer, moment)
    (image,) = [item for item in figure.items if isinstance(item, Picture)]
    side = len(image.rgba)
    cell = (image.x1 - image.x0) / side
    colours = class_colours(LIGHT, len(trainer.data.class_names))
    for column, row in ((3, 5), (50, 20), (90, 90)):
        place = [image.x0 + (column + 0.5) * cell, image.y1 - (row + 0.5) * cell]
        z = trainer.network.output(np.array([place], dtype=np.float32))[0]
        share = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
        rgb = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in colours])
        assert image.rgba[row, column, :3] == pytest.approx(share @ rgb / 2 + 127.5, abs=2)


def test_the_figure_beside_the_map_is_the_share_of_right_answers() -> None:
    trainer, moment = trained("spirals")
    figure = picture(trainer, moment)
    chosen = trainer.network.output(trainer.data.x_test).argmax(axis=1)
    share = 100 * float((chosen == trainer.data.labels_test).mean())
    assert float(figure.notes[0].removesuffix(" %")) == pytest.approx(share, abs=0.06)
    table = figure.table
    is_test = table["part"] == "test"
    agreed = (table["true class"] == table["predicted class"])[is_test]
    assert 100 * float(agreed.mean()) == pytest.approx(share)


def test_classes_off_the_plane_get_a_confusion_matrix_that_counts_every_sample() -> None:
    trainer, moment = trained("iris")
    figure = picture(trainer, moment)
    counts = [figure.table[name] for name in figure.table if name.startswith("predicted")]
    assert int(np.sum(counts)) == len(trainer.data.x_test)
    assert (figure.x.label, figure.y.label) == ("predicted class", "true class")


def test_a_regression_with_one_input_shows_its_curve_over_the_points() -> None:
    trainer, moment = trained("sine", "mse")
    figure = picture(trainer, moment)
    (curve,) = [item for item in figure.items if isinstance(item, Curve)]
    x = trainer.data.scaling.apply(curve.x[:5, None]).astype(np.float32)
    scaling = trainer.data.target_scaling
    z = trainer.network.output(x)[:, 0] * float(scaling.std[0]) + float(scaling.mean[0])
    assert curve.y[:5] == pytest.approx(z, rel=1e-4)
    assert figure.notes[1] == "root mean square error"


def test_other_regressions_show_predicted_against_true_values() -> None:
    trainer, moment = trained("diabetes", "mse")
    figure = picture(trainer, moment)
    assert (figure.x.label, figure.y.label) == ("true value", "predicted value")
    assert len(figure.table["true value"]) == len(trainer.data.labels_test)


def test_a_network_that_answers_nothing_finite_still_makes_a_picture() -> None:
    trainer, moment = trained("spirals")
    trainer.network.flat[:] = np.nan
    assert picture(trainer, moment).notes


def test_weights_of_another_network_are_not_asked() -> None:
    trainer, _ = trained("spirals")
    _, other = trained("iris")
    assert "No answer" in picture(trainer, other).caption
    assert "No answer" in decision_figure(None, None, None).caption


def test_an_edge_fades_with_the_size_of_its_gradient() -> None:
    trainer, moment = trained("spirals")
    flat = trainer.network.flat_grads
    flat[:] = 1e-4
    flat[0] = 1.0
    flat[1], flat[2] = 1e-9, 0.0
    edges = look_of_edges(moment, units_drawn(moment.sizes))
    assert edges is not None
    (first, *_) = edges.strengths
    assert first[0, :3] == pytest.approx([1.0, 0.0, 0.0])
    assert first[0, 3] == pytest.approx(0.5)


def test_a_gradient_that_is_zero_everywhere_is_said() -> None:
    trainer, moment = trained("spirals")
    trainer.network.flat_grads[:] = 0.0
    figure = diagram_figure(trainer.recording, moment)
    assert figure.caption == "The gradient is exactly 0 everywhere."
    assert not any(len(item.ends) for item in figure.items if isinstance(item, Segments))


def test_the_sentence_says_how_far_the_signal_reaches() -> None:
    trainer, moment = trained("spirals", hidden=3)
    for k, weights in enumerate(trainer.network.weight_grads):
        weights[...] = 1.0 if k >= 2 else 0.0
    figure = diagram_figure(trainer.recording, moment)
    assert figure.caption == (
        "The signal is visible from the output to layer 3; in layers 1 to 2 it is more than 8 "
        "decades below the largest, or exactly 0."
    )


def test_a_deep_network_stays_drawable() -> None:
    trainer, moment = trained("spirals", hidden=100, units=16)
    figure = diagram_figure(trainer.recording, moment, palette_name="dark")
    edges = sum(len(item.ends) for item in figure.items if isinstance(item, Segments))
    assert edges <= 1000
    texts = Drawn.of(figure).texts("plot")
    assert {"x", "out"} <= set(texts)
    assert len(texts) <= 26
    assert figure.palette is DARK


def test_weights_are_told_apart_by_colour_and_dash_in_every_format() -> None:
    trainer, moment = trained("spirals")
    figure = diagram_figure(trainer.recording, moment, view=DiagramView("weight"))
    weights = trainer.network.weights[0]
    layers = {item.label: item for item in figure.items if isinstance(item, Segments)}
    positive, negative = layers["weights of layer 1"], layers["negative weights of layer 1"]
    assert (positive.dash, negative.dash) == ((), DASH)
    assert set(negative.colours) == {LIGHT.class_0} and set(positive.colours) == {LIGHT.class_1}
    drawn = Drawn.of(figure)
    lines = list(drawn.group("negative-weights-of-layer-1"))
    assert {line.get("stroke-dasharray") for line in lines} == {"4,3"}
    assert len(lines) == int((weights < 0).sum())
    assert {"positive", "negative"} <= set(drawn.texts("legend"))
    assert figure.table["w"][:8] == pytest.approx(weights[0])


def test_a_weight_is_as_strong_as_the_root_of_its_share_of_the_largest() -> None:
    trainer, moment = trained("spirals")
    trainer.network.flat[: trainer.network.weight_count] = 0.5
    trainer.network.flat[0], trainer.network.flat[1] = -2.0, 0.0
    edges = look_of_edges(moment, units_drawn(moment.sizes), "weight")
    assert edges is not None and edges.negative is not None
    assert edges.strengths[0][0, :3] == pytest.approx([1.0, 0.0, 0.5])
    assert edges.negative[0].sum() == 1
    assert edges.largest == 2.0


def test_an_update_that_is_not_known_is_said() -> None:
    trainer, moment = trained("spirals")
    figure = diagram_figure(trainer.recording, moment, view=DiagramView("update"))
    assert "The last update is not known." in figure.caption


def test_units_have_the_colour_of_their_layer_also_when_they_are_filled() -> None:
    trainer, moment = trained("iris")
    drawn = units_drawn(moment.sizes)
    answers = unit_answers(trainer.network, trainer.data, drawn)
    plain = diagram_figure(trainer.recording, moment)
    filled = diagram_figure(trainer.recording, moment, view=DiagramView(answers=answers))
    dots, rings = (
        [item.colour for item in figure.items if isinstance(item, Points)]
        for figure in (plain, filled)
    )
    assert dots[1:] == list(depth_colours(3, "light"))
    assert rings[1::2] == dots[1:]
    assert all(
        len(colours) == number for colours, number in zip(rings[2::2], drawn[1:], strict=True)
    )


@pytest.mark.parametrize("loss", ["softmax_cross_entropy", "binary_cross_entropy", "mse"])
def test_the_output_units_answer_with_the_shares_of_the_classes(loss: LossName) -> None:
    trainer, moment = trained("spirals", loss)
    answers = unit_answers(trainer.network, trainer.data, units_drawn(moment.sizes))
    picture = class_map(trainer.network.output, trainer.data, loss, SIDE)
    assert answers.maps is not None
    assert answers.maps[-1][-1] == pytest.approx(picture.shares[..., -1], abs=1e-6)
    assert answers.centres[-1] == 0.5


def test_the_input_units_answer_with_the_place_itself() -> None:
    trainer, moment = trained("spirals")
    answers = unit_answers(trainer.network, trainer.data, units_drawn(moment.sizes))
    assert answers.maps is not None
    assert (np.diff(answers.maps[0][0], axis=1) > 0).all()
    assert (np.diff(answers.maps[0][1], axis=0) > 0).all()


def test_what_is_not_finite_is_grey_in_a_map() -> None:
    colours = shaded(np.array([np.nan, 0.0, -3.0, 3.0]), 3.0, DARK)
    named = ["#" + "".join(f"{c:02x}" for c in rgba[:3]) for rgba in colours.tolist()]
    assert named == [DARK.text3, DARK.deviation[3], DARK.deviation[0], DARK.deviation[-1]]


def test_shortcuts_and_normalised_layers_are_drawn_and_said() -> None:
    trainer, moment = trained("spirals", hidden=4)
    setup = trainer.recording.setup
    layers = list(setup.network.layers)
    for index, fields in ((2, {"residual": "plain", "span": 2}), (3, {"normalisation": "layer"})):
        layers[index] = layers[index].model_copy(update=fields)
    network = setup.network.model_copy(update={"layers": tuple(layers)})
    trainer.recording.setup = setup.model_copy(update={"network": network})
    figure = diagram_figure(trainer.recording, moment)
    drawn = {item.label: item.ends for item in figure.items if isinstance(item, Segments)}
    arcs, bars = drawn["shortcuts"], drawn["normalised layers"]
    assert (arcs[0, 0], arcs[-1, 2]) == pytest.approx((1.0, 3.0))
    assert arcs[:, 1].max() < figure.y.high
    assert bars[:, [0, 2]].mean() == pytest.approx(4.0)
    assert figure.caption.endswith("The network has 1 shortcut (arc) and 1 normalised layer (bar).")


def test_an_arc_turns_at_its_apex() -> None:
    curve = arc((0.0, 1.0), (2.0, 1.0), 3.0)
    assert curve[0] == pytest.approx([0.0, 1.0]) and curve[-1] == pytest.approx([2.0, 1.0])
    assert curve[:, 1].max() == pytest.approx(3.0)


def test_classes_differ_in_colour_or_shape() -> None:
    colours = class_colours(LIGHT, 13)
    looks = {(colours[k], class_shape(k)) for k in range(13)}
    assert len(looks) == 13
    assert {class_shape(k) for k in range(4)} == set(SHAPES)
