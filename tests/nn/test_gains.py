"""Gains of activations against known numbers, and where stacks of equal layers lead."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gradstudio.nn.activations import ACTIVATIONS, leaky_relu
from gradstudio.nn.gains import gains, mean_squares, settling, variances
from gradstudio.nn.gaussian import moments
from gradstudio.nn.theory import length_map

KNOWN = {
    "tanh": (1.0, 1 / math.sqrt(0.464403), 1 / math.sqrt(0.394294), 1.0),
    "relu": (math.sqrt(2), math.sqrt(2), math.sqrt(2), math.sqrt(2)),
    "sigmoid": (4.0, 1 / math.sqrt(0.044836), 1 / math.sqrt(0.293379), 10.1493),
    "selu": (0.690486, 1 / math.sqrt(1.071615), 1.0, 0.690486),
    "gelu": (2.0, 1 / math.sqrt(0.455851), 1 / math.sqrt(0.425221), None),
}


@pytest.mark.parametrize("name", KNOWN)
def test_the_gains_are_those_of_the_reference_numbers(name: str) -> None:
    small, back, forward, critical = KNOWN[name]
    found = gains(ACTIVATIONS[name])
    assert found.small == pytest.approx(small, rel=1e-5)
    assert found.gradient == pytest.approx(back, rel=3e-5)
    assert found.forward == pytest.approx(forward, rel=3e-5)
    if critical is None:
        assert found.critical is None
    else:
        assert found.critical == pytest.approx(critical, rel=1e-5)


def test_biases_move_the_critical_gain_alone() -> None:
    found = gains(ACTIVATIONS["tanh"], 0.05)
    assert found.critical == pytest.approx(math.sqrt(1.760955), rel=1e-6)
    assert found.critical_q == pytest.approx(0.570048, rel=1e-5)
    assert found.forward == gains(ACTIVATIONS["tanh"]).forward


@pytest.mark.parametrize("phi", [ACTIVATIONS["tanh"], ACTIVATIONS["gelu"], leaky_relu(0.2)])
def test_the_curves_are_the_means_at_their_variances(phi) -> None:
    found = mean_squares(phi)
    for i in (0, 84, 100, len(found.log_q) - 1):
        known = moments(phi, 10.0 ** float(found.log_q[i]))
        assert found.square[i] == known.square
        assert found.slope_square[i] == known.slope_square
    assert mean_squares(phi) is found


def test_tanh_with_the_gain_of_pytorch_settles_where_its_gradient_grows() -> None:
    found = settling(ACTIVATIONS["tanh"], 5 / 3, 0.0, 1.0)
    assert found.q == pytest.approx(1.178480, rel=1e-6)
    assert found.gradient == pytest.approx(1.09992, rel=1e-5)
    assert found.signal == 1.0
    nearby = length_map("tanh", 5 / 3, 0.0, found.q * 1.001) - found.q
    assert found.slope == pytest.approx(nearby / (0.001 * found.q), rel=1e-2)


def test_what_dies_grows_or_stays_is_told_apart() -> None:
    relu = ACTIVATIONS["relu"]
    dies, stays, grows = (settling(relu, w, 0.0, 1.0) for w in (1.0, math.sqrt(2), 2.0))
    assert (dies.q, dies.signal) == (0.0, pytest.approx(math.sqrt(0.5)))
    assert stays.is_anywhere
    assert stays.q == 1.0
    assert (grows.q, grows.signal) == (math.inf, pytest.approx(math.sqrt(2)))
    assert settling(ACTIVATIONS["tanh"], 1.0, 0.0, 1.0).is_slow
    assert not dies.is_slow


def test_the_way_follows_the_length_map_until_it_has_settled() -> None:
    phi = ACTIVATIONS["sigmoid"]
    way = variances(phi, 1.0, 0.0, 4.0, 40)
    assert way[0] == 4.0
    assert np.allclose(way[1:], [length_map(phi, 1.0, 0.0, q) for q in way[:-1]])
    assert len(way) < 8
    assert way[-1] == pytest.approx(0.26469, rel=0.02)
