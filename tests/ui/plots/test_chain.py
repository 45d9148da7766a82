"""The chain rule on screen: what is measured, drawn, said and exported."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from gradstudio.export.chain import chain_sentence
from gradstudio.export.figure import Blocks
from gradstudio.nn.chain import ChainFactors
from gradstudio.training.reading import Reading
from gradstudio.training.recording import Recording
from gradstudio.ui.plots.chain import ChainRule

from .conftest import empty_recording


def factors(layers: int, weights: float = 0.5, slopes: float = 0.2) -> ChainFactors:
    """Factors of as many hidden layers, the same in each."""
    r, s = np.full(layers, weights), np.full(layers, slopes)
    signal = (weights * slopes) ** np.arange(layers, -1.0, -1.0)
    return ChainFactors(signal, r, s, np.ones(layers))


def reading(layers: int, step: int = 0, **given: float) -> Reading:
    return Reading(step, {"chain": factors(layers, **given)})


@pytest.fixture
def recording() -> Recording:
    return empty_recording(5)


def test_it_asks_for_the_factors_alone() -> None:
    assert ChainRule.probes == {"chain"}


def test_before_a_reading_it_says_what_will_appear(shown, recording) -> None:
    plot = shown(ChainRule(), recording)
    assert plot.canvas.notice
    assert plot.bars is None
    assert plot.sentence().startswith("Nothing measured yet.")
    assert plot.figure().caption == "Nothing measured yet."


def test_the_newest_reading_is_drawn_with_its_step_and_its_sum(shown, recording) -> None:
    plot = shown(ChainRule(), recording)
    plot.set_reading(reading(4), reading(4))
    plot.set_reading(reading(4, step=1284, slopes=0.1), reading(4))
    assert plot.header.subtitle() == "step 1,284 · decades of each layer"
    assert plot.bars is not None
    assert plot.bars.total == pytest.approx(4 * np.log10(0.05))
    assert plot.balance.text() == "−1.2 −4.0 = −5.2"
    assert plot.formula.number() == "6.2e−6"
    assert plot.sentence() == chain_sentence(plot.bars)


def test_without_a_newer_reading_that_of_the_start_counts(shown, recording) -> None:
    plot = shown(ChainRule(), recording)
    plot.set_reading(None, reading(4))
    assert plot.header.subtitle().startswith("step 0")


def test_a_reading_of_another_network_is_not_drawn(shown, recording) -> None:
    plot = shown(ChainRule(), recording)
    plot.set_reading(reading(7), reading(7))
    assert plot.bars is None


def test_a_step_without_a_reading_draws_nothing_anew(shown, recording) -> None:
    plot = shown(ChainRule(), recording)
    plot.set_reading(reading(4), reading(4))
    before = plot.bars
    recording.history.append(np.ones(recording.layout.width))
    plot.refresh()
    assert plot.bars is before


@pytest.mark.parametrize("layer", range(4))
def test_a_click_chooses_the_layer_under_it(qtbot: QtBot, shown, recording, layer: int) -> None:
    plot = shown(ChainRule(), recording, size=(344, 256))
    plot.set_reading(reading(4), reading(4))
    at = plot.canvas.frame().point(layer + 1.2, -0.2).toPoint()
    with qtbot.waitSignal(plot.layer_clicked) as clicked:
        qtbot.mouseClick(plot.canvas, Qt.MouseButton.LeftButton, pos=at)
    assert clicked.args == [layer]
    plot.select_layer(layer)
    assert plot._column.index == layer
    plot.select_layer(4)  # the output layer has no bar
    assert plot._column.index is None


def test_the_read_out_adds_up(shown, recording) -> None:
    plot = shown(ChainRule(), recording, size=(344, 256))
    plot.set_reading(reading(4), reading(4))
    plot.canvas.hovered.emit(QPointF(plot.canvas.frame().point(3.0, -0.2)))
    assert plot._cross.title == "Layer 3"
    assert dict(plot._cross.rows) == {
        "weights": "×0.500  −0.30",
        "tanh′": "×0.200  −0.70",
        "this layer": "−1.00",
        "from the output": "−2.00",
    }
    plot.canvas.hovered.emit(None)
    assert plot._cross.x is None


def test_the_figure_has_the_bars_of_the_screen(shown, recording) -> None:
    plot = shown(ChainRule(), recording)
    plot.set_reading(reading(4), reading(4))
    figure = plot.figure("dark")
    blocks = {item.label: item for item in figure.items if isinstance(item, Blocks)}
    assert np.array_equal(blocks["slopes"].y, plot.bars.spans()[:, 1])
    assert figure.caption == plot.sentence()


@pytest.mark.parametrize("layers", [1, 3, 12, 100])
@pytest.mark.parametrize("size", [(312, 220), (900, 400)])
def test_any_depth_can_be_painted_at_any_size(shown, layers: int, size: tuple[int, int]) -> None:
    plot = shown(ChainRule(), empty_recording(layers + 1), size=size)
    plot.set_reading(reading(layers), reading(layers))
    picture = plot.grab()
    assert not picture.isNull()
    assert plot.formula.isVisible() == (size[1] > 230)
    frame = plot.canvas.frame()
    assert frame.x_ticks[-1] == (float(layers), str(layers))
    places = [frame.x(position) for position, _ in frame.x_ticks]
    assert min(np.diff(places), default=99.0) > 14


def test_zeros_and_what_is_not_finite_can_be_painted(shown, recording) -> None:
    nan = np.nan
    dead = ChainFactors(
        np.array([0.0, 0.0, 0.0, 0.5, 1.0]),
        np.array([nan, nan, 0.0, 0.5]),
        np.array([nan, nan, nan, 1.0]),
        np.ones(4),
    )
    plot = shown(ChainRule(), recording)
    plot.set_reading(Reading(3, {"chain": dead}), None)
    assert not plot.grab().isNull()
    assert plot.bars.states == ("nothing", "nothing", "zero", "counted")
    assert plot.formula.number() == "0"
    assert "layers 1 to 2 get nothing" in plot.sentence()
    bad = ChainFactors(np.full(5, nan), np.full(4, nan), np.full(4, nan), np.full(4, nan))
    plot.set_reading(Reading(4, {"chain": bad}), None)
    assert not plot.grab().isNull()
    assert plot.sentence() == "The signal is not finite in layer 4."
