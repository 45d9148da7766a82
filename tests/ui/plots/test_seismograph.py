"""The seismograph: every cell has the colour of its number, and no step is lost."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from gradstudio.errors import ExportError
from gradstudio.export.figure import Picture
from gradstudio.numbers import figures
from gradstudio.palette import PALETTES, interpolate
from gradstudio.training.history import History
from gradstudio.training.state import Divergence
from gradstudio.ui.plots.loss import LossPlot
from gradstudio.ui.plots.quantity_switch import SHOWN
from gradstudio.ui.plots.seismograph import Seismograph
from gradstudio.ui.theme import apply_theme

from .conftest import empty_recording


def middle_of(plot: Seismograph, layer: int, step: float) -> QPointF:
    return plot.canvas.frame().point(step, layer + 1.0)


def pixel(plot: Seismograph, layer: int, step: float) -> QColor:
    image = plot.canvas.grab().toImage()
    return image.pixelColor(middle_of(plot, layer, step).toPoint())


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_a_cell_has_the_colour_of_its_logarithm(qapp, record, shown, scheme: str) -> None:
    apply_theme(qapp, scheme)
    delta = np.full((50, 3), [1e-6, 1e-2, 1.0])
    plot = shown(Seismograph(), record(delta))
    assert plot.ends == (-6, 0)
    for layer, share in enumerate((0.0, 2 / 3, 1.0)):
        wanted = QColor(interpolate(PALETTES[scheme].size, round(share * 253) / 253))
        assert plot.colour_at(layer, 20) == wanted
        assert pixel(plot, layer, 20.4) == wanted


def test_layer_1_is_on_top_and_all_rows_are_in_view(record, shown, falling) -> None:
    plot = shown(Seismograph(), record(falling))
    heights = [middle_of(plot, layer, 0).y() for layer in range(4)]
    assert heights == sorted(heights)
    area = plot.canvas.frame().area
    assert area.top() < heights[0] < heights[-1] < area.bottom()


def test_one_step_in_a_million_is_seen(shown) -> None:
    recording = empty_recording(3)
    where = recording.layout.slice_of("delta_rms")
    row, spike = np.full(recording.layout.width, 1e-4), np.full(recording.layout.width, 1e-4)
    spike[where] = [1e-4, 10.0, 1e-4]
    for step in range(1_000_000):
        recording.history.append(spike if step == 123_456 else row)
    plot = shown(Seismograph(), recording)
    assert plot.drawn.places[plot.drawn.column_at(123_456), 1] == pytest.approx(1.0)
    bright, usual = plot.colour_at(1, 123_456), plot.colour_at(1, 500_000)
    assert bright != usual
    assert pixel(plot, 1, 123_456) == bright
    assert pixel(plot, 0, 123_456) == usual
    plot.x_axis.show(123_400.0, 123_500.0)
    assert plot.drawn.places[plot.drawn.column_at(123_456), 1] == pytest.approx(1.0)
    plot.x_axis.show(-3e7, 3e7)
    image, area = plot.canvas.grab().toImage(), plot.canvas.frame().area
    y = round(middle_of(plot, 1, 0).y())
    row_of_pixels = [image.pixelColor(x, y) for x in range(int(area.left()), int(area.right()))]
    assert bright in row_of_pixels


def test_zeros_are_hatched_and_what_is_not_finite_is_red(record, shown) -> None:
    delta = np.full((40, 3), 1e-3)
    delta[10:20, 0], delta[20:30, 1], delta[30:, 2] = 0.0, np.nan, np.inf
    plot = shown(Seismograph(), record(delta))
    assert plot.colour_at(0, 15).alpha() == 0
    assert plot.colour_at(1, 25) == plot.colour_at(2, 35) == plot.theme.color("critical")
    assert pixel(plot, 1, 25) == plot.theme.color("critical")
    image = plot.canvas.grab().toImage()
    at = middle_of(plot, 0, 15).toPoint()
    seen = {image.pixelColor(at.x() + x, at.y() + y).name() for x in range(8) for y in range(8)}
    assert seen == {plot.theme.hex("bg1"), plot.theme.hex("text3")}
    assert plot.bar.names() == ("0", "NaN")
    assert "exactly 0" in plot.bar.accessibleName()
    assert "not finite" in plot.bar.toolTip()


def test_an_update_of_nothing_counts_as_zero(record, shown) -> None:
    ratio = np.full((30, 2), [np.nan, 1e-3])
    plot = shown(Seismograph(), record(np.ones((30, 2)), update_ratio=ratio))
    plot.set_quantity("update_ratio")
    assert plot.colour_at(0, 10).alpha() == 0
    assert plot.bar.names() == ("0",)


def test_the_colours_reach_farther_at_once_and_back_only_on_fit(record, shown) -> None:
    recording = record(np.full((50, 2), 10.0**-2.5))
    plot = shown(Seismograph(), recording)
    assert plot.ends == (-3, -2)
    row = np.full(recording.layout.width, 1e-9)
    recording.history.append(row)
    plot.refresh()
    assert plot.ends == (-9, -2)
    assert plot.bar.ends() == ("10⁻⁹", "10⁻²")
    plot.set_last_steps(None)
    assert plot.ends == (-9, -2)
    for _ in range(100):
        recording.history.append(row)
    plot._last_steps = 20
    plot.refresh_anew()
    assert plot.ends == (-9, -2)
    plot.canvas.fit()
    assert plot.ends == (-9, -8)


def test_another_run_starts_with_colours_of_its_own(record, shown) -> None:
    plot = shown(Seismograph(), record(np.full((30, 2), 1e-9)))
    plot.set_recording(record(np.full((30, 2), 0.5)))
    assert plot.ends == (-1, 0)


def test_the_newest_logarithm_stands_beside_each_row_that_is_named(record, shown) -> None:
    delta = np.full((30, 4), [10.0**-11.4, 0.0, np.nan, 0.5])
    plot = shown(Seismograph(), record(delta))
    assert plot._names.values == ["−11.4", "0", "not finite", "−0.3"]
    assert plot._names.names == ("1", "2", "3", "out")


@pytest.mark.parametrize("layers", [2, 3, 13, 50, 101])
@pytest.mark.parametrize("size", [(200, 120), (484, 210), (900, 300)])
def test_names_have_room_and_name_both_ends(record, shown, layers: int, size) -> None:
    plot = shown(Seismograph(), record(np.ones((20, layers))), size)
    plot.select_layer(layers // 2)
    heights = plot._names.places(plot.canvas.frame())
    assert {0, layers - 1, layers // 2} <= set(heights)
    ordered = sorted(heights.values())
    assert all(b - a >= 11 for a, b in pairwise(ordered))


def test_the_numbers_under_the_pointer_are_those_of_the_bin(record, shown) -> None:
    delta = np.tile(10.0 ** np.random.default_rng(4).normal(-3, 0.05, (4_000, 1)), (1, 3))
    delta[:, 0] *= 1e-3
    plot = shown(Seismograph(), record(delta))
    cross = plot.readout(1_000, middle_of(plot, 0, 1_000))
    stride = plot.recording.history.read("delta_rms", points=plot.canvas.plot_pixels()).stride
    first = 1_000 // stride * stride
    bin_values = delta[first : first + stride, 0]
    assert cross.title == f"Layer 1 · steps {first:,}–{first + stride - 1:,}"
    rows = dict(cross.rows)
    assert rows["min – max"] == f"{figures(bin_values.min())} – {figures(bin_values.max())}"
    assert rows["last"] == figures(bin_values[-1])


def test_a_single_step_is_read_out_exactly(record, shown, falling) -> None:
    falling[7, 2] = np.nan
    plot = shown(Seismograph(), record(falling))
    cross = plot.readout(6, middle_of(plot, 3, 6))
    assert cross.title == "Output layer · step 6"
    assert cross.rows == [("RMS δ", figures(falling[6, 3]))]
    assert plot.readout(7, middle_of(plot, 2, 7)).rows == [("RMS δ", "NaN")]


def test_a_click_chooses_the_layer_and_the_pointer_tells_its_step(qtbot, record, shown) -> None:
    plot = shown(Seismograph(), record(np.ones((50, 4))))
    at = middle_of(plot, 2, 20).toPoint()
    with qtbot.waitSignal(plot.layer_clicked) as clicked:
        qtbot.mouseClick(plot.canvas, Qt.MouseButton.LeftButton, pos=at)
    assert clicked.args == [2]
    with qtbot.waitSignal(plot.step_hovered) as hovered:
        plot.canvas.hovered.emit(QPointF(at))
    assert hovered.args == [20]
    plot.select_layer(2)
    assert plot._outline.index == 2


def test_the_cross_hair_and_the_cursor_stand_at_a_step(record, shown) -> None:
    plot = shown(Seismograph(), record(np.ones((50, 4))))
    plot.show_step(12)
    assert plot._cross.x == 12.0
    plot.set_cursor(30)
    assert plot._cursor.position == 30.0
    plot.set_cursor(None)
    assert plot._cursor.position is None


def test_the_wheel_zooms_steps_and_never_rows(record, shown) -> None:
    plot = shown(Seismograph(), record(np.ones((500, 4))))
    centre = plot.canvas.frame().area.center()
    for modifiers in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier):
        wheel = QWheelEvent(
            centre, centre, QPoint(), QPoint(0, 240), Qt.MouseButton.NoButton, modifiers,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(plot.canvas, wheel)
    assert plot.x_axis.span < 400
    assert (plot.y_axis.low, plot.y_axis.high) == (4.5, 0.5)
    double = QMouseEvent(
        QEvent.Type.MouseButtonDblClick, centre, centre, Qt.MouseButton.LeftButton,
        Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(plot.canvas, double)
    assert (plot.x_axis.low, plot.x_axis.high) == (0.0, 499.0)


def test_it_takes_the_window_of_another_plot_on_a_logarithmic_scale(record, shown) -> None:
    delta = np.full((5_000, 2), 1e-3)
    delta[4_321, 0] = 1.0
    recording = record(delta)
    loss, plot = shown(LossPlot(), recording), shown(Seismograph(), recording)
    loss.x_axis.set_log(True)
    plot.take_window(loss)
    assert plot.x_axis.log
    image, area = plot.canvas.grab().toImage(), plot.canvas.frame().area
    y = round(middle_of(plot, 0, 0).y())
    seen = {image.pixelColor(x, y).name() for x in range(int(area.left()), int(area.right()))}
    assert plot.colour_at(0, 4_321).name() in seen


def test_only_the_end_of_the_history_is_read_again(record, shown, monkeypatch) -> None:
    recording = record(np.full((5_000, 3), 1e-3))
    plot = shown(Seismograph(), recording)
    starts: list[int] = []
    original = History.read

    def watched(self, name, first=0, *rest, **named):  # type: ignore[no-untyped-def]
        starts.append(first)
        return original(self, name, first, *rest, **named)

    monkeypatch.setattr(History, "read", watched)
    recording.history.append(np.ones(recording.layout.width))
    plot.refresh()
    assert starts
    assert min(starts) > 4_900
    assert len(plot.drawn) <= plot.canvas.plot_pixels()


@pytest.mark.parametrize("name", list(SHOWN))
def test_every_quantity_can_be_chosen_seen_and_exported(record, shown, name: str) -> None:
    plot = shown(Seismograph(), record(np.full((30, 3), [1e-4, 1e-2, 1.0])))
    actions = {a.text(): a for a in plot.menu().actions()[0].menu().actions()}
    actions[SHOWN[name].segment].trigger()
    assert plot.quantity == name
    assert SHOWN[name].short in plot.switch.accessibleName()
    assert plot.colour_at(1, 10) is not None
    figure = plot.figure("dark")
    assert figure.caption == plot.sentence()
    assert [item for item in figure.items if isinstance(item, Picture)]


def test_the_deviation_has_its_middle_where_theory_is_right(record, shown) -> None:
    expected = empty_recording(3).expectation.delta_ratio
    plot = shown(Seismograph(), record(np.tile(expected * [1.0, 10.0, 1.0], (30, 1))))
    plot.set_quantity("deviation")
    assert plot.ends == (-1, 1)
    table = PALETTES["dark"].deviation
    assert plot.colour_at(1, 5) == QColor(table[-1])
    middle = QColor(table[len(table) // 2])
    assert abs(plot.colour_at(0, 5).lightness() - middle.lightness()) <= 3
    rows = dict(plot.readout(5, middle_of(plot, 1, 5)).rows)
    assert rows["over theory"] == "×10.0 (+1.00)"


def test_the_export_has_the_colours_of_the_screen(record, shown) -> None:
    delta = 10.0 ** np.random.default_rng(5).uniform(-5, 0, (60, 3))
    plot = shown(Seismograph(), record(delta))
    (picture,) = [i for i in plot.figure("dark").items if isinstance(i, Picture)]
    height, width, _ = picture.rgba.shape
    for layer in range(3):
        for step in range(1, 59):
            x = int((step - picture.x0) / (picture.x1 - picture.x0) * width)
            y = int((layer + 0.5) / 3 * height)
            assert QColor(*picture.rgba[y, x].tolist()) == plot.colour_at(layer, step)


def test_a_divergence_is_marked_where_it_happened(record, shown, falling) -> None:
    recording = record(falling)
    recording.divergence = Divergence(49, "2", "matrix product", None, None)
    plot = shown(Seismograph(), recording)
    (mark,) = plot._marks.marks
    assert (mark.position, mark.brief) == (49.0, "step 49: not finite")


def test_before_the_first_step_it_says_which_key_starts(shown, unstarted) -> None:
    plot = shown(Seismograph(), unstarted)
    assert plot.canvas.notice == "Press Space: a row per layer"
    assert plot._names.values == ["−4.0", "−2.0", "0.0"]
    assert plot.sentence().startswith("Rows from layer 1 (10^−4.0) to output (10^0.0)")


def test_without_a_run_there_is_nothing_to_export(shown) -> None:
    plot = shown(Seismograph())
    assert "Press Space" in plot.sentence()
    assert plot.bar.ends() == ("", "")
    with pytest.raises(ExportError, match="no run"):
        plot.figure()


def test_a_run_in_progress_is_told_apart_from_its_future(record, shown) -> None:
    plot = shown(Seismograph(), record(np.full((5, 2), 1e-2)))
    assert plot.colour_at(0, 7) is None
    assert pixel(plot, 0, 7.3) == plot.theme.color("bg1")
