"""What the network answers, with answers known beforehand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from gradstudio.data import make_data
from gradstudio.data.task import Data
from gradstudio.setup.models import DataSetup
from gradstudio.ui.plots.decision import DecisionPlot

Answering = Callable[[np.ndarray], np.ndarray]


@dataclass
class Oracle:
    """Stands for the network: its outputs are known."""

    output: Answering


@dataclass(eq=False)
class Moment:
    """Stands for a snapshot."""

    data: Data
    loss: str
    answer: Answering
    step: int = 40
    sizes: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.sizes = (self.data.input_size, 4, self.data.output_size)

    def network(self) -> Oracle:
        return Oracle(self.answer)


@pytest.fixture
def xor() -> Data:
    return make_data(DataSetup(name="xor", noise=0.0), "softmax_cross_entropy")


def right_of_line(X: np.ndarray) -> np.ndarray:
    """Class 1 where the first input is above 0."""
    return np.stack([-5.0 * X[:, 0], 5.0 * X[:, 0]], axis=1)


def show(plot: DecisionPlot, data: Data, moment: Moment) -> None:
    plot.set_data(data)
    plot.set_snapshot(moment)


def test_accuracy_is_counted_on_the_test_points_and_set_against_chance(record, shown, xor) -> None:
    plot = shown(DecisionPlot(), record(np.ones((5, 2))))
    show(plot, xor, Moment(xor, "softmax_cross_entropy", right_of_line))
    right = int(((xor.x_test[:, 0] > 0) == xor.labels_test).sum())
    words = plot.view.words()
    assert words[0].endswith("%")
    assert float(words[0].split()[0]) == pytest.approx(100 * right / len(xor.x_test), abs=0.06)
    assert words[1] == f"of {len(xor.x_test)} test points right"
    assert words[2] == "chance is 50 %"
    assert f"of {len(xor.x_test)} test points" in plot.sentence()


def test_the_map_holds_the_shares_of_the_plane(record, shown, xor) -> None:
    plot = shown(DecisionPlot(), record(np.ones((5, 2))))
    show(plot, xor, Moment(xor, "softmax_cross_entropy", right_of_line))
    picture = plot.answer.map
    xs = np.linspace(picture.low[0], picture.high[0], picture.side)
    expected = 1.0 / (1.0 + np.exp(-10.0 * xs))
    assert np.allclose(picture.shares[..., 1], expected, atol=1e-5)
    assert picture.flat_share() is None


def test_a_network_that_answers_the_same_everywhere_is_said_to(record, shown, xor) -> None:
    plot = shown(DecisionPlot(), record(np.ones((5, 2))))
    level = Moment(xor, "softmax_cross_entropy", lambda X: np.tile([0.0, 0.04], (len(X), 1)))
    show(plot, xor, level)
    assert plot.view.words()[-1].endswith("= 0.51 everywhere")
    assert plot.sentence().endswith("The map is 0.51 everywhere.")


def test_other_classes_get_a_confusion_matrix(record, shown) -> None:
    iris = make_data(DataSetup(name="iris"), "softmax_cross_entropy")
    plot = shown(DecisionPlot(), record(np.ones((5, 2))))
    always_two = Moment(
        iris, "softmax_cross_entropy", lambda X: np.tile([0.0, 0.0, 1.0], (len(X), 1))
    )
    show(plot, iris, always_two)
    confusion = plot.answer.score.confusion
    assert plot.answer.map is None
    assert (confusion[:, :2] == 0).all()
    assert np.array_equal(confusion[:, 2], np.bincount(iris.labels_test, minlength=3))
    assert not plot.view.grab().isNull()


def test_a_regression_with_one_input_gets_its_curve(record, shown) -> None:
    sine = make_data(DataSetup(name="sine"), "mse")
    plot = shown(DecisionPlot(), record(np.ones((5, 2))))
    show(plot, sine, Moment(sine, "mse", lambda X: 0.0 * X))
    inputs, values = plot.answer.fit
    scaled = min(sine.x_train.min(), sine.x_test.min())
    lowest = scaled * sine.scaling.std[0] + sine.scaling.mean[0]
    assert inputs[0] == pytest.approx(lowest, rel=1e-5)
    assert np.allclose(values, sine.target_scaling.mean[0])
    error = np.sqrt(np.mean((sine.labels_test - sine.target_scaling.mean[0]) ** 2))
    assert plot.answer.score.error == pytest.approx(error)
    assert not plot.view.grab().isNull()


def test_other_regressions_get_predicted_against_true(record, shown) -> None:
    diabetes = make_data(DataSetup(name="diabetes"), "mse")
    plot = shown(DecisionPlot(), record(np.ones((5, 2))))
    show(plot, diabetes, Moment(diabetes, "mse", lambda X: X[:, :1] * 0 + np.inf))
    assert plot.answer.fit is None
    assert not np.isfinite(plot.answer.score.error)
    assert not plot.view.grab().isNull()


def test_a_late_snapshot_of_another_design_is_passed_over(record, shown, xor) -> None:
    plot = shown(DecisionPlot(), record(np.ones((5, 2))))
    moment = Moment(xor, "softmax_cross_entropy", right_of_line)
    moment.sizes = (64, 4, 10)
    show(plot, xor, moment)
    assert plot.answer is None


def test_another_run_drops_the_old_answer(record, shown, xor) -> None:
    plot = shown(DecisionPlot(), record(np.ones((5, 2))))
    show(plot, xor, Moment(xor, "softmax_cross_entropy", right_of_line))
    assert plot.answer is not None
    plot.set_recording(record(np.ones((5, 2))))
    assert plot.answer is None
    assert "Space" in plot.sentence()


def test_a_dear_answer_is_asked_again_only_when_it_has_paid_off(
    qtbot: QtBot, record, shown, xor, monkeypatch: pytest.MonkeyPatch
) -> None:
    plot = shown(DecisionPlot(), record(np.ones((5, 2))))
    clock = [100.0]
    monkeypatch.setattr("gradstudio.ui.plots.decision.perf_counter", lambda: clock[0])

    def slow(X: np.ndarray) -> np.ndarray:
        clock[0] += 0.001
        return right_of_line(X)

    show(plot, xor, Moment(xor, "softmax_cross_entropy", slow, step=1))
    plot.set_snapshot(Moment(xor, "softmax_cross_entropy", slow, step=2))
    assert plot.answer.step == 1
    clock[0] += 1.0
    qtbot.waitUntil(lambda: plot.answer.step == 2)


def test_the_grid_of_the_map_is_as_fine_as_its_cost_allows(
    record, shown, xor, monkeypatch: pytest.MonkeyPatch
) -> None:
    plot = shown(DecisionPlot(), record(np.ones((5, 2))))
    clock = [0.0]
    monkeypatch.setattr("gradstudio.ui.plots.decision.perf_counter", lambda: clock[0])
    sides = []
    for cost in (1e-9, 1e-9, 1e-5, 1e-5):

        def answer(X: np.ndarray, cost: float = cost) -> np.ndarray:
            clock[0] += cost * len(X)
            return right_of_line(X)

        clock[0] += 100.0
        show(plot, xor, Moment(xor, "softmax_cross_entropy", answer))
        sides.append(plot.answer.map.side)
    assert sides == [32, 64, 64, 16]


def test_a_hidden_plot_asks_nothing(record, shown, xor) -> None:
    plot = shown(DecisionPlot(), record(np.ones((5, 2))))
    plot.set_data(xor)
    plot.hide()
    asked: list[int] = []

    def answer(X: np.ndarray) -> np.ndarray:
        asked.append(len(X))
        return right_of_line(X)

    plot.set_snapshot(Moment(xor, "softmax_cross_entropy", answer))
    assert not asked
    plot.show()
    assert asked
