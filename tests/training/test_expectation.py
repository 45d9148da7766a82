"""Mean-field theory of a setup, against what its trainer measures at the starting weights."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from gradstudio.setup.models import (
    DataSetup,
    LayerSetup,
    NetworkSetup,
    OutputSetup,
    Setup,
    TrainingSetup,
)
from gradstudio.setup.starts import BiasSetup, InitializerSetup
from gradstudio.training.expectation import Expectation, expected_deltas
from gradstudio.training.trainer import Trainer

HOPS = 10


def deep(
    activation: str,
    initializer: str,
    *,
    units: int = 128,
    seed: int = 3,
    data: DataSetup | None = None,
    bias: str = "zeros",
    layer: dict[str, Any] | None = None,
    **numbers: float,
) -> Setup:
    """Ten hidden layers on the digits."""
    start = InitializerSetup.model_validate({"name": initializer} | numbers)
    one = LayerSetup.model_validate(
        {
            "units": units,
            "activation": activation,
            "initializer": start,
            "bias": BiasSetup.model_validate({"name": bias}),
        }
        | (layer or {})
    )
    return Setup(
        data=data or DataSetup(name="digits"),
        network=NetworkSetup(layers=(one,) * HOPS, output=OutputSetup(), seed=seed),
        training=TrainingSetup(batch_size=128, precision="float64"),
    )


def ratio_of(found: Expectation) -> np.ndarray[Any, Any]:
    assert found.delta_ratio is not None
    return found.delta_ratio


def decades(setup: Setup) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Decades of each layer from the output layer: measured, and by theory."""
    trainer = Trainer(setup)
    measured = trainer.measure().delta_rms
    return np.log10(measured / measured[-1]), np.log10(ratio_of(trainer.recording.expectation))


@pytest.mark.parametrize(
    ("activation", "initializer", "numbers"),
    [
        ("tanh", "xavier_normal", {}),
        ("tanh", "uniform_fan_in", {}),
        ("tanh", "orthogonal", {"gain": 0.9}),
        ("tanh", "normal", {"std": 0.2}),
        ("relu", "he_normal", {}),
        ("relu", "xavier_uniform", {}),
        ("relu", "he_normal", {"gain": 1.5}),
        ("leaky_relu", "he_normal", {"gain": "auto"}),
        ("sigmoid", "uniform_fan_in", {}),
        ("sigmoid", "xavier_normal", {}),
        ("selu", "lecun_normal", {}),
        ("tanh", "lsuv", {}),
        ("relu", "lsuv", {}),
        ("sigmoid", "lsuv", {}),
    ],
)
def test_the_factor_per_layer_is_within_four_percent_of_the_measured_one(
    activation: str, initializer: str, numbers: dict[str, Any]
) -> None:
    measured, expected = decades(deep(activation, initializer, **numbers))
    assert 10 ** ((measured[0] - expected[0]) / HOPS) == pytest.approx(1, abs=0.04)
    assert np.abs(measured - expected).max() < 0.25


def test_biases_and_raw_inputs_count() -> None:
    raw = DataSetup(name="digits", standardise=False)
    for bias, data in (("uniform_fan_in", None), ("normal", None), ("zeros", raw)):
        measured, expected = decades(deep("tanh", "xavier_normal", bias=bias, data=data))
        assert np.abs(measured - expected).max() < 0.15
    _, by_raw = decades(deep("tanh", "xavier_normal", data=raw))
    _, by_scaled = decades(deep("tanh", "xavier_normal"))
    assert abs(by_raw[0] - by_scaled[0]) > 0.1


def test_the_band_holds_most_draws_and_narrows_with_the_width() -> None:
    inside = []
    for seed in range(8):
        trainer = Trainer(deep("relu", "he_normal", units=32, seed=seed))
        delta = trainer.measure().delta_rms
        expected = trainer.recording.expectation
        ratio = delta / delta[-1]
        assert expected.low is not None and expected.high is not None
        inside.append((expected.low <= ratio * 1.0001) & (ratio <= expected.high * 1.0001))
    assert np.mean(inside) > 0.9

    def width(units: int) -> float:
        found = expected_deltas(deep("relu", "he_normal", units=units), 1.0)
        assert found.low is not None and found.high is not None
        return math.log10(found.high[0] / found.low[0])

    assert width(32) / width(128) == pytest.approx(2.0, rel=1e-9)


def test_decades_per_layer_are_all_decades_over_the_hops() -> None:
    found = Trainer(deep("sigmoid", "uniform_fan_in")).recording.expectation
    assert found.per_layer == pytest.approx(math.log10(ratio_of(found)[0]) / HOPS, rel=1e-12)
    assert ratio_of(found)[-1] == 1.0


@pytest.mark.parametrize(
    ("trouble", "layer", "initializer"),
    [
        ("is normalised", {"normalisation": "layer"}, "he_normal"),
        ("ends a shortcut", {"residual": "plain"}, "he_normal"),
        ("has dropout", {"dropout": 0.3}, "he_normal"),
        ("has weights that depend on each other", {}, "identity"),
        ("has weights that depend on each other", {}, "constant"),
        ("has weights that depend on each other", {}, "identical_units"),
        ("has weights whose mean is not 0", {}, "all_positive"),
        ("has biases whose mean is not 0", {"bias": BiasSetup(name="constant", value=1.0)}, "lsuv"),
    ],
)
def test_what_the_theory_does_not_cover_is_named(
    trouble: str, layer: dict[str, Any], initializer: str
) -> None:
    found = expected_deltas(deep("relu", initializer, layer=layer))
    assert found.reason == f"Theory does not cover this network. Layer 1 {trouble}."
    assert found.beyond
    assert found.delta_ratio is None
    assert math.isnan(found.per_layer)


def test_a_gradient_below_all_numbers_is_no_expectation() -> None:
    setup = deep("sigmoid", "normal", units=16, std=1e-4)
    layers = setup.network.layers[:1] * 100
    deeper = setup.network.model_copy(update={"layers": layers})
    found = expected_deltas(setup.model_copy(update={"network": deeper}))
    assert found.delta_ratio is None
    assert "0 or without bounds" in found.reason


def test_inputs_are_measured_where_they_are_not_told() -> None:
    setup = deep("tanh", "xavier_normal")
    told = Trainer(setup).recording.expectation
    assert np.allclose(ratio_of(expected_deltas(setup)), ratio_of(told), rtol=1e-6)
