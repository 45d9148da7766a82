"""The three rules, against weights whose verdict is known and published mean-field numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gradstudio.nn.initializers import INITIALIZERS
from gradstudio.nn.theory import length_map
from gradstudio.setup.models import BiasSetup, InitializerSetup, LayerSetup
from gradstudio.training.audit import (
    audit,
    drawn_factor,
    expected_factor,
    level_factor,
    predicted_factor,
)
from gradstudio.training.start import start_arguments


def draw(name: str, shape: tuple[int, int] = (64, 64), **parameters: float) -> np.ndarray:
    return INITIALIZERS[name].sample(shape, rng=np.random.default_rng(3), **parameters)


def passes(weights: list[np.ndarray], activation: str) -> tuple[bool, ...]:
    return tuple(finding.passes for finding in audit(weights, [activation] * len(weights)))


@pytest.mark.parametrize(
    ("name", "activation"),
    [
        ("he_normal", "relu"),
        ("he_uniform", "leaky_relu"),
        ("xavier_normal", "tanh"),
        ("lecun_uniform", "linear"),
        ("orthogonal", "tanh"),
    ],
)
def test_an_initializer_keeps_all_rules_with_the_activation_it_is_made_for(
    name: str, activation: str
) -> None:
    assert passes([draw(name)], activation) == (True, True, True)


def test_zeros_are_small_but_all_the_same_and_carry_nothing() -> None:
    small, different, variance = audit([np.zeros((8, 5))], ["tanh"])
    assert (small.passes, different.passes, variance.passes) == (True, False, False)
    assert different.figure == "1 of 5"
    assert variance.figure == "×0 / layer"
    assert "vanishes" in variance.sentence


def test_a_constant_breaks_the_symmetry_rule_and_has_no_variance() -> None:
    assert passes([np.full((8, 5), 0.1)], "relu") == (True, False, False)


def test_normal_of_deviation_one_is_not_small_and_explodes() -> None:
    small, different, variance = audit([draw("normal", (32, 32), std=1.2)], ["relu"])
    assert (small.passes, different.passes, variance.passes) == (False, True, False)
    assert "explodes" in variance.sentence


def test_xavier_halves_the_variance_that_relu_needs() -> None:
    assert passes([draw("xavier_normal")], "relu") == (True, True, False)


def test_a_mean_that_is_not_zero_spoils_the_variance() -> None:
    level = np.sqrt(12 / 64) / 2  # n Var(w) = 1 either way
    centred = draw("uniform", low=-level, high=level)
    assert passes([centred], "tanh")[2]
    assert not passes([centred + level], "tanh")[2]


def test_one_direction_is_enough_where_the_sizes_differ() -> None:
    assert passes([draw("he_normal", (20, 400))], "relu")[2]
    assert passes([draw("xavier_normal", (20, 400))], "tanh")[2]
    assert not passes([draw("uniform_fan_in", (400, 20))], "tanh")[2]


@pytest.mark.parametrize("fans", [(64, 64), (2, 2), (1, 1), (64, 40)])
def test_the_identity_passes_the_gradient_on_as_it_is(fans: tuple[int, int]) -> None:
    factor = drawn_factor(draw("identity", fans), "linear")
    assert factor == pytest.approx(1.0)
    assert not audit([draw("identity", (40, 64))], ["linear"])[1].passes, "units without a weight"


def test_positive_weights_explode_by_their_mean() -> None:
    # s = sqrt(n) sqrt(2 / pi) for Xavier normal without signs
    factor = drawn_factor(draw("all_positive", (100, 100)), "linear")
    assert factor == pytest.approx(math.sqrt(100 * 2 / math.pi), rel=0.02)


def test_sparse_weights_pass_on_what_is_left_of_their_variance() -> None:
    std = math.sqrt(4 / 400)
    W = draw("sparse", (400, 400), sparsity=0.75, std=std)
    assert drawn_factor(W, "linear") == pytest.approx(1.0, rel=0.01)


def test_biases_move_the_edge() -> None:
    W = draw("critical", (400, 400), activation="tanh", bias_variance=0.05)
    assert drawn_factor(W, "tanh", 0.05) == pytest.approx(1.0, rel=0.005)
    assert drawn_factor(W, "tanh") > 1.03
    (*_, variance) = audit([W], ["tanh"], [0.05])
    assert variance.passes
    assert level_factor(1.0, "tanh", 0.05) == pytest.approx(0.87122, rel=1e-4)


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "softsign"])
@pytest.mark.parametrize("name", INITIALIZERS)
def test_the_factor_by_the_formula_is_that_of_a_draw(name: str, activation: str) -> None:
    bias = BiasSetup(name="normal", std=0.2)
    part = LayerSetup(
        activation=activation, initializer=InitializerSetup(name=name, std=0.05), bias=bias
    )
    entry, arguments = INITIALIZERS[name], start_arguments(part, 400)
    W = entry.sample((400, 400), rng=np.random.default_rng(0), **arguments)
    if entry.by_data:
        W /= math.sqrt(400 * W.var() * length_map(activation, 1.0, 0.0, 1.0) / (1 - 0.04))
    drawn = drawn_factor(W, activation, 0.04)
    rel = 0.25 if name == "identical_units" else 0.03
    assert expected_factor(part, 400, 400) == pytest.approx(drawn, rel=rel)


def test_layers_are_judged_together_by_their_mean_factor() -> None:
    half, double = draw("lecun_normal") * 0.5, draw("lecun_normal") * 2.0
    assert not passes([half], "linear")[2]
    assert not passes([double], "linear")[2]
    assert passes([half, double], "linear")[2]


@pytest.mark.parametrize(
    ("activation", "gain", "factor"),
    [
        ("linear", 1 / 3, 0.57735),
        ("relu", 2.0, 1.0),
        ("relu", 1.0, 0.70711),
        ("leaky_relu", 2.0, 1.00005),
        ("tanh", 2.0, 1.05144),
        ("tanh", 4.0, 1.16734),
        ("tanh", 100.0, 2.35475),
        ("sigmoid", 1 / 3, 0.141450),
        ("sigmoid", 1.0, 0.236053),
        ("sigmoid", 10.1493**2, 1.0),
    ],
)
def test_the_factor_per_layer_is_that_of_mean_field_theory(
    activation: str, gain: float, factor: float
) -> None:
    assert level_factor(gain, activation) == pytest.approx(factor, rel=2e-3)


def test_the_factor_of_a_layer_counts_the_fan_that_suits_it() -> None:
    assert predicted_factor(1 / 40, 10, 40, "linear") == pytest.approx(1.0)
    assert predicted_factor(1 / 160, 10, 40, "linear") == pytest.approx(0.5)


def test_weights_that_are_not_finite_break_rules_and_are_named() -> None:
    weights = draw("he_normal")
    weights[0, 0] = np.nan
    small, _, variance = audit([weights], ["relu"])
    assert not small.passes
    assert not variance.passes
    assert "not a number" in variance.sentence


def test_huge_single_precision_weights_do_not_overflow() -> None:
    weights = (draw("normal", std=1.0) * 1e25).astype(np.float32)
    small, _, variance = audit([weights], ["tanh"])
    assert "e25" in small.figure or "e24" in small.figure
    assert not variance.passes


def test_no_layer_is_refused() -> None:
    with pytest.raises(ValueError, match="no layer"):
        audit([], [])
