"""The three rules, against weights whose verdict is known and published mean-field numbers."""

from __future__ import annotations

import numpy as np
import pytest

from gradstudio.nn.initializers import INITIALIZERS
from gradstudio.training.audit import audit, level_factor, predicted_factor


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
