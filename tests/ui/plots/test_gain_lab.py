"""The gain lab on screen: what is drawn, said, tried, asked for and exported."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradstudio.export.figure import Curve
from gradstudio.export.gain_map import gain_map
from gradstudio.export.gain_words import gain_rows
from gradstudio.nn.activations import ACTIVATIONS
from gradstudio.nn.theory import chi, fixed_point, length_map
from gradstudio.setup.models import InitializerSetup, LayerSetup, NetworkSetup, Setup
from gradstudio.ui.plots.gain_lab import GainLab


def design(phi: str = "tanh", **changes: object) -> Setup:
    """Twelve equal layers of 24 units."""
    start = InitializerSetup.model_validate(changes.pop("initializer", {}))
    fields = {"units": 24, "activation": phi, "initializer": start, **changes}
    return Setup(network=NetworkSetup(layers=(LayerSetup.model_validate(fields),) * 12))


@pytest.fixture
def lab(shown) -> GainLab:
    plot = shown(GainLab(), None, (900, 500))
    plot.show_layer(design(), 3)
    return plot


def curve(plot: GainLab, label: str, canvas: str = "map"):
    return next(one for one in getattr(plot, canvas).curves if one.label == label)


@pytest.mark.parametrize("phi", ["tanh", "relu", "sigmoid", "selu", "gelu"])
def test_the_curves_are_those_of_theory(lab: GainLab, phi: str) -> None:
    lab.show_layer(design(phi), 3)
    lab.try_sigma_w(1.3)
    drawn, factor = curve(lab, "map"), curve(lab, "χ", "chi")
    for i in range(36, 130, 17):
        q = 10.0 ** float(drawn.x[i])
        assert 10.0 ** float(drawn.y[i]) == pytest.approx(length_map(phi, 1.3, 0.0, q))
        assert 10.0 ** float(factor.y[i]) == pytest.approx(chi(phi, 1.3, 0.0, q))


def test_the_stairs_lead_from_the_data_to_the_fixed_point(lab: GainLab) -> None:
    lab.try_gain(5 / 3)
    shown = lab.map.shown
    goal = fixed_point("tanh", 5 / 3, 0.0)
    assert shown.goal.q == pytest.approx(goal)
    assert shown.stairs[0, 0] == pytest.approx(math.log10(25 / 9 * lab.layer.input_square))
    assert shown.stairs[-1, 0] == pytest.approx(math.log10(goal), abs=0.01)
    rises = shown.stairs[1::2]
    for x, y in rises.tolist():
        assert 10.0**y == pytest.approx(length_map("tanh", 5 / 3, 0.0, 10.0**x))
    assert shown.fixed_point == pytest.approx((math.log10(goal), math.log10(goal)))


NUMBERS = {
    "tanh": ("5/3 = 1.67", "1", "1.47", "1.59", "1"),
    "relu": ("√2 = 1.41",) * 5,
    "sigmoid": ("1", "4", "4.72", "1.85", "10.1"),
    "selu": ("3/4", "0.69", "0.966", "1", "0.69"),
    "gelu": ("none", "2", "1.48", "1.53", "none"),
}


@pytest.mark.parametrize("phi", NUMBERS)
def test_the_table_has_the_gains_with_their_reasons(lab: GainLab, phi: str) -> None:
    lab.show_layer(design(phi), 3)
    rows = lab.table.rows.values()
    assert tuple(row.number.text() for row in rows) == NUMBERS[phi]
    assert all(row.reason.text().endswith(".") for row in rows)


def test_the_gains_of_pytorch_are_explained_honestly() -> None:
    reasons = {phi: gain_rows(ACTIVATIONS[phi])[0].reason for phi in NUMBERS}
    assert "chaotic" in reasons["tanh"]
    assert "×1.10 per layer" in reasons["tanh"]
    assert "like a linear layer" in reasons["sigmoid"]
    assert "×0.236 per layer" in reasons["sigmoid"]
    assert "value found empirically" in reasons["selu"]
    assert "half of the units are silent" in reasons["relu"]
    assert "ValueError" in reasons["gelu"]


def test_the_words_give_the_factor_per_layer_and_of_all_layers(lab: GainLab) -> None:
    lab.show_layer(design(initializer={"name": "uniform_fan_in"}), 3)
    assert lab.gradient.text() == ("Gradient vanishes: ×0.577 per layer, in 12 layers ×0.00137.")
    assert lab.signal.text() == "Signal dies: ×0.577 per layer, in 12 layers ×0.00137."
    assert lab.sentence().startswith("Layer 4, tanh, σ_w 0.577, σ_b 0. Gradient vanishes")
    assert lab.map.accessibleDescription() == lab.sentence()


def test_a_slow_way_to_the_fixed_point_is_told_from_the_factor_there(lab: GainLab) -> None:
    assert "×1 per layer in the end, in 12 layers from these data on" in lab.gradient.text()
    assert "power of depth" in lab.gradient.text()


def test_a_trial_is_drawn_and_given_up_without_asking_for_anything(
    qtbot: QtBot, lab: GainLab
) -> None:
    with qtbot.assertNotEmitted(lab.gain_asked):
        lab.trial.field.slider.setValue(30)
        assert lab.tried == pytest.approx(2.0)
        assert curve(lab, "as it is").y[84] == pytest.approx(
            curve(lab, "map").y[84] - math.log10(4)
        )
        lab.map.setFocus()
        qtbot.keyClick(lab.map, Qt.Key.Key_Escape)
    assert lab.tried is None
    assert [one.label for one in lab.map.curves].count("as it is") == 0
    assert lab.trial.field.value() == 1.0


def test_the_curve_can_be_pulled(qtbot: QtBot, lab: GainLab) -> None:
    frame = lab.map.frame()
    x, y = lab.map.handle
    here = QPoint(round(frame.x(x)), round(frame.y(y)))
    there = QPoint(here.x(), here.y() - 20)
    qtbot.mousePress(lab.map, Qt.MouseButton.LeftButton, pos=here)
    qtbot.mouseMove(lab.map, there)
    qtbot.mouseRelease(lab.map, Qt.MouseButton.LeftButton, pos=there)
    place = frame.x_position(here.x())
    assert curve(lab, "map").y[0] > curve(lab, "as it is").y[0]
    assert lab.map.shown.q_next_at(place) == pytest.approx(frame.y_position(there.y()), abs=2e-3)
    assert not lab.map.is_pulled


def test_a_row_is_tried_and_then_used(qtbot: QtBot, lab: GainLab) -> None:
    row = lab.table.rows["pytorch"]
    row.number.click()
    assert lab.tried == pytest.approx(5 / 3)
    assert row.is_lit
    assert lab.trial.use.text() == "Use gain 1.67"
    with qtbot.waitSignal(lab.gain_asked) as asked:
        lab.trial.use.click()
    assert asked.args == [pytest.approx(5 / 3)]
    with qtbot.waitSignal(lab.gain_asked) as asked:
        lab.table.rows["forward"].use.click()
    assert asked.args == [pytest.approx(1.5925, rel=1e-4)]


def test_the_gain_of_the_layer_is_marked_as_in_use(lab: GainLab) -> None:
    texts = {key: row.use.text() for key, row in lab.table.rows.items()}
    assert texts["small"] == texts["critical"] == "in use"
    assert texts["pytorch"] == "Use"
    assert "gain 1 to 1.67 of Xavier normal" in lab.table.rows["pytorch"].use.toolTip()


def test_of_a_normal_of_chosen_width_its_sigma_is_named(lab: GainLab) -> None:
    lab.show_layer(design(initializer={"name": "normal", "std": 1.0}), 3)
    assert "σ 1 to 0.34 of Normal(0, σ)" in lab.table.rows["pytorch"].use.toolTip()


@pytest.mark.parametrize("name", ["zeros", "constant", "critical", "lsuv"])
def test_where_no_gain_can_be_chosen_none_is_offered_and_it_is_said_why(
    lab: GainLab, name: str
) -> None:
    lab.show_layer(design(initializer={"name": name}), 3)
    assert all(row.use.isHidden() or not row.use.isEnabled() for row in lab.table.rows.values())
    assert lab.table.note.text()
    lab.try_sigma_w(2.0)
    assert not lab.trial.use.isVisible()


@pytest.mark.parametrize("changes", [{"normalisation": "layer"}, {"residual": "plain"}])
def test_without_theory_one_sentence_takes_the_place_of_the_map(lab: GainLab, changes) -> None:
    lab.show_layer(design(**changes), 3)
    assert lab.map.curves == []
    assert lab.map.notice == lab.sentence() == lab.figure().caption
    assert not lab.trial.isVisible()
    lab.show_layer(design(), 3)
    assert lab.map.notice == ""
    assert lab.trial.isVisible()


def test_another_layer_ends_the_trial(lab: GainLab) -> None:
    lab.try_gain(2.0)
    lab.show_layer(design(), 12)
    assert lab.tried is None
    assert lab.header.subtitle().startswith("output layer, Linear")


def test_a_narrow_lab_shows_map_or_gains(lab: GainLab) -> None:
    lab.resize(360, 264)
    assert lab.map.isVisible()
    assert not lab.table.isVisible()
    lab.pages.chosen.emit("gains")
    lab.pages.choose("gains")
    lab.pages.chosen.emit("gains")
    assert lab.table.isVisible()
    assert not lab.map.isVisible()


def test_hidden_it_measures_nothing(lab: GainLab) -> None:
    lab.hide()
    lab.show_layer(design("sigmoid"), 3)
    lab.describe()
    assert lab._layer is None


def test_the_export_is_what_is_on_screen(lab: GainLab) -> None:
    lab.try_gain(1.5)
    figure = lab.figure()
    shown = gain_map(lab.layer, 1.5)
    assert figure.caption == lab.sentence()
    assert (figure.x.low, figure.x.high) == (lab.map.x_axis.low, lab.map.x_axis.high)
    assert np.array_equal(np.log10(figure.table["chi [1]"]), np.log10(10.0**shown.chi))
    assert np.allclose(np.log10(figure.table["q of the next layer [1]"]), curve(lab, "map").y)
    drawn = next(one for one in figure.items if isinstance(one, Curve) and one.label == "next q")
    known = np.isfinite(drawn.y)
    share = (drawn.y[known] - 0.37) / 0.63
    back = figure.x.low + share * (figure.x.high - figure.x.low)
    on_screen = curve(lab, "map")
    assert np.allclose(back, np.interp(drawn.x[known], on_screen.x, on_screen.y), atol=1e-9)
    assert list(figure.table["gain of"]) == [row.name.text() for row in lab.table.rows.values()]
    assert "χ as it is" in [one.label for one in figure.items if isinstance(one, Curve)]


def test_before_a_design_it_says_so(shown) -> None:
    plot = shown(GainLab(), None)
    assert plot.map.notice == plot.sentence() == plot.figure().caption


def test_a_frame_asks_theory_nothing(
    qapp: QApplication, lab: GainLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    qapp.processEvents()
    lab.refresh()

    def refuse(*_: object) -> None:
        raise AssertionError("theory was asked")

    monkeypatch.setattr("gradstudio.ui.plots.gain_lab.gain_map", refuse)
    for _ in range(3):
        lab.refresh()
        lab.set_recording(None)
