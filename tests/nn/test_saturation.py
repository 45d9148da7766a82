from __future__ import annotations

import numpy as np
import pytest

from gradstudio.nn import ACTIVATIONS, LayerStructure, Network
from gradstudio.nn.saturation import idleness, is_flat_at_both_ends, largest_slope
from tests.nn.examples import drawn_batch, drawn_network


def one_layer(activation: str, z: list[list[float]], **settings: object) -> Network:
    """A network whose hidden layer has given pre-activations, (batch, units)."""
    values = np.array(z)
    net = Network([values.shape[1], values.shape[1], 1], activation, loss="mse", dtype=np.float64)
    net.weights[0][...] = np.eye(values.shape[1])
    net.forward(values, np.zeros((len(values), 1)))
    return net


def test_tanh_is_saturated_from_0_9747_on() -> None:
    inside, outside = np.arctanh(0.974), np.arctanh(0.975)
    found = idleness(one_layer("tanh", [[inside, -outside], [outside, 0.0]]))
    assert found.saturated == pytest.approx(0.5)
    assert found.dead == 0


def test_the_usual_mark_of_tanh_is_another_share() -> None:
    net = one_layer("tanh", [[np.arctanh(0.971), np.arctanh(0.969)]])
    assert idleness(net, below=1 - 0.97**2).saturated == pytest.approx(0.5)
    assert idleness(net).saturated == 0


def test_sigmoid_is_saturated_where_its_slope_is_below_0_0125() -> None:
    net = one_layer("sigmoid", [[4.35, 4.37], [-4.35, -4.37]])
    assert idleness(net).saturated == pytest.approx(0.5)


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "linear", "gelu", "softplus", "elu"])
def test_what_is_not_flat_on_both_sides_cannot_be_saturated(activation: str) -> None:
    assert not is_flat_at_both_ends(ACTIVATIONS[activation])
    assert np.isnan(idleness(one_layer(activation, [[-9.0, 9.0]])).saturated).all()


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "erf", "softsign", "hard_tanh"])
def test_what_is_flat_on_both_sides_is_saturated_far_out(activation: str) -> None:
    assert idleness(one_layer(activation, [[-99.0, 99.0]])).saturated == 1


def test_the_largest_slopes_are_known() -> None:
    assert largest_slope(ACTIVATIONS["sigmoid"]) == 0.25
    assert largest_slope(ACTIVATIONS["tanh"]) == 1.0
    assert largest_slope(ACTIVATIONS["gelu"]) == pytest.approx(1.12890, abs=1e-5)


def test_a_unit_is_dead_if_it_is_silent_for_every_sample() -> None:
    found = idleness(one_layer("relu", [[-1.0, -1.0, 1.0, 0.0], [-2.0, 1.0, 1.0, 0.0]]))
    assert found.dead == pytest.approx(0.5)
    assert found.silent == pytest.approx(5 / 8)


def test_a_leaky_unit_is_never_dead() -> None:
    assert idleness(one_layer("leaky_relu", [[-1e30, -5.0]])).dead == 0


def test_a_tanh_unit_so_far_out_that_its_slope_underflows_is_dead() -> None:
    assert idleness(one_layer("tanh", [[400.0, 0.0], [-400.0, 0.0]])).dead == pytest.approx(0.5)


def test_what_the_activation_sees_counts_and_not_z() -> None:
    structure = LayerStructure(normalisation="batch")
    net = drawn_network([4, 6, 2], dtype=np.float64, structure=structure)
    net.scales[0].fill(1.0)
    net.shifts[0].fill(0.0)
    net.biases[0].fill(50.0)
    net.forward(*drawn_batch(net))
    assert np.abs(net.z[0]).min() > 40
    assert idleness(net).saturated < 0.2


def test_lanes_and_layers_have_their_own_shares() -> None:
    net = drawn_network([4, 6, 5, 2], "relu", lanes=(2,))
    net.biases[1][1] = -1000.0
    net.forward(*drawn_batch(net))
    found = idleness(net)
    assert found.dead.shape == (2, 2)
    assert found.dead[1, 1] == 1
    assert found.dead[0, 1] < 1
