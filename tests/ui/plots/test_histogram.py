"""The starting weights and their density."""

from __future__ import annotations

import numpy as np
import pytest

from gradstudio.nn.initializers import INITIALIZERS
from gradstudio.setup.models import InitializerSetup, LayerSetup
from gradstudio.training.start import start_arguments
from gradstudio.ui.plots.histogram import WeightHistogram


@pytest.fixture
def drawn() -> np.ndarray:
    return np.random.default_rng(5).uniform(-0.25, 0.25, (16, 40))


def of(name: str, **numbers: float) -> LayerSetup:
    start = InitializerSetup.model_validate({"name": name, **numbers})
    return LayerSetup(activation="relu", initializer=start)


def test_bars_and_density_have_the_area_1(shown, drawn) -> None:
    plot = shown(WeightHistogram(), size=(290, 90))
    plot.set_weights(drawn, 0, 3, of("uniform_fan_in"))
    picture = plot.bars.picture()
    assert np.sum(picture.heights * np.diff(picture.edges)) == pytest.approx(1.0)
    assert np.trapezoid(picture.density, picture.x) == pytest.approx(1.0, abs=0.02)
    assert picture.density.max() == pytest.approx(2.0)
    assert picture.atoms == ()


def test_it_has_the_colour_of_its_layer(shown, drawn) -> None:
    plot = shown(WeightHistogram(), size=(290, 90))
    for layer in range(3):
        plot.set_weights(drawn, layer, 3, LayerSetup())
        assert plot.bars._colour == plot.theme.depth(3)[layer]


def test_ticks_name_the_extreme_weights_and_zero(shown, drawn) -> None:
    plot = shown(WeightHistogram(), size=(290, 90))
    plot.set_weights(drawn, 0, 3, LayerSetup())
    assert plot.bars._named == (drawn.min(), 0.0, drawn.max())


def test_equal_weights_have_no_density_and_one_tick(shown) -> None:
    plot = shown(WeightHistogram(), size=(290, 90))
    plot.set_weights(np.full((4, 5), 0.1), 2, 3, of("constant", value=0.1))
    picture = plot.bars.picture()
    assert picture.density is None
    assert picture.atoms == ((0.1, 1.0),)
    assert not picture.heights.any()
    assert plot.bars._named == (0.1,)
    assert plot.sentence() == "Layer out: all 20 weights are 0.100."


def test_the_sentence_gives_count_range_and_deviation(shown, drawn) -> None:
    plot = shown(WeightHistogram(), size=(290, 90))
    plot.set_weights(drawn, 1, 3, LayerSetup())
    assert plot.sentence().startswith("Layer 2: 640 weights between")
    assert plot.bars.accessibleDescription() == plot.sentence()


def test_weights_that_are_not_finite_are_not_drawn(shown) -> None:
    plot = shown(WeightHistogram(), size=(290, 90))
    plot.set_weights(np.full((4, 5), np.inf), 0, 3, LayerSetup())
    assert plot.bars.picture() is None
    assert not plot.bars.grab().isNull()


def test_without_weights_only_words_show(shown) -> None:
    plot = shown(WeightHistogram(), size=(290, 90))
    plot.set_weights(None, 1, 3, LayerSetup())
    assert plot.bars.picture() is None
    assert plot.sentence() == "No weights drawn yet."


@pytest.mark.parametrize("name", INITIALIZERS)
def test_bars_stems_and_density_account_for_every_weight(shown, name: str) -> None:
    plot, part = shown(WeightHistogram(), size=(290, 90)), of(name)
    rng = np.random.default_rng(1)
    weights = INITIALIZERS[name].sample((40, 60), rng=rng, **start_arguments(part, 40))
    plot.set_weights(2.5 * weights if name == "lsuv" else weights, 0, 3, part)
    picture = plot.bars.picture()
    atoms = sum(share for _, share in picture.atoms)
    assert np.sum(picture.heights * np.diff(picture.edges)) + atoms == pytest.approx(1.0)
    if picture.density is None:
        assert atoms == pytest.approx(1.0)
    else:
        area = np.trapezoid(picture.density, picture.x)
        assert area + atoms == pytest.approx(1.0, abs=0.02)
    assert not plot.bars.grab().isNull()


def test_a_stem_is_as_high_as_its_share_and_says_it(shown) -> None:
    plot = shown(WeightHistogram(), size=(290, 90))
    plot.set_weights(2.0 * np.eye(4), 0, 3, of("identity", gain=2.0))
    assert plot.bars.picture().atoms == ((0.0, 0.75), (2.0, 0.25))
    assert plot.sentence().endswith(" 75 % are exactly 0. 25 % are exactly 2.00.")
    image = plot.bars.grab().toImage()
    colour, scale = plot.theme.depth(3)[0], image.devicePixelRatio()
    columns = [
        sum(image.pixelColor(x, y) == colour for y in range(image.height()))
        for x in range(image.width())
    ]
    heights = sorted({height for height in columns if height > 5 * scale})
    assert heights[0] == pytest.approx(heights[-1] / 3, abs=2 * scale)
