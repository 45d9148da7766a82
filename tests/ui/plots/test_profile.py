"""By depth: the same axis as over time, the numbers of the diagnosis."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from gradstudio.numbers import figures, signed
from gradstudio.training.diagnosis import diagnose
from gradstudio.ui.plots.gradient import GradientPlot
from gradstudio.ui.plots.profile import DepthProfile


def test_now_is_the_mean_of_20_steps_and_its_rate_that_of_the_diagnosis(
    record, shown, falling
) -> None:
    recording = record(falling)
    plot = shown(DepthProfile(), recording)
    expected = 10.0 ** np.log10(falling[-20:]).mean(axis=0)
    assert np.allclose(plot.values, expected)
    assert np.allclose(plot._now.ys, np.log10(expected))
    assert plot._text.headline == f"{signed(diagnose(recording).per_layer)} decade per layer"


def test_step_0_is_shown_as_rings_beside_it(record, shown, falling) -> None:
    plot = shown(DepthProfile(), record(falling))
    assert np.allclose(plot._before.ys, np.log10(falling[0]))
    assert not plot._before.filled
    assert plot._now.filled
    assert plot._now.xs == [1.0, 2.0, 3.0, 4.0]


def test_it_shares_the_heights_of_the_plot_over_time(record, shown, falling) -> None:
    recording = record(falling)
    over_time, plot = shown(GradientPlot()), shown(DepthProfile(), size=(300, 268))
    plot.link(over_time)
    for instrument in (over_time, plot):
        instrument.set_recording(recording)
    here, there = plot.canvas.frame(), over_time.canvas.frame()
    assert here.y(-2.0) == there.y(-2.0)
    assert here.y_ticks == there.y_ticks
    over_time.y_axis.show(-5.0, 1.0)
    assert plot.canvas.frame().y_low == -5.0
    plot.canvas.fit()
    assert over_time.y_axis.low == here.y_low
    over_time.set_quantity("weight_grad_norm")
    assert np.allclose(plot.values, 1.0)


def test_zeros_stand_in_the_zero_lane_and_in_the_headline(record, shown, falling) -> None:
    delta = falling.copy()
    delta[10:, :2] = 0.0
    plot = shown(DepthProfile(), record(delta))
    assert list(plot._now.ys[:2]) == [None, None]
    assert plot._text.headline == "2 of 4 layers get exactly 0"
    assert "exactly 0 in 2 of 4" in plot.sentence()


def test_the_cursor_chooses_the_step(record, shown, falling) -> None:
    delta = falling.copy()
    delta[:25] *= 1e3
    plot = shown(DepthProfile(), record(delta))
    plot.set_cursor(22)
    assert np.allclose(plot.values, 10.0 ** np.log10(delta[3:23]).mean(axis=0))
    plot.set_cursor(None)
    assert np.allclose(plot.values, 10.0 ** np.log10(delta[-20:]).mean(axis=0))


def test_before_the_first_step_the_start_is_measured(shown, unstarted) -> None:
    plot = shown(DepthProfile(), unstarted)
    assert plot._before.ys == [-4.0, -2.0, 0.0]
    assert plot._text.headline == f"{signed(-2.0)} decade per layer"
    assert list(plot._now.xs) == []


@pytest.mark.parametrize("layer", range(4))
def test_a_click_chooses_the_layer_under_it(
    qtbot: QtBot, record, shown, falling, layer: int
) -> None:
    plot = shown(DepthProfile(), record(falling), size=(300, 268))
    at = plot.canvas.frame().point(layer + 1.2, -3.0).toPoint()
    with qtbot.waitSignal(plot.layer_clicked) as clicked:
        qtbot.mouseClick(plot.canvas, Qt.MouseButton.LeftButton, pos=at)
    assert clicked.args == [layer]
    plot.select_layer(layer)
    assert plot._now.ringed == layer


def test_the_read_out_compares_a_layer_with_the_next(record, shown) -> None:
    plot = shown(DepthProfile(), record(np.tile([1e-3, 1e-2, 1.0], (30, 1))))
    plot.canvas.hovered.emit(QPointF(plot.canvas.frame().point(1.0, -2.0)))
    assert plot._cross.title == "Layer 1"
    assert dict(plot._cross.rows)["of the layer above"] == "×0.10"


def test_the_figure_has_the_points_of_the_screen(record, shown, falling) -> None:
    plot = shown(DepthProfile(), record(falling))
    figure = plot.figure()
    now = next(item for item in figure.items if getattr(item, "label", "") == "now")
    assert np.allclose(now.y, plot._now.ys)
    assert np.allclose(now.x, plot._now.xs)
    assert (figure.y.low, figure.y.high) == (plot.y_axis.low, plot.y_axis.high)
    assert figure.caption == plot.sentence()


def test_theory_is_dashed_through_the_output_of_step_0_and_stays(record, shown, falling) -> None:
    recording = record(falling)
    plot = shown(DepthProfile(), recording)
    theory = recording.expectation
    (line,) = [curve for curve in plot.canvas.curves if curve.label == "theory"]
    assert np.allclose(line.y, np.log10(falling[0, -1] * theory.delta_ratio))
    assert line.pattern
    band = plot.canvas.layers.under[0]
    assert np.allclose(band.high - band.low, np.log10(theory.high / theory.low))
    assert plot._text.aside.startswith(f"theory {signed(theory.per_layer)} · step 0 ")
    assert ("mean-field theory", "dashed") in plot._text.legend
    assert f"Theory says {abs(theory.per_layer):.2f}." in plot.sentence()
    plot.set_cursor(12)
    (again,) = [curve for curve in plot.canvas.curves if curve.label == "theory"]
    assert np.array_equal(again.y, line.y)
    plot.canvas.hovered.emit(QPointF(plot.canvas.frame().point(4.0, 0.0)))
    assert dict(plot._cross.rows)["by theory"] == figures(falling[0, -1])


def test_theory_is_drawn_for_the_signal_alone(record, shown, falling) -> None:
    plot = shown(DepthProfile(), record(falling))
    for quantity in ("weight_grad_norm", "update_ratio"):
        plot.set_quantity(quantity)
        assert "theory" not in [curve.label for curve in plot.canvas.curves]
        assert "theory" not in plot._text.aside
        assert not len(plot.canvas.layers.under[0].x)


def test_before_any_measurement_theory_stands_alone(shown, unstarted) -> None:
    unstarted.initial = None
    plot = shown(DepthProfile(), unstarted)
    assert [curve.label for curve in plot.canvas.curves] == ["theory"]
    assert plot._text.aside == "predicted, not yet measured"
    assert plot.canvas.notice == ""
    assert plot.sentence().startswith("Nothing measured yet. Theory says the gradient falls by ")


def test_a_hundred_layers_have_readable_ticks(record, shown) -> None:
    plot = shown(DepthProfile(), record(np.ones((5, 101))), size=(300, 268))
    frame = plot.canvas.frame()
    places = [frame.x(position) for position, _ in frame.x_ticks]
    assert frame.x_ticks[-1] == (101.0, "out")
    assert min(np.diff(places)) > 14
