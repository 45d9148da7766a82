"""Factors of the chain rule: against three neurons worked by hand, and as one product."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradstudio.nn import ACTIVATIONS, LayerStructure, Network
from gradstudio.nn.chain import chain_factors
from gradstudio.nn.paths import path
from gradstudio.nn.signal import delta_rms
from tests.nn.examples import drawn_batch, drawn_network

CASES: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "reference" / "chain_rule.json").read_text()
)
STRUCTURES = {
    "plain": LayerStructure(),
    "batch": LayerStructure("batch"),
    "layer, dropout, shortcut": LayerStructure("layer", "plain", 1, 0.3),
    "scaled": LayerStructure("none", "scaled"),
    "rezero": LayerStructure("batch", "rezero"),
    "two layers": LayerStructure("none", "fixup", 2),
}


@pytest.fixture(autouse=True)
def no_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def three_neurons(case: dict[str, Any]) -> Network:
    """Sigmoid neurons in a row, L = (o3 - y)^2 / 2, after the gradients of one sample."""
    net = Network([1, 1, 1, 1, 1], "sigmoid", loss="half_mse", dtype=np.float64)
    for layer, (w, b) in enumerate(zip(case["w"], case["b"], strict=True)):
        net.weights[layer].fill(w)
        net.biases[layer].fill(b)
    net.weights[3].fill(1.0)
    loss = net.loss_and_gradients([[case["x"]]], [[case["y"]]])
    assert loss == pytest.approx(case["loss"], rel=1e-14)
    return net


@pytest.mark.parametrize("name", CASES)
def test_three_neurons_have_the_factors_worked_by_hand(name: str) -> None:
    case = CASES[name]
    net = three_neurons(case)
    np.testing.assert_allclose([z.item() for z in net.z[:3]], case["z"], rtol=1e-14)
    np.testing.assert_allclose([a.item() for a in net.a[:3]], case["o"][1:], rtol=1e-14)
    found = path(net, [0, 0, 0, 0], sample=0)
    by_hand = case["factors"]
    expected = {
        "dL_do3": found.deltas[3] * found.weights[2],
        "do3_dz3": found.slopes[2],
        "do3_do2": found.slopes[2] * found.weights[1],
        "do2_do1": found.slopes[1] * found.weights[0],
        "do1_dz1": found.slopes[0],
        "do1_dw1": found.slopes[0] * case["x"],
    }
    assert expected.keys() == by_hand.keys()
    # worked with o (1 - o), which is exactly 0 from z = 37 on
    saturated = 1e-40 if name.startswith("saturated") else 0.0
    for factor, value in expected.items():
        tolerance = 1e-10 if saturated else 1e-14
        assert value == pytest.approx(by_hand[factor], rel=tolerance, abs=saturated)
    assert found.contribution == pytest.approx(net.deltas[0].item(), rel=1e-14)


@pytest.mark.parametrize("name", CASES)
def test_three_neurons_have_the_gradients_worked_by_hand(name: str) -> None:
    case = CASES[name]
    net = three_neurons(case)
    gradients = [W.item() for W in net.weight_grads[:3]]
    np.testing.assert_allclose(gradients, case["grad_w_complex_step"], rtol=1e-12)
    stepped = [W.item() - case["eta"] * g for W, g in zip(net.weights, gradients, strict=False)]
    np.testing.assert_allclose(stepped, case["w_new"], rtol=1e-15)
    if case["max_rel_err"] < 1e-12:
        np.testing.assert_allclose(gradients, case["grad_w"], rtol=1e-14)


def test_a_weight_of_100_multiplies_the_gradient_by_25() -> None:
    factors = chain_factors(three_neurons(CASES["exploding_w100"]))
    steps = factors.slopes[1:] * factors.weights[:-1]
    np.testing.assert_allclose(steps, 25.0, rtol=1e-12)
    np.testing.assert_allclose(factors.weights, [100, 100, 1], rtol=1e-12)
    np.testing.assert_allclose(factors.slopes, 0.25, rtol=1e-12)


def chain_of(
    structure: LayerStructure, activation: str, dtype: type, lanes: tuple[int, ...], seed: int
) -> Network:
    """A network with a structure here and there, after the gradients of a batch."""
    plain = LayerStructure()
    structures = [plain, plain, structure, plain, structure, plain]
    net = Network(
        [5, 6, 6, 6, 6, 6, 6, 3], activation, dtype=dtype, lanes=lanes, structure=structures
    )
    rng = np.random.default_rng(seed)
    net.flat[...] = rng.normal(0, 0.6, net.flat.shape)
    X, y = drawn_batch(net, 8)
    net.forward(X, y)
    net.draw_masks(rng)
    net.loss_and_gradients(X, y)
    return net


@pytest.mark.parametrize("structure", STRUCTURES.values(), ids=STRUCTURES)
@given(
    activation=st.sampled_from(sorted(ACTIVATIONS)),
    dtype=st.sampled_from([np.float16, np.float32, np.float64]),
    lanes=st.sampled_from([(), (2,), (2, 1)]),
    seed=st.integers(0, 99),
    sample=st.none() | st.integers(0, 7),
)
def test_the_product_of_all_factors_is_the_measured_ratio(
    structure: LayerStructure,
    activation: str,
    dtype: type,
    lanes: tuple[int, ...],
    seed: int,
    sample: int | None,
) -> None:
    net = chain_of(structure, activation, dtype, lanes, seed)
    factors = chain_factors(net, sample)
    assert factors.weights.shape == (*lanes, 6)
    np.testing.assert_allclose(factors.product, factors.ratio, rtol=1e-12)
    if sample is None:
        signal = delta_rms(net)
        np.testing.assert_array_equal(factors.ratio, signal[..., 0] / signal[..., -1])


def test_factors_have_their_definitions() -> None:
    net = drawn_network([3, 5, 7, 4], "sigmoid", dtype=np.float64)
    X, y = drawn_batch(net, 6)
    net.loss_and_gradients(X, y)
    factors = chain_factors(net)
    for layer in (0, 1):
        passed = net.deltas[layer + 1] @ net.weights[layer + 1].T
        r = np.sqrt(np.mean(passed**2)) / np.sqrt(np.mean(net.deltas[layer + 1] ** 2))
        s = np.sqrt(np.mean((passed * net.activations[layer].derivative(net.z[layer])) ** 2))
        assert factors.weights[layer] == pytest.approx(r, rel=1e-13)
        assert factors.slopes[layer] == pytest.approx(s / np.sqrt(np.mean(passed**2)), rel=1e-13)
    np.testing.assert_array_equal(factors.rest, 1.0)


@pytest.mark.parametrize("name", STRUCTURES)
def test_the_slope_factor_is_taken_at_the_activation_alone(name: str) -> None:
    net = chain_of(STRUCTURES[name], "linear", np.float64, (), 0)
    factors = chain_factors(net)
    np.testing.assert_allclose(factors.slopes, 1.0, rtol=1e-12)
    is_touched = np.abs(factors.rest - 1) > 1e-6
    expected = {
        "plain": [],
        "batch": [2, 4],
        "layer, dropout, shortcut": [1, 2, 3, 4],
        "scaled": [1, 2, 3, 4],
        "rezero": [1, 2, 3, 4],
        "two layers": [0, 2, 4],
    }
    assert np.flatnonzero(is_touched).tolist() == expected[name]
    np.testing.assert_array_equal(factors.rest[~is_touched], 1.0)


def test_a_sample_has_the_factors_of_a_batch_of_its_own() -> None:
    net = drawn_network([3, 5, 7, 4], dtype=np.float64)
    X, y = drawn_batch(net, 6)
    net.loss_and_gradients(X, y)
    one_of_six = chain_factors(net, 4)
    net.loss_and_gradients(X[4:5], y[4:5])
    alone = chain_factors(net)
    np.testing.assert_allclose(one_of_six.weights, alone.weights, rtol=1e-12)
    np.testing.assert_allclose(one_of_six.slopes, alone.slopes, rtol=1e-12)
    np.testing.assert_allclose(one_of_six.signal, alone.signal, rtol=1e-12)
    with pytest.raises(IndexError, match="sample 1 of a batch of 1"):
        chain_factors(net, 1)


def test_decades_add_up_to_the_signal_from_the_output_down() -> None:
    net = drawn_network([4, *[8] * 6, 3], "sigmoid", dtype=np.float64)
    net.loss_and_gradients(*drawn_batch(net))
    factors = chain_factors(net)
    sums = np.cumsum(factors.decades.sum(-1)[::-1])[::-1]
    np.testing.assert_allclose(factors.signal_decades[:-1], sums, atol=1e-12)
    assert factors.signal_decades[-1] == 0


def test_a_signal_that_dies_is_0_and_what_never_arrives_has_no_factor() -> None:
    net = drawn_network([4, 5, 5, 5, 5, 3], "relu", dtype=np.float64)
    net.biases[2].fill(-1000.0)
    net.loss_and_gradients(*drawn_batch(net))
    factors = chain_factors(net)
    assert factors.slopes[2] == 0
    assert factors.weights[2] > 0
    assert np.isnan(factors.weights[:2]).all()
    assert np.isnan(factors.slopes[:2]).all()
    assert factors.product == factors.ratio == 0
    assert factors.signal_decades[0] == -np.inf


def test_weights_of_0_pass_nothing() -> None:
    net = drawn_network([4, 5, 5, 5, 3], dtype=np.float64)
    net.weights[3].fill(0.0)
    net.loss_and_gradients(*drawn_batch(net))
    factors = chain_factors(net)
    assert factors.weights[2] == 0
    assert np.isnan(factors.slopes[2])
    assert factors.product == factors.ratio == 0


def test_a_shortcut_around_weights_of_0_is_measured_against_the_last_signal() -> None:
    plain, shortcut = LayerStructure(), LayerStructure("none", "plain")
    net = drawn_network([5, 5, 5, 3], dtype=np.float64, structure=[plain, shortcut])
    net.weights[1].fill(0.0)
    net.loss_and_gradients(*drawn_batch(net))
    factors = chain_factors(net)
    assert factors.weights[0] == 0
    assert factors.rest[0] > 0
    assert factors.ratio > 0
    assert factors.product == pytest.approx(factors.ratio, rel=1e-12)


def test_an_output_without_a_signal_has_no_ratio() -> None:
    net = drawn_network([4, 5, 3], loss="mse", dtype=np.float64)
    X, _ = drawn_batch(net)
    net.loss_and_gradients(X, net.output(X))
    factors = chain_factors(net)
    assert (factors.signal == 0).all()
    assert np.isnan([factors.product, factors.ratio, factors.weights[0]]).all()


def test_nan_shows_as_nan_and_infinity_as_infinite() -> None:
    net = drawn_network([4, 5, 5, 5, 3], "linear", dtype=np.float64)
    net.loss_and_gradients(*drawn_batch(net))
    net.deltas[1][...] = np.inf
    net.deltas[0][...] = np.inf
    factors = chain_factors(net)
    assert factors.slopes[1] == np.inf
    assert factors.product == factors.ratio == np.inf
    net.deltas[0][2, 1] = np.nan
    factors = chain_factors(net)
    assert np.isnan(factors.product)
    assert np.isnan(factors.ratio)


def test_a_network_without_hidden_layers_has_no_factors() -> None:
    net = drawn_network([4, 3])
    net.loss_and_gradients(*drawn_batch(net))
    factors = chain_factors(net)
    assert factors.weights.shape == (0,)
    assert factors.product == factors.ratio == 1


def test_measuring_changes_nothing() -> None:
    net = chain_of(STRUCTURES["layer, dropout, shortcut"], "tanh", np.float32, (), 1)
    before = [x.copy() for x in (net.flat, net.flat_grads, *net.deltas, *net.outputs)]
    chain_factors(net)
    after = (net.flat, net.flat_grads, *net.deltas, *net.outputs)
    for x, y in zip(before, after, strict=True):
        np.testing.assert_array_equal(x, y)
