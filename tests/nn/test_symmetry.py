from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradstudio.nn import Network
from gradstudio.nn.symmetry import distinct_outputs, distinct_units, distinct_weights
from tests.nn.examples import drawn_batch, drawn_network


@given(
    fan_in=st.integers(1, 80),
    labels=st.lists(st.integers(0, 5), min_size=1, max_size=30),
    seed=st.integers(0, 9),
    dtype=st.sampled_from([np.float32, np.float64]),
    exponent=st.integers(-30, 30),
)
def test_equal_columns_count_once(
    fan_in: int, labels: list[int], seed: int, dtype: type, exponent: int
) -> None:
    drawn = np.random.default_rng(seed).normal(size=(fan_in, 6)) * 10.0**exponent
    assert distinct_units(drawn.astype(dtype)[:, labels]) == len(set(labels))


@given(seed=st.integers(0, 99))
def test_columns_of_very_different_sizes_are_told_apart_and_found_again(seed: int) -> None:
    rng = np.random.default_rng(seed)
    columns = rng.normal(size=(7, 12)) * 10.0 ** rng.integers(-150, 150, 12)
    assert distinct_units(np.concatenate([columns, columns[:, ::-1]], axis=1)) == 12


def test_rounding_does_not_make_units_different() -> None:
    column = np.random.default_rng(0).normal(size=(40, 1))
    twins = np.concatenate([column, column * (1 + 1e-14), column * (1 + 1e-9)], axis=1)
    assert distinct_units(twins) == 2
    assert distinct_units(twins, equal=1e-6) == 1


def test_both_zeros_are_the_same() -> None:
    assert distinct_units(np.array([[0.0, -0.0], [2.0, 2.0]])) == 1


def test_biases_make_units_different_if_they_are_given() -> None:
    weights = np.full((4, 3), 0.1)
    assert distinct_units(weights) == 1
    assert distinct_units(weights, np.array([0.0, 0.0, 1.0])) == 2


def test_columns_that_are_not_finite_are_compared_by_what_they_are() -> None:
    weights = np.array([[np.nan, np.nan, np.inf, -np.inf, 1.0, 1.0], [1.0, 1, 1, 1, 1, 1]])
    assert distinct_units(weights) == 4


def test_the_largest_numbers_do_not_overflow() -> None:
    weights = np.full((50, 3), 1.7e308)
    weights[7, 2] = -1.7e308
    assert distinct_units(weights) == 2


@pytest.mark.parametrize("shape", [(0, 4), (4, 0)])
def test_there_may_be_nothing_to_compare(shape: tuple[int, int]) -> None:
    assert distinct_units(np.empty(shape)) == min(shape[1], 1)


def test_a_wide_layer_has_as_many_units_as_it_has() -> None:
    weights = np.random.default_rng(1).normal(size=(512, 2048)).astype(np.float32)
    assert distinct_units(weights) == 2048
    weights[:, 1000:1200] = weights[:, :1]
    assert distinct_units(weights) == 2048 - 200


@pytest.mark.parametrize("value", [0.0, 0.1])
def test_constant_weights_leave_one_unit_a_layer_after_training_steps(value: float) -> None:
    net = Network([6, 8, 8, 3], "tanh", dtype=np.float64)
    for W in net.weights:
        W.fill(value)
    X, y = drawn_batch(net, 20)
    for _ in range(20):
        net.loss_and_gradients(X, y)
        net.flat -= 0.5 * net.flat_grads
    net.forward(X, y)
    assert distinct_weights(net)[:2].tolist() == [1, 1]
    assert distinct_outputs(net).tolist() == [1, 1]


def test_units_are_counted_by_lane_and_layer() -> None:
    net = drawn_network([4, 6, 5, 2], "relu", lanes=(2,))
    net.weights[1][1, :, 3] = net.weights[1][1, :, 0]
    net.biases[1][1, 3] = net.biases[1][1, 0]
    net.forward(*drawn_batch(net, 40))
    assert distinct_weights(net).tolist() == [[6, 5, 2], [6, 4, 2]]
    assert distinct_outputs(net)[0, 1] > distinct_outputs(net)[1, 1]


def test_dead_units_all_say_the_same() -> None:
    net = drawn_network([4, 6, 2], "relu")
    net.biases[0][2:] = -100.0
    net.forward(*drawn_batch(net, 40))
    assert distinct_weights(net)[0] == 6
    assert distinct_outputs(net)[0] == 3
