"""Distributions: what is drawn are the counts of one reading, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from gradstudio.export.distributions import POSITIONS, QUANTITIES
from gradstudio.nn.activations import ACTIVATIONS
from gradstudio.nn.half_octaves import BINS, SIDE_EDGES, ZERO
from gradstudio.nn.histograms import histograms
from gradstudio.nn.saturation import Idleness
from gradstudio.setup.models import LayerSetup, NetworkSetup, Setup, TrainingSetup
from gradstudio.training.reading import Reading
from gradstudio.training.recording import Recording
from gradstudio.training.trainer import Trainer
from gradstudio.ui.plots.distributions import Distributions

HIDDEN = 3


def recording_of(steps: int = 5, **layer: object) -> Recording:
    """A run of three hidden layers and the output layer."""
    layers = tuple(LayerSetup(units=4, **layer) for _ in range(HIDDEN))  # type: ignore[arg-type]
    recording = Recording(Setup(network=NetworkSetup(layers=layers)), class_count=2)
    for _ in range(steps):
        recording.history.append(np.ones(recording.layout.width))
    return recording


def arrays(scale: float = 1.0, seed: int = 0, size: int = 400) -> list[np.ndarray]:
    """Normal numbers of four layers, a decade apart, smallest in layer 1."""
    rng = np.random.default_rng(seed)
    return [scale * 10.0 ** (i - HIDDEN) * rng.normal(size=size) for i in range(HIDDEN + 1)]


def idle(dead: float = 0.0, saturated: float = 0.0) -> Idleness:
    shares = np.zeros((3, HIDDEN))
    shares[0, 1], shares[2, 2] = saturated, dead
    return Idleness(*shares)


def reading(
    step: int = 4,
    numbers: list[np.ndarray] | None = None,
    idleness: Idleness | None = None,
    probe: str = "weight_grads",
) -> Reading:
    counted = histograms(arrays() if numbers is None else numbers)
    return Reading(step, {probe: counted, "idleness": idle() if idleness is None else idleness})


def looking_at(
    plot: Distributions, now: Reading, first: Reading | None = None, selected: int = 0
) -> Distributions:
    plot.select_layer(selected)
    plot.set_reading(now, first)
    return plot


@pytest.fixture
def plot(shown) -> Distributions:
    return shown(Distributions(), recording_of(), size=(484, 268))


def test_only_the_quantity_chosen_is_measured(plot: Distributions, qtbot: QtBot) -> None:
    assert plot.probes == {"weight_grads", "idleness"}
    for name in QUANTITIES:
        with qtbot.waitSignal(plot.quantity_changed) as changed:
            plot.tools.choice.edited.emit(name)
        assert changed.args == [name]
        assert plot.probes == {name, "idleness"}


def test_what_phi_sees_is_measured_beside_z_where_a_layer_normalises_it(shown) -> None:
    plot = shown(Distributions(), recording_of(normalisation="batch"))
    assert plot.probes == {"weight_grads", "idleness"}
    plot.set_quantity("pre_activations")
    assert plot.probes == {"pre_activations", "activation_inputs", "idleness"}


def test_a_point_of_a_ridge_stands_as_high_as_the_share_of_its_bin(plot: Distributions) -> None:
    numbers = arrays()
    looking_at(plot, reading(numbers=numbers))
    canvas, frame = plot.ridges, plot.ridges.frame()
    for layer, values in enumerate(numbers):
        counts = np.histogram(np.abs(values), SIDE_EDGES[1:-1])[0]
        xs, ys = canvas.outlines(canvas.now, frame)[layer]
        filled = np.flatnonzero(counts)
        span = slice(filled[0], filled[-1] + 3)
        assert np.allclose(xs, frame.xs(POSITIONS[span]))
        share = counts / values.size / np.log2(SIDE_EDGES[2:-1] / SIDE_EDGES[1:-2])
        rise = (frame.y(layer + 1.0) - ys)[1:-1]
        assert np.allclose(rise / rise.max(), share[filled[0] : filled[-1] + 1] / share.max())
        assert ys[0] == ys[-1] == pytest.approx(frame.y(layer + 1.0))


def test_layer_1_is_on_top_and_larger_numbers_are_further_right(plot: Distributions) -> None:
    looking_at(plot, reading())
    frame = plot.ridges.frame()
    peaks = []
    for xs, ys in plot.ridges.outlines(plot.ridges.now, frame):
        top = int(np.argmin(ys))
        peaks.append((float(xs[top]), float(ys[top])))
    assert peaks == sorted(peaks)
    assert frame.y(1.0) < frame.y(4.0) < frame.area.bottom()


def test_step_0_has_the_scale_of_its_layer_and_its_own_place(plot: Distributions) -> None:
    looking_at(plot, reading(), reading(0, arrays(0.01)))
    canvas, frame = plot.ridges, plot.ridges.frame()
    now, before = (canvas.outlines(r, frame) for r in (canvas.now, canvas.first))
    for (xs, ys), (first_xs, first_ys) in zip(now, before, strict=True):
        assert np.average(first_xs) < np.average(xs)
        assert ys.max() == first_ys.max()
    assert "outline: step 0" in plot.header.subtitle()


def test_there_is_no_outline_while_now_is_step_0(plot: Distributions) -> None:
    start = reading(0)
    looking_at(plot, start, start)
    assert plot.ridges.first is None
    assert plot.header.subtitle() == "step 0"


def test_the_header_names_the_step_measured(shown) -> None:
    plot = shown(Distributions(), recording_of(steps=0))
    looking_at(plot, reading(0))
    assert plot.header.subtitle() == "at the starting weights"
    plot.set_recording(recording_of(steps=2000))
    looking_at(plot, reading(1284))
    assert plot.header.subtitle() == "step 1,284"


def test_it_stays_now_while_the_cursor_is_back_in_time_and_says_so(shown) -> None:
    plot = shown(Distributions(), recording_of(), size=(600, 268))
    looking_at(plot, reading(4))
    plot.set_cursor(2)
    assert (plot.header.mark(), plot.header.subtitle()) == ("now", "step 4")
    assert plot.ridges.now.step == 4
    plot.set_cursor(None)
    assert plot.header.subtitle() == "step 4"


def test_where_the_header_has_no_room_the_step_stands_in_the_plot(shown) -> None:
    plot = shown(Distributions(), recording_of(steps=2000), size=(240, 130))
    looking_at(plot, reading(1284))
    assert plot.header.subtitle() == ""
    assert plot.ridges.note == plot.layer.note == "step 1,284"


def test_exact_zeros_are_counted_and_leave_their_ridge_low(plot: Distributions) -> None:
    numbers = arrays()
    numbers[1][:300] = 0.0
    numbers[2][:] = 0.0
    looking_at(plot, reading(numbers=numbers))
    assert plot.ridges.now.zeros.tolist() == [0.0, 0.75, 1.0, 0.0]
    assert plot.ridges.outlines(plot.ridges.now, plot.ridges.frame())[2][0].size == 0
    assert "Exact zeros in 2 of 4 layers, most in layer 3: 100 %." in plot.sentence()


def test_what_is_not_finite_is_counted_in_words(shown) -> None:
    plot = shown(Distributions(), recording_of(), size=(600, 268))
    numbers = arrays()
    numbers[0][:3], numbers[0][3] = np.nan, -np.inf
    looking_at(plot, reading(numbers=numbers))
    assert "Not finite: 3 NaN, 1 −∞." in plot.sentence()
    plot.set_large(True)
    assert "3 NaN" in plot.layer.words[0]
    assert plot.layer.words[1][-2:] == ["3 NaN", "1 −∞"]


def test_dead_and_saturated_shares_are_named_where_they_are_not_0(plot: Distributions) -> None:
    from gradstudio.ui.plots.ridges import troubles

    looking_at(plot, reading(idleness=idle(dead=0.5, saturated=0.54)))
    assert {i: text for i, (_, text) in troubles(plot.ridges).items()} == {
        1: "54 % saturated",
        2: "50 % dead",
    }
    assert plot.sentence().endswith("Dead: 50 % of layer 3. Saturated: 54 % of layer 2.")
    looking_at(plot, reading(5))
    assert troubles(plot.ridges) == {}


def test_subnormal_numbers_of_half_precision_are_those_below_its_normal_ones(shown) -> None:
    plot = shown(Distributions())
    numbers = [np.array([2.0**-14, 2.0**-15, -(2.0**-20), 0.0, 1.0], np.float32)] * 4
    for precision, found, words in (("float32", 0, ""), ("float16", 2, "Subnormal: 8 of 20")):
        recording = recording_of()
        training = TrainingSetup(precision=precision)  # type: ignore[arg-type]
        recording.setup = recording.setup.model_copy(update={"training": training})
        plot.set_recording(recording)
        plot.set_large(False)
        looking_at(plot, reading(numbers=numbers))
        assert words in plot.sentence()
        assert ("Subnormal" in plot.sentence()) == bool(found)
        plot.set_large(True)
        assert f"{found} subnormal" in plot.layer.words[1]


def test_the_sentence_gives_the_medians_of_both_ends(plot: Distributions) -> None:
    sizes = [np.full(10, 10.0**-i) for i in (6, 4, 2, 1)]
    looking_at(plot, reading(numbers=sizes))
    text = plot.sentence()
    assert text.startswith("The median size of ∂L/∂w falls from 0.1")
    assert "(output) to 1." in text
    assert text.endswith("e−6 (layer 1). No exact zeros.")


def test_a_click_selects_a_layer_and_the_next_makes_it_large(
    qtbot: QtBot, plot: Distributions
) -> None:
    looking_at(plot, reading())
    frame = plot.ridges.frame()
    at = QPointF(frame.area.left() + 3, frame.y(3.0) - 2).toPoint()
    with qtbot.waitSignal(plot.layer_clicked) as clicked:
        qtbot.mouseClick(plot.ridges, Qt.MouseButton.LeftButton, pos=at)
    assert clicked.args == [2]
    plot.select_layer(2)
    assert not plot.is_large
    qtbot.mouseClick(plot.ridges, Qt.MouseButton.LeftButton, pos=at)
    assert plot.is_large
    assert plot.shown_layer == 2


def test_a_click_finds_the_ridge_in_front_where_it_covers_others(plot: Distributions) -> None:
    plot.resize(484, 100)
    looking_at(plot, reading(numbers=[arrays()[3]] * 4))
    frame = plot.ridges.frame()
    xs, ys = plot.ridges.outlines(plot.ridges.now, frame)[3]
    top = int(np.argmin(ys))
    assert ys[top] < frame.y(3.0) - 2
    assert plot.ridges.layer_at(QPointF(xs[top], frame.y(3.0) - 1)) == 3
    assert plot.ridges.layer_at(QPointF(frame.area.left() + 1, frame.y(3.0) - 1)) == 2


def test_enter_makes_one_layer_large_and_escape_takes_it_back(
    qtbot: QtBot, plot: Distributions
) -> None:
    looking_at(plot, reading(), selected=1)
    qtbot.keyClick(plot.ridges, Qt.Key.Key_Return)
    assert plot.is_large
    assert plot.layer.isVisible()
    assert not plot.ridges.isVisible()
    assert plot.layer.words[0][0] == "Layer 2"
    qtbot.keyClick(plot.layer, Qt.Key.Key_Escape)
    assert not plot.is_large
    assert plot.ridges.isVisible()


def test_one_layer_has_both_signs_and_all_its_numbers(plot: Distributions) -> None:
    numbers = arrays()
    numbers[1][:100] = 0.0
    looking_at(plot, reading(numbers=numbers), selected=1)
    plot.set_large(True)
    for is_log in (True, False):
        plot.set_log(is_log)
        picture = plot.picture
        assert (picture.scale is not None) == is_log
        assert sum(int(one.counts.sum()) for one in picture.now) == 300
        assert picture.zeros == 0.25
        for one in picture.now:
            counts = np.histogram(numbers[1][numbers[1] != 0.0], one.limits)[0]
            assert one.counts.tolist() == counts.tolist()
            assert (np.diff(one.edges) > 0).all()
    assert (picture.now[0].heights * np.diff(picture.now[0].edges)).sum() == pytest.approx(0.75)


def test_z_lies_over_the_slope_of_the_activation_that_sees_it(shown) -> None:
    plot = shown(Distributions(), recording_of(activation="sigmoid"))
    plot.set_quantity("pre_activations")
    numbers = [np.random.default_rng(0).normal(0, 4, 500)] * 4
    looking_at(plot, reading(numbers=numbers, probe="pre_activations"), selected=1)
    plot.set_large(True)
    slope = plot.picture.slope
    sigmoid = 1 / (1 + np.exp(-slope.z))
    assert np.allclose(slope.value, sigmoid)
    assert np.allclose(slope.slope, sigmoid * (1 - sigmoid))
    assert slope.can_saturate
    (_, low), (high, _) = slope.flat_runs()
    assert (low, high) == (pytest.approx(-4.36, abs=0.1), pytest.approx(4.36, abs=0.1))
    raised, filled = plot.picture.curves()
    assert filled.max() == pytest.approx(0.85 * plot.picture.top, rel=1e-3)
    assert (np.diff(raised) > 0).all()
    plot.select_layer(HIDDEN)
    assert plot.picture.slope is None


def test_relu_is_flat_on_one_side(shown) -> None:
    from gradstudio.export.slope import slope_over

    slope = slope_over(ACTIVATIONS["relu"], -2.0, 3.0)
    (run,) = slope.flat_runs()
    assert run == (-2.0, pytest.approx(0.0, abs=1e-9))
    assert not slope.can_saturate


def test_of_a_normalised_layer_what_phi_sees_is_shown_large(shown) -> None:
    layers = tuple(LayerSetup(units=8, normalisation="batch") for _ in range(HIDDEN))
    trainer = Trainer(Setup(network=NetworkSetup(layers=layers)))
    plot = shown(Distributions(), trainer.recording)
    plot.set_quantity("pre_activations")
    trainer.ask(plot.probes)
    trainer.measure()
    looking_at(plot, trainer.reading, selected=1)
    assert plot.ridges.now.quantity.symbol == "z"
    plot.set_large(True)
    u = trainer.network.plan_in_use.layers[1].u
    (bars,) = plot.picture.now
    assert bars.counts.tolist() == np.histogram(u, bars.limits)[0].tolist()
    assert bars.counts.sum() == u.size
    assert plot.picture.slope is not None


def test_the_range_of_a_large_layer_grows_and_does_not_jump_back(plot: Distributions) -> None:
    plot.set_quantity("weights")
    looking_at(plot, reading(4, arrays(8.0), probe="weights"), selected=3)
    plot.set_large(True)
    wide = plot.picture.low, plot.picture.high
    looking_at(plot, reading(5, probe="weights"), selected=3)
    assert (plot.picture.low, plot.picture.high) == wide
    plot.select_layer(2)
    assert plot.picture.high < wide[1]


def test_the_read_out_gives_the_exact_count_of_a_bin(plot: Distributions) -> None:
    numbers = arrays()
    looking_at(plot, reading(numbers=numbers))
    canvas, frame = plot.ridges, plot.ridges.frame()
    xs, ys = canvas.outlines(canvas.now, frame)[3]
    top = int(np.argmin(ys))
    canvas.hovered.emit(QPointF(xs[top], ys[top] + 1))
    cross = plot._crosses[canvas]
    assert cross.title == "Output layer · 400 numbers"
    rows = dict(cross.rows)
    index = int(np.argmin(np.abs(frame.xs(POSITIONS) - xs[top])))
    sizes = np.abs(numbers[3])
    count = int(((sizes >= SIDE_EDGES[index]) & (sizes < SIDE_EDGES[index + 1])).sum())
    assert rows["in this bin"] == f"{count} · {100 * count / 400:.0f} %"
    assert rows["exact zeros"] == "0 · 0 %"
    assert "not finite" not in rows
    assert float(rows["median"]) == pytest.approx(np.median(sizes), rel=0.25)
    canvas.hovered.emit(None)
    assert plot._crosses[canvas].title == ""
    numbers[3][:4] = np.inf
    looking_at(plot, reading(5, numbers))
    canvas.hovered.emit(QPointF(frame.area.center().x(), frame.y(4.0)))
    assert dict(plot._crosses[canvas].rows)["not finite"] == "4 · 1.0 %"


def test_the_read_out_of_one_layer_gives_the_count_of_a_bar(plot: Distributions) -> None:
    looking_at(plot, reading(), selected=3)
    plot.set_large(True)
    frame, bars = plot.layer.frame(), plot.picture.now[1]
    tallest = int(np.argmax(bars.counts))
    middle = float(bars.edges[tallest : tallest + 2].mean())
    plot.layer.hovered.emit(QPointF(frame.x(middle), frame.area.center().y()))
    rows = dict(plot._crosses[plot.layer].rows)
    assert rows["in this bar"].startswith(f"{bars.counts[tallest]} · ")


def test_a_hundred_layers_have_names_that_do_not_touch(shown) -> None:
    from gradstudio.ui.plots.ridges import named_rows

    layers = tuple(LayerSetup(units=2) for _ in range(100))
    recording = Recording(Setup(network=NetworkSetup(layers=layers)), class_count=2)
    plot = shown(Distributions(), recording, size=(300, 180))
    numbers = [np.random.default_rng(i).normal(size=30) for i in range(101)]
    many = Reading(
        0, {"weight_grads": histograms(numbers), "idleness": Idleness(*np.zeros((3, 100)))}
    )
    looking_at(plot, many, selected=41)
    frame = plot.ridges.frame()
    names = named_rows(frame, 101, 41)
    assert {0, 41, 100} <= names.keys() or {41, 100} <= names.keys()
    assert min(np.diff(sorted(names.values()))) >= 11
    for xs, ys in plot.ridges.outlines(plot.ridges.now, frame):
        assert ys.min() >= frame.area.top()
        assert np.isfinite(xs).all()


def test_an_empty_panel_says_which_key_fills_it(shown) -> None:
    plot = shown(Distributions())
    assert "Open or design a network" in plot.ridges.notice
    plot.set_recording(recording_of(steps=0))
    assert plot.ridges.notice == "Press Space: ∂L/∂w of every layer appears with the next step"
    assert plot.sentence() == f"{plot.ridges.notice}."
    looking_at(plot, reading(0))
    assert plot.ridges.notice == ""
    plot.set_quantity("weights")
    assert plot.ridges.now is None
    assert plot.ridges.notice.startswith("Press Space: w ")


def test_all_zeros_are_a_picture_too(plot: Distributions) -> None:
    looking_at(plot, reading(numbers=[np.zeros(9)] * 4))
    assert plot.sentence() == "∂L/∂w is exactly 0 in every layer."
    plot.set_large(True)
    plot.grab()
    for is_log in (True, False):
        plot.set_log(is_log)
        plot.grab()
        assert plot.picture.zeros == 1.0


def test_parts_have_names_and_the_focus_has_the_sentence(plot: Distributions) -> None:
    looking_at(plot, reading())
    assert plot.tools.choice.accessibleName() == "Quantity"
    for canvas in (plot.ridges, plot.layer):
        assert canvas.accessibleName() == "Distributions"
        canvas.focused.emit()
        assert canvas.accessibleDescription() == plot.sentence()


def test_the_figure_has_the_ridges_and_the_range_of_the_screen(plot: Distributions) -> None:
    from gradstudio.export.figure import Curve

    looking_at(plot, reading(), reading(0, arrays(0.1)), selected=1)
    figure = plot.figure("dark")
    axis = plot.ridges.x_axis
    assert figure.x.high == axis.high
    curves = {item.label: item for item in figure.items if isinstance(item, Curve)}
    frame = plot.ridges.frame()
    for i, name in enumerate(("layer 1", "layer 2", "layer 3", "out")):
        xs, ys = plot.ridges.outlines(plot.ridges.now, frame)[i]
        seen = xs >= frame.x(axis.low)
        rise = frame.y(i + 1.0) - ys[seen]
        assert np.allclose(frame.xs(curves[name].x), xs[seen])
        above = curves[name].y - (4.0 - i)
        assert np.allclose(above / above.max(), rise / rise.max())
        assert f"{name} step 0" in curves
    assert curves["layer 2"].width > curves["layer 1"].width
    assert figure.caption == plot.sentence()


def test_the_figure_of_one_layer_has_the_bars_of_the_screen(shown) -> None:
    from gradstudio.export.figure import Area, Curve

    plot = shown(Distributions(), recording_of(activation="tanh"))
    plot.set_quantity("pre_activations")
    looking_at(plot, reading(probe="pre_activations"), selected=2)
    plot.set_large(True)
    figure = plot.figure()
    areas = {item.label: item for item in figure.items if isinstance(item, Area)}
    x, y = plot.picture.now[0].steps()
    assert np.array_equal(areas["layer 3"].x, x)
    assert np.array_equal(areas["layer 3"].high, y)
    phi = next(item for item in figure.items if isinstance(item, Curve) and item.label == "φ")
    assert np.array_equal(phi.y, plot.picture.curves()[0])
    assert (figure.x.low, figure.x.high) == (plot.picture.low, plot.picture.high)


def test_the_table_holds_every_number_once(plot: Distributions) -> None:
    numbers = arrays()
    numbers[0][:5], numbers[0][5:7] = 0.0, np.nan
    looking_at(plot, reading(numbers=numbers), reading(0))
    table = plot.figure().table
    layer, kind, count = table["layer"], table["kind"], table["step 4 [count]"]
    for name in ("1", "2", "3", "out"):
        assert count[(layer == name) & (kind != "subnormal")].sum() == 400
    assert count[(layer == "1") & (kind == "zero")].tolist() == [5]
    assert count[(layer == "1") & (kind == "NaN")].tolist() == [2]
    assert table["step 0 [count]"][layer == "2"].sum() == 400
    plot.set_large(True)
    assert set(plot.figure().table["layer"]) == {"1"}


def test_bins_of_the_picture_are_those_of_the_counts() -> None:
    assert len(POSITIONS) == BINS - ZERO - 1


def test_numbers_beyond_any_linear_axis_are_shown_on_a_logarithmic_one(
    plot: Distributions,
) -> None:
    numbers = arrays()
    plot.set_quantity("weights")
    looking_at(plot, reading(4, numbers, probe="weights"))
    plot.set_large(True)
    assert plot.picture.scale is None
    numbers[0][:2] = 1e200, -1e-300
    looking_at(plot, reading(5, numbers, probe="weights"))
    assert plot.picture.scale is not None
    assert sum(int(one.counts.sum()) for one in plot.picture.now) == 400
    plot.grab()


def test_the_keyboard_goes_to_what_is_visible(plot: Distributions) -> None:
    looking_at(plot, reading())
    plot.activateWindow()
    plot.take_focus()
    assert plot.ridges.hasFocus()
    plot.set_large(True)
    assert plot.layer.hasFocus()
