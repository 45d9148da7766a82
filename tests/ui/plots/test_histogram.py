"""The starting weights and their density."""

from __future__ import annotations

import numpy as np
import pytest

from gradstudio.setup.models import InitializerSetup
from gradstudio.ui.plots.histogram import WeightHistogram


@pytest.fixture
def drawn() -> np.ndarray:
    return np.random.default_rng(5).uniform(-0.25, 0.25, (16, 40))


def test_bars_and_density_have_the_area_1(shown, drawn) -> None:
    plot = shown(WeightHistogram(), size=(290, 90))
    plot.set_weights(drawn, 0, 3, InitializerSetup(name="uniform_fan_in"))
    edges, heights = plot.bars._edges, plot.bars._heights
    assert np.sum(heights * np.diff(edges)) == pytest.approx(1.0)
    x, density = plot.bars._density
    assert np.trapezoid(density, x) == pytest.approx(1.0, abs=0.02)
    assert density.max() == pytest.approx(2.0)


def test_it_has_the_colour_of_its_layer(shown, drawn) -> None:
    plot = shown(WeightHistogram(), size=(290, 90))
    for layer in range(3):
        plot.set_weights(drawn, layer, 3, InitializerSetup())
        assert plot.bars._colour == plot.theme.depth(3)[layer]


def test_ticks_name_the_extreme_weights_and_zero(shown, drawn) -> None:
    plot = shown(WeightHistogram(), size=(290, 90))
    plot.set_weights(drawn, 0, 3, InitializerSetup())
    assert plot.bars._named == (drawn.min(), 0.0, drawn.max())


def test_equal_weights_have_no_density_and_one_tick(shown) -> None:
    plot = shown(WeightHistogram(), size=(290, 90))
    plot.set_weights(np.full((4, 5), 0.1), 2, 3, InitializerSetup(name="constant", value=0.1))
    assert plot.bars._density is None
    assert plot.bars._named == (0.1,)
    assert np.count_nonzero(plot.bars._heights) == 1
    assert plot.sentence() == "Layer out: all 20 weights are 0.100."


def test_the_sentence_gives_count_range_and_deviation(shown, drawn) -> None:
    plot = shown(WeightHistogram(), size=(290, 90))
    plot.set_weights(drawn, 1, 3, InitializerSetup())
    assert plot.sentence().startswith("Layer 2: 640 weights between")
    assert plot.bars.accessibleDescription() == plot.sentence()


def test_weights_that_are_not_finite_are_not_drawn(shown) -> None:
    plot = shown(WeightHistogram(), size=(290, 90))
    plot.set_weights(np.full((4, 5), np.inf), 0, 3, InitializerSetup())
    assert len(plot.bars._edges) == 0
    assert not plot.bars.grab().isNull()
