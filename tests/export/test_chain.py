"""The chain rule as bars and as a figure: what takes the signal, and that it adds up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradstudio.export.chain import ChainBars, chain_bars, chain_sentence
from gradstudio.export.figure import Blocks, Segments, Text
from gradstudio.export.figures import chain_figure
from gradstudio.export.svg import to_svg
from gradstudio.nn.chain import ChainFactors
from gradstudio.numbers import adding_up
from gradstudio.palette import DARK, LIGHT
from gradstudio.setup.models import LayerSetup, NetworkSetup, Setup, TrainingSetup
from gradstudio.setup.starts import InitializerSetup
from gradstudio.training.reading import Reading
from gradstudio.training.trainer import Trainer


def network(*activations: str, **more: Any) -> NetworkSetup:
    return NetworkSetup(
        layers=tuple(
            LayerSetup.model_validate({"units": 8, "activation": phi} | more) for phi in activations
        )
    )


def made(
    weights: list[float], slopes: list[float], phi: str = "sigmoid", rest: list[float] | None = None
) -> ChainBars:
    """Bars of factors made up; the output layer has the signal 1."""
    r, s, t = (np.array(part, float) for part in (weights, slopes, rest or [1.0] * len(weights)))
    signal = np.append(np.cumprod((r * s * t)[::-1])[::-1], 1.0)
    return chain_bars(ChainFactors(signal, r, s, t), network(*[phi] * len(weights)))


def reading(setup: Setup) -> Reading:
    trainer = Trainer(setup)
    trainer.ask(frozenset({"chain"}))
    trainer.measure()
    assert trainer.reading is not None
    return trainer.reading


@pytest.mark.parametrize(
    ("phi", "initializer", "more"),
    [
        ("sigmoid", "uniform_fan_in", {}),
        ("relu", "he_normal", {}),
        ("tanh", "normal", {"normalisation": "layer"}),
        ("relu", "he_normal", {"dropout": 0.3}),
    ],
)
def test_the_bars_add_up_to_the_measured_ratio(
    phi: str, initializer: str, more: dict[str, Any]
) -> None:
    start = InitializerSetup.model_validate({"name": initializer})
    setup = Setup(network=network(*[phi] * 6, initializer=start, **more))
    found = reading(setup)
    bars = chain_bars(found.values["chain"], setup.network)
    measured = np.log10(found.values["chain"].ratio)
    assert bars.totals.sum() == pytest.approx(measured, abs=1e-6)
    assert bars.sums.sum() == pytest.approx(measured, abs=1e-6)
    assert np.allclose(np.cumsum(bars.sums[::-1])[::-1], bars.running, atol=1e-6)
    assert bars.has_rest == bool(more)


@pytest.mark.parametrize("seed", range(20))
def test_rounded_numbers_add_up_on_the_screen(seed: int) -> None:
    parts = (5 * np.random.default_rng(seed).normal(size=3)).tolist()
    total = float(f"{sum(parts):.1f}")
    rounded = adding_up(parts, total, 1)
    assert round(sum(rounded), 1) == total
    assert np.abs(np.subtract(rounded, parts)).max() < 0.11


def test_the_sentence_says_what_takes_most_and_where() -> None:
    bars = made([0.5, 0.5, 0.1], [0.2, 0.2, 0.2])
    assert bars.balance() == (("−1.6", "−2.1"), "−3.7")
    assert chain_sentence(bars) == (
        "Of 3.7 decades, sigmoid′ takes 2.1 and the weights 1.6. "
        "Layer 3 loses most (1.7), layer 1 least (1.0)."
    )


def test_gains_and_losses_are_told_apart() -> None:
    bars = made([4.0, 4.0], [0.5, 0.5], "relu")
    assert chain_sentence(bars).startswith(
        "ReLU′ takes 0.6 and the weights give 1.2: 0.6 decades are gained."
    )
    mixed = chain_bars(
        ChainFactors(np.array([0.25, 0.5, 1.0]), np.ones(2), np.full(2, 0.5), np.ones(2)),
        network("relu", "tanh"),
    )
    assert mixed.slope == "φ′"
    spans = bars.spans()
    assert np.allclose(spans[:, 0], [0.0, np.log10(4.0)])
    assert np.allclose(spans[:, 1], [0.0, np.log10(0.5)])
    assert np.isnan(spans[:, 2]).all()


def test_losses_are_stacked_down_from_zero() -> None:
    spans = made([0.1], [0.2], rest=[0.5]).spans()[0]
    assert np.allclose(spans, np.log10([[1.0, 0.1], [0.1, 0.02], [0.02, 0.01]]))


def test_the_bound_of_sigmoid_is_where_its_slopes_end_at_least() -> None:
    bars = made([0.1, 10.0], [0.2, 0.2])
    assert np.allclose(bars.bound_marks(), [np.log10(0.1 * 0.25), np.log10(0.25)])
    assert np.isnan(made([0.1], [0.2], "tanh").bound_marks()).all()


def test_exact_zeros_are_told_with_the_layers_below_them() -> None:
    zero, nan = 0.0, np.nan
    factors = ChainFactors(
        np.array([0.0, 0.0, 0.5, 1.0]), np.array([nan, 0.5, 0.5]), np.array([nan, zero, 1.0]),
        np.ones(3),
    )  # fmt: skip
    bars = chain_bars(factors, network(*["relu"] * 3))
    assert bars.states == ("nothing", "zero", "counted")
    assert chain_sentence(bars) == (
        "ReLU′ of layer 2 lets exactly 0 through: layer 1 gets nothing."
    )
    assert bars.balance() == ((), "−∞")
    dead = Reading(7, {"chain": factors})
    figure = chain_figure(dead, Setup(network=network(*["relu"] * 3)))
    assert {"0", "–"} <= {item.text for item in figure.items if isinstance(item, Text)}
    assert "exactly-0" in to_svg(figure)


def test_what_is_not_finite_is_named() -> None:
    factors = ChainFactors(
        np.array([np.nan, np.inf, 1.0]), np.array([np.nan, np.inf]), np.array([np.nan, 1.0]),
        np.ones(2),
    )  # fmt: skip
    bars = chain_bars(factors, network("relu", "relu"))
    assert chain_sentence(bars) == "The signal is not finite in layer 2."
    to_svg(chain_figure(Reading(0, {"chain": factors}), Setup(network=network("relu", "relu"))))


@pytest.mark.parametrize("layers", [1, 3, 12, 100])
def test_the_figure_has_a_bar_per_layer_in_the_colours_of_the_factors(layers: int) -> None:
    setup = Setup(
        network=network(*["sigmoid"] * layers), training=TrainingSetup(precision="float64")
    )
    for palette in (LIGHT, DARK):
        figure = chain_figure(reading(setup), setup, palette_name=palette.name, selected=0)
        blocks = {item.label: item for item in figure.items if isinstance(item, Blocks)}
        assert blocks["weights"].colour == palette.weights_factor
        assert blocks["slopes"].colour == palette.slope_factor
        assert blocks["slopes"].hatched and not blocks["weights"].hatched
        assert len(blocks["slopes"].x) == layers
        assert np.allclose(blocks["selected layer"].x, [[0.5, 1.5]])
        (bounds,) = [item for item in figure.items if isinstance(item, Segments)]
        assert len(bounds.ends) == layers
        assert figure.x.ticks[-1] == (float(layers), str(layers))
        assert to_svg(figure)
    table = figure.table
    assert np.allclose(np.log10(table["slopes factor [1]"]), table["slopes [decades]"])
    assert table["running sum [decades]"][0] == pytest.approx(table["sum [decades]"].sum())


def test_the_figure_names_step_and_sum() -> None:
    setup = Setup(network=network(*["sigmoid"] * 4))
    found = reading(setup)
    figure = chain_figure(found, setup)
    parts, whole = chain_bars(found.values["chain"], setup.network).balance()
    assert figure.subtitle == f"decades of each layer, step 0 · {' '.join(parts)} = {whole}"
    nothing = chain_figure(None, setup)
    assert nothing.caption == "Nothing measured yet."
    assert list(nothing.table) == list(figure.table)
