"""The gradient of every layer: what is in the history is what is drawn."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradstudio.errors import ExportError
from gradstudio.numbers import figures
from gradstudio.training.trainer import Divergence
from gradstudio.ui.plots.gradient import GradientPlot
from gradstudio.ui.theme import apply_theme, current_theme


def pixel(plot: GradientPlot, step: float, exponent: float) -> QPoint:
    return plot.canvas.frame().point(step, exponent).toPoint()


def test_the_curves_are_the_logarithms_of_the_history(record, shown, falling) -> None:
    plot = shown(GradientPlot(), record(falling))
    assert len(plot.canvas.curves) == 4
    for layer, curve in enumerate(plot.canvas.curves):
        assert np.array_equal(curve.x, np.arange(50))
        assert np.allclose(curve.y, np.log10(falling[:, layer]), rtol=1e-12)


def test_a_long_history_keeps_every_spike_in_at_most_two_points_a_pixel(record, shown) -> None:
    delta = np.full((20_000, 2), 1e-3)
    delta[7_777, 0] = 5.0
    delta[12_345, 1] = 2e-9
    plot = shown(GradientPlot(), record(delta))
    high, low = (curve.y for curve in plot.canvas.curves[:2])
    assert high.max() == pytest.approx(np.log10(5.0))
    assert low.min() == pytest.approx(np.log10(2e-9))
    assert len(high) <= 2 * plot.canvas.plot_pixels()
    spike = plot.canvas.curves[0].x[int(high.argmax())]
    assert abs(spike - 7_777) <= plot.drawn.stride
    ranges, means = plot.canvas.curves[:2], plot.canvas.curves[2:]
    assert all(curve.opacity < 1.0 for curve in ranges)
    view = plot.recording.history.read("delta_rms", points=plot.canvas.plot_pixels())
    assert np.allclose(means[0].y, np.log10(view.mean[:, 0]))


def test_with_many_layers_the_ranges_alone_are_drawn(record, shown) -> None:
    plot = shown(GradientPlot(), record(np.ones((5_000, 30))))
    assert len(plot.canvas.curves) == 30
    assert {curve.opacity for curve in plot.canvas.curves} == {1.0}


def test_a_single_step_is_visible(record, shown) -> None:
    plot = shown(GradientPlot(), record([[1e-3, 1.0]]))
    image = plot.canvas.grab().toImage()
    for layer, exponent in enumerate((-3.0, 0.0)):
        at = plot.canvas.frame().point(0.0, exponent).toPoint()
        assert image.pixelColor(at) == plot.theme.depth(2)[layer]


def test_curves_that_end_in_nothing_keep_their_last_name(record, shown, falling) -> None:
    delta = np.vstack([falling, np.full((1, 4), np.nan)])
    plot = shown(GradientPlot(), record(delta))
    assert [plot._labels.labels[i].text for i in range(4)] == ["1", "2", "3", "out"]


def test_exact_zeros_stand_in_the_zero_lane_from_their_step_on(record, shown, falling) -> None:
    delta = falling.copy()
    delta[30:, :3] = 0.0
    plot = shown(GradientPlot(), record(delta))
    assert np.isnan(plot.canvas.curves[0].y[30:]).all()
    runs = {run[0]: run[1:] for run in plot._runs.runs}
    assert set(runs) == {0, 1, 2}
    first, last, before = runs[1]
    assert (first, last) == (30.0, 49.0)
    assert before == pytest.approx(np.log10(delta[29, 1]))
    labels = plot._labels.labels
    assert [(label.position, label.text) for i, label in labels.items() if i == 0] == [
        (None, "1–3")
    ]
    assert labels[3].position == pytest.approx(np.log10(delta[-1, 3]))


def test_a_single_zero_in_a_long_run_is_not_lost(record, shown) -> None:
    delta = np.full((20_000, 2), 1e-3)
    delta[4_321, 0] = 0.0
    plot = shown(GradientPlot(), record(delta))
    ((layer, first, last, before),) = plot._runs.runs
    assert layer == 0
    assert first == last
    assert abs(first - 4_321) <= plot.drawn.stride
    assert before == pytest.approx(-3.0)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_not_finite_is_marked_and_disturbs_nothing(
    record, shown, falling, bad: float
) -> None:
    clean = shown(GradientPlot(), record(falling))
    delta = falling.copy()
    delta[20, 1] = bad
    plot = shown(GradientPlot(), record(delta))
    assert (plot.y_axis.low, plot.y_axis.high) == (clean.y_axis.low, clean.y_axis.high)
    for layer in (0, 2, 3):
        assert np.array_equal(plot.canvas.curves[layer].y, clean.canvas.curves[layer].y)
    (mark,) = plot._marks.marks
    assert mark.position == 20.0
    assert "step 20" in mark.text
    assert "2" in mark.text.split("layer")[1]


def test_a_divergence_is_named_with_all_the_engine_knows(record, shown, falling) -> None:
    recording = record(falling)
    recording.divergence = Divergence(50, "3", "matrix product", 0, 6)
    plot = shown(GradientPlot(), recording)
    (mark,) = plot._marks.marks
    assert mark.text == "step 50: not finite, layer 3, matrix product, unit 1, sample 7"


@pytest.mark.parametrize("layers", [3, 12, 50, 100, 101])
@pytest.mark.parametrize("spread", [12.0, 0.4])
def test_labels_never_overlap_and_name_both_ends(record, shown, layers: int, spread: float) -> None:
    exponents = np.linspace(-spread, 0, layers)
    plot = shown(GradientPlot(), record(np.tile(10.0**exponents, (30, 1))))
    places = plot._labels.places(plot.canvas.frame())
    assert {0, layers - 1} <= set(places)
    heights = sorted(places.values())
    assert all(b - a >= 11.0 for a, b in pairwise(heights))
    assert len(places) >= min(layers, 5 if spread > 1 else 3)
    area = plot.canvas.frame().area
    assert area.top() <= heights[0]
    assert heights[-1] <= area.bottom() + 3


def test_labels_stand_in_the_order_of_their_curves(record, shown) -> None:
    exponents = np.array([-1.0, -1.01, -0.99, -1.02, 0.0])
    plot = shown(GradientPlot(), record(np.tile(10.0**exponents, (30, 1))))
    places = plot._labels.places(plot.canvas.frame())
    by_height = sorted(places, key=lambda i: places[i])
    assert by_height == sorted(places, key=lambda i: -exponents[i])


def test_a_click_chooses_the_nearest_layer(qtbot: QtBot, record, shown, falling) -> None:
    plot = shown(GradientPlot(), record(falling))
    for layer in range(4):
        at = pixel(plot, 25, float(np.log10(falling[25, layer])) + 0.2)
        with qtbot.waitSignal(plot.layer_clicked) as clicked:
            qtbot.mouseClick(plot.canvas, Qt.MouseButton.LeftButton, pos=at)
        assert clicked.args == [layer]


def test_a_click_far_from_all_curves_chooses_none(qtbot: QtBot, record, shown) -> None:
    plot = shown(GradientPlot(), record(np.tile([1e-9, 1.0], (30, 1))))
    with qtbot.assertNotEmitted(plot.layer_clicked):
        qtbot.mouseClick(plot.canvas, Qt.MouseButton.LeftButton, pos=pixel(plot, 15, -4.5))


def test_a_click_in_the_zero_lane_chooses_a_dead_layer(qtbot: QtBot, record, shown) -> None:
    plot = shown(GradientPlot(), record(np.tile([0.0, 1.0, 1.0], (30, 1))))
    frame = plot.canvas.frame()
    at = QPointF(frame.x(10), frame.lane_row(0, 3)).toPoint()
    with qtbot.waitSignal(plot.layer_clicked) as clicked:
        qtbot.mouseClick(plot.canvas, Qt.MouseButton.LeftButton, pos=at)
    assert clicked.args == [0]


def test_the_last_steps_can_be_shown_alone(record, shown) -> None:
    delta = 10.0 ** -np.linspace(0, 3, 500)[:, None] * np.ones((1, 2))
    plot = shown(GradientPlot(), record(delta))
    plot.set_last_steps(100)
    assert plot.canvas.curves[0].x[0] == 400
    assert len(plot.canvas.curves[0].x) == 100
    assert (plot.x_axis.low, plot.x_axis.high) == (400.0, 499.0)
    plot.set_last_steps(None)
    assert plot.x_axis.low == 0.0
    assert plot.canvas.curves[0].x[0] <= 1


def test_a_window_of_the_last_steps_moves_with_the_run(record, shown, falling) -> None:
    recording = record(np.tile(falling, (4, 1)))
    plot = shown(GradientPlot(), recording)
    plot.set_last_steps(100)
    recording.history.append(np.ones(recording.layout.width))
    plot.refresh()
    assert plot.x_axis.high == 200.0
    assert plot.canvas.curves[0].x[-1] == 200.0
    assert plot.canvas.curves[0].y[-1] == 0.0


def test_a_linear_axis_shows_the_values_themselves(record, shown, falling) -> None:
    plot = shown(GradientPlot(), record(falling))
    plot.y_axis.set_log(False)
    assert np.allclose(plot.canvas.curves[2].y, falling[:, 2])
    assert plot.canvas.frame().lane is None
    assert plot.y_axis.low <= falling.min()
    assert plot.y_axis.high >= falling.max()
    plot.y_axis.set_log(True)
    assert np.allclose(plot.canvas.curves[2].y, np.log10(falling[:, 2]))


def test_a_logarithmic_step_axis_keeps_step_0_and_every_decade(record, shown) -> None:
    delta = np.ones((5_000, 2)) * [[1e-3, 1.0]]
    delta[3, 0] = 1e-6
    plot = shown(GradientPlot(), record(delta))
    plot.x_axis.set_log(True)
    curve = plot.canvas.curves[0]
    assert curve.x[0] == pytest.approx(np.log10(0.5))
    assert (np.diff(curve.x) >= 0).all()
    assert curve.x[int(curve.y.argmin())] == pytest.approx(np.log10(3))
    assert len(curve.x) <= 2 * plot.canvas.plot_pixels()


def test_the_read_out_names_layer_step_and_number(record, shown, falling) -> None:
    plot = shown(GradientPlot(), record(falling, update_ratio=falling * 0.01))
    at = QPointF(pixel(plot, 20, float(np.log10(falling[20, 1]))))
    plot.canvas.hovered.emit(at)
    cross = plot._cross
    assert cross.title == "Layer 2 · step 20"
    assert cross.x == 20.0
    assert cross.y == pytest.approx(np.log10(falling[20, 1]))
    assert dict(cross.rows)["RMS δ"] == figures(falling[20, 1])
    assert dict(cross.rows)["update : weight"] == figures(falling[20, 1] * 0.01)
    plot.canvas.hovered.emit(None)
    assert plot._cross.x is None


def test_the_read_out_of_a_bin_gives_its_range(record, shown) -> None:
    delta = np.full((200_000, 1), 1e-3)
    delta[:4_096:2] = 1e-5
    recording = record(np.hstack([delta, np.ones_like(delta)]))
    plot = shown(GradientPlot(), recording)
    plot.canvas.hovered.emit(QPointF(plot.canvas.frame().point(1_000, -4.0)))
    rows = dict(plot._cross.rows)
    moment = recording.history.at("delta_rms", 1_000)
    assert len(moment.steps) > 1
    assert rows[f"of {len(moment.steps):,} steps"] == f"{figures(1e-5)} – {figures(1e-3)}"


def test_the_read_out_of_a_dead_layer_says_since_when(record, shown, falling) -> None:
    delta = falling.copy()
    delta[30:, 0] = 0.0
    plot = shown(GradientPlot(), record(delta))
    frame = plot.canvas.frame()
    plot.canvas.hovered.emit(QPointF(frame.x(40), frame.lane_row(0, 4)))
    rows = dict(plot._cross.rows)
    assert plot._cross.title == "Layer 1 · step 40"
    assert (rows["RMS δ"], rows["exactly 0 since"]) == ("0", "step 30")
    plot.canvas.hovered.emit(QPointF(frame.point(10, np.log10(delta[10, 0]))))
    assert "exactly 0 since" not in dict(plot._cross.rows)


def test_the_step_under_the_pointer_is_told_to_the_other_plots(
    qtbot: QtBot, record, shown, falling
) -> None:
    plot, other = shown(GradientPlot(), record(falling)), shown(GradientPlot(), record(falling))
    plot.step_hovered.connect(other.show_step)
    with qtbot.waitSignal(plot.step_hovered) as told:
        plot.canvas.hovered.emit(QPointF(plot.canvas.frame().point(31, -2.0)))
    assert told.args == [31]
    assert other._cross.x == 31.0
    assert not other._cross.title


def test_a_change_of_scheme_changes_the_colours(qapp: QApplication, record, shown, falling) -> None:
    plot = shown(GradientPlot(), record(falling))
    dark = [curve.colour.name() for curve in plot.canvas.curves]
    apply_theme(qapp, "light")
    light = [curve.colour.name() for curve in plot.canvas.curves]
    assert light == [colour.name() for colour in current_theme().depth(4)]
    assert not set(dark) & set(light)
    ground = plot.canvas.grab().toImage().pixelColor(2, 2)
    assert ground == current_theme().color("bg1")


@pytest.mark.parametrize("y_log", [True, False])
def test_the_figure_has_the_coordinates_of_the_screen(record, shown, falling, y_log: bool) -> None:
    plot = shown(GradientPlot(), record(falling))
    plot.y_axis.set_log(y_log)
    plot.select_layer(2)
    figure = plot.figure("dark")
    assert (figure.y.low, figure.y.high) == (plot.y_axis.low, plot.y_axis.high)
    assert figure.y.log10 is y_log
    drawn = {item.label: item for item in figure.items if type(item).__name__ == "Curve"}
    assert len(drawn) == 4
    for curve in plot.canvas.curves:
        name = "out" if curve.label == "out" else f"layer {curve.label}"
        assert np.array_equal(drawn[name].x, curve.x)
        assert np.array_equal(drawn[name].y, curve.y)
        assert drawn[name].colour == curve.colour.name()


def test_the_figure_shows_the_window_that_was_zoomed_to(record, shown, falling) -> None:
    plot = shown(GradientPlot(), record(falling))
    plot.x_axis.show(10.0, 20.0)
    plot.y_axis.show(-2.5, -0.5)
    figure = plot.figure()
    assert (figure.y.low, figure.y.high) == (-2.5, -0.5)
    assert (figure.x.low, figure.x.high) == (10.0, 20.0)


def test_a_hidden_plot_and_an_unchanged_run_cost_no_drawing(
    monkeypatch: pytest.MonkeyPatch, record, shown, falling
) -> None:
    recording = record(falling)
    plot = shown(GradientPlot(), recording)
    drawn: list[int] = []
    original = GradientPlot.draw
    monkeypatch.setattr(GradientPlot, "draw", lambda self: (drawn.append(1), original(self)))
    plot.refresh()
    assert not drawn
    recording.history.append(np.ones(recording.layout.width))
    plot.hide()
    plot.refresh()
    assert not drawn
    plot.show()
    assert drawn == [1]
    assert plot.canvas.curves[0].x[-1] == 50


def turn_wheel(plot: GradientPlot, at: QPointF, modifiers: Qt.KeyboardModifier) -> None:
    event = QWheelEvent(
        at,
        plot.canvas.mapToGlobal(at),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(plot.canvas, event)


def test_the_wheel_zooms_steps_about_the_pointer(record, shown, falling) -> None:
    plot = shown(GradientPlot(), record(falling))
    heights = plot.y_axis.low, plot.y_axis.high
    at = plot.canvas.frame().point(20, -2.0)
    turn_wheel(plot, at, Qt.KeyboardModifier.NoModifier)
    assert plot.canvas.frame().x(20) == pytest.approx(at.x())
    assert plot.x_axis.span == pytest.approx(49 / 1.2)
    assert (plot.y_axis.low, plot.y_axis.high) == heights
    assert plot.canvas.curves[0].x[0] == np.floor(plot.x_axis.low)
    assert plot.canvas.curves[0].x[-1] == np.ceil(plot.x_axis.high)


def test_the_wheel_with_shift_zooms_values(record, shown, falling) -> None:
    plot = shown(GradientPlot(), record(falling))
    span, at = plot.y_axis.span, plot.canvas.frame().point(20, -2.0)
    turn_wheel(plot, at, Qt.KeyboardModifier.ShiftModifier)
    assert plot.y_axis.span == pytest.approx(span / 1.2)
    assert plot.canvas.frame().y(-2.0) == pytest.approx(at.y())
    assert plot.x_axis.automatic


def test_a_double_click_fits_both_axes(qtbot: QtBot, record, shown, falling) -> None:
    plot = shown(GradientPlot(), record(falling))
    fitted = plot.x_axis.low, plot.x_axis.high, plot.y_axis.low, plot.y_axis.high
    plot.x_axis.show(3.0, 9.0)
    plot.y_axis.show(-1.0, 0.5)
    qtbot.mouseDClick(plot.canvas, Qt.MouseButton.LeftButton, pos=QPoint(200, 100))
    assert (plot.x_axis.low, plot.x_axis.high, plot.y_axis.low, plot.y_axis.high) == fitted


def test_a_zoomed_plot_stays_where_it_is_while_the_run_goes_on(record, shown, falling) -> None:
    recording = record(falling)
    plot = shown(GradientPlot(), recording)
    plot.x_axis.show(5.0, 15.0)
    recording.history.append(np.full(recording.layout.width, 1e3))
    plot.refresh()
    assert (plot.x_axis.low, plot.x_axis.high) == (5.0, 15.0)
    assert plot.y_axis.high < 3.0


def test_dragging_pans_and_does_not_choose(qtbot: QtBot, record, shown, falling) -> None:
    plot = shown(GradientPlot(), record(falling))
    start = plot.canvas.frame().point(25, -2.0).toPoint()
    scale = plot.canvas.frame().area.width() / plot.x_axis.span
    with qtbot.assertNotEmitted(plot.layer_clicked):
        qtbot.mousePress(plot.canvas, Qt.MouseButton.LeftButton, pos=start)
        qtbot.mouseMove(plot.canvas, start + QPoint(40, 0))
        qtbot.mouseRelease(plot.canvas, Qt.MouseButton.LeftButton, pos=start + QPoint(40, 0))
    assert plot.x_axis.low == pytest.approx(-40 / scale, rel=0.02)
    assert plot.y_axis.automatic


def test_the_range_grows_at_once_and_shrinks_only_when_fitted(record, shown, falling) -> None:
    recording = record(falling)
    plot = shown(GradientPlot(), recording)
    low, high = plot.y_axis.low, plot.y_axis.high
    recording.history.append(np.full(recording.layout.width, 1e4))
    plot.refresh()
    assert plot.y_axis.low == low
    assert plot.y_axis.high >= 4.0
    plot.set_last_steps(10)
    low, grown = plot.y_axis.low, plot.y_axis.high
    for _ in range(20):
        recording.history.append(np.full(recording.layout.width, 1e-2))
    plot.refresh()
    assert plot.y_axis.high == grown
    assert plot.y_axis.low == low
    plot.canvas.fit()
    assert plot.y_axis.high < high


def test_before_the_first_step_the_start_is_shown_and_the_key_is_named(shown, unstarted) -> None:
    plot = shown(GradientPlot(), unstarted)
    assert "Space" in plot.canvas.notice
    assert plot._start.ys == [-4.0, -2.0, 0.0]
    assert plot.canvas.curves == []


def test_without_a_run_the_plot_says_what_will_appear(qtbot: QtBot) -> None:
    plot = GradientPlot()
    qtbot.addWidget(plot)
    plot.show()
    assert "curve per layer" in plot.canvas.notice
    assert "Space" in plot.sentence()


def test_another_quantity_is_read_and_announced(qtbot: QtBot, record, shown, falling) -> None:
    ratio = np.full((50, 4), 2e-3)
    ratio[0] = [np.nan, np.inf, 1e-3, 1e-3]
    plot = shown(GradientPlot(), record(falling, update_ratio=ratio))
    with qtbot.waitSignal(plot.quantity_changed) as told:
        plot.set_quantity("update_ratio")
    assert told.args == ["update_ratio"]
    assert plot._guide.position == -3.0
    assert plot.canvas.curves[2].y[1] == pytest.approx(np.log10(2e-3))
    assert [run[:3] for run in plot._runs.runs] == [(0, 0.0, 0.0)]
    (mark,) = plot._marks.marks
    assert mark.text == "step 0: layer 2 not finite"


def test_only_the_chosen_layer_is_wide(record, shown, falling) -> None:
    plot = shown(GradientPlot(), record(falling))
    plot.select_layer(1)
    assert [curve.width for curve in plot.canvas.curves] == [1, 2, 1, 1]
    plot.select_layer(None)
    assert {curve.width for curve in plot.canvas.curves} == {1}


def test_the_menu_changes_scale_and_window_and_asks_for_files(qtbot: QtBot, record, shown) -> None:
    plot = shown(GradientPlot(), record(np.ones((2_000, 3))))
    menu = plot.menu()
    actions = {action.text(): action for action in menu.actions()}
    assert actions["Logarithmic y"].isChecked()
    actions["Logarithmic y"].trigger()
    assert not plot.y_axis.log
    steps = {action.text(): action for action in actions["Steps"].menu().actions()}
    steps["Last 1,000"].trigger()
    assert plot.last_steps == 1_000
    with qtbot.waitSignal(plot.export_requested) as asked:
        actions["Copy sentence"].trigger()
    assert asked.args == ["copy_sentence"]
    files = {action.text(): action for action in actions["Export"].menu().actions()}
    with qtbot.waitSignal(plot.export_requested) as asked:
        files["SVG…"].trigger()
    assert asked.args == ["svg"]
    menu.close()


def test_following_the_mouse_keeps_the_picture(record, shown, falling) -> None:
    plot = shown(GradientPlot(), record(falling))
    plot.canvas.grab()
    picture = plot.canvas._picture
    assert picture is not None
    plot.canvas.hovered.emit(QPointF(plot.canvas.frame().point(25, -2.0)))
    plot.canvas.grab()
    assert plot.canvas._picture is picture


def test_another_recording_starts_with_fresh_axes(record, shown, falling) -> None:
    plot = shown(GradientPlot(), record(falling))
    plot.x_axis.show(3.0, 8.0)
    plot.y_axis.show(-1.0, 0.0)
    plot.set_recording(record(falling * 1e-3))
    assert plot.x_axis.automatic
    assert plot.y_axis.high < -2.0


def test_the_accessible_description_is_the_sentence_when_the_focus_arrives(
    qtbot: QtBot, record, shown, falling
) -> None:
    plot = shown(GradientPlot(), record(falling))
    plot.activateWindow()
    plot.canvas.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(plot.canvas.hasFocus)
    assert plot.canvas.accessibleName() == "Gradient of every layer"
    assert plot.canvas.accessibleDescription() == plot.sentence()
    assert "4 curves over 50 steps" in plot.sentence()


def test_a_figure_is_refused_without_a_run(shown) -> None:
    plot = shown(GradientPlot(), None)
    with pytest.raises(ExportError, match="no run yet"):
        plot.figure()


def test_the_first_update_larger_than_the_weights_is_marked(record, shown, falling) -> None:
    updates = np.full((50, 4), 1e-3)
    plot = shown(GradientPlot(), record(falling, update_ratio=updates))
    plot.set_quantity("update_ratio")
    assert plot._guide.position == -3.0
    assert plot._overshoot.x is None
    assert plot._limit.position is None
    updates[20] = [0.5, 12_199.0, 3.0, 1e-3]
    plot.set_recording(record(falling, update_ratio=updates))
    assert (plot._overshoot.x, plot._limit.position) == (20.0, 0.0)
    assert plot._overshoot.text == "step 20: ΔW is 12,199 × W of layer 2, 1 more"
    assert not plot.grab().isNull()
    plot.y_axis.set_log(False)
    assert plot._limit.position == 1.0
    plot.set_quantity("delta_rms")
    assert plot._overshoot.x is None
    assert plot._guide.position is None
