"""The gain of a layer: what it is, and what a layer with another one is changed to."""

from __future__ import annotations

import math

import pytest

from gradstudio.nn.initializers import INITIALIZERS
from gradstudio.setup.models import (
    BiasSetup,
    InitializerSetup,
    LayerSetup,
    NetworkSetup,
    Setup,
)
from gradstudio.training.build import initial_weights
from gradstudio.training.gain import gain_changes, layer_gain


def design(units: int = 24, wide: int = 40, **changes: object) -> Setup:
    initializer = InitializerSetup.model_validate(changes.pop("initializer", {}))
    layer = LayerSetup.model_validate({"units": units, "initializer": initializer, **changes})
    wider = layer.model_copy(update={"units": wide})
    return Setup(network=NetworkSetup(layers=(layer, wider)))


@pytest.mark.parametrize(
    "initializer",
    [
        {"name": "xavier_normal"},
        {"name": "he_uniform", "mode": "fan_out"},
        {"name": "variance_scaling", "scale": 3.0},
        {"name": "orthogonal"},
        {"name": "lecun_normal", "gain": "auto"},
        {"name": "normal", "std": 0.3},
        {"name": "sparse", "sparsity": 0.25},
        {"name": "uniform", "low": -0.2, "high": 0.2},
    ],
)
def test_a_layer_given_a_gain_has_it(initializer: dict[str, object]) -> None:
    setup = design(initializer=initializer)
    before = layer_gain(setup, 1)
    assert not before.unfit
    assert not before.fixed
    part = setup.network.layers[1]
    changes = gain_changes(part, 24, 40, 5 / 3)
    after = layer_gain(design(initializer=initializer | changes), 1)
    assert after.gain == pytest.approx(5 / 3, rel=1e-9)
    assert after.sigma_w == pytest.approx(before.sigma_w_of(5 / 3), rel=1e-9)
    assert before.gain_of(after.sigma_w) == pytest.approx(5 / 3, rel=1e-9)


def test_sigma_w_is_that_of_the_weights_drawn() -> None:
    setup = design(300, 400, initializer={"name": "normal", "std": 0.1})
    drawn = initial_weights(setup, 1)
    assert layer_gain(setup, 1).sigma_w == pytest.approx(drawn.std() * math.sqrt(300), rel=0.01)


def test_the_gain_of_a_formula_as_it_is_named_is_stored_as_none() -> None:
    part = design(initializer={"name": "he_normal", "gain": 2.0}).network.layers[0]
    assert gain_changes(part, 8, 8, math.sqrt(2)) == {"gain": None}


def test_the_first_variance_is_that_of_the_data_and_the_biases() -> None:
    setup = design(bias=BiasSetup(name="normal", std=0.3))
    found = layer_gain(setup, 0)
    assert found.input_square == pytest.approx(1.0, rel=1e-3)
    assert found.first_variance(2.0) == pytest.approx(4.0 * found.input_square + 0.09)


@pytest.mark.parametrize("name", sorted(INITIALIZERS))
def test_every_initializer_can_be_given_a_gain_or_says_why_not(name: str) -> None:
    setup = design(initializer={"name": name})
    found = layer_gain(setup, 1)
    changes = gain_changes(setup.network.layers[1], 24, 40, 1.2)
    assert bool(changes) == (found.fixed == "")
    assert found.fixed.endswith(".") or not found.fixed


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"normalisation": "batch"}, "normalised"),
        ({"residual": "plain"}, "shortcut"),
        ({"dropout": 0.2}, "drop out"),
        ({"initializer": {"name": "zeros"}}, "All weights are 0"),
        ({"initializer": {"name": "constant"}}, "the same"),
        ({"initializer": {"name": "uniform", "low": 0.0, "high": 1.0}}, "mean"),
        ({"bias": BiasSetup(name="constant", value=0.5)}, "biases"),
    ],
)
def test_what_theory_does_not_cover_is_said_in_one_sentence(changes, words) -> None:
    unfit = layer_gain(design(**changes), 1).unfit
    assert words in unfit
    assert unfit.count(". ") == 0


def test_weights_scaled_by_the_data_have_the_gain_that_keeps_a_variance_of_1() -> None:
    found = layer_gain(design(initializer={"name": "lsuv"}), 1)
    assert found.sigma_w == pytest.approx(1 / math.sqrt(0.394294), rel=1e-5)
    assert "data" in found.fixed
