"""Loss and accuracy over time."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from gradstudio.export.ticks import smoothed
from gradstudio.numbers import figures
from gradstudio.ui.plots.loss import LossPlot


@pytest.fixture
def learning(record):
    """Fifty steps of a falling loss, evaluated every ten steps."""
    loss = 0.3 + 0.5 * np.exp(-np.arange(50) / 12.0)
    loss[::2] += 0.04
    made = record(np.ones((50, 2)), loss=loss[:, None])
    for step in range(0, 50, 10):
        made.evaluations.append(np.array([loss[step] + 0.01, 0.5 + step / 100, 0.6 + step / 100]))
    return made


def curves(plot: LossPlot) -> dict:
    return {curve.label: curve for curve in plot.canvas.curves}


def test_the_raw_loss_stands_behind_its_smoothed_curve(learning, shown) -> None:
    plot = shown(LossPlot(), learning)
    loss = learning.history.read("loss").mean[:, 0]
    drawn = curves(plot)
    assert np.array_equal(drawn["train, each step"].y, loss)
    assert drawn["train, each step"].opacity == pytest.approx(0.38)
    assert np.allclose(drawn["train"].y, smoothed(loss, 0.95))
    assert [curve.width for curve in plot.canvas.curves].count(2) == 1


def test_smoothing_is_unbiased_and_can_be_turned_off(learning, shown) -> None:
    assert np.allclose(smoothed(np.full(30, 0.7), 0.99), 0.7)
    plot = shown(LossPlot(), learning)
    plot.set_smoothing(0.0)
    assert "train" not in curves(plot)
    assert curves(plot)["train, each step"].opacity == 1.0


def test_a_window_of_the_last_steps_is_smoothed_with_what_came_before(learning, shown) -> None:
    plot = shown(LossPlot(), learning)
    plot.set_smoothing(0.5)
    whole = curves(plot)["train"].y
    plot.set_last_steps(20)
    drawn = curves(plot)["train"]
    assert drawn.x[-1] == 49
    assert np.allclose(drawn.y[-20:], whole[-20:], rtol=2e-3)


def test_the_test_loss_is_dashed_at_the_steps_of_its_evaluations(learning, shown) -> None:
    drawn = curves(shown(LossPlot(), learning))["test loss"]
    assert drawn.pattern
    assert np.array_equal(drawn.x, [0, 10, 20, 30, 40])
    assert np.allclose(drawn.y, learning.evaluations.read("test_loss").mean[:, 0])


def test_chance_is_a_line_with_its_formula(learning, shown) -> None:
    plot = shown(LossPlot(), learning)
    assert plot._chance.position == pytest.approx(np.log(2))
    assert plot._chance.text == "ln 2 = 0.693 = chance"
    assert plot.y_axis.low < np.log(2) < plot.y_axis.high


def test_the_newest_values_are_named_at_the_edge(learning, shown) -> None:
    plot = shown(LossPlot(), learning)
    labels = plot._labels.labels
    assert labels[0].text == figures(float(curves(plot)["train"].y[-1]))
    assert labels[1].text == figures(float(learning.evaluations.latest("test_loss")[0]))


def test_the_switch_shows_accuracy_in_per_cent_against_guessing(learning, shown) -> None:
    plot = shown(LossPlot(), learning)
    plot.set_curve("accuracy")
    drawn = curves(plot)
    assert np.allclose(drawn["test accuracy"].y, [50, 60, 70, 80, 90])
    assert np.allclose(drawn["train accuracy"].y, [60, 70, 80, 90, 100])
    assert plot._chance.position == 50.0
    assert all(text.endswith(" %") for _, text in plot.canvas.frame().y_ticks)
    plot.set_curve("loss")
    assert "train" in curves(plot)
    assert not any("%" in text for _, text in plot.canvas.frame().y_ticks)


def test_a_regression_has_no_accuracy(learning, shown) -> None:
    learning.class_count = 0
    learning.chance = None
    plot = shown(LossPlot(), learning)
    assert not plot.switch.isVisible()
    assert plot._chance.position is None


def test_the_loss_can_be_logarithmic(learning, shown) -> None:
    plot = shown(LossPlot(), learning)
    plot.y_axis.set_log(True)
    loss = learning.history.read("loss").mean[:, 0]
    assert np.allclose(curves(plot)["train, each step"].y, np.log10(loss))
    assert plot._chance.position == pytest.approx(np.log10(np.log(2)))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_loss_that_is_not_finite_is_marked(record, shown, bad: float) -> None:
    loss = np.full((30, 1), 0.7)
    loss[12] = bad
    plot = shown(LossPlot(), record(np.ones((30, 2)), loss=loss))
    (mark,) = plot._marks.marks
    assert (mark.position, mark.text) == (12.0, "step 12: loss not finite")
    assert plot.y_axis.high < 0.8


def test_the_read_out_gives_loss_and_the_evaluation_before_it(learning, shown) -> None:
    plot = shown(LossPlot(), learning)
    plot.canvas.hovered.emit(QPointF(plot.canvas.frame().point(27, 0.5)))
    rows = dict(plot._cross.rows)
    assert plot._cross.title == "Step 27"
    assert rows["train loss"] == figures(float(learning.history.at("loss", 27).mean[0]))
    assert rows["test accuracy"] == "70.0 %"


def test_the_figure_has_the_coordinates_of_the_screen(learning, shown) -> None:
    plot = shown(LossPlot(), learning)
    plot.set_smoothing(0.8)
    figure = plot.figure()
    drawn = {item.label: item for item in figure.items if type(item).__name__ == "Curve"}
    assert np.array_equal(drawn["train"].y, curves(plot)["train"].y)
    assert np.array_equal(drawn["test loss"].x, curves(plot)["test loss"].x)
    assert (figure.y.low, figure.y.high) == (plot.y_axis.low, plot.y_axis.high)


def test_smoothing_can_be_set_from_the_menu(learning, shown) -> None:
    plot = shown(LossPlot(), learning)
    menu = plot.menu()
    assert "Smoothing" in {action.text() for action in menu.actions()}
    plot.choices().set_smoothing(0.5)
    assert plot.smoothing == 0.5
    menu.close()
    plot.set_curve("accuracy")
    assert plot.choices().set_smoothing is None


def test_before_the_first_step_the_key_is_named(shown, unstarted) -> None:
    plot = shown(LossPlot(), unstarted)
    assert "Space" in plot.canvas.notice
    assert "Space" in plot.sentence()
